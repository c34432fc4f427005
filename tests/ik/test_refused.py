"""What a solver refuses, each with one line that says what was got, where, and what would do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import ConfigError, KinverseError, LimitWarning, ShapeError, TargetError, UnknownNameError

PANDA = kv.load_arm("panda")
POSES = PANDA.forward_kinematics(PANDA.sample(5, 0))


def poses(row: int, change: Callable[[np.ndarray], None]) -> np.ndarray:
    changed = POSES.copy()
    change(changed[row])
    return changed


def put(place: tuple[int, int], value: float) -> Callable[[np.ndarray], None]:
    def change(T: np.ndarray) -> None:
        T[place] = value

    return change


def skew(amount: float) -> Callable[[np.ndarray], None]:
    def change(T: np.ndarray) -> None:
        T[:3, 0] += amount * T[:3, 1]

    return change


def mirror(T: np.ndarray) -> None:
    T[:3, 2] *= -1.0


CASES: dict[str, tuple[Callable[[], object], type[KinverseError], tuple[str, ...]]] = {
    "not finite": (lambda: kv.Solver("panda").solve(poses(3, put((0, 3), np.nan))), TargetError, ("row 3", "finite")),
    "infinite rotation": (lambda: kv.Solver("panda").solve(poses(1, put((0, 0), np.inf))), TargetError, ("row 1",)),
    "skewed": (
        lambda: kv.Solver("panda").solve(poses(2, skew(0.02))),
        TargetError,
        ("row 2", "off by 0.02", "at most 0.005"),
    ),
    "scaled": (lambda: kv.Solver("panda").solve(1.5 * POSES), TargetError, ("row 0", "off by 1.2")),
    "reflection": (lambda: kv.Solver("panda").solve(poses(4, mirror)), TargetError, ("row 4", "reflection")),
    "last row": (lambda: kv.Solver("panda").solve(poses(0, put((3, 0), 0.5))), TargetError, ("row 0", "0 0 0 1")),
    "late row": (
        lambda: kv.Solver("panda", threads=2).solve(np.concatenate([np.repeat(POSES, 500, 0), poses(1, mirror)])),
        TargetError,
        ("row 2501", "reflection"),
    ),
    "positions for poses": (
        lambda: kv.Solver("panda").solve(np.zeros((5, 3))),
        ShapeError,
        ("a pose goal", "(…, 4, 4)", "(5, 3)", "Goal.position()"),
    ),
    "poses for positions": (lambda: kv.Solver("planar3").solve(POSES), ShapeError, ("a planar goal", "(…, 2)")),
    "flat": (lambda: kv.Solver("panda").solve(np.zeros(16)), ShapeError, ("(16,)",)),
    "ragged": (lambda: kv.Solver("planar3").solve([[1.0, 2.0], [1.0]]), ShapeError, ("real numbers",)),
    "text": (lambda: kv.Solver("planar3").solve([["a", "b"]]), ShapeError, ("real numbers",)),
    "complex": (lambda: kv.Solver("planar3").solve([[1j, 0.0]]), ShapeError, ("complex",)),
    "nan position": (lambda: kv.Solver("planar3").solve([[1.0, 0.0], [np.nan, 0.0]]), TargetError, ("row 1",)),
    "start outside": (
        lambda: kv.Solver("panda").solve(POSES, start=np.full(7, 9.0)),
        TargetError,
        ("start", "panda_joint4", "9", "[-3.0718, -0.0698]"),
    ),
    "start row outside": (
        lambda: kv.Solver("panda").solve(POSES, start=np.vstack([PANDA.sample(4, 0), np.full(7, -9.0)])),
        TargetError,
        ("start: row 4",),
    ),
    "start shape": (lambda: kv.Solver("panda").solve(POSES, start=np.zeros((3, 7))), ShapeError, ("5 targets, got 3",)),
    "start joints": (lambda: kv.Solver("panda").solve(POSES, start=np.zeros(6)), ShapeError, ("7 joints", "(6,)")),
    "start nan": (lambda: kv.Solver("panda").solve(POSES, start=np.full(7, np.nan)), ShapeError, ("panda_joint1",)),
    "posture outside": (
        lambda: kv.Solver("panda").solve(POSES, nearest_to=np.full(7, 9.0)),
        TargetError,
        ("nearest_to",),
    ),
    "a grid for all_solutions": (
        lambda: kv.Solver("panda").all_solutions(POSES[None]),
        ShapeError,
        ("one target or a row", "(1, 5)"),
    ),
    "limit": (lambda: kv.Solver("panda").all_solutions(POSES[0], 0), ConfigError, ("limit", "0")),
    "one pose as a path": (lambda: kv.Solver("panda").track(POSES[0]), ShapeError, ("path",)),
    "bad pose on a path": (lambda: kv.Solver("panda").track(poses(2, mirror)), TargetError, ("row 2",)),
    "nothing to reach": (lambda: kv.Goal.planar(free=("x", "y")), ConfigError, ("planar", "nothing to reach")),
    "free": (lambda: kv.Goal.planar(free=("z",)), UnknownNameError, ("free coordinate", "z", "x, y")),
    "tool axis": (lambda: kv.Goal.axis("w"), UnknownNameError, ("tool axis", "w")),  # type: ignore[arg-type]
    "no axis": (lambda: kv.Goal("pose", "z"), ConfigError, ("pose", "tool axis")),
    "tolerance": (lambda: kv.Goal.pose(position_tolerance=0.0), ConfigError, ("position_tolerance", "> 0")),
    "attempts": (lambda: kv.Solver("panda", attempts=0), ConfigError, ("attempts",)),
    "threads": (lambda: kv.Solver("panda", threads=1.5), ConfigError, ("threads",)),  # type: ignore[arg-type]
    "weight": (lambda: kv.Goal.pose(rotation_weight=-1.0), ConfigError, ("rotation_weight", "> 0")),
    "unknown setting": (lambda: kv.Solver("panda", tolerance=1e-3), UnknownNameError, ("tolerance", "attempts")),
    "network": (lambda: kv.Solver("panda", network="best"), UnknownNameError, ("best", "catalog")),  # type: ignore[arg-type]
    "arm": (lambda: kv.Solver("pandas"), UnknownNameError, ("pandas", "panda")),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str) -> None:
    call, error, words = CASES[case]
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


def test_errors_carry_what_the_message_says() -> None:
    with pytest.raises(ValueError, match="panda_joint2") as caught:
        kv.Solver("panda").solve(POSES, start=np.vstack([PANDA.sample(4, 0), [0.0, 5.0, 0.0, -1.0, 0.0, 1.0, 0.0]]))
    error = caught.value
    assert isinstance(error, TargetError)
    assert (error.row, error.joint, error.value) == (4, "panda_joint2", 5.0)
    assert (error.lower, error.upper) == (PANDA.lower[1], PANDA.upper[1])
    with pytest.raises(TargetError) as caught:
        kv.Solver("panda").solve(poses(3, mirror))
    assert caught.value.row == 3


def test_out_of_reach_is_a_result() -> None:
    """Far away, at a wrong rotation, behind limits: `converged` False, an answer inside the limits, bounded work."""
    arm = kv.load_arm("panda")
    targets = arm.forward_kinematics(arm.sample(50, 1))
    targets[:, :3, 3] *= 10.0
    found = kv.Solver(arm).solve(targets)
    assert not found.converged.any()
    assert arm.within_limits(found.q).all()
    reach = np.linalg.norm(targets[:, :3, 3], axis=1)
    assert (found.position_error > reach - 1.5).all() and (found.position_error < reach + 1.5).all()
    assert found.iterations.max() < 100 * 41 + 301
    # No single descent from a stored sample comes closer than the best of a hundred, followed to its end.
    length = kv.Solver(arm).search.objective.length
    cost = found.position_error**2 + (2.0 * length * np.sin(0.5 * found.rotation_error)) ** 2
    table = kv.Solver(arm, network=None).search.table.q
    for sample in table[::16]:
        one = kv.Solver(arm, network=None, attempts=1).solve(targets, start=sample)
        other = one.position_error**2 + (2.0 * length * np.sin(0.5 * one.rotation_error)) ** 2
        assert (cost <= 1.02 * other).all()


@pytest.mark.parametrize("what", ["start", "nearest_to"])
def test_a_start_in_single_precision_is_moved_to_the_limit_with_a_warning(what: str) -> None:
    solver = kv.Solver("panda")
    at_limits = np.nextafter(solver.arm.upper.astype(np.float32), np.float32(np.inf))  # outside by some 1e-7
    T = solver.arm.forward_kinematics(solver.arm.upper)
    with pytest.warns(LimitWarning, match=rf"{what}: row 0, joint 'panda_joint\d' is [1-9][\d.]*e-0[678] rad outside"):
        found = solver.solve(T, **{what: at_limits})
    assert found.converged
    assert solver.arm.within_limits(found.q)


@pytest.mark.parametrize(
    ("excess", "outcome"), [(1e-10, "silent"), (1e-6, "warns"), (9e-6, "warns"), (2e-5, "refused")]
)
def test_how_far_outside_a_start_may_be(excess: float, outcome: str, recwarn: pytest.WarningsRecorder) -> None:
    solver = kv.Solver("ur5")
    T, start = solver.arm.forward_kinematics(np.zeros(6)), np.zeros(6)
    start[2] = solver.arm.upper[2] + excess
    if outcome == "refused":
        with pytest.raises(
            kv.KinverseError, match=r"is 6\.28320531, 2e-05 rad outside its limits \[-6\.28318531, 6\.28318531\]"
        ):
            solver.solve(T, start=start)
        return
    solver.solve(T, start=start)
    assert [str(one.message) for one in recwarn if one.category is LimitWarning] == (
        [] if outcome == "silent" else [f"start: row 0, joint 'elbow_joint' is {excess:.2g} rad outside its limits "
                                        "[-6.28318531, 6.28318531], and was moved to the limit"]
    )  # fmt: skip
