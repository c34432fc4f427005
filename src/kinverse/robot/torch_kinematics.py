"""Forward kinematics and Jacobians in torch: any device, any float type, batched, differentiable to any order.

The same product of transforms as `Arm.forward_kinematics`, one tensor for each column of the matrix, with the batch in
memory order along its last axes. Products with 0 and 1 are skipped: real arms have mostly right angles, so a small part
of the arithmetic is left. All of it is elementwise torch, which autograd, vmap and compile accept.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from torch import Tensor, cat, finfo, float32, stack, tensor, where

from kinverse.errors import ShapeError
from kinverse.robot.arm import Arm

Columns = tuple[Tensor, Tensor, Tensor, Tensor]
"""The columns x, y, z, p of a homogeneous transform, each (rows, ...): three axes and the position [m].

Batch axes of length 1 stand for a column that is constant along the batch.
"""


def forward_kinematics(arm: Arm, q: Float[Tensor, "*batch dof"]) -> Float[Tensor, "*batch 4 4"]:
    """Tool pose in the base frame; the torch twin of `Arm.forward_kinematics`.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].

    Returns:
        (..., 4, 4) homogeneous transforms T_base_tool [m], with the device and type of `q`.

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    batch = q.shape[:-1]
    last_row = q.new_tensor([0.0, 0.0, 0.0, 1.0])
    parts = [
        part.expand(-1, *batch)
        for column, last in zip(_walk(arm, q, rows=3)[-1], last_row.split(1), strict=True)
        for part in (column, last.reshape(1, *[1] * len(batch)))
    ]
    return cat(parts).unflatten(0, (4, 4)).movedim((1, 0), (-2, -1))  # one straight copy per part, then only views


def tool_position(
    arm: Arm, q: Float[Tensor, "*batch dof"], coordinates: int = 3
) -> Float[Tensor, "*batch coordinates"]:
    """The first coordinates of the tool position. Rows of a transform never mix, so fewer coordinates cost less.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].
        coordinates: 2 for x and y, 3 for x, y and z.

    Returns:
        (..., coordinates) [m], with the device and type of `q`.

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    position = _walk(arm, q, rows=coordinates)[-1][3]
    return position.expand(-1, *q.shape[:-1]).movedim(0, -1)


def jacobian(arm: Arm, q: Float[Tensor, "*batch dof"]) -> Float[Tensor, "*batch 6 dof"]:
    """The geometric Jacobian of the tool origin, in base axes; the torch twin of `Arm.jacobian`.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].

    Returns:
        (..., 6, dof): three linear rows above three angular ones.

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    frames = _walk(arm, q, rows=3)
    batch = q.shape[:-1]
    axes = stack([z.expand(3, *batch) for _, _, z, _ in frames[:-1]])  # (dof, 3, ...)
    origins = stack([p.expand(3, *batch) for _, _, _, p in frames])  # (dof + 1, 3, ...)
    x, y, z = axes.unbind(1)
    dx, dy, dz = (origins[-1:] - origins[:-1]).unbind(1)
    # torch.linalg.cross does the same, ten times slower on these strides.
    linear = [y * dz - z * dy, z * dx - x * dz, x * dy - y * dx]
    angular = [x, y, z]
    if arm.is_prismatic.any():
        slides = tensor(arm.is_prismatic, device=q.device).reshape(-1, *[1] * len(batch))
        linear = [where(slides, axis, row) for axis, row in zip(angular, linear, strict=True)]
        angular = [where(slides, 0.0, axis) for axis in angular]
    return stack(linear + angular).movedim((0, 1), (-2, -1))


def _walk(arm: Arm, q: Float[Tensor, "*batch dof"], rows: int) -> list[Columns]:
    """The first `rows` rows of every joint frame and of the tool."""
    if q.ndim == 0 or q.shape[-1] != arm.dof:
        raise ShapeError(f"arm {arm.name!r} has {arm.dof} joints, got joint positions of shape {tuple(q.shape)}")
    if not q.is_floating_point():
        raise ShapeError(f"joint positions must be of a floating-point type, got {q.dtype}")
    values = q.movedim(-1, 0).contiguous()  # (dof, ...): one contiguous tensor per joint
    sines, cosines = values.sin().unbind(0), values.cos().unbind(0)
    first, *offsets = _constants(arm, q)
    x, y, z, p = q.new_tensor(first[:rows]).reshape(rows, 4, *[1] * (q.ndim - 1)).unbind(1)
    frames: list[Columns] = [(x, y, z, p)]
    for joint, offset in enumerate(offsets):
        if arm.is_prismatic[joint]:
            p = p + z * values[joint]
        else:
            sine, cosine = sines[joint], cosines[joint]
            x, y = x * cosine + y * sine, y * cosine - x * sine
        by_column = list(zip(*offset[:3], strict=True))  # the new x axis is Σ of the old axes times by_column[0], …
        x, y, z, p = *(_combine((x, y, z), by_column[k]) for k in range(3)), _combine((x, y, z), by_column[3], p)
        frames.append((x, y, z, p))
    return frames


def _constants(arm: Arm, q: Tensor) -> list[list[list[float]]]:
    """The constant transforms, with 0 for entries below the machine epsilon of the float type of `q`.

    A right angle read from a URDF has a cosine of 6e-17; without this, each of them would cost as much as a true entry.
    """
    smallest = min(finfo(q.dtype).eps, finfo(float32).eps)  # half precision: millimetres still count
    offsets: list[list[list[float]]] = np.where(np.abs(arm.T_offsets) < smallest, 0.0, arm.T_offsets).tolist()
    return offsets


def _combine(columns: tuple[Tensor, ...], factors: tuple[float, ...], total: Tensor | None = None) -> Tensor:
    """Total + Σ column · factor, without multiplications by 0 and 1."""
    for column, factor in zip(columns, factors, strict=True):
        if factor == 0.0:
            continue
        if total is not None:
            total = total.add(column, alpha=factor)
            continue
        total = column if factor == 1.0 else column * factor
    return columns[0] * 0.0 if total is None else total
