"""Small data sets and short trainings that lesson figures and experiments share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

import kinverse as kv
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.training.config import FitConfig
from kinverse.robot.catalog import planar_arm


@contextmanager
def one_thread(seed: int) -> Iterator[None]:
    """Run torch on one thread with a seed; afterwards the threads and the random state are as before."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def losses_of_steps(steps: int, seed: int, *, reset: bool, rate: float = 0.05) -> Float[np.ndarray, "2 measured"]:
    """Train a network to predict the tool position of the planar arm, by gradient descent with all rows in each step.

    Args:
        steps: number of steps.
        seed: seed of the weights.
        reset: whether the gradient is set to zero before every step.
        rate: learning rate.

    Returns:
        (2, steps + 1) mean squared errors [m²] before the first step and after each: on 400 training rows, and on 400
        validation rows of the same kind.
    """
    arm = planar_arm([1.0, 1.0, 1.0])
    angles = [0.5 * arm.sample(400, seed=number) for number in range(2)]
    tables = [
        tuple(torch.tensor(a, dtype=torch.float32) for a in (q, arm.forward_kinematics(q)[:, :2, 3])) for q in angles
    ]
    losses = np.empty((2, steps + 1))
    with one_thread(seed):
        model = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
        optimiser = torch.optim.SGD(model.parameters(), lr=rate)
        for step in range(steps + 1):
            train, validation = (nn.functional.mse_loss(model(x), y) for x, y in tables)
            losses[:, step] = train.item(), validation.item()
            if reset:
                optimiser.zero_grad()
            train.backward()
            optimiser.step()
    return losses


NOISE = 0.4
"""Standard deviation of the noise of `noisy_wave`."""


UNREGULARISED = FitConfig.of(
    hidden=(64, 64), learning_rate=0.01, epochs=400, scale_features="none", scale_targets="none", keep_best=False
)
"""A network that is large for 20 rows, with many epochs."""


def noisy_wave(rows: int, seed: int, validation_rows: int = 500) -> Dataset:
    """Rows of y = sin 5x with noise, x in −1 … 1, and validation rows of the same kind.

    Args:
        rows: number of training rows.
        seed: seed of the training rows; the validation rows are always the same.
        validation_rows: number of validation rows.
    """
    names = {"feature_names": ("x",), "feature_units": ("",), "target_names": ("y",), "target_units": ("",)}
    manifest = Manifest(name="noisy wave", source="y = sin 5x with noise", seed=seed, **names)  # type: ignore[arg-type]
    tables = {}
    for split, count, start in (("train", rows, seed), ("validation", validation_rows, 1000)):
        rng = np.random.default_rng(start)
        x = rng.uniform(-1.0, 1.0, (count, 1))
        tables[split] = Table(x, np.sin(5.0 * x) + rng.normal(0.0, NOISE, x.shape))
    return Dataset.from_tables(tables, manifest)


SIDE = 3.6
"""Side of the square of targets of `reach_classes` [m]."""
REACH_NAMES = ("too near", "reached", "too far")


def reach_classes(rows: int, seed: int, held_out: int) -> Dataset:
    """Targets in a quarter of the plane, and whether a planar arm reaches them.

    The arm has three links of 1 m with angles within ±π/2. It reaches all points of this quarter between 1 m and 3 m
    from its base, and no others, as `kinverse.ik.reach.closest_reachable` confirms.

    Args:
        rows: number of training rows.
        seed: seed of all rows.
        held_out: number of validation rows.

    Returns:
        Features x and y [m], target 0 too near, 1 reached, 2 too far.
    """
    names = {
        "feature_names": ("x", "y"),
        "feature_units": ("m", "m"),
        "target_names": ("reach",),
        "target_units": ("",),
    }
    manifest = Manifest(name="reach", source="targets in a square", seed=seed, **names)  # type: ignore[arg-type]
    xy = np.random.default_rng(seed).uniform(0.0, SIDE, (rows + held_out, 2))
    classes = np.digitize(np.linalg.norm(xy, axis=1), [1.0, 3.0])[:, None].astype(float)
    tables = {"train": Table(xy[:rows], classes[:rows]), "validation": Table(xy[rows:], classes[rows:])}
    return Dataset.from_tables(tables, manifest)


CLASSIFIER = FitConfig.of(
    hidden=(16, 16), loss="cross_entropy", learning_rate=0.01, epochs=300, scale_features="standard",
    scale_targets="none", keep_best=False,
)  # fmt: skip


def nao_network(config: FitConfig | None = None) -> tuple[InverseModel, Dataset]:
    """A network trained on 1,200 rows of NAO's right arm, and its data.

    Args:
        config: its settings; default: the published ones with 32 hidden units.
    """
    data = make_arkoma("nao-right", rows=2000, seed=0, test_rows="uniform")
    config = config or FitConfig.of(hidden=(32,), learning_rate=0.01, epochs=300)
    return kv.fit(data, config).network, data
