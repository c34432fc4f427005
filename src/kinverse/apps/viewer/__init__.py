"""The viewer: an arm in a browser, a target to drag, what the network says and what the solver makes of it."""
