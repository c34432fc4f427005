"""Other libraries for inverse kinematics behind one small interface, so that all can be given the same targets."""
