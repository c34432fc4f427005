"""Study 3, material phase: what a second softmax and unscaled inputs cost a classifier of 36 points."""
