"""Faults in the predictions of the kept network: constant output, dead units, underfitting."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float, Int

from kinverse.learning.diagnosis.curves import (
    GAP,
    MIN_EPOCHS,
    NO_BETTER,
    RATE_IS_GONE,
    SMALL_LOSS,
    end_level,
    still_falling,
)
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent, setting
from kinverse.learning.evaluation.floors import joint_bounds
from kinverse.learning.training.config import CLASS_NUMBERS, DISTANCES

ALIKE = 0.02
"""Ratio of the spread of the predictions to that of the targets: 0.047 or more in the bank, unless constant."""
ALIKE_CLASSES = 0.005
"""Standard deviation of the probabilities of the classes: 0.022 or more in the bank, unless constant."""
DEAD = 0.9
"""Share of a layer's units with the same output for every row: healthy ReLU networks of the bank have up to 0.79."""
SILENT = 1e-6
"""Ratio of the spread of a unit's output to its size: float32 rounds at 1e−7."""
NEIGHBOURS = (1, 2, 4, 8, 16, 32)
BETTER = 0.7
"""Ratio of the neighbours' loss to the network's: below it, a table of the training rows is clearly better."""
SIGMAS = 3.0
"""Ratio of a paired difference to its standard error."""
AT_BOUND, PRESSED = 0.01, 0.3
"""Share of an output's range that counts as its end, where a tanh passes a gradient of less than 0.04; share of rows
there above which that is not chance."""
REMAINS = 0.1
"""Share of the constant answer's loss that a network trained through the kinematics should get below."""


def constant_output(facts: Facts) -> Finding | None:
    """The network predicts the same for every row."""
    if facts.trained.status == "failed":
        return None  # the kept weights are from before the fault
    spread = _spread(facts)
    mean = float(facts.validation_rows.losses.mean())
    if spread is None or (facts.constant is not None and mean < NO_BETTER * facts.constant):
        return None
    shares = dead_shares(facts)
    if max(shares, default=0.0) < 1.0 and len(facts.train) >= MIN_EPOCHS and still_falling(facts) is not None:
        return None  # an untrained network does so too, and this one still learns
    evidence = f"The predictions for all training rows are alike: their spread is {percent(spread)} of the targets'."
    if facts.config.loss in CLASS_NUMBERS:
        evidence = "The network gives all training rows the same probabilities."
    if facts.constant is not None:
        evidence += (
            f" The validation loss {number(mean)} is that of the best constant answer, {number(facts.constant)}"
            f"{' (the variance of the targets)' if facts.config.loss == 'mse' else ''}."
        )
    remedy = f"learning_rate={setting(facts.config.optimiser.learning_rate / 10)}"
    if max(shares, default=0.0) == 1.0:
        layer = shares.index(1.0) + 1
        evidence += f" No unit of hidden layer {layer} tells one row from another, so nothing gets through."
    if "zeros" in facts.config.model.initialisers:
        remedy = "initialisers=default: from zeros no unit can become different from another"
    elif facts.config.model.activation == "relu":
        remedy += ", or activation=leaky_relu, which cannot die"
    return Finding("constant output", evidence, remedy, {"spread": spread, "loss": mean})


def _spread(facts: Facts) -> float | None:
    """Spread of the predictions compared with the targets, or None if they differ from row to row."""
    given, wanted = facts.train_rows.given, facts.train_rows.wanted
    if len(given) < 2:
        return None
    if facts.config.loss in DISTANCES:
        moving = wanted.std(axis=0) > 0.0
        if not moving.any():
            return None
        spread = float((given.std(axis=0)[moving] / wanted.std(axis=0)[moving]).max())
        return spread if spread < ALIKE else None
    if facts.config.loss not in CLASS_NUMBERS:
        spread = float(given.std(axis=0).max())
        return spread if spread < ALIKE_CLASSES else None
    powers = np.exp(given - given.max(axis=1, keepdims=True))
    spread = float((powers / powers.sum(axis=1, keepdims=True)).std(axis=0).max())
    return spread if spread < ALIKE_CLASSES else None


