"""Faults of settings and rows: schedule, double softmax, scaling, leaks, too few validation rows."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float

from kinverse.learning.data.check import repeats, row_keys
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent, setting
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.training.config import TAKES_LOGITS, FitConfig

HARDLY_MOVED = 0.8
"""Ratio of the last learning rate to the first: a change by a fifth shows in no curve."""
LARGE, SMALL = 10.0, 0.05
"""Root mean square of an input: initial weights and learning rates are made for inputs of about one."""
UNEQUAL = 10.0
"""Ratio of the standard deviations of two inputs: above it, hardly anything is learned from the smaller one."""
OFFSET = 20.0
"""Ratio of the mean of an input to its standard deviation: above it, all rows look alike."""
SHARED = 0.01
"""Share of rows that are in the training rows too: rounded data repeats a few rows."""
MIN_ROWS = 30
"""Validation rows: with fewer, even the spread of the losses is unknown (to 13 % with 30 normally distributed rows)."""
MAX_LOSS_ERROR = 0.25
"""Relative standard error of the validation loss: above it, half or double the loss may be chance."""
MAX_ACCURACY_ERROR = 0.1
"""Half width of the 95 % interval of the accuracy."""


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


def leak(facts: Facts) -> Finding | None:
    """Rows in two splits, or a feature that is the target."""
    assert facts.dataset is not None
    repeats = _repeats(facts.dataset)
    if repeats is not None:
        return repeats
    x, y = facts.dataset.train.features, facts.dataset.train.targets
    names = facts.dataset.manifest
    if len(x) < MIN_ROWS or x.shape[1] < 2 or not y.shape[1]:
        return None
    same = np.abs(_standardised(x).T @ _standardised(y)) / len(x) > 1.0 - 1e-9  # (f, t) correlations
    if not same.any():
        return None
    feature, target = (int(i) for i in np.argwhere(same)[0])
    evidence = (
        f"In all {len(x)} training rows feature {names.feature_names[feature]} is target {names.target_names[target]} "
        "up to scale and offset."
    )
    return Finding("leak", evidence, f"leave the column {names.feature_names[feature]} out", {})


def _repeats(dataset: Dataset) -> Finding | None:
    train = dataset.train
    if len(np.unique(row_keys(train.features))) < 0.5 * len(train):
        return None  # a few possible inputs, each of them in every split by necessity
    found = {split: repeats(table, train) for split, table in dataset.splits.items() if split != "train"}
    split = max(found, key=lambda name: float(found[name].mean()))
    share, count = float(found[split].mean()), int(found[split].sum())
    if share < SHARED:
        return None
    evidence = (
        f"{count} of {len(found[split])} {split} rows ({percent(share)}) have the features of a training row: "
        f"the {split} loss is too good."
    )
    return Finding("leak", evidence, "take repeated rows out before the data is split", {"share": share})


def _standardised(values: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0.0, spread, np.inf)


def small_validation_set(facts: Facts) -> Finding | None:
    """The validation loss or accuracy is too uncertain to conclude anything from it."""
    rows = facts.validation_rows
    assert facts.dataset is not None
    count = len(facts.dataset.validation)
    if rows.correct is not None:
        return _few_for_accuracy(rows.correct, count)
    mean = float(rows.losses.mean())
    if count == 1:
        evidence = f"The validation loss {number(mean)} is that of one row: its error is unknown."
        return Finding("small validation set", evidence, _more_rows(MIN_ROWS), {"rows": 1})
    wide = rows.standard_error * math.sqrt(len(rows) / count) / mean if mean > 0.0 else 0.0
    if count >= MIN_ROWS and wide <= MAX_LOSS_ERROR:
        return None
    evidence = (
        f"{count} validation rows give a loss of {number(mean)} with a standard error of {number(wide * mean)} "
        f"({percent(wide)}): trainings whose losses differ by less than a factor of "
        f"{number(1.0 + 2.0 * math.sqrt(2.0) * wide)} cannot be told apart."
    )
    needed = max(MIN_ROWS, math.ceil(count * (wide / MAX_LOSS_ERROR) ** 2))
    return Finding("small validation set", evidence, _more_rows(needed), {"rows": count, "standard error": wide * mean})


def _few_for_accuracy(correct: Bool[np.ndarray, " n"], count: int) -> Finding | None:
    share = float(correct.mean())
    low, high = proportion_interval(round(share * count), count)
    if count >= MIN_ROWS and high - low <= 2.0 * MAX_ACCURACY_ERROR:
        return None
    evidence = (
        f"{percent(share)} of {count} validation rows are correct; the 95 % interval is {percent(low)} to "
        f"{percent(high)}."
    )
    needed = max(MIN_ROWS, math.ceil((1.96 / MAX_ACCURACY_ERROR) ** 2 * max(share * (1.0 - share), 0.1)))
    return Finding("small validation set", evidence, _more_rows(needed), {"rows": count, "low": low, "high": high})


def _more_rows(count: int) -> str:
    return f"at least {setting(count)} validation rows; if there are no more, repeat the training with other splits"
