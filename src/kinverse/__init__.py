"""kinverse learns the inverse kinematics of a robot arm and then solves it exactly.

The public names load on first use, so that `import kinverse` costs next to nothing and never imports torch:

    import kinverse as kv
    arm = kv.load_arm("panda")
    T_base_tool = arm.pose(arm.sample(5, seed=0))
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Arm": "kinverse.robot.arm",
    "arm_names": "kinverse.robot.catalog",
    "load_arm": "kinverse.robot.catalog",
    "planar_arm": "kinverse.robot.catalog",
    "KinverseError": "kinverse.errors",
}
__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kinverse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
