"""Study: model complexity on a noisy sine."""
