"""Training: the configuration, the one loop, its registries, checkpoints and the run folder."""
