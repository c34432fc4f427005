"""Forward kinematics and Jacobians in torch: any device, any float type, batched, differentiable to any order.

The same product of transforms as `Arm.pose`, one tensor per matrix entry. Entries that are constant along the chain stay
Python floats and products with 0 and 1 are never computed: on real arms, whose axes are mostly at right angles, that
leaves about a quarter of the arithmetic, and all of it is plain elementwise torch that autograd, vmap and compile accept.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, addcmul, cross, stack

from kinverse.errors import ShapeError
from kinverse.robot.arm import Arm

Entry = float | Tensor
Row = tuple[Entry, Entry, Entry, Entry]
"""One row of a homogeneous transform: three rotation entries and the position [m]."""


def pose(arm: Arm, q: Float[Tensor, "*batch dof"]) -> Float[Tensor, "*batch 4 4"]:
    """Tool pose in the base frame; the torch twin of `Arm.pose`.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].

    Returns:
        (..., 4, 4) homogeneous transforms T_base_tool [m], with the device and type of `q`.

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    rows = _walk(arm, q, rows=3)[-1]
    entries = [entry for row in rows for entry in row] + [0.0, 0.0, 0.0, 1.0]
    return _stack_last(entries, q).unflatten(-1, (4, 4))


def forward(arm: Arm, q: Float[Tensor, "*batch dof"]) -> Float[Tensor, ...]:
    """Forward kinematics in the arm's task space; the torch twin of `Arm.forward`.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].

    Returns:
        (..., 2) for "xy", (..., 3) for "xyz" [m], (..., 4, 4) for "pose".

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    if arm.task == "pose":
        return pose(arm, q)
    rows = _walk(arm, q, rows=arm.task_shape[0])[-1]
    return _stack_last([row[3] for row in rows], q)


def jacobian(arm: Arm, q: Float[Tensor, "*batch dof"]) -> Float[Tensor, "*batch rows dof"]:
    """Derivative of the task with respect to the joints, in base axes; the torch twin of `Arm.jacobian`.

    Args:
        arm: the kinematics.
        q: (..., dof) joint positions [rad or m].

    Returns:
        (..., 2 or 3, dof) linear rows; for "pose" (..., 6, dof) with the angular rows below.

    Raises:
        ShapeError: the last axis of `q` is not dof.
    """
    frames = _walk(arm, q, rows=3)
    axes = stack([stack(_as_tensors([row[2] for row in rows], q)) for rows in frames[:-1]])  # (dof, 3, ...)
    origins = stack([stack(_as_tensors([row[3] for row in rows], q)) for rows in frames])  # (dof + 1, 3, ...)
    linear = cross(axes, origins[-1:] - origins[:-1], dim=1)
    angular = axes
    if arm.is_prismatic.any():
        slides = q.new_tensor(arm.is_prismatic).reshape(-1, *[1] * (axes.ndim - 1))
        linear = slides * axes + (1.0 - slides) * linear
        angular = (1.0 - slides) * axes
    rows = {"xy": linear[:, :2], "xyz": linear, "pose": None}[arm.task]
    if rows is None:
        rows = _concatenate(linear, angular)
    return rows.movedim((0, 1), (-1, -2))


def _concatenate(linear: Tensor, angular: Tensor) -> Tensor:
    return stack([*linear.unbind(1), *angular.unbind(1)], dim=1)


def _walk(arm: Arm, q: Float[Tensor, "*batch dof"], rows: int) -> list[list[Row]]:
    """The first `rows` rows of every joint frame and of the tool; rows of a transform never mix, so fewer cost less."""
    if q.ndim == 0 or q.shape[-1] != arm.dof:
        raise ShapeError(f"arm {arm.name!r} has {arm.dof} joints, got joint positions of shape {tuple(q.shape)}")
    columns = q.movedim(-1, 0).contiguous()  # (dof, ...): one contiguous tensor per joint
    sines, cosines = columns.sin().unbind(0), columns.cos().unbind(0)
    offsets = arm.T_offsets.tolist()
    frame: list[Row] = [tuple(offsets[0][i]) for i in range(rows)]
    frames = [frame]
    for joint, offset in enumerate(offsets[1:]):
        if arm.is_prismatic[joint]:
            moved = [_slide(row, columns[joint]) for row in frame]
        else:
            moved = [_turn(row, sines[joint], cosines[joint]) for row in frame]
        frame = [_multiply(row, offset) for row in moved]
        frames.append(frame)
    return frames


def _turn(row: Row, sine: Tensor, cosine: Tensor) -> Row:
    """Row · Rz(q)."""
    x, y, z, p = row
    return _sum_of_products(((x, cosine), (y, sine))), _sum_of_products(((y, cosine), (-x, sine))), z, p


def _slide(row: Row, displacement: Tensor) -> Row:
    """Row · Tz(q)."""
    x, y, z, p = row
    moved = _sum_of_products(((z, displacement),))
    return x, y, z, _add(p, moved)


def _multiply(row: Row, offset: list[list[float]]) -> Row:
    """Row · A for a constant transform A."""
    x, y, z, p = row
    a, b, c, d = (_sum_of_products(((x, offset[0][k]), (y, offset[1][k]), (z, offset[2][k]))) for k in range(4))
    return a, b, c, _add(p, d)


def _add(a: Entry, b: Entry) -> Entry:
    """A + b, without an operation where one of them is the constant 0."""
    if isinstance(a, float) and a == 0.0:
        return b
    if isinstance(b, float) and b == 0.0:
        return a
    return a + b


def _sum_of_products(pairs: tuple[tuple[Entry, Entry], ...]) -> Entry:
    """Σ a·b, without the operations that constants 0 and ±1 make needless."""
    total: Entry = 0.0
    for a, b in pairs:
        if isinstance(a, Tensor) and isinstance(b, Tensor):
            total = addcmul(total, a, b) if isinstance(total, Tensor) else _add(total, a * b)
            continue
        tensor, factor = (a, b) if isinstance(a, Tensor) else (b, a)
        if factor == 0.0:
            continue
        if not isinstance(tensor, Tensor):
            total = _add(total, float(tensor) * float(factor))
        elif isinstance(total, Tensor):
            total = total.add(tensor, alpha=factor)
        else:
            total = _add(total, tensor if factor == 1.0 else tensor * factor)
    return total


def _stack_last(entries: list[Entry], q: Tensor) -> Tensor:
    """Stack entries along a new last axis, but lay them out in memory along the first, which is one straight copy each."""
    return stack(_as_tensors(entries, q)).movedim(0, -1)


def _as_tensors(entries: list[Entry], q: Tensor) -> list[Tensor]:
    """Entries as tensors of the batch shape of `q`, constants filled in."""
    batch = q.shape[:-1]
    return [entry if isinstance(entry, Tensor) else q.new_full(batch, entry) for entry in entries]
