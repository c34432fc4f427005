"""Training: the configuration, the one loop, its menus, checkpoints and the run folder."""
