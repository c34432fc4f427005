"""The arms of the NAO humanoid: link lengths and joint limits of the maker's documentation, H25 V3.3, V4 and V5.

Source: Aldebaran/SoftBank, NAO H25 documentation, "Links" and "Joints" (torso frame, arm to the hand's grip point); the
same chain as in the ARKOMA data set (Nugroho, Yuniarno, Purnomo, Data in Brief 2023). H25 V3.2 has other lengths.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from kinverse.geometry import rotation_taking_z_to, transform
from kinverse.robot.arm import Arm, JointKind

SHOULDER_OFFSET_Y = 0.098
SHOULDER_OFFSET_Z = 0.100
UPPER_ARM_LENGTH = 0.105
ELBOW_OFFSET_Y = 0.015
LOWER_ARM_LENGTH = 0.05595
HAND_OFFSET_X = 0.05775
HAND_OFFSET_Z = 0.01231

JOINTS = ("ShoulderPitch", "ShoulderRoll", "ElbowYaw", "ElbowRoll", "WristYaw")
_AXES = "yzxzx"
_LEFT_LOWER = (-2.0857, -0.3142, -2.0857, -1.5446, -1.8238)
_LEFT_UPPER = (2.0857, 1.3265, 2.0857, -0.0349, 1.8238)
_MIRROR = np.array([1.0, -1.0, -1.0, -1.0, -1.0])
"""left(q) and right(_MIRROR · q) are mirror images in the plane y = 0."""


def nao_arm(side: Literal["left", "right"]) -> Arm:
    """The five-joint arm of NAO, torso frame to hand, metres and radians."""
    s = 1.0 if side == "left" else -1.0
    translations = (
        (0.0, s * SHOULDER_OFFSET_Y, SHOULDER_OFFSET_Z),
        (0.0, 0.0, 0.0),
        (UPPER_ARM_LENGTH, s * ELBOW_OFFSET_Y, 0.0),
        (0.0, 0.0, 0.0),
        (LOWER_ARM_LENGTH, 0.0, 0.0),
        (HAND_OFFSET_X, 0.0, -HAND_OFFSET_Z),
    )
    C_previous = np.eye(3)
    offsets = []
    for axis, translation in zip((*_AXES, "z"), translations, strict=True):
        # The chain T · R_axis(q) in Arm's form: turn z onto the axis, rotate, turn back before the next translation.
        C = rotation_taking_z_to(np.eye(3)["xyz".index(axis)])
        offsets.append(transform(C_previous.T) @ transform(None, translation) @ transform(C))
        C_previous = C
    revolute: JointKind = "revolute"
    limits = np.array([_LEFT_LOWER, _LEFT_UPPER]) * (1.0 if side == "left" else _MIRROR)
    prefix = side[0].upper()
    return Arm(
        name=f"nao-{side}",
        joint_names=tuple(prefix + joint for joint in JOINTS),
        joint_kinds=(revolute,) * len(JOINTS),
        T_offsets=np.array(offsets),
        lower=limits.min(axis=0),
        upper=limits.max(axis=0),
        frames=("torso", f"{prefix}Hand"),
    )
