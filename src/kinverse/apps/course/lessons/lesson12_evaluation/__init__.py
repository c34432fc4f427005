"""Evaluation: R² and its traps, parity plots, errors at the tool."""
