"""Comparison of kinverse with other inverse kinematics libraries on the same targets, through one interface."""
