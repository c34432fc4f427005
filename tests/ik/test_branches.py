"""`all_solutions`: against EAIK's closed form, against geometry, and against itself."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.branches import with_equivalent


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Greatest joint difference over whole turns [rad]."""
    return np.abs((a - b + np.pi) % (2 * np.pi) - np.pi).max(axis=-1)


def test_ur5_has_the_branches_of_the_closed_form() -> None:
    homogeneous = pytest.importorskip("eaik.IK_Homogeneous", reason="EAIK has no wheel for this platform")
    arm = kv.load_arm("ur5")
    closed_form = homogeneous.HomogeneousRobot(arm.link_poses(np.zeros(6)))
    solver = kv.Solver(arm)
    counts = set()
    for target in arm.forward_kinematics(arm.sample(100, 11)):
        answer = closed_form.IK(target)
        truth = np.asarray(answer.Q)[~np.asarray(answer.is_LS)]
        found = solver.all_solutions(target, limit=64)
        assert len(found) == len(truth)
        assert apart(truth[:, None], found.q[None]).min(axis=1).max() < 1e-4
        assert (found.equivalent == 64).all()  # every joint of ±2π has two angles
        counts.add(len(found))
    assert 8 in counts and counts <= {2, 4, 6, 8}


SINGULAR = {
    "wrist aligned": (0.3, -1.2, 1.4, -0.5, 0.0, 0.7),
    "wrist aligned, folded": (0.4, -0.6, -1.1, 0.3, np.pi, -0.2),
    "right angles": (np.pi / 2, -np.pi / 2, np.pi / 2, np.pi / 2, np.pi / 2, 0.0),
    "all at 90 degrees": (np.pi / 2,) * 6,
}


@pytest.mark.parametrize("q", SINGULAR.values(), ids=SINGULAR)
def test_singular_poses_have_their_isolated_branches_and_families(q: tuple[float, ...]) -> None:
    homogeneous = pytest.importorskip("eaik.IK_Homogeneous", reason="EAIK has no wheel for this platform")
    solver = kv.Solver("ur5")
    arm = solver.arm
    target = arm.forward_kinematics(np.array(q))
    found = solver.all_solutions(target, limit=24)
    assert found.solutions.converged.all() and len(found) <= 24 + len(set(found.family))
    closed_form = np.array(homogeneous.HomogeneousRobot(arm.link_poses(np.zeros(6))).IK(target).Q)
    isolated = found.q[found.dimension == 0]
    regular = [np.linalg.svd(arm.jacobian(row))[1].min() > 1e-3 for row in closed_form]
    for row in closed_form[regular]:  # each regular solution of the closed form is among the isolated ones
        if np.abs(arm.forward_kinematics(row) - target).max() < 1e-6:
            gap = np.abs((isolated - row + np.pi) % (2 * np.pi) - np.pi).max(axis=1)
            assert gap.min() < 1e-3
    for number in set(found.family) - {-1}:  # a family is a curve of solutions, evenly sampled
        samples = found.q[found.family == number]
        steps = np.abs((np.diff(samples, axis=0) + np.pi) % (2 * np.pi) - np.pi).max(axis=1)
        assert len(steps) == 0 or steps.max() < 4.0 * np.median(steps)
    gaps = np.abs((isolated[:, None] - isolated[None] + np.pi) % (2 * np.pi) - np.pi).max(axis=2)
    assert (gaps + np.eye(len(isolated)) > 1e-3).all()


def test_many_targets_give_what_each_gives_alone() -> None:
    solver = kv.Solver("ur5")
    poses = solver.arm.forward_kinematics(np.vstack([solver.arm.sample(6, seed=3), SINGULAR["wrist aligned"]]))
    many = solver.all_solutions(poses)
    assert many.targets == 7 and len(many) == sum(map(len, many))
    for pose, found in zip(poses, many, strict=True):
        alone = solver.all_solutions(pose)
        np.testing.assert_array_equal(found.q, alone.q)
        np.testing.assert_array_equal(found.dimension, alone.dimension)
    assert many[-1].is_sample and not many[0].is_sample
    assert len(solver.all_solutions(poses[:0])) == 0
    with pytest.raises(IndexError):
        many[7]


def test_equivalent_solutions_are_the_whole_turns_inside_the_limits() -> None:
    arm = kv.load_arm("ur5")
    solver = kv.Solver(arm)
    target = arm.forward_kinematics(arm.sample(1, 2)[0])
    found = solver.all_solutions(target, limit=64)
    all_of_them = with_equivalent(solver.search, found.q, 10_000)
    assert len(all_of_them) == found.equivalent.sum()
    assert arm.within_limits(all_of_them).all()
    assert len(np.unique(np.round(all_of_them, 6), axis=0)) == len(all_of_them)
    assert position_error(arm.forward_kinematics(all_of_them), target).max() < 1e-8


