"""Measuring: metrics, floors and baselines, and the report of a run. `kv.evaluate(...)` is the way in."""

from kinverse.doors import open_door

open_door(__name__, home="kinverse.workflow")
