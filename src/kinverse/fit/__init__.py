"""Training: the configuration, the one loop, its menus, checkpoints and the run folder. `kv.fit(...)` is the way in."""

from kinverse.doors import open_door

open_door(__name__, home="kinverse.workflow")
