"""`track`: smooth where a smooth motion exists, honest where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv


def joint_path(arm: kv.Arm, count: int, seed: int) -> np.ndarray:
    """A smooth motion in the inner part of the limits."""
    rng = np.random.default_rng(seed)
    lower, upper = arm.sampling_limits
    time = np.linspace(0.0, 1.0, count)[:, None]
    phase = time * rng.uniform(0.3, 1.0, arm.dof) + rng.uniform(0.0, 1.0, arm.dof)
    return 0.5 * (lower + upper) + 0.15 * (upper - lower) * np.sin(2 * np.pi * phase)


@pytest.mark.parametrize("name", ["ur5", "nao-left", "nao-right"])
@pytest.mark.parametrize("seed", range(3))
def test_an_arm_without_redundancy_follows_the_motion_that_made_the_path(name: str, seed: int) -> None:
    arm = kv.load_arm(name)
    q = joint_path(arm, 2000, seed)
    track = kv.Solver(arm).track(kv.Goal.default(arm).targets(arm.forward_kinematics(q)), start=q[0])
    assert len(track.jumps) == 0 and track.solutions.converged.all()
    assert np.abs(track.q - q).max() < 1e-4
    assert track.largest_step <= np.abs(np.diff(q, axis=0)).max() * 1.01


@pytest.mark.parametrize("name", ["panda", "planar3"])
@pytest.mark.parametrize("seed", range(3))
def test_a_redundant_arm_moves_less_than_the_motion_that_made_the_path(name: str, seed: int) -> None:
    arm = kv.load_arm(name)
    q = joint_path(arm, 2000, seed)
    solver = kv.Solver(arm)
    for start in (None, q[0]):
        track = solver.track(solver.goal.targets(arm.forward_kinematics(q)), start)
        assert len(track.jumps) == 0 and track.solutions.converged.all()
        assert arm.within_limits(track.q).all()
        assert track.motion <= 1.15 * np.linalg.norm(np.diff(q, axis=0), axis=1).sum()
        assert track.largest_step < 0.05
    assert np.abs(track.q[0] - q[0]).max() < 1e-6


def test_through_a_singularity_the_motion_goes_straight_on() -> None:
    """The wrist of the UR5 passes joint 5 = 0, where two branches meet."""
    arm = kv.load_arm("ur5")
    q = np.tile([0.3, -1.2, 1.5, -0.4, 0.0, 0.2], (401, 1))
    q[:, 4] = np.linspace(-0.5, 0.5, 401)
    track = kv.Solver(arm).track(arm.forward_kinematics(q), start=q[0])
    assert len(track.jumps) == 0
    assert np.abs(track.q - q).max() < 1e-5


def test_a_continuous_joint_turns_on() -> None:
    arm = kv.planar_arm([1.0, 0.8])
    angle = np.linspace(0.0, 6 * np.pi, 3000)
    circle = 1.3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    track = kv.Solver(arm).track(circle)
    assert len(track.jumps) == 0
    assert track.q[-1, 0] - track.q[0, 0] == pytest.approx(6 * np.pi, abs=1e-6)


def test_limits_force_a_jump_and_it_is_reported() -> None:
    """One joint of ±2 rad cannot follow more than a full circle without going back once."""
    arm = kv.planar_arm([1.0], max_angle=2.0)
    angle = np.concatenate([np.linspace(0.0, 1.9, 200), np.linspace(-1.9, 0.0, 200)])
    track = kv.Solver(arm).track(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    assert track.jumps.tolist() == [200]
    assert track.solutions.converged.all()
    assert "1 jump at [200]" in repr(track)


def test_coarse_points_are_no_jumps() -> None:
    """Large steps, with poses between that this arm cannot reach; but the tool is halfway when the joints are."""
    arm = kv.load_arm("nao-left")
    q = joint_path(arm, 2000, 1)[::200]
    assert np.abs(np.diff(q, axis=0)).max() > 0.25
    track = kv.Solver(arm).track(arm.forward_kinematics(q), start=q[0])
    assert len(track.jumps) == 0
    assert np.abs(track.q - q).max() < 1e-5


def test_points_out_of_reach_are_marked_and_the_arm_goes_on() -> None:
    arm = kv.load_arm("planar3")
    radius = np.concatenate([np.linspace(1.5, 3.5, 200), np.linspace(3.5, 1.5, 200)])
    path = np.stack([radius * np.cos(0.3), radius * np.sin(0.3)], axis=1)
    track = kv.Solver(arm).track(path)
    missed = ~track.solutions.converged
    assert np.array_equal(missed, radius > 3.0)
    assert np.abs(track.solutions.position_error[missed] - (radius[missed] - 3.0)).max() < 1e-6


def test_empty_and_single_point_paths() -> None:
    solver = kv.Solver("planar3")
    assert len(solver.track(np.empty((0, 2))).q) == 0
    one = solver.track([[1.0, 1.0]])
    assert one.q.shape == (1, 3) and one.motion == 0.0 and len(one.jumps) == 0


def test_from_a_bad_start_a_redundant_arm_follows_the_example_of_a_better_one() -> None:
    """A large motion of the iiwa14 through its stretched elbow: moving as little as possible ends at a limit."""
    arm = kv.load_arm("iiwa14")
    rng = np.random.default_rng(0)
    lower, upper = arm.sampling_limits
    time = np.linspace(0.0, 1.0, 10_000)[:, None]
    phase = time * rng.uniform(0.5, 2.0, 7) + rng.uniform(0.0, 1.0, 7)
    q = 0.5 * (lower + upper) + 0.2 * (upper - lower) * np.sin(2 * np.pi * phase)
    track = kv.Solver(arm).track(arm.forward_kinematics(q), start=q[0])
    assert len(track.jumps) == 0 and track.solutions.converged.all()
    assert np.abs(track.q[0] - q[0]).max() < 1e-6 and track.largest_step < 0.2
    assert arm.within_limits(track.q).all()


@pytest.mark.parametrize("name", ["iiwa14", "panda", "ur5"])
def test_a_path_that_leaves_the_reach_is_followed_at_its_closest_point(name: str) -> None:
    solver = kv.Solver(name)
    arm = solver.arm
    for seed in range(3):
        path = np.tile(arm.forward_kinematics(0.5 * arm.sample(1, seed)[0]), (200, 1, 1))
        begin = path[0, :3, 3]
        path[:, :3, 3] = np.linspace(begin, 1.8 * begin / np.linalg.norm(begin), 200)
        track = solver.track(path)
        assert (~track.solutions.converged).any() and not track.solutions.converged.all()
        assert len(track.jumps) <= 1
        steps = np.abs(np.diff(track.q, axis=0)).max(axis=1)
        for point in np.setdiff1d(np.flatnonzero(steps > 0.2) + 1, track.jumps):  # continuous, if looked at closely
            between = np.tile(path[point - 1], (2000, 1, 1))
            between[:, :3, 3] = np.linspace(path[point - 1, :3, 3], path[point, :3, 3], 2000)
            closely = solver.track(between, start=track.q[point - 1])
            assert len(closely.jumps) == 0 and np.abs(np.diff(closely.q, axis=0)).max() < 0.2
        anywhere = solver.solve(path)
        assert not (anywhere.converged & ~track.solutions.converged).any()  # it jumps rather than miss


def test_a_path_that_comes_back_into_reach_is_reached_again() -> None:
    solver = kv.Solver("panda")
    path = np.tile(solver.arm.forward_kinematics([0.2, 0.3, 0.1, -1.5, 0.2, 1.8, 0.4]), (300, 1, 1))
    path[:, :3, 3] *= (1.0 + np.sin(np.linspace(0.0, np.pi, 300)))[:, None]
    track = solver.track(path)
    assert track.solutions.converged[[0, -1]].all() and not track.solutions.converged.all()
    assert len(track.jumps) == 0
    assert track.largest_step < 0.5
