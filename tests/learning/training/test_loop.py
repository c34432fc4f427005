"""The loop against a loop written out by hand, and what its rows mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import kinverse as kv
from kinverse.errors import ConfigError, DataError, TrainingError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.loop import TrainingState, run_epochs
from kinverse.learning.training.problem import build_problem
from kinverse.learning.training.run_folder import CHECKPOINT, load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source


def test_full_batch_training_equals_a_bare_torch_loop(grid: Dataset) -> None:
    arm = kv.load_arm("planar3")
    config = FitConfig.of(hidden=(12,), epochs=25, learning_rate=0.01, schedule="exponential", scale_features="none")
    problem = build_problem(grid, arm, config)
    net = torch.nn.Sequential(torch.nn.Linear(2, 12), torch.nn.ReLU(), torch.nn.Linear(12, 3))
    net.load_state_dict({k.removeprefix("network."): v.clone() for k, v in problem.model.state_dict().items()})
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.995)
    x, v = (torch.tensor(t.features, dtype=torch.float32) for t in (grid.train, grid.validation))
    rows = []
    for _ in range(26):

        def loss_of(points: torch.Tensor) -> torch.Tensor:
            angles = net(points).cumsum(1)
            reached = torch.stack([angles.cos().sum(1), angles.sin().sum(1)], 1)
            return ((reached - points) ** 2).mean()

        loss = loss_of(x)
        rows.append((loss.item(), loss_of(v).item()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    state = run_epochs(problem, config, TrainingState.fresh(problem, config))
    ours = [(row.train_loss, row.validation_loss) for row in state.history]
    # Not the same bits: the chain and the cumulative sum add the same angles in another order.
    assert np.allclose(ours, rows, rtol=2e-4)
    assert [row.epoch for row in state.history] == list(range(26))


@pytest.mark.parametrize("changes", [{}, {"batch_size": 50}, {"dropout": 0.4}, {"batch_norm": True, "batch_size": 64}])
def test_both_losses_of_a_row_are_of_the_same_weights(
    joints: Dataset, quick: FitConfig, changes: dict[str, object]
) -> None:
    config = quick.replace(**changes)  # type: ignore[arg-type]
    source = open_source(joints, 1, 0)
    problem = build_problem(joints, source.arm, config)
    snapshots: list[dict[str, torch.Tensor]] = []

    def remember(state: TrainingState) -> None:
        snapshots.append({name: tensor.clone() for name, tensor in state.weights.items()})

    state = run_epochs(problem, config, TrainingState.fresh(problem, config), remember)
    for row, weights in zip(state.history, snapshots, strict=True):
        problem.model.load_state_dict(weights)
        problem.model.eval()
        with torch.no_grad():
            losses = [
                problem.objective(problem.model.scaled(x), y).item()
                for x, y in ((problem.x_train, problem.y_train), (problem.x_validation, problem.y_validation))
            ]
        assert losses == pytest.approx([row.train_loss, row.validation_loss], rel=1e-6)


def test_early_stopping_restores_the_best_weights(joints: Dataset, tmp_path: Path) -> None:
    config = FitConfig.of(hidden=(32,), epochs=400, learning_rate=0.1, patience=5, scale_targets="standard")
    run = train(open_source(joints, 1, 0), config, tmp_path / "run")
    losses = run.history.validation_loss
    assert run.epochs < 400
    assert run.best_epoch == int(np.argmin(losses)) == run.epochs - 5
    model = run.network
    predicted = model.predict(joints.validation.features)
    scaled = (predicted - joints.validation.targets) / model.spec.targets.scale
    assert (scaled**2).mean() == pytest.approx(min(losses), rel=1e-4)
    assert min(losses) < losses[-1]


def test_last_weights_are_kept_on_request(joints: Dataset, tmp_path: Path) -> None:
    config = FitConfig.of(hidden=(32,), epochs=300, learning_rate=0.1, keep_best=False, scale_targets="standard")
    run = train(open_source(joints, 1, 0), config, tmp_path / "run")
    model = run.network
    scaled = (model.predict(joints.validation.features) - joints.validation.targets) / model.spec.targets.scale
    assert (scaled**2).mean() == pytest.approx(run.history.validation_loss[-1], rel=1e-4)
    assert run.best_epoch < 300


def test_same_seed_same_bits_other_seed_other_bits(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    config = quick.replace(batch_size=40, dropout=0.2)
    before = torch.get_rng_state()
    runs = [
        train(open_source(joints, 1, 0), config.replace(seed=seed), tmp_path / str(i))
        for i, seed in enumerate((3, 3, 4))
    ]
    assert torch.equal(torch.get_rng_state(), before), "the caller's random state must not move"
    files = [(run.folder / "model.safetensors").read_bytes() for run in runs]
    assert files[0] == files[1] != files[2]
    assert runs[0].history == runs[1].history != runs[2].history


def test_outputs_stay_inside_the_limits(joints: Dataset, quick: FitConfig) -> None:
    source = open_source(joints, 1, 0)
    arm = source.arm
    assert arm is not None
    model = build_problem(joints, arm, quick.replace(bounds="limits")).model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1e3)  # far into the flat ends of the tanh
    q = model.predict(joints.validation.features)
    assert arm.within_limits(q, tolerance=0.0).all()
    assert (np.isclose(q, arm.lower, atol=1e-6) | np.isclose(q, arm.upper, atol=1e-6)).mean() > 0.9


def test_diverging_training_stops_with_epoch_and_cause(joints: Dataset, tmp_path: Path) -> None:
    config = FitConfig.of(hidden=(16, 16), optimiser="sgd", learning_rate=1e8, epochs=200)
    with pytest.raises(TrainingError, match=r"^epoch \d+: .*learning_rate 1e\+08 is too large.*clip_gradient"):
        train(open_source(joints, 1, 0), config, tmp_path / "run")
    run = load_model(tmp_path / "run")
    assert run.status == "failed"
    assert np.isfinite(run.network.predict(joints.validation.features)).all()
    assert np.isfinite(run.history.train_loss).all()
    assert not (run.folder / CHECKPOINT).exists()


def test_wrong_combinations_of_data_and_settings(
    joints: Dataset, grid: Dataset, classes: Dataset, quick: FitConfig
) -> None:
    with pytest.raises(ConfigError, match="has no joint columns"):
        build_problem(grid, kv.load_arm("planar3"), quick.replace(loss_space="joints"))
    with pytest.raises(ConfigError, match="needs the arm and the encoding"):
        build_problem(classes, None, quick.replace(loss_space="tool"))
    with pytest.raises(ConfigError, match="bounds=limits needs an arm"):
        build_problem(classes, None, quick.replace(bounds="limits"))
    with pytest.raises(ConfigError, match="names no encoding"):
        build_problem(classes, None, quick.replace(inputs="pose"))
    with pytest.raises(DataError, match="classes need one target column"):
        build_problem(joints, None, quick.replace(loss="cross_entropy"))
    with pytest.raises(ConfigError, match="device 'cuda:7' is not available"):
        build_problem(joints, None, quick.replace(device="cuda:7"))


def test_joints_outside_the_limits_are_counted_and_named(joints: Dataset) -> None:
    spoiled = joints.train.targets.copy()
    spoiled[[2, 5], 3] = 9.0
    table = type(joints.train)(joints.train.features, spoiled)
    data = Dataset.from_tables({"train": table, "validation": joints.validation}, joints.manifest)
    with pytest.raises(DataError, match=r"2 .*RElbowRoll|RElbowRoll.*2 "):
        open_source(data, 1, 0)
