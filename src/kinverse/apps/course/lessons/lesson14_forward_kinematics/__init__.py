"""Forward kinematics, its Jacobian, and what an arm can reach."""
