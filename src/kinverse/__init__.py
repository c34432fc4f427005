"""kinverse learns the inverse kinematics of a robot arm and then solves it exactly.

The public names load on first use, so that `import kinverse` costs next to nothing and never imports torch:

    import kinverse as kv
    arm = kv.load_arm("panda")
    T_base_tool = arm.pose(arm.sample(5, seed=0))
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kinverse.version import VERSION

if TYPE_CHECKING:  # for editors and type checkers; at run time a name is looked up in _HOMES
    from kinverse import course as course
    from kinverse.data.arkoma import make_arkoma as make_arkoma
    from kinverse.data.arkoma import read_arkoma as read_arkoma
    from kinverse.data.check import check_dataset as check_dataset
    from kinverse.data.csv_pair import read_csv_pair as read_csv_pair
    from kinverse.data.dataset import Dataset as Dataset
    from kinverse.data.dataset import Table as Table
    from kinverse.data.folder import read_dataset as read_dataset
    from kinverse.data.folder import write_dataset as write_dataset
    from kinverse.data.sampling import grid_dataset as grid_dataset
    from kinverse.data.sampling import joint_dataset as joint_dataset
    from kinverse.diagnosis.finding import Diagnosis as Diagnosis
    from kinverse.errors import KinverseError as KinverseError
    from kinverse.evaluate.scores import Report as Report
    from kinverse.fit.config import FitConfig as FitConfig
    from kinverse.fit.run import Run as Run
    from kinverse.robot.arm import Arm as Arm
    from kinverse.robot.catalog import arm_names as arm_names
    from kinverse.robot.catalog import load_arm as load_arm
    from kinverse.robot.planar import planar_arm as planar_arm
    from kinverse.solve.branches import Branches as Branches
    from kinverse.solve.solutions import Solutions as Solutions
    from kinverse.solve.solver import Solver as Solver
    from kinverse.solve.track import Track as Track
    from kinverse.workflow import diagnose as diagnose
    from kinverse.workflow import evaluate as evaluate
    from kinverse.workflow import fit as fit
    from kinverse.workflow import resume as resume
    from kinverse.workflow import write_report as write_report

__version__ = VERSION

_HOMES = {
    "Arm": "kinverse.robot.arm",
    "Branches": "kinverse.solve.branches",
    "Dataset": "kinverse.data.dataset",
    "Diagnosis": "kinverse.diagnosis.finding",
    "FitConfig": "kinverse.fit.config",
    "KinverseError": "kinverse.errors",
    "Report": "kinverse.evaluate.scores",
    "Run": "kinverse.fit.run",
    "Solutions": "kinverse.solve.solutions",
    "Solver": "kinverse.solve.solver",
    "Table": "kinverse.data.dataset",
    "Track": "kinverse.solve.track",
    "arm_names": "kinverse.robot.catalog",
    "check_dataset": "kinverse.data.check",
    "course": "kinverse",
    "diagnose": "kinverse.workflow",
    "evaluate": "kinverse",
    "fit": "kinverse",
    "grid_dataset": "kinverse.data.sampling",
    "joint_dataset": "kinverse.data.sampling",
    "load_arm": "kinverse.robot.catalog",
    "make_arkoma": "kinverse.data.arkoma",
    "planar_arm": "kinverse.robot.planar",
    "read_arkoma": "kinverse.data.arkoma",
    "read_csv_pair": "kinverse.data.csv_pair",
    "read_dataset": "kinverse.data.folder",
    "resume": "kinverse.workflow",
    "show": "kinverse",
    "write_dataset": "kinverse.data.folder",
    "write_report": "kinverse.workflow",
}
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 (the keys are strings)


def __getattr__(name: str) -> Any:
    if _HOMES.get(name) == __name__:  # a room, or one that is also a function, see kinverse.doors
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kinverse' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
