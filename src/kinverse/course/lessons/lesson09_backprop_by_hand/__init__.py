"""Backprop by hand."""
