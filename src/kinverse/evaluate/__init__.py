"""How good a model is: metrics, the floors and baselines that stand beside every result, and the report."""
