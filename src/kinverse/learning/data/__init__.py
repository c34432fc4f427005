"""Data sets: grids, joint sampling, ARKOMA, strict CSV reading, splits, scalers, folders with a manifest."""