def test_planar_arm_at_a_tool_angle_has_both_elbows() -> None:
    """Three links, the direction of the last one given: elbow up and down, by the law of cosines."""
    arm = kv.planar_arm([1.0, 1.0, 1.0], max_angle=np.pi)
    solver = kv.Solver(arm, kv.Goal.pose())
    for q in arm.sample(40, 0):
        target = arm.forward_kinematics(q)
        wrist = target[:2, 3] - target[:2, 0]
        distance = np.linalg.norm(wrist)
        elbow = 2.0 * np.arccos(distance / 2.0)
        base = np.arctan2(wrist[1], wrist[0])
        tool = np.arctan2(target[1, 0], target[0, 0])
        truth = np.array([[base - s * elbow / 2, s * elbow, tool - base - s * elbow / 2] for s in (1.0, -1.0)])
        found = solver.all_solutions(target)
        assert len(found) == 2 and not found.is_sample
        assert apart(truth[:, None], found.q[None]).min(axis=1).max() < 1e-4


def test_redundant_arm_gives_a_spread_sample() -> None:
    arm = kv.load_arm("panda")
    solver = kv.Solver(arm)
    target = arm.forward_kinematics(arm.sample(1, 3)[0])
    found = solver.all_solutions(target, limit=12)
    assert found.is_sample and len(found) == 12
    reached = arm.forward_kinematics(found.q)
    assert position_error(reached, target).max() < 1e-8 and rotation_error(reached, target).max() < 1e-8
    assert arm.within_limits(found.q).all()
    gaps = np.linalg.norm(found.q[:, None] - found.q[None], axis=2) + 9.0 * np.eye(12)
    some = solver.solve(np.tile(target, (12, 1, 1)), start=arm.sample(12, 4)).q
    other_gaps = np.linalg.norm(some[:, None] - some[None], axis=2) + 9.0 * np.eye(12)
    assert gaps.min() > max(0.3, other_gaps.min())


def test_nothing_out_of_reach_and_limits_cut_branches_off() -> None:
    arm = kv.load_arm("ur5")
    far = arm.forward_kinematics(np.zeros(6))
    far[:3, 3] *= 9.0
    assert len(kv.Solver(arm).all_solutions(far)) == 0
    right_handed = kv.Solver(kv.planar_arm([1.0, 1.0], max_angle=1.6))
    assert len(right_handed.all_solutions([1.2, 0.8])) == 2
    one_elbow = kv.planar_arm([1.0, 1.0])
    limited = kv.Arm(
        **{
            **{f: getattr(one_elbow, f) for f in one_elbow.__dataclass_fields__},
            "joint_kinds": ("revolute", "revolute"),
            "lower": np.array([-3.0, 0.1]),
            "upper": np.array([3.0, 3.0]),
        }
    )
    assert len(kv.Solver(limited).all_solutions([1.2, 0.8])) == 1
    assert len(kv.Solver("ur5").all_solutions(arm.forward_kinematics(arm.sample(1, 5)[0]), limit=3)) == 3


@pytest.mark.parametrize("name", ["ur5", "panda", "iiwa14"])
def test_a_planted_nearer_solution_is_found(name: str) -> None:
    """The target is reached at a known distance from the posture; the answer may not be farther."""
    solver = kv.Solver(name, threads=1)
    arm, generator = solver.arm, np.random.default_rng(7)
    posture = arm.sample(3000, seed=11)
    planted = posture + generator.normal(0.0, 0.3, posture.shape)
    lower, upper = arm.sampling_limits
    inside = ((planted > lower) & (planted < upper)).all(axis=1)
    posture, planted = posture[inside], planted[inside]
    found = solver.solve(arm.forward_kinematics(planted), nearest_to=posture)
    assert found.converged.all()
    farther = np.linalg.norm(found.q - posture, axis=1) > np.linalg.norm(planted - posture, axis=1) + 1e-6
    assert farther.mean() <= 0.002  # 0.0002 to 0.0005 measured


def test_a_joint_a_hair_past_a_limit_is_not_a_whole_turn_away() -> None:
    solver = kv.Solver("ur5", threads=1)
    q = solver.arm.sample(500, seed=2)
    q[:, 3] = solver.arm.upper[3]
    posture = np.clip(q + np.random.default_rng(0).normal(0.0, 0.01, q.shape), solver.arm.lower, solver.arm.upper)
    found = solver.solve(solver.arm.forward_kinematics(q), nearest_to=posture)
    assert (np.linalg.norm(found.q - posture, axis=1) <= np.linalg.norm(q - posture, axis=1) + 1e-6).mean() > 0.99
