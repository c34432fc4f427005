"""Random wrong input: calls of the API with values of any type, and damaged files."""
