"""Applications on top of the core. Each can be deleted, with its verb in `cli`, without the others noticing."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=["course"])
