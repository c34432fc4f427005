"""Other libraries for inverse kinematics behind one interface, compared with kinverse on the same targets."""
