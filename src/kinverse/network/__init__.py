"""A trained network without torch: its specification, its file, and its compiled forward pass."""
