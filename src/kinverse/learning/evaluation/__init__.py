"""Evaluation: metrics, floors and baselines, and the report of a run."""
