"""The workflow in twelve steps."""
