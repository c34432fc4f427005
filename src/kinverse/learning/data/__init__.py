"""Data sets: grids, joint sampling, ARKOMA, strict CSV reading, splits, folders with a manifest."""
