"""Initialisation and its statistics."""
