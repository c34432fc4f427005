"""Arms as JSON: in the catalog, model files, data set manifests and run cards, and in files of version 0.1.

`kinverse.files.to_json` writes an `Arm` with null for an infinite limit; `read_arm` reads it back.
Version 0.1 wrote the arm's task beside its kinematics and included it in the fingerprint. The task is now
a `Goal` and follows from the encoding of the model. Only `read_arm` and `has_fingerprint` handle the old form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from kinverse.errors import KinverseError
from kinverse.files import from_plain
from kinverse.robot.arm import Arm, JointKind, kinematics_digest

TASKS_OF_0_1 = ("pose", "xyz", "xy")


@dataclass(frozen=True, eq=False)
class _StoredArm:
    """The fields of an arm in a file."""

    name: str
    joint_names: tuple[str, ...]
    joint_kinds: tuple[JointKind, ...]
    T_offsets: Float[np.ndarray, "links 4 4"]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    frames: tuple[str, str]
    task: Literal["pose", "xyz", "xy"] | None = None  # of version 0.1; dropped


def read_arm(data: object, place: object, error: type[KinverseError], fingerprint: str | None = None) -> Arm:
    """Read an arm from decoded JSON, with all checks.

    Args:
        data: the decoded JSON object.
        place: file name for error messages.
        error: type of error to raise.
        fingerprint: the fingerprint stored in the file, or None.

    Raises:
        KinverseError: of the type `error`; a field is missing or does not fit, or the arm has another fingerprint.
    """
    stored = from_plain(data, _StoredArm, place, error)
    try:
        arm = Arm(
            name=stored.name,
            joint_names=stored.joint_names,
            joint_kinds=stored.joint_kinds,
            T_offsets=stored.T_offsets,
            lower=np.array([-np.inf if limit is None else limit for limit in stored.lower]),
            upper=np.array([np.inf if limit is None else limit for limit in stored.upper]),
            frames=stored.frames,
        )
    except KinverseError as problem:
        raise error(f"{place}: {problem}") from None
    if fingerprint is not None and not has_fingerprint(arm, fingerprint):
        raise error(f"{place}: the arm's fingerprint is {arm.fingerprint}, but the file says {fingerprint}")
    return arm


def has_fingerprint(arm: Arm, fingerprint: str) -> bool:
    """Whether a stored fingerprint matches an arm, in the current form or in that of version 0.1 for any task."""
    old = (kinematics_digest(arm, "|".join((*arm.joint_kinds, task))) for task in TASKS_OF_0_1)
    return fingerprint in (arm.fingerprint, *old)
