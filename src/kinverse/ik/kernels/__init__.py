"""The compiled side of the solver: the search in lanes, the walk along a path, and the verification."""
