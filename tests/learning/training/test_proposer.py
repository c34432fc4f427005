"""Several heads trained through the kinematics on fresh rows: what the loss is, what is drawn, and for which arms."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.errors import ConfigError, RunError
from kinverse.files import to_plain
from kinverse.geometry import position_error, rotation_error
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.evaluation.scores import NETWORK
from kinverse.learning.training.config import RADIAN, SEED_NETWORK, FitConfig, default_config, tool_spread
from kinverse.learning.training.loop import TrainingState, run_epochs
from kinverse.learning.training.problem import Problem, build_problem
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import resume, train
from kinverse.learning.training.source import open_source
from kinverse.network.heads import closest
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named


def small(arm: Arm, **changes: object) -> FitConfig:
    """A proposer that trains in a moment."""
    quick = {"hidden": (16,), "rows": 300, "epochs": 3, "batch_size": 64, "threads": 1, "heads": 4}
    return default_config(arm).replace(**{**quick, **changes})  # type: ignore[arg-type]


def problem_of(arm: Arm, config: FitConfig) -> Problem:
    return build_problem(open_source(arm, config.data.rows, config.seed).dataset, arm, config)


def chain(kinds: str, seed: int = 0, scale: float = 1.0) -> Arm:
    """An arm of random links: r(evolute), c(ontinuous), p(rismatic), f(ixed by equal limits)."""
    rng = np.random.default_rng(seed)
    T = np.tile(np.eye(4), (len(kinds) + 1, 1, 1))
    T[:, :3, :3] = np.linalg.qr(rng.normal(size=(len(T), 3, 3)))[0]
    T[:, :3, :3] *= np.sign(np.linalg.det(T[:, :3, :3]))[:, None, None]
    T[:, :3, 3] = scale * rng.uniform(-0.3, 0.3, (len(T), 3))
    names = {"r": "revolute", "c": "continuous", "p": "prismatic", "f": "revolute"}
    reach = {"r": 2.0, "c": np.inf, "p": 0.4 * scale, "f": 0.0}
    limits = np.array([reach[kind] for kind in kinds])
    middle = np.array([0.3 if kind in "rf" else 0.0 for kind in kinds])
    return Arm(
        name=kinds,
        joint_names=tuple(f"j{i}" for i in range(len(kinds))),
        joint_kinds=tuple(names[kind] for kind in kinds),  # type: ignore[arg-type]
        T_offsets=T,
        lower=middle - limits,
        upper=middle + limits,
    )


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "distance"])
def test_the_loss_of_a_row_is_that_of_its_best_head(loss: str) -> None:
    arm = kv.load_arm("panda")
    config = small(arm, loss=loss)
    problem = problem_of(arm, config)
    outputs = problem.model.scaled(problem.x_validation).double()
    problem.model.double()
    got = problem.objective(outputs, problem.y_validation.double()).item()
    poses = arm.forward_kinematics(
        problem.model.unscale(outputs).detach().numpy().reshape(-1, 4, 7)
    )  # (n, heads, 4, 4)
    entries = np.concatenate(
        [poses[..., :3, 3], config.rotation_weight / 2**0.5 * poses[..., :3, :3].reshape(*poses.shape[:2], 9)], -1
    )
    error = entries - problem.y_validation.double().numpy()[:, None]
    huber = np.where(np.abs(error) < 1, error**2 / 2, np.abs(error) - 0.5)
    length = np.linalg.norm(error, axis=-1, keepdims=True)
    each = {"mse": error**2, "mae": np.abs(error), "huber": huber, "distance": length}[loss].mean(-1)
    assert len(set(each.argmin(1))) > 1, "one head is best everywhere: nothing is told apart"
    assert got == pytest.approx(each.min(1).mean(), rel=1e-9)


def test_the_gradient_is_that_of_the_minimum() -> None:
    arm = kv.load_arm("panda")
    problem = problem_of(arm, small(arm, loss="mse"))
    raw = torch.randn(50, 28, generator=torch.Generator().manual_seed(0)).double().requires_grad_()
    problem.model.double()
    target = problem.y_validation[:50].double()
    (gradient,) = torch.autograd.grad(problem.objective(raw, target), raw)
    T = differentiable.forward_kinematics(arm, problem.model.unscale(raw).unflatten(-1, (4, 7)))
    weight = problem.model.spec.rotation_weight / 2**0.5
    entries = torch.cat([T[..., :3, 3], weight * T[..., :3, :3].flatten(-2)], -1)
    (wanted,) = torch.autograd.grad(((entries - target[:, None]) ** 2).mean(-1).amin(1).mean(), raw)
    assert torch.allclose(gradient, wanted, atol=1e-15)
    assert (gradient.reshape(50, 4, 7).abs().amax(-1) > 0).sum() == 50


def test_every_epoch_draws_rows_of_its_own_and_always_the_same_ones() -> None:
    arm = kv.load_arm("panda")
    problem = problem_of(arm, small(arm))
    epochs = [problem.train_rows(epoch) for epoch in range(3)]
    again = problem_of(arm, small(arm)).train_rows(2)
    assert all(torch.equal(a, b) for a, b in zip(epochs[2], again, strict=True))
    rows = torch.cat([*(x for x, _ in epochs), problem.x_validation])
    assert len(rows) == 3 * 300 + 60
    assert len(torch.unique(rows, dim=0)) == len(rows), "a row is drawn twice, or is one of the validation rows"
    other = problem_of(arm, small(arm, seed=1)).train_rows(2)
    assert not torch.equal(other[0], again[0])


def test_what_is_drawn_is_what_the_network_sees_of_the_same_poses(joints: Dataset) -> None:
    """The drawn rows skip the columns; scaled back, inputs and goals are one and the same pose."""
    arm = kv.load_arm("panda")
    problem = problem_of(arm, small(arm))
    x, y = (part.double().numpy() for part in problem.train_rows(1))
    inputs = problem.model.spec.features.inverse(x)
    assert np.allclose(inputs[:, :3], y[:, :3], atol=1e-6)
    assert np.allclose(inputs[:, 3:] * problem.model.spec.rotation_weight / 2**0.5, y[:, 3:], atol=1e-6)
    assert np.allclose(np.linalg.det(inputs[:, 3:].reshape(-1, 3, 3)), 1.0, atol=1e-5)


def test_fresh_rows_are_measured_on_as_many_as_are_validated_on() -> None:
    arm = kv.load_arm("panda")
    config = small(arm, keep_best=False)
    problem = problem_of(arm, config)
    state = run_epochs(problem, config.replace(epochs=2), TrainingState.fresh(problem, config))
    x, y = problem.train_rows(2)
    with torch.no_grad():
        wanted = problem.objective(problem.model.scaled(x[:60]), y[:60]).item()
    assert state.history[-1].train_loss == pytest.approx(wanted, rel=1e-6)


def test_a_resumed_proposer_ends_with_the_same_bits(tmp_path: Path) -> None:
    arm = kv.load_arm("panda")
    config = small(arm, epochs=6)

    def interrupt(state: TrainingState) -> None:
        if state.epoch == 3:
            os.kill(os.getpid(), signal.SIGINT)

    def source() -> object:
        return open_source(arm, config.data.rows, config.seed)

    whole = train(source(), config, tmp_path / "whole")  # type: ignore[arg-type]
    parts = train(source(), config, tmp_path / "parts", interrupt)  # type: ignore[arg-type]
    assert parts.status == "interrupted"
    parts = resume(parts.folder)
    for name in ("history.csv", "model.safetensors"):
        assert (parts.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_heads_and_fresh_rows_need_the_kinematics(joints: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"heads=2 needs loss_space=tool, got 'auto'"):
        FitConfig.of(heads=2)
    with pytest.raises(ConfigError, match=r"resample needs loss_space=tool, got 'joints'"):
        FitConfig.of(resample=True, loss_space="joints")
    with pytest.raises(ConfigError, match="resample draws new rows from an arm"):
        train(open_source(joints, 1, 0), FitConfig.of(resample=True, loss_space="tool"), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_answers_with_its_best_head(tmp_path: Path) -> None:
    arm = kv.load_arm("panda")
    source = open_source(arm, 300, 0)
    run = train(source, small(arm), tmp_path / "run")
    T = arm.forward_kinematics(arm.sample(70, seed=8))
    q = run.predict(T.reshape(7, 10, 4, 4))
    assert q.shape == (7, 10, 7)
    proposals = run.network.predict_heads(run.network.spec.inputs_of(T))
    reached = arm.forward_kinematics(proposals)
    error = position_error(reached, T[:, None]) + run.config.rotation_weight * rotation_error(reached, T[:, None])
    assert len(set(error.argmin(1))) > 1
    assert np.array_equal(q.reshape(70, 7), proposals[np.arange(70), error.argmin(1)])
    features = source.dataset.validation.features
    decoded = encoding_named("pose").decode(features)
    assert np.allclose(run.network.predict(features), run.predict(decoded), atol=1e-5)


def test_heads_are_told_apart_by_position_alone_where_the_goal_is_one() -> None:
    arm = kv.load_arm("panda")
    q = arm.sample(20, seed=1)
    proposals = np.stack([arm.sample(20, seed=2), q, arm.sample(20, seed=3)], axis=1)
    assert np.array_equal(closest(arm, proposals, arm.forward_kinematics(q)[:, :3, 3], 0.1), q)


def test_the_report_of_several_heads_measures_the_tool(tmp_path: Path) -> None:
    arm = kv.load_arm("panda")
    source = open_source(arm, 300, 0)
    run = train(source, small(arm, epochs=30), tmp_path / "run")
    report = evaluate(run, source.dataset)
    network = report.of(NETWORK)
    assert all(scores.targets is None for scores in report.scores), "the joints of another solution are no error"
    assert not any("R²" in warning for warning in report.warnings)
    assert network.tool is not None
    assert network.tool.rotation_deg is not None
    assert network.tool.limits.count_rows == 0
    table = source.dataset.test
    assert table is not None
    q = run.network.predict(table.features)
    assert network.tool.position_mm.median == pytest.approx(
        1e3 * np.median(np.linalg.norm(arm.forward_kinematics(q)[:, :3, 3] - table.features[:, :3], axis=1)), rel=1e-9
    )
    constant = next(scores for scores in report.scores if scores.predictor.startswith("constant"))
    assert network.tool.position_mm.median < constant.tool.position_mm.median  # type: ignore[union-attr]


@pytest.mark.parametrize("kinds", ["rr", "rp", "cc", "ppp", "rfr", "crrcrp", "rrrrrrrrrr", "f"])
def test_any_arm_has_a_proposer(kinds: str, tmp_path: Path) -> None:
    arm = chain(kinds)
    run = train(open_source(arm, 300, 0), small(arm), tmp_path / "run")
    losses = np.stack([run.history.train_loss, run.history.validation_loss], axis=1)
    assert np.isfinite(losses).all()
    q = run.network.predict_heads(run.network.spec.inputs_of(arm.forward_kinematics(arm.sample(50))))
    lower, upper = arm.sampling_limits
    assert q.shape == (50, 4, len(kinds))
    assert ((q >= lower) & (q <= upper)).all()


def test_default_settings_suit_what_is_learned_from(joints: Dataset) -> None:
    arm = chain("rrcrrp")
    settings = default_config(arm)
    assert settings.replace(rotation_weight=SEED_NETWORK.rotation_weight) == SEED_NETWORK
    assert settings.rotation_weight == pytest.approx(RADIAN * tool_spread(arm))
    # Ten times the arm, ten times the metres of a radian, wherever it stands; a tool that only turns still has some.
    assert tool_spread(chain("rrcrrp", scale=10.0)) == pytest.approx(10.0 * tool_spread(arm))
    moved = arm.T_offsets.copy()
    moved[0, :3, 3] += 100.0
    assert tool_spread(replace(arm, T_offsets=moved)) == pytest.approx(tool_spread(arm))
    assert tool_spread(chain("f")) == 1.0
    for what in (joints, kv.load_arm("planar3"), "a folder", None):
        assert default_config(what) == FitConfig()


def test_bounds_give_every_head_the_limits_or_a_turn() -> None:
    arm = chain("rcp")
    for bounds, wanted in (("limits", (arm.lower, arm.upper)), ("range", arm.sampling_limits)):
        spec = problem_of(arm, small(arm, bounds=bounds)).model.spec
        assert spec.bounds is not None
        assert np.array_equal(spec.bounds, np.tile(wanted, 4))
    with pytest.raises(ConfigError, match="max_angle and bounds=range both bound"):
        FitConfig.of(bounds="range", max_angle=2.0)


def test_heads_share_the_scaling_of_the_joints(joints: Dataset) -> None:
    config = FitConfig.of(heads=3, loss_space="tool", scale_targets="standard", hidden=(4,))
    spec = build_problem(joints, open_source(joints, 1, 0).arm, config).model.spec
    for part, wanted in (("shift", joints.train.targets.mean(0)), ("scale", joints.train.targets.std(0))):
        assert np.allclose(getattr(spec.joint_scaling, part), wanted, rtol=1e-12)
        assert np.allclose(getattr(spec.targets, part), np.tile(wanted, 3), rtol=1e-12)


def test_runs_of_before_there_were_heads_are_read(tmp_path: Path) -> None:
    run = train(open_source("planar3", 100, 0), FitConfig.of(hidden=(4,), epochs=1, rows=100), tmp_path / "run")
    path = run.folder / "config.json"
    flat = to_plain(run.config.settings)
    path.write_text(json.dumps({k: v for k, v in flat.items() if k not in ("heads", "resample")}))
    card = run.folder / "card.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "sha256": {}}))
    assert load_model(run.folder).config == run.config
    path.write_text(json.dumps({k: v for k, v in flat.items() if k != "hidden"}))
    with pytest.raises(RunError, match="missing settings: hidden"):
        load_model(run.folder)
