"""`Solver.load`: seeds from the networks of runs, and what is refused."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.errors import KinverseError, RunError, ShapeError
from kinverse.ik.seed_networks import MAX_FILE_SIZE, WEIGHTS, ship, shipped_network, shipped_networks
from kinverse.robot.encodings import ARKOMA

SETTINGS = {"hidden": (16,), "epochs": 4}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small runs of several kinds."""
    folder = tmp_path_factory.mktemp("runs")
    kv.fit(
        "ur5", kv.FitConfig.of(heads=3, loss_space="tool", bounds="range", rows=400, **SETTINGS), out=folder / "heads"
    )
    kv.fit("planar3", kv.FitConfig.of(rows=400, **SETTINGS), out=folder / "planar")
    nao = kv.make_arkoma("nao-right", rows=300)
    kv.fit(nao, kv.FitConfig.of(**SETTINGS), out=folder / "nao")
    classes = np.array([[0.0], [1.0]] * 20)
    kv.fit(_classes(folder, classes), kv.FitConfig.of(loss="cross_entropy", **SETTINGS), out=folder / "classes")
    return folder


def _classes(folder: Path, classes: np.ndarray) -> kv.Dataset:
    (folder / "x.csv").write_text("a\n" + "\n".join(f"{v + 0.1}" for v in classes[:, 0]) + "\n")
    (folder / "y.csv").write_text("c\n" + "\n".join(f"{v:.0f}" for v in classes[:, 0]) + "\n")
    return kv.read_csv_pair(folder / "x.csv", folder / "y.csv")


@pytest.mark.parametrize(("run", "heads"), [("heads", 3), ("planar", 1), ("nao", 1)])
def test_seeds_come_from_the_network_of_a_run(runs: Path, run: str, heads: int) -> None:
    solver = kv.Solver.load(runs / run)
    assert solver.network is not None and solver.network.heads == heads
    targets = solver.goal.targets(solver.arm.forward_kinematics(solver.arm.sample(200, 1)))
    found = solver.solve(targets)
    assert found.converged.all() and solver.arm.within_limits(found.q).all()
    alone = solver.solve(targets[7])
    assert np.array_equal(alone.q, found.q[7])
    assert kv.Solver.load(kv.load_model(runs / run)).arm.fingerprint == solver.arm.fingerprint
    assert kv.Solver.load(runs / run / "model.safetensors").arm.name == solver.arm.name


@pytest.mark.parametrize("count", [1, 300])
def test_predictions_at_hand_give_the_same_bits(runs: Path, count: int) -> None:
    solver = kv.Solver.load(runs / "heads")
    targets = solver.goal.targets(solver.arm.forward_kinematics(solver.arm.sample(count, 3)))
    predictions = solver.predict(targets)
    assert predictions is not None and predictions.shape == (count, 3, 6)
    np.testing.assert_array_equal(solver.solve(targets, predictions=predictions).q, solver.solve(targets).q)
    np.testing.assert_array_equal(solver.predict(targets[0]), predictions[0])
    with pytest.raises(ShapeError, match="the result of `predict`"):
        solver.solve(targets, predictions=predictions[:, :2])
    assert kv.Solver("planar3").predict([1.0, 0.5]) is None


def test_the_first_attempts_begin_at_the_heads_sorted_by_their_error(runs: Path) -> None:
    """With one attempt, the answer is the descent from the head that forward kinematics put first."""
    solver = kv.Solver.load(runs / "heads", attempts=1)
    assert solver.network is not None
    targets = solver.arm.forward_kinematics(solver.arm.sample(100, 2))
    predictions = solver.network.predict(solver.network.spec.inputs_of(targets))
    reached = solver.arm.forward_kinematics(predictions.reshape(-1, 6)).reshape(100, 3, 4, 4)
    goal = solver.search.objective
    R = np.swapaxes(reached[..., :3, :3], -1, -2) @ targets[:, None, :3, :3]
    half = np.sqrt(np.clip((3.0 - np.trace(R, axis1=-2, axis2=-1)) / 4.0, 0.0, None))  # sin(angle / 2)
    cost = ((reached - targets[:, None])[..., :3, 3] ** 2).sum(-1)
    cost += goal.length**2 * 8.0 * (1.0 - np.sqrt(1.0 - half**2))  # 8 (1 − cos(angle / 2)), as the search minimises
    best = predictions[np.arange(100), cost.argmin(axis=1)]
    expected = kv.Solver(solver.arm, network=None, attempts=1).solve(targets, start=best)
    found = solver.solve(targets)
    assert np.array_equal(found.converged, expected.converged)
    gap = np.abs((found.q - expected.q + np.pi) % (2 * np.pi) - np.pi).max(axis=1)
    assert gap[found.converged].max() < 1e-6