def dead_shares(facts: Facts) -> list[float]:
    """Share of the units of each hidden layer with the same output for every training row."""
    if len(facts.train_rows) < 2:
        return []
    return [
        float(np.mean(layer.std(axis=0) <= SILENT * (1e-6 + np.abs(layer).max(axis=0))))
        for layer in facts.train_rows.hidden
    ]


def dead_units(facts: Facts) -> Finding | None:
    """Most units of a hidden layer have the same output for every input."""
    shares = dead_shares(facts)
    if max(shares, default=0.0) < DEAD:
        return None
    counts = ", ".join(
        f"{round(share * width)} of {width} in layer {i + 1}"
        for i, (share, width) in enumerate(zip(shares, facts.config.model.hidden, strict=True))
    )
    what = "are 0" if facts.config.model.activation == "relu" else "have the same output"
    evidence = f"Hidden units that {what} on every training row: {counts}."
    remedy = f"learning_rate={setting(facts.config.optimiser.learning_rate / 10)}"
    if "zeros" in facts.config.model.initialisers:
        remedy = "initialisers=default"
    elif facts.config.model.activation == "relu":
        remedy += ", or activation=leaky_relu"
    return Finding("dead units", evidence, remedy, {f"layer {i + 1}": share for i, share in enumerate(shares)})


def no_hidden_layer(facts: Facts) -> Finding | None:
    """A network without a hidden layer is linear, and its rows are not."""
    found = None if facts.config.model.hidden else underfitting(facts)
    if found is None:
        return None
    evidence = f"hidden=() has no hidden layer, so that the outputs are linear in the inputs. {found.evidence}"
    return Finding("no hidden layer", evidence, "hidden=64,64", found.numbers)


def underfitting(facts: Facts) -> Finding | None:
    """Training and validation loss are alike and high, and a table of the training rows does better."""
    low, high = float(facts.train_rows.losses.mean()), float(facts.validation_rows.losses.mean())
    if high > GAP * low or low > GAP * high or end_level(facts.train) < BETTER * low:
        return None  # not alike, or the last epochs fit better than the one that was kept
    if facts.config.loss in CLASS_NUMBERS:
        found = _worse_than_neighbours_at_classes(facts)
    elif facts.trained.space == "tool":
        found = _much_remains(facts, high)
    elif facts.config.loss in DISTANCES:
        found = _worse_than_neighbours(facts)
    else:
        found = None
    if found is None:
        return None
    evidence, numbers = found
    rate = facts.config.optimiser.learning_rate
    wider = ",".join(str(4 * max(width, 4)) for width in facts.config.model.hidden or (16, 16))
    evidence = f"Training loss {number(low)} and validation loss {number(high)} are alike, and {evidence}."
    remedy = f"a larger network (hidden={wider}) or another activation"
    if facts.rates[-1] < RATE_IS_GONE * facts.rates.max():
        remedy = f"epochs={3 * facts.trained.epochs}, because the schedule ended this training, or {remedy}"
    if numbers.get("pressed", 0.0) > PRESSED:
        remedy = f"another seed, learning_rate={setting(rate / 3)}, or scale_features=standard"
    if high > NO_BETTER * facts.reference:
        remedy = f"first learning_rate={setting(rate / 10)}, as nothing was learned; then {remedy}"
    return Finding("underfitting", evidence, remedy, numbers)


def _much_remains(facts: Facts, loss: float) -> tuple[str, dict[str, float]] | None:
    floor = facts.best_reachable or 0.0
    if facts.constant is None or facts.constant <= floor:
        return None
    remains, pressed = (loss - floor) / (facts.constant - floor), pressed_share(facts)
    if remains < REMAINS:
        return None
    evidence = f"{percent(remains)} of the constant answer's {number(facts.constant)} remain"
    if pressed > PRESSED:
        evidence += (
            f"; on {percent(pressed)} of the training rows an angle is pressed against its bound, where tanh is flat"
        )
    return evidence, {"remains": remains, "pressed": pressed}


