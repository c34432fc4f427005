"""Inverse kinematics through forward kinematics."""