def test_refused(runs: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(runs / "planar", tmp_path / "damaged")
    content = bytearray((damaged / "model.safetensors").read_bytes())
    content[-3] ^= 1
    (damaged / "model.safetensors").write_bytes(content)
    cases = {
        "no such file": lambda: kv.Solver.load(tmp_path / "nothing"),
        "checksum": lambda: kv.Solver.load(damaged),
        "not about an arm": lambda: kv.Solver.load(runs / "classes"),
        "not for 'panda'": lambda: kv.Solver.load(runs / "heads", arm="panda"),
        "made for arm 'ur5'": lambda: kv.Solver("panda", network=kv.Solver.load(runs / "heads").network),
        "targets of shape (4, 4), but a position goal": lambda: kv.Solver(
            "ur5", kv.Goal.position(), network=kv.Solver.load(runs / "heads").network
        ),
    }
    for words, call in cases.items():
        with pytest.raises(KinverseError) as caught:
            call()
        assert words in str(caught.value) and "\n" not in str(caught.value)


def test_shipped_weights() -> None:
    """Every arm of the catalog that reaches poses has its network, small, and found by what the arm is, not by name."""
    names = {name for name in kv.arm_names() if not kv.load_arm(name).is_planar}
    assert {Path(entry["file"]).stem for entry in shipped_networks().values()} == names
    for name in names:
        arm = kv.load_arm(name)
        network = shipped_network(arm, even_if_slower=True)
        assert network is not None and network.dof == arm.dof and network.heads > 1
        assert (WEIGHTS / f"{name}.safetensors").stat().st_size < MAX_FILE_SIZE
        pays = shipped_networks()[arm.fingerprint]["times_as_fast"] > 1.0
        other = dataclasses.replace(arm, name="renamed")
        assert (kv.Solver(other).network is not None) == pays
        assert kv.Solver(other, network="shipped").network is not None
        limited = dataclasses.replace(arm, upper=arm.upper - 0.01)
        assert kv.Solver(limited).network is None
    assert kv.Solver("panda").network is not None  # where several answers and seven joints make a search long
    assert kv.Solver("planar3", network="shipped").network is None and kv.Solver("panda", network=None).network is None


def test_shipping(runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kinverse.ik import seed_networks

    monkeypatch.setattr(seed_networks, "WEIGHTS", tmp_path / "weights")
    monkeypatch.setattr(seed_networks, "INDEX", tmp_path / "weights" / "index.json")
    shutil.copytree(runs / "heads", tmp_path / "made" / "ur5")
    entry = ship(tmp_path / "made")[kv.load_arm("ur5").fingerprint]
    assert entry["file"] == "ur5.safetensors" and entry["times_as_fast"] > 0.0
    monkeypatch.setattr(seed_networks, "MAX_FILE_SIZE", 100)
    with pytest.raises(RunError, match="at most 100"):
        ship(tmp_path / "made")
    monkeypatch.undo()
    shutil.copytree(runs / "nao", tmp_path / "plain" / "nao-right")
    monkeypatch.setattr(seed_networks, "WEIGHTS", tmp_path / "others")
    with pytest.raises(RunError, match="whether the network speeds up"):
        ship(tmp_path / "plain")


def test_a_run_solves_without_torch(runs: Path) -> None:
    script = (
        f"import sys, kinverse as kv; s = kv.Solver.load({str(runs / 'heads')!r}); "
        "T = s.arm.forward_kinematics(s.arm.sample(3)); print(s.solve(T).converged.all(), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.parametrize("name", ["nao-left", "nao-right"])
def test_nao_from_printed_poses(name: str) -> None:
    """Rows printed as ARKOMA prints them, orientations rounded: the arm of five joints comes as close as it can."""
    arm = kv.load_arm(name)
    test = kv.make_arkoma(arm, rows=2000, seed=5, test_rows="uniform").test
    assert test is not None
    targets = ARKOMA.decode(test.features)
    found = kv.Solver(arm, kv.Goal.pose(rotation_weight=0.005)).solve(targets)
    tip = np.linalg.norm(arm.forward_kinematics(found.q)[:, :3, 3] - targets[:, :3, 3], axis=1)
    assert tip.max() <= 0.05e-3
    residual = ((found.q - test.targets) ** 2).sum(axis=0)
    r2 = 1.0 - residual / ((test.targets - test.targets.mean(axis=0)) ** 2).sum(axis=0)
    assert r2.mean() >= 0.9997
