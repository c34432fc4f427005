"""Planar arms: any number of revolute links in the x-y plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kinverse.errors import ConfigError, require_positive
from kinverse.geometry import transform
from kinverse.robot.arm import Arm


def planar_arm(lengths: Sequence[float], max_angle: float | None = None) -> Arm:
    """An arm of revolute joints about z, one per link: x = Σ lᵢ cos(θ₁+…+θᵢ), y = Σ lᵢ sin(θ₁+…+θᵢ).

    Args:
        lengths: link lengths [m], base first; any number of links.
        max_angle: every joint is limited to ± this angle [rad]; None: continuous joints.

    Returns:
        An arm whose tool stays in the x-y plane.

    Raises:
        ConfigError: no link, a length or `max_angle` that is not finite and positive.
    """
    links = [float(length) for length in lengths]
    if not links:
        raise ConfigError("a planar arm needs at least one link length, got none")
    for length in links:
        require_positive("link length", length)
    if max_angle is not None:
        require_positive("max_angle", max_angle)
    limit = np.inf if max_angle is None else float(max_angle)
    dof = len(links)
    return Arm(
        name=f"planar{dof}",
        joint_names=tuple(f"theta{i + 1}" for i in range(dof)),
        joint_kinds=("continuous" if max_angle is None else "revolute",) * dof,
        T_offsets=np.array([np.eye(4), *(transform(None, (length, 0.0, 0.0)) for length in links)]),
        lower=np.full(dof, -limit),
        upper=np.full(dof, limit),
    )
