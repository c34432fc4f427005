"""The bench with solvers known to be right, wrong, out of limits, silent or broken. Nothing is timed."""

from __future__ import annotations

import os
import re
import time

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.benchmark import bench, registry, timing
from kinverse.apps.benchmark.bench import Effort, Measured, run_bench
from kinverse.apps.benchmark.peer import CannotSolveError, Peer, Robot
from kinverse.apps.benchmark.timing import Ratio, one_core, undisturbed
from kinverse.apps.benchmark.verify import Verifier
from kinverse.errors import ConfigError, KinverseError, MissingExtraError, UnknownNameError
from kinverse.files import to_json
from tests.support.benchmark import robot_of, targets_of

FEW = Effort(targets=20, seconds=0.01, rounds=4)


class Knowing(Peer):
    """Has the answers: it draws the bench's targets itself."""

    name = "knowing"
    distribution = "numpy"
    kind = "analytic"
    method = "looks them up"
    takes_batches = True

    def __init__(self, robot: Robot) -> None:
        q = robot.arm.sample(FEW.targets, np.random.default_rng((FEW.seed, bench.STREAM)))
        self.answers = {T.tobytes(): row for T, row in zip(robot.arm.forward_kinematics(q), q, strict=True)}
        self.numbers = {T: number for number, T in enumerate(self.answers)}

    def solve_one(self, T_target: np.ndarray) -> np.ndarray:
        return self.changed(self.numbers[T_target.tobytes()], self.answers[T_target.tobytes()].copy())

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        return q


class Wrong(Knowing):
    name = "wrong"
    takes_batches = False

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        return q + 0.01 if number < 5 else q


class Coarse(Knowing):
    name = "coarse"

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        return q + 1e-5


class OutOfLimits(Knowing):
    name = "out-of-limits"

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        return q + 6 * np.pi * (number < 2)  # the pose of q


class Silent(Knowing):
    name = "silent"

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        return np.full(len(q), np.nan) if number == 7 else q


class Breaking(Knowing):
    name = "breaking"

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        if number == 13:
            raise ValueError("did not\nexpect this pose")
        return q


class Missing(Knowing):
    name = "missing"
    distribution = "no-such-package"


class Unable(Knowing):
    name = "unable"

    def __init__(self, robot: Robot) -> None:
        raise CannotSolveError("not an arm for me")


class Printing(Knowing):
    name = "printing"

    def changed(self, number: int, q: np.ndarray) -> np.ndarray:
        os.write(1, b"like C code\n")
        print("like Python code")
        return q


FAKES = (Wrong, Coarse, OutOfLimits, Silent, Breaking, Missing, Unable, Printing)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PEERS", {fake.name: fake for fake in FAKES})
    monkeypatch.setattr(bench, "Kinverse", Knowing)
    monkeypatch.setattr(timing, "MIN_SECONDS", 0.0)


def test_every_answer_is_judged_and_every_absence_has_its_reason(capfd: pytest.CaptureFixture[str]) -> None:
    steps: list[tuple[str, float]] = []
    result = run_bench(("ur5", "panda"), effort=FEW, watch=lambda doing, share: steps.append((doing, share)))
    assert [arm.arm for arm in result.arms] == ["ur5", "panda"]
    for arm in result.arms:
        assert arm.fingerprint == kv.load_arm(arm.arm).fingerprint
        solved = {solver.name: (solver.targets, solver.solved, solver.solved_strictly) for solver in arm.peers}
        assert solved == {
            "wrong": (20, 75.0, 75.0),
            "coarse": (20, 100.0, 0.0),
            "out-of-limits": (20, 90.0, 90.0),
            "silent": (20, 95.0, 95.0),
            "printing": (20, 100.0, 100.0),
        }
        assert (arm.ours.name, arm.ours.targets, arm.ours.solved) == ("knowing", 20, 100.0)
        assert arm.ours.batch is None and arm.ours.single is None
        assert {left.name: left.reason for left in arm.left_out} == {
            "breaking": "stopped while solving (ValueError: did not expect this pose)",
            "missing": "no-such-package is not installed: pip install 'kinverse[bench]'",
            "unable": "not an arm for me",
        }
    shares = [share for _, share in steps]
    assert shares == sorted(shares) and 0.0 <= shares[0] < shares[-1] < 1.0
    assert steps[0][0] == "ur5: kinverse" and steps[-1][0] == "panda: printing"
    assert "like" not in capfd.readouterr().out


