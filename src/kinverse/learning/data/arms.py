"""Which arm a data set belongs to."""

from __future__ import annotations

from kinverse.errors import DataError
from kinverse.learning.data.dataset import Manifest
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import has_fingerprint, read_arm
from kinverse.robot.catalog import arm_names, load_arm
from kinverse.robot.encodings import arm_as_encoded, encoding_named


def resolve_arm(arm: Arm | str) -> Arm:
    """An arm, or the arm that a catalog name or a URDF path stands for."""
    return arm if isinstance(arm, Arm) else load_arm(arm)


def manifest_arm(manifest: Manifest) -> Arm | None:
    """The arm that a data set belongs to, made from the kinematics in its manifest.

    A manifest of an older version holds a name and a fingerprint only: then it is the catalog arm of that name, or
    None if there is none or its kinematics are others.

    Raises:
        DataError: the kinematics are those of no arm, or of another one than the fingerprint says.
    """
    if manifest.kinematics is not None:
        place = f"manifest of {manifest.name!r}: kinematics"
        return read_arm(manifest.kinematics, place, DataError, manifest.arm_fingerprint)
    if manifest.arm is None or manifest.arm not in arm_names():
        return None
    arm = load_arm(manifest.arm)
    if manifest.arm_fingerprint is None or has_fingerprint(arm, manifest.arm_fingerprint):
        return arm_as_encoded(arm, encoding_named(manifest.encoding) if manifest.encoding else None)
    return None


def require_same_arm(manifest: Manifest, arm: Arm, place: str) -> Arm:
    """The arm with the task that the features hold.

    Raises:
        DataError: the manifest was made with other kinematics than `arm`'s; no fingerprint passes.
    """
    arm = arm_as_encoded(arm, encoding_named(manifest.encoding) if manifest.encoding else None)
    if manifest.arm_fingerprint is not None and not has_fingerprint(arm, manifest.arm_fingerprint):
        raise DataError(
            f"{place}: made for arm {manifest.arm!r} with fingerprint {manifest.arm_fingerprint}, "
            f"but {arm.name!r} has {arm.fingerprint} (other kinematics or limits)"
        )
    return arm
