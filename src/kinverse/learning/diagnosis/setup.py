"""Faults of the settings alone: schedule, double softmax, output activation, scaling."""

from __future__ import annotations

import math

import numpy as np

from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent
from kinverse.learning.training.config import DISTANCES, TAKES_LOGITS, FitConfig

HARDLY_MOVED = 0.8
"""Ratio of the last learning rate to the first: a change by a fifth shows in no curve."""
LARGE, SMALL = 10.0, 0.05
"""Root mean square of an input: initial weights and learning rates are made for inputs of about one."""
UNEQUAL = 10.0
"""Ratio of the standard deviations of two inputs: above it, hardly anything is learned from the smaller one."""
OFFSET = 20.0
"""Ratio of the mean of an input to its standard deviation: above it, all rows look alike."""
OUTSIDE = 0.02
"""Share of the training targets outside the range of the output activation."""
OUTPUT_RANGES = {
    "relu": (0.0, math.inf),
    "silu": (-0.2785, math.inf),  # its minimum, at −1.2785
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}
"""The values that an output activation can take."""


def planned_rate(config: FitConfig) -> float:
    """Ratio of the last epoch's learning rate to the first one's, by the settings."""
    last = max(config.epochs - 1, 0)
    if config.optimiser.schedule == "step":
        return float(config.optimiser.gamma ** (last // config.optimiser.schedule_step))
    if config.optimiser.schedule == "exponential":
        return float(config.optimiser.gamma**last)
    return 1.0 if config.optimiser.schedule == "constant" else 0.0


def schedule_never_moves(facts: Facts) -> Finding | None:
    """A schedule was chosen, but the learning rate hardly changes."""
    config = facts.config
    end = planned_rate(config)
    if config.optimiser.schedule == "constant" or not HARDLY_MOVED < end < 1.0 / HARDLY_MOVED:
        return None
    how = f"gamma={config.optimiser.gamma:g}"
    if config.optimiser.schedule == "step":
        steps = max(config.epochs - 1, 0) // config.optimiser.schedule_step
        how += f" every {config.optimiser.schedule_step} epochs, {steps} times" if steps else ""
        how = how if steps else f"its first step comes after {config.optimiser.schedule_step} epochs"
    rate = config.optimiser.learning_rate
    evidence = (
        f"schedule={config.optimiser.schedule} ({how}) takes the learning rate from {rate:g} to "
        f"{number(rate * end)} over {config.epochs} epochs: {percent(end)} of the start."
    )
    gamma = 0.01 ** (1.0 / max(config.epochs - 1, 1))
    remedy = f"schedule=exponential with gamma={gamma:.4f}, or cosine; or constant, which has the same effect"
    return Finding("schedule never moves", evidence, remedy, {"end / start": end})


def double_softmax(facts: Facts) -> Finding | None:
    """A softmax or sigmoid at the output, before a loss that has its own."""
    config = facts.config
    if config.loss not in TAKES_LOGITS or config.model.output_activation not in ("softmax", "sigmoid"):
        return None
    evidence = f"output_activation={config.model.output_activation} before loss={config.loss}, which has its own."
    numbers = {}
    if config.loss == "cross_entropy":
        classes = facts.model.spec.network.sizes[-1]
        bound = -math.log(math.e / (math.e + classes - 1))
        numbers = {"bound": bound}
        evidence += (
            f" Outputs between 0 and 1 keep the loss of {classes} classes above −log(e/(e+{classes - 1})) = "
            f"{bound:.4f}, however correct they are"
        )
        evidence += f"; it ended at {facts.train[-1]:.4f}." if len(facts.train) else "."
    return Finding("double softmax", evidence, "output_activation=linear (and double_softmax off)", numbers)


def unscaled_inputs(facts: Facts) -> Finding | None:
    """The inputs are not scaled, and their sizes are far from 1 or from each other."""
    if facts.config.data.scale_features != "none":
        return None
    x = facts.train_rows.inputs
    size, mean, spread = np.sqrt((x**2).mean(axis=0)), x.mean(axis=0), x.std(axis=0)
    names = facts.model.spec.feature_names if facts.config.data.inputs == "columns" else ()
    moving = spread > 1e-12 * np.maximum(size, 1e-300)
    if not moving.any():
        return None
    widest, narrowest = (int(pick(np.where(moving, spread, np.nan))) for pick in (np.nanargmax, np.nanargmin))
    faults = []
    if size.max() > LARGE:
        i = int(size.argmax())
        faults.append(f"{_name(names, i)} has a root mean square of {number(size[i])}")
    elif size.max() < SMALL:
        faults.append(f"no input has a root mean square above {number(size.max())}")
    if spread[widest] > UNEQUAL * spread[narrowest]:
        faults.append(
            f"{_name(names, widest)} spreads by {number(spread[widest])} and {_name(names, narrowest)} by "
            f"{number(spread[narrowest])}"
        )
    apart = np.where(moving, np.abs(mean) / np.where(moving, spread, 1.0), 0.0)
    if apart.max() > OFFSET:
        i = int(apart.argmax())
        faults.append(f"{_name(names, i)} lies at {number(mean[i])} and varies by {number(spread[i])} only")
    if not faults:
        return None
    evidence = f"scale_features=none, and {', '.join(faults)} (standard deviation over the training rows)."
    numbers = {"largest": float(size.max()), "unequal": float(spread[widest] / spread[narrowest])}
    return Finding("unscaled inputs", evidence, "scale_features=standard", numbers)


def _name(names: tuple[str, ...], column: int) -> str:
    return names[column] if column < len(names) else f"input {column + 1}"


def unscaled_targets(facts: Facts) -> Finding | None:
    """The targets are not scaled, and their sizes are far from 1."""
    config, spec = facts.config, facts.model.spec
    if config.data.scale_targets != "none" or spec.bounds is not None or not _compares_numbers(facts):
        return None
    y = facts.train_rows.table.targets
    size, spread = np.sqrt((y**2).mean(axis=0)), y.std(axis=0)
    i = int(size.argmax())
    if size[i] > LARGE:
        fault = f"target {spec.target_names[i]} has a root mean square of {number(size[i])}"
    elif 0.0 < spread.max() < SMALL:
        fault = f"no target spreads by more than {number(spread.max())} (standard deviation)"
    else:
        return None
    evidence = f"scale_targets=none, and {fault}, while the outputs of an untrained network are about 1 or less."
    return Finding(
        "unscaled targets", evidence, "scale_targets=standard", {"size": float(size[i]), "spread": float(spread.max())}
    )


def output_range(facts: Facts) -> Finding | None:
    """The output activation cannot give the values that the targets have."""
    name = facts.config.model.output_activation
    if name not in OUTPUT_RANGES or not _compares_numbers(facts):
        return None
    low, high = OUTPUT_RANGES[name]
    wanted, given = facts.train_rows.wanted, facts.train_rows.given
    margin = 0.01 * wanted.std(axis=0)
    outside = float(((wanted < low - margin) | (wanted > high + margin)).any(axis=1).mean())
    silent = (given == 0.0).all(axis=0) & (wanted.std(axis=0) > 0.0)
    if outside < OUTSIDE and not (name == "relu" and silent.any()):
        return None
    span = f"{number(low)} or more" if math.isinf(high) else f"{number(low)} to {number(high)}"
    evidence = f"output_activation={name} gives values of {span}"
    if outside >= OUTSIDE:
        scaling = facts.config.data.scale_targets
        scaled = "" if scaling == "none" else f" (scale_targets={scaling})"
        evidence += f", and {percent(outside)} of the training rows have targets outside{scaled}"
    if name == "relu" and silent.any():
        names = [facts.model.spec.target_names[i] for i in np.flatnonzero(silent)]
        evidence += f"; the output for {', '.join(names)} is 0 on every training row, where it has no gradient"
    numbers = {"outside": outside, "silent": float(silent.sum())}
    return Finding("output range", evidence + ".", "output_activation=linear", numbers)


def _compares_numbers(facts: Facts) -> bool:
    """Whether the loss compares outputs with target columns as numbers."""
    return facts.trained.space == "joints" and facts.config.loss in DISTANCES
