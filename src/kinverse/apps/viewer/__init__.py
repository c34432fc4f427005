"""The viewer: an arm in a browser, a target to drag, the network's prediction and the solver's solution.

`HOST` and `PORT` are the defaults of `kv.view` and `kinverse view`, defined here so that `--help` loads no viewer.
"""

HOST, PORT = "127.0.0.1", 8080
