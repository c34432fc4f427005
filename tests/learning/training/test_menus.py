"""Every name on every menu: it exists where it is promised, trains, has gradients, and comes back from its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from kinverse.errors import ConfigError, KinverseError, UnknownNameError
from kinverse.ik.goal import Goal
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.sampling import joint_dataset
from kinverse.learning.model.inverse import load_network, save_network
from kinverse.learning.model.registry import HIDDEN_ACTIVATIONS, INITIALISERS, OUTPUT_ACTIVATIONS
from kinverse.learning.training import config as names
from kinverse.learning.training.config import FitConfig, OptimiserConfig
from kinverse.learning.training.loop import batch_starts
from kinverse.learning.training.losses import LOSSES
from kinverse.learning.training.optimisers import OPTIMISERS, SCHEDULES
from kinverse.learning.training.problem import build_problem
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source
from kinverse.network.scaling import SCALERS

SWEEP = [
    *(("activation", name) for name in HIDDEN_ACTIVATIONS),
    *(("output_activation", name) for name in OUTPUT_ACTIVATIONS),
    *(("initialisers", (name,)) for name in INITIALISERS if name != "zeros"),
    *(("optimiser", name) for name in OPTIMISERS),
    *(("schedule", name) for name in SCHEDULES),
    *(("scale_features", name) for name in SCALERS),
    *(("scale_targets", name) for name in SCALERS),
    *(("loss", name) for name in ("mse", "mae", "huber", "distance")),
    *(("inputs", name) for name in ("columns", "pose")),
    ("bias_initialiser", "zeros"),
    ("batch_norm", True),
    ("dropout", 0.3),
    ("bounds", "limits"),
    ("max_angle", 2.5),
    ("batch_size", 32),
    ("batch_size", 179),  # a last batch of one row
    ("clip_gradient", 0.1),
    ("momentum", 0.5),
    ("weight_decay", 0.01),
    ("hidden", ()),
    ("hidden", (7, 5, 3)),
    ("loss_space", "tool"),
    ("patience", 3),
    ("keep_best", False),
]


@pytest.mark.parametrize(
    ("literal", "menu"),
    [
        (names.Activation, HIDDEN_ACTIVATIONS),
        (names.OutputActivation, OUTPUT_ACTIVATIONS),
        (names.Initialiser, INITIALISERS),
        (names.LossName, LOSSES),
        (names.OptimiserName, OPTIMISERS),
        (names.ScheduleName, SCHEDULES),
        (names.Scaling, SCALERS),
    ],
    ids=lambda value: "" if isinstance(value, (dict, tuple)) else None,
)
def test_the_config_names_what_there_is(literal: object, menu: object) -> None:
    assert set(get_args(literal)) == set(menu)  # type: ignore[call-overload]


@pytest.mark.parametrize(("setting", "value"), SWEEP, ids=[f"{k}-{v}" for k, v in SWEEP])
def test_every_choice_trains_and_comes_back(
    setting: str, value: object, joints: Dataset, quick: FitConfig, tmp_path: Path
) -> None:
    extra = {"optimiser": "sgd"} if setting == "momentum" else {}
    config = quick.replace(**{setting: value}, **extra)  # type: ignore[arg-type]
    run = train(open_source(joints, 1, 0), config, tmp_path / "run")
    losses = run.history.train_loss
    assert run.status == "finished"
    assert np.isfinite(losses).all()
    assert min(losses) < losses[0]
    model = run.network
    predicted = model.predict(joints.validation.features)
    assert predicted.shape == joints.validation.targets.shape
    save_network(model, tmp_path / "again.safetensors")
    assert np.array_equal(load_network(tmp_path / "again.safetensors").predict(joints.validation.features), predicted)
    assert "Linear" in repr(model)


def test_every_parameter_gets_a_gradient(joints: Dataset, quick: FitConfig) -> None:
    arm = open_source(joints, 1, 0).arm
    for space in ("joints", "tool"):
        problem = build_problem(joints, arm, quick.replace(loss_space=space, activation="tanh", batch_norm=True))
        problem.objective(problem.model.scaled(problem.x_train), problem.y_train).backward()
        for name, parameter in problem.model.named_parameters():
            assert parameter.grad is not None, name
            # Batch norm takes the mean out again, so the bias before it moves nothing.
            is_inert = name in ("network.0.bias", "network.3.bias")
            assert is_inert or parameter.grad.abs().max() > 0, name


def test_zero_initialisation_keeps_hidden_units_equal(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    config = quick.replace(initialisers=("zeros",), bias_initialiser="zeros", activation="tanh")
    weights = train(open_source(joints, 1, 0), config, tmp_path / "run").network.state_dict()["network.0.weight"]
    assert torch.equal(weights, weights[:1].expand_as(weights))


@pytest.mark.parametrize("loss", ["cross_entropy", "hinge"])
def test_losses_over_classes(loss: str, classes: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    config = quick.replace(loss=loss, epochs=150, scale_features="standard")
    run = train(open_source(classes, 1, 0), config, tmp_path / "run")
    scores = run.network.predict(classes.validation.features)
    assert scores.shape == (40, 3)
    assert np.mean(scores.argmax(1) == classes.validation.targets[:, 0]) > 0.85


@pytest.mark.parametrize(
    ("loss", "encode"), [("bce", lambda k: k > 0), ("hinge_embedding", lambda k: 2.0 * (k > 0) - 1)]
)
def test_losses_on_one_column(loss: str, encode: object, classes: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    tables = {n: Table(t.features, np.asarray(encode(t.targets), float)) for n, t in classes.splits.items()}  # type: ignore[operator]
    data = Dataset.from_tables(tables, classes.manifest)
    run = train(open_source(data, 1, 0), quick.replace(loss=loss), tmp_path / "run")
    assert run.history.train_loss[-1] < run.history.train_loss[0]


def test_kl_over_probabilities(classes: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    manifest = replace(classes.manifest, target_names=("a", "b", "c"), target_units=("", "", ""))
    tables = {n: Table(t.features, np.eye(3)[t.targets[:, 0].astype(int)]) for n, t in classes.splits.items()}
    data = Dataset.from_tables(tables, Manifest(**{**manifest.__dict__}))
    run = train(open_source(data, 1, 0), quick.replace(loss="kl", epochs=60), tmp_path / "run")
    logits = run.network.predict(data.validation.features)
    assert run.history.train_loss[-1] < run.history.train_loss[0]
    assert np.mean(logits.argmax(1) == classes.validation.targets[:, 0]) > 0.6


def test_loss_values_against_their_formulas() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(6, 3)), rng.normal(size=(6, 3))
    kinds = rng.integers(0, 3, size=(6, 1))
    probabilities = rng.dirichlet(np.ones(3), size=6)
    log_softmax = a - np.log(np.exp(a).sum(1, keepdims=True))
    right = np.take_along_axis(a, kinds, 1)
    margins = np.maximum(0.0, 1.0 - right + a)
    np.put_along_axis(margins, kinds, 0.0, 1)
    difference = np.abs(a - b)
    signs = np.where(b > 0, 1.0, -1.0)
    expected = {
        "mse": ((a - b) ** 2).mean(),
        "mae": difference.mean(),
        "huber": np.where(difference < 1, 0.5 * difference**2, difference - 0.5).mean(),
        "distance": np.linalg.norm(a - b, axis=1).mean(),
        "bce": (np.log1p(np.exp(a)) - probabilities * a).mean(),
        "cross_entropy": -np.take_along_axis(log_softmax, kinds, 1).mean(),
        "hinge": (margins.sum(1) / 3).mean(),
        "hinge_embedding": np.where(signs > 0, a, np.maximum(0.0, 1.0 - a)).mean(),
        "kl": (probabilities * (np.log(probabilities) - log_softmax)).sum() / 6,
    }
    targets = {
        "bce": probabilities,
        "kl": probabilities,
        "cross_entropy": kinds,
        "hinge": kinds,
        "hinge_embedding": signs,
    }
    for name, loss in LOSSES.items():
        value = loss(torch.tensor(a), torch.tensor(targets.get(name, b))).item()
        assert value == pytest.approx(expected[name], rel=1e-12), name


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("xavier_uniform", 2 / 700),
        ("xavier_normal", 2 / 700),
        ("he_uniform", 2 / 300),
        ("he_normal", 2 / 300),
        ("uniform", 1 / 3),
        ("default", 1 / (3 * 300)),
    ],
)
def test_initialisers_have_the_variance_of_their_paper(name: str, variance: float) -> None:
    weight = torch.empty(400, 300)
    INITIALISERS[name](weight, torch.Generator().manual_seed(1))
    assert weight.var().item() == pytest.approx(variance, rel=0.02)
    assert abs(weight.mean().item()) < 5 * (variance / weight.numel()) ** 0.5


def test_default_initialiser_is_that_of_torch() -> None:
    """torch's Linear draws U(±1/√fan_in), which is not He's initialisation."""
    ours = torch.empty(500, 400)
    INITIALISERS["default"](ours, torch.Generator().manual_seed(0))
    theirs = torch.nn.Linear(400, 500).weight
    assert ours.abs().max() <= 400**-0.5
    assert ours.std().item() == pytest.approx(theirs.std().item(), rel=0.02)


@pytest.mark.parametrize("field", ["activation", "optimiser", "loss", "schedule", "scale_features"])
def test_unknown_names_list_what_exists(field: str) -> None:
    with pytest.raises(UnknownNameError, match=r"available: .*"):
        FitConfig.of(**{field: "nothing"})  # type: ignore[arg-type]


def test_the_optimiser_is_named_by_its_keyword() -> None:
    for make in (lambda: FitConfig.of(optimiser="x"), lambda: OptimiserConfig(name="x")):  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="unknown optimiser 'x': available: sgd, adam, adamw, rmsprop"):
            make()


def test_batch_norm_needs_two_rows_in_a_batch() -> None:
    with pytest.raises(ConfigError, match="batch norm needs batches of at least 2 rows, got batch_size 1"):
        FitConfig.of(batch_norm=True, batch_size=1)
    assert FitConfig.of(batch_norm=True, batch_size=2).model.batch_norm


BAD_TARGETS = [
    ("bce", np.array([[0.5], [2.0]]), "row 2, column 'sector' is 2; loss 'bce' needs probabilities in"),
    ("hinge_embedding", np.array([[1.0], [0.0]]), r"row 2, column 'sector' is 0; loss 'hinge_embedding' needs \+1 or"),
    ("kl", np.array([[1.0], [0.5]]), "row 2, .*sum to 1"),
    ("cross_entropy", np.array([[1.0], [0.5]]), "row 2, column 'sector' is 0.5; expected a class number"),
    ("hinge", np.array([[1.0], [-1.0]]), "row 2, column 'sector' is -1; expected a class number"),
    ("cross_entropy", np.array([[1.0], [3e9]]), "numbers 3000000001 classes; at most 10000 are supported"),
]


@pytest.mark.parametrize(("loss", "values", "message"), BAD_TARGETS, ids=[row[0] for row in BAD_TARGETS])
def test_targets_that_a_loss_cannot_mean(
    loss: str, values: np.ndarray, message: str, classes: Dataset, quick: FitConfig
) -> None:
    tables = {n: Table(t.features[:2], values) for n, t in classes.splits.items()}
    data = Dataset.from_tables(tables, classes.manifest)
    with pytest.raises(KinverseError, match=message):
        build_problem(data, None, quick.replace(loss=loss))


def test_a_double_softmax_needs_to_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="has its own softmax or sigmoid"):
        FitConfig.of(loss="cross_entropy", output_activation="softmax")
    assert FitConfig.of(loss="cross_entropy", output_activation="softmax", double_softmax=True).double_softmax


def test_one_cycle_keeps_the_momentum_and_reaches_its_end(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    """179 rows in batches of 178: the last row joins the first batch, and the schedule must know."""
    for i, batch_size in enumerate((89, 179, None)):
        config = quick.replace(schedule="one_cycle", optimiser="sgd", momentum=0.3, batch_size=batch_size)
        run = train(open_source(joints, 1, 0), config, tmp_path / str(i))
        rates = run.history.learning_rate
        assert max(rates) > 0.9 * config.optimiser.learning_rate
        assert min(rates[-2:]) < 0.02 * config.optimiser.learning_rate
    assert [len(batch_starts(180, size)) for size in (89, 90, 179, None)] == [3, 2, 1, 1]


def test_a_column_called_class_0_is_a_column_like_others(joints: Dataset, quick: FitConfig, tmp_path: Path) -> None:
    names = ("class 0", *joints.manifest.target_names[1:])
    manifest = replace(joints.manifest, target_names=names, arm=None, arm_fingerprint=None, kinematics=None)
    data = Dataset.from_tables(joints.splits, manifest)
    runs = [train(open_source(d, 1, 0), quick, tmp_path / str(i)) for i, d in enumerate((joints, data))]
    assert runs[0].history == runs[1].history


def test_an_encoding_without_rotation_asks_for_none() -> None:
    data = joint_dataset("nao-right", rows=40, encoding="xyz")
    source = open_source(data, 1, 0)
    assert source.arm is not None
    assert source.dataset.manifest.goal == Goal.position()


def test_a_network_of_absurd_size_is_refused(joints: Dataset, quick: FitConfig) -> None:
    with pytest.raises(ConfigError, match=r"has 1e\+12 parameters"):
        build_problem(joints, None, quick.replace(hidden=(1_000_000, 1_000_000)))
