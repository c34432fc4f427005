"""Layers and widths."""
