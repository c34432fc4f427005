"""The viewer: an arm in a browser, a target to drag, the network's prediction and the solver's solution."""
