"""Scaling without leaks."""
