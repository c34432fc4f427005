"""Saving and deploying."""
