"""Which arm a data set belongs to."""

from __future__ import annotations

from kinverse.data.dataset import Manifest
from kinverse.errors import DataError
from kinverse.robot.arm import TASK_SHAPES, Arm
from kinverse.robot.catalog import arm_names, load_arm


def resolve_arm(arm: Arm | str) -> Arm:
    """An arm, or the arm that a catalog name or a URDF path stands for."""
    return arm if isinstance(arm, Arm) else load_arm(arm)


def manifest_arm(manifest: Manifest) -> Arm | None:
    """The catalog arm that a manifest names, if its kinematics are still the same.

    None also for an arm that borrows a catalog name with other limits, such as a planar3 with a `max_angle`:
    a manifest holds a fingerprint, from which an arm cannot be made again.
    """
    if manifest.arm is None or manifest.arm not in arm_names():
        return None
    arm = load_arm(manifest.arm)
    if manifest.arm_fingerprint in (None, arm.fingerprint):
        return arm
    for task in TASK_SHAPES:
        other = load_arm(manifest.arm, task=task)  # type: ignore[arg-type]
        if other.fingerprint == manifest.arm_fingerprint:
            return other
    return None


def require_same_arm(manifest: Manifest, arm: Arm, place: str) -> None:
    """Raise DataError if the manifest was made with other kinematics than `arm`'s; no fingerprint passes."""
    if manifest.arm_fingerprint not in (None, arm.fingerprint):
        raise DataError(
            f"{place}: made for arm {manifest.arm!r} with fingerprint {manifest.arm_fingerprint}, "
            f"but {arm.name!r} has {arm.fingerprint} (other kinematics, limits or task)"
        )
