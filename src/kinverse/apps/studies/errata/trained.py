"""Claims 4, 9, 11 and 12: those that a short training decides."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import torch

from kinverse.apps.studies.complexity.data import noisy_sine, watched_sine
from kinverse.apps.studies.errata.claim import Claim
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.study import Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.sampling import grid_dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run

SINE = FitConfig(
    scale_features="none", scale_targets="none", learning_rate=1e-2, epochs=600, keep_best=False, hidden=(16,)
)
"""A short training on the noisy sine."""
DEPTHS, WIDTHS = (1, 2, 3), (16, 32)
"""Hidden layers, and widths to hold against 2^n."""
POINTS_PER_AXIS = 30
"""Of a small planar grid."""
ZEROS, DRAWN = "zeros", "drawn"
RULE, MODEL_5, FIRST_STEP = "width", "model 5", "first step"
CONSTANT_EPOCHS, TAIL = 1000, 100
"""Epochs of model 5, and how many of the last are looked at."""
SWING = 0.1
"""Part of its mean by which a loss that oscillates moves in these last epochs."""
SECONDS = 0.4


@lru_cache(maxsize=1)
def small_grid() -> Dataset:
    """The planar grid of study 4 with fewer points."""
    return grid_dataset("planar3", POINTS_PER_AXIS)


def trainings(effort: Effort) -> list[Training]:
    """All of them, a second or less each."""
    seeds = effort.starts(5, 1)
    found = [
        Training(
            f"{RULE} {width}, {depth} layers, start {seed}",
            SINE.replace(hidden=(width,) * depth, seed=seed),
            watched_sine,
            SECONDS,
        )
        for depth in DEPTHS
        for width in (2**depth, *WIDTHS)
        for seed in seeds
    ]
    zeros = SINE.replace(activation="sigmoid", initialisers=("zeros",), bias_initialiser="zeros")
    found += [
        Training(ZEROS, zeros, noisy_sine, SECONDS),
        Training(DRAWN, zeros.replace(initialisers=("xavier_uniform",)), noisy_sine, SECONDS),
    ]
    model_5 = PLANAR[5].config.replace(epochs=CONSTANT_EPOCHS)
    found += [Training(f"{MODEL_5}, start {seed}", model_5.replace(seed=seed), small_grid, 1.0) for seed in seeds]
    one_step = PLANAR[1].config.replace(epochs=1)
    found += [Training(f"{FIRST_STEP}, start {s}", one_step.replace(seed=s), small_grid, 0.1) for s in seeds]
    return found


def claims(runs: Mapping[str, Run]) -> list[Claim]:
    """What the runs say, which come by the names of their trainings."""
    depths = {
        depth: {
            width: [run for name, run in runs.items() if name.startswith(f"{RULE} {width}, {depth} layers")]
            for width in (2**depth, *WIDTHS)
        }
        for depth in DEPTHS
    }
    kinds = {kind: [run for name, run in runs.items() if name.startswith(kind)] for kind in (MODEL_5, FIRST_STEP)}
    return [
        layers_fix_the_width(depths),
        model_5_oscillates(kinds[MODEL_5]),
        zeros_will_do(runs[ZEROS], runs[DRAWN]),
        gap_is_real(kinds[FIRST_STEP]),
    ]


def layers_fix_the_width(runs: Mapping[int, Mapping[int, Sequence[Run]]]) -> Claim:
    """Claim 4.

    Args:
        runs: hidden layers n → width → runs, whose validation loss is the error against the true curve.
    """
    medians = {
        depth: {
            width: statistics.median(run.history[-1].validation_loss for run in group) for width, group in of.items()
        }
        for depth, of in runs.items()
    }
    best = {depth: min(errors, key=lambda width: errors[width]) for depth, errors in medians.items()}
    right = [depth for depth, width in best.items() if width == 2**depth]
    listed = "; ".join(
        f"n = {depth}: " + ", ".join(f"{width} units {error:.4f}" for width, error in errors.items())
        for depth, errors in medians.items()
    )
    holds = len(right) == len(best)
    return Claim(
        4,
        "A network of n layers should have 2^n neurons in each.",
        "the noisy sine with 1, 2 and 3 hidden layers of 2^n units, and of widths that have nothing to do with n; "
        "squared error against the true curve, the median over starts",
        listed,
        holds,
        f"2^n is the best width for {len(right)} of {len(best)} depths tried"
        + ("." if holds else ", and nothing ties the width to the depth: try it on validation rows."),
    )


def model_5_oscillates(runs: Sequence[Run]) -> Claim:
    """Claim 9.

    Args:
        runs: model 5, learning rate 1.
    """
    variance = float(small_grid().train.features.var(axis=0).mean())
    losses = [np.array([row.train_loss for row in run.history[-TAIL:]]) for run in runs]
    swings = [float((tail.max() - tail.min()) / tail.mean()) for tail in losses]
    inputs = small_grid().train.features
    constant = sum(not run.load_model().predict(inputs).std(axis=0).any() for run in runs)
    dead = statistics.median(_dead_units(run, inputs) for run in runs)
    moving = sum(swing > SWING for swing in swings)
    holds = moving > len(runs) / 2
    if holds:
        instead = f"in {moving} of {len(runs)} starts the loss swings to the end."
    elif constant > len(runs) / 2:
        instead = (
            f"in {constant} of {len(runs)} starts the answer is the same for every target, and the loss stands at the "
            f"variance of the targets, as the published one does ({dead:.0%} of the last hidden units are 0 everywhere)"
        )
        instead += f"; {moving} of {len(runs)} swing." if moving else "."
    else:
        instead = "the loss stands nearly still, though the answers still differ."
    return Claim(
        9,
        "Model 5 oscillates, because its learning rate is too large.",
        f"model 5 on a grid of {POINTS_PER_AXIS} × {POINTS_PER_AXIS} targets, {CONSTANT_EPOCHS} epochs, "
        f"{len(runs)} starts; the last {TAIL} epochs",
        f"a loss of {', '.join(f'{t.mean():.4f}' for t in losses)}, which moves by "
        f"{', '.join(f'{swing:.1%}' for swing in swings)}; variance of the targets {variance:.4f}",
        holds,
        instead,
    )


def _dead_units(run: Run, inputs: np.ndarray) -> float:
    """Share of the units of the last hidden layer that give 0 for every row: ReLUs that no gradient passes."""
    hidden = torch.as_tensor(inputs, dtype=torch.float32)
    with torch.no_grad():
        for layer in list(run.load_model().network)[:-1]:
            hidden = layer(hidden)
    return float((hidden == 0.0).all(dim=0).double().mean())


def zeros_will_do(zeros: Run, drawn: Run) -> Claim:
    """Claim 11.

    Args:
        zeros: a training that started with all weights zero.
        drawn: the same from random weights.
    """
    apart = {run: _units_apart(run) for run in (zeros, drawn)}
    first, last = zeros.history[0].train_loss, zeros.history[-1].train_loss
    holds = apart[zeros] > 0.0
    return Claim(
        11,
        "Zeros will do as initial weights.",
        f"{zeros.config.epochs} epochs of 1-{zeros.config.hidden[0]}-1 with sigmoids on the noisy sine, from zeros and "
        "from Xavier's draw",
        f"largest difference between the weights of two hidden units: {apart[zeros]:.3g} from zeros, "
        f"{apart[drawn]:.3g} from the draw; training loss {first:.4f} → {last:.4f} and → "
        f"{drawn.history[-1].train_loss:.4f}",
        holds,
        "the hidden units became different."
        if holds
        else f"all {zeros.config.hidden[0]} hidden units get the same gradient and stay one and the same unit.",
    )


def _units_apart(run: Run) -> float:
    """Largest difference of a weight or bias into a hidden unit from that into the first one."""
    weight, bias = (p.detach().numpy() for p in list(run.load_model().network.parameters())[:2])
    into = np.column_stack([weight, bias])
    return float(np.abs(into - into[0]).max())


def gap_is_real(runs: Sequence[Run]) -> Claim:
    """Claim 12.

    Args:
        runs: trainings of at least one step.
    """
    shown = [run.history[0].train_loss - run.history[1].validation_loss for run in runs]
    real = [run.history[0].train_loss - run.history[0].validation_loss for run in runs]
    ratio = statistics.median(map(abs, shown)) / max(statistics.median(map(abs, real)), 1e-12)
    holds = ratio < 2.0
    return Claim(
        12,
        "The gap between training and validation loss at epoch 0 says something about the data.",
        f"the first epoch of planar model 1, {len(runs)} starts: training loss before the step and validation loss "
        "after it, as published; both before it",
        f"gap {_span(shown)} as published, {_span(real)} at the same weights",
        holds,
        "it is the same at equal weights."
        if holds
        else f"it is {ratio:.0f} times that at equal weights, and made by the step between the two measurements.",
    )


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.4f} … {max(values):.4f}".replace("-", "−")
