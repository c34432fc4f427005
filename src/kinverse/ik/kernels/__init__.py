"""The compiled part of the solver: the search, the walk along a path, and the verification."""
