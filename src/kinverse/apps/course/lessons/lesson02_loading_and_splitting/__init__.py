"""Loading and splitting."""
