"""Figures: data in, a matplotlib `Figure` out; nothing is opened or written."""
