"""Exact inverse kinematics: compiled refinement, the solver, all solutions, tracking. Never imports torch."""