def pressed_share(facts: Facts) -> float:
    """Share of the training rows for which an output is within a hundredth of its bound."""
    spec, rows = facts.model.spec, facts.train_rows
    if spec.bounds is None:
        return 0.0
    predictions = facts.model.predict_heads(spec.network_inputs(rows.table.features))  # (n, heads, c)
    lower, upper = joint_bounds(spec)
    margin = AT_BOUND * (upper - lower)  # of an output without bounds: infinite, and never met
    with np.errstate(invalid="ignore"):
        near = (predictions < lower + margin) | (predictions > upper - margin)
    return float((near & np.isfinite(margin)).any(axis=2).all(axis=1).mean())


def _worse_than_neighbours(facts: Facts) -> tuple[str, dict[str, float]] | None:
    """Whether the mean of the nearest other training rows is the better model of the training rows, row by row."""
    rows = facts.train_rows
    if len(rows) <= 2 * NEIGHBOURS[0] or rows.losses.mean() < SMALL_LOSS * facts.reference:
        return None
    tables = {
        count: rows.losses_of(rows.wanted[found].mean(axis=1)) for count, found in _neighbours(rows.inputs).items()
    }
    count = min(tables, key=lambda count: float(tables[count].mean()))
    difference, table = rows.losses - tables[count], float(tables[count].mean())
    error = difference.std(ddof=1) / math.sqrt(len(difference))
    if table > BETTER * rows.losses.mean() or difference.mean() < SIGMAS * error:
        return None
    evidence = f"the mean of the {count} nearest other training rows, a table, gets {number(table)} on them"
    return evidence, {"neighbours": table, "network": float(rows.losses.mean())}


def _worse_than_neighbours_at_classes(facts: Facts) -> tuple[str, dict[str, float]] | None:
    rows, correct = facts.train_rows, facts.train_rows.correct
    assert correct is not None
    if len(rows) <= 2 * NEIGHBOURS[0]:
        return None
    kinds = rows.table.targets[:, 0].astype(int)

    def vote(found: Int[np.ndarray, "n k"]) -> Bool[np.ndarray, " n"]:
        votes = np.zeros((len(found), kinds.max() + 1))
        np.add.at(votes, (np.arange(len(found))[:, None], kinds[found]), 1.0)
        is_correct: Bool[np.ndarray, " n"] = votes.argmax(axis=1) == kinds
        return is_correct

    tables = {count: vote(found) for count, found in _neighbours(rows.inputs).items()}
    count = max(tables, key=lambda count: int(tables[count].sum()))
    table = tables[count]
    only_table, only_network = int((table & ~correct).sum()), int((correct & ~table).sum())
    clear = only_table - only_network > SIGMAS * math.sqrt(only_table + only_network)
    if (~table).mean() > BETTER * (~correct).mean() or not clear:
        return None
    evidence = (
        f"a vote of the {count} nearest other training rows, a table, is correct on {percent(float(table.mean()))} of "
        f"the training rows, the network on {percent(float(correct.mean()))}"
    )
    return evidence, {"neighbours": float(table.mean()), "network": float(correct.mean())}


def _neighbours(x: Float[np.ndarray, "n f"]) -> dict[int, Int[np.ndarray, "n k"]]:
    """For several counts, the rows nearest to each row without itself, in inputs of equal spread."""
    from scipy.spatial import cKDTree

    spread = x.std(axis=0)
    x = x / np.where(spread > 0.0, spread, 1.0)
    counts = [count for count in NEIGHBOURS if count < len(x)]
    found = np.asarray(cKDTree(x).query(x, k=counts[-1] + 1)[1])[:, 1:]
    return {count: found[:, :count] for count in counts}