def test_a_loop_is_its_own_batch_and_a_batch_is_not_a_loop() -> None:
    solvers = {solver.name: solver for solver in run_bench(("ur5",), ("wrong", "coarse"), FEW).arms[0].peers}
    assert solvers["wrong"].batch_ms == solvers["wrong"].single_ms
    assert solvers["wrong"].batch_size == 1
    assert solvers["coarse"].batch_size == 5
    for solver in solvers.values():
        for ratio in (solver.batch, solver.single):
            assert ratio is not None and 0.0 < ratio.lowest <= ratio.median <= ratio.highest and ratio.pairs == 4


def test_the_targets_are_new_to_whoever_sampled_with_a_plain_seed() -> None:
    arm = kv.load_arm("ur5")
    q = arm.sample(100, np.random.default_rng((0, bench.STREAM)))
    for seed in range(10):
        assert np.abs(q[:, None] - arm.sample(1000, seed)).max(axis=-1).min() > 1e-3


def test_a_slow_library_gets_fewer_targets() -> None:
    class Slow(Wrong):
        def solve_one(self, T_target: np.ndarray) -> np.ndarray:
            time.sleep(0.004)
            return super().solve_one(T_target)

    registry.PEERS["wrong"] = Slow
    assert run_bench(("ur5",), ("wrong",), FEW).arms[0].peers[0].targets == 4


@pytest.mark.parametrize(
    ("arguments", "kind", "said"),
    [
        (
            {"names": ("planar3",)},
            ConfigError,
            "'planar3' has no URDF file .* bench takes iiwa14, panda, ur5 or a URDF",
        ),
        ({"names": ("pando",)}, UnknownNameError, "unknown arm 'pando': did you mean 'panda'"),
        ({"peers": ("ik",)}, UnknownNameError, "unknown peer 'ik': available: wrong, coarse"),
    ],
)
def test_what_cannot_be_benched(arguments: dict, kind: type[KinverseError], said: str) -> None:
    with pytest.raises(kind, match=said):
        run_bench(**{"effort": FEW, **arguments})


@pytest.mark.parametrize("settings", [{"targets": 0}, {"targets": 10**6}, {"seed": -1}])
def test_an_effort_out_of_range(settings: dict) -> None:
    with pytest.raises(ConfigError, match=f"^{next(iter(settings))} must be .* got {next(iter(settings.values()))}$"):
        Effort.of(**settings)


def test_without_pinocchio_nothing_is_benchmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pinocchio", None)
    robot = robot_of("ur5")
    with pytest.raises(
        MissingExtraError, match=re.escape("pin, which is not installed: pip install 'kinverse[bench]'")
    ):
        Verifier(robot.urdf, robot.arm)


def test_one_core_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(RuntimeError, match="stopped"), one_core():
        assert len(os.sched_getaffinity(0)) == 1
        raise RuntimeError("stopped")
    assert os.sched_getaffinity(0) == before


def test_stdout_is_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    with undisturbed():
        os.write(1, b"lost")
    os.write(1, b"kept")
    assert capfd.readouterr().out == "kept"


def test_ratios_are_of_the_pairs() -> None:
    assert Ratio.of([1.0, 2.0, 4.0], [3.0, 2.0, 8.0]) == Ratio(2.0, 1.0, 3.0, 3)


def test_our_solver_answers_like_a_peer() -> None:
    pytest.importorskip("kinverse.ik.solver", reason="the solver is not there")
    from kinverse.apps.benchmark.adapters.kinverse import Kinverse

    robot = robot_of("ur5")
    targets = targets_of(robot)
    ours = Kinverse(robot)
    for answers in (ours.solve_all(targets), np.array([ours.solve_one(T) for T in targets])):
        assert Verifier(robot.urdf, robot.arm).verify(answers, targets).reached().all()


def test_a_result_is_written_as_json() -> None:
    import json

    result = run_bench(("ur5",), ("wrong", "missing"), FEW)
    back = json.loads(to_json(result))
    assert set(back["arms"][0]["peers"][0]) == set(Measured.__dataclass_fields__)
    assert back["arms"][0]["left_out"][0]["name"] == "missing"
    assert back["effort"]["targets"] == 20
