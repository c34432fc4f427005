"""Study: a classifier of material phases."""
