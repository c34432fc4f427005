"""Plots, report pages, the viewer and notebook widgets.

In a notebook `kv.show.sliders(arm)` and `kv.show.inverse(run)`; the libraries behind them load when they are used.
"""

from typing import Any

__all__ = ["inverse", "sliders"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kinverse.show import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'kinverse.show' has no attribute {name!r}")
