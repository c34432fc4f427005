"""Networks: the MLP and its registries, output bounds, the inverse model, and its file."""
