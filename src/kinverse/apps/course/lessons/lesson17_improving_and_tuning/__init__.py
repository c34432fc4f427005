"""Improving and tuning."""
