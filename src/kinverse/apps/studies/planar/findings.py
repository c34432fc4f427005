"""What the planar runs say, in tables and sentences."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.apps.studies.study import Compared
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.learning.model.registry import initialise
from kinverse.learning.training.run import Run
from kinverse.tables import Cell, Table

Found = Mapping[tuple[int, str], Sequence[Run]]
STARTS = 1000
STEP = 16
"""Every so many rows of the grid are enough to see the loss of an untrained network."""
SAME = 0.02
"""Two losses within this part of each other are called equal."""
LAST = 10
"""A loss that jumps is read over the last tenth of its epochs."""


@dataclass(frozen=True, eq=False)
class Starts:
    """Losses of untrained networks.

    Attributes:
        losses: model → (1000,) training losses at epoch 0 [m²].
        table: the same, against the published ones.
    """

    losses: Mapping[int, Float[np.ndarray, " n"]]
    table: Table


def starts_table(published: Mapping[int, Sequence[Run]], data: Dataset) -> Starts:
    """How the loss at epoch 0 is spread over a thousand untrained networks, and where the published start lies."""
    targets = data.train.features[::STEP]
    losses, rows = {}, []
    for number, runs in published.items():
        arm, model = runs[0].arm, runs[0].load_model()
        assert arm is not None
        layers = [layer for layer in model.network if isinstance(layer, nn.Linear)]
        found = []
        for seed in range(STARTS):
            spec = model.spec.network
            initialise(layers, spec.initialisers, spec.bias_initialiser, torch.Generator().manual_seed(seed))
            found.append(float(np.mean((arm.forward(model.predict(targets)) - targets) ** 2)))
        losses[number] = np.sort(found)
        said = PLANAR[number].published["train loss, epoch 0"]
        below = 100.0 * float(np.mean(losses[number] < said))
        rows.append((f"model {number}", said, f"{below:.1f} %", found[0], *np.percentile(found, (0, 50, 100)).tolist()))
    columns = ("", "published [m²]", "of our starts below it", "seed 0", "min", "median", "max")
    note = (
        f"A published loss at epoch 0 is one draw of a random start. {STARTS} starts of torch's own initialisation, "
        f"each on every {STEP}th training row."
    )
    return Starts(losses, Table("Losses of untrained networks [m²]", columns, rows, note))


def compared(published: Mapping[int, Sequence[Run]], starts: Starts | None, quick: bool) -> list[Compared]:
    """The published losses against ours.

    The published script logs the training loss before a step and the validation loss after it, so its validation loss
    of epoch e is ours of epoch e + 1. At the end the loss jumps from epoch to epoch, so the published one is held
    against the last tenth of our epochs.
    """
    found = []
    for number, runs in published.items():
        said = PLANAR[number].published
        what = f"model {number}"
        first = {
            "train loss, epoch 0": [run.history[0].train_loss for run in runs],
            "validation loss, epoch 0": [run.history[1].validation_loss for run in runs],
        }
        last = [row for run in runs for row in run.history[-max(len(run.history) // LAST, 1) :]]
        final = {
            "final train loss": [row.train_loss for row in last],
            "final validation loss": [row.validation_loss for row in last],
        }
        for figure, ours in {**first, **final}.items():
            item = Compared(what, f"{figure} [m²]", said[figure], tuple(ours))
            if item.place == "outside":
                why = _why_start(said[figure], starts, number) if figure in first else _why_end(item, runs, quick)
                item = Compared(what, item.figure, item.published, item.ours, why)
            found.append(item)
    return found


def _why_start(said: float, starts: Starts | None, number: int) -> str:
    if starts is None:
        return ""
    losses = starts.losses[number]
    below = 100.0 * float(np.mean(losses < said))
    if losses[0] <= said <= losses[-1]:
        return f"a random start: {below:.1f} % of {len(losses)} untrained networks lie below it (table below)"
    return f"not explained: none of {len(losses)} untrained networks is like it"


def _why_end(item: Compared, runs: Sequence[Run], quick: bool) -> str:
    if quick:
        return "quick: fewer epochs than published"
    floor = _floor(runs[0], BEST_REACHABLE)
    fall = statistics.median(_fall(run) for run in runs)
    assert item.published is not None
    gap = (item.published - item.median) / item.median
    if floor > 1e-6 and min(item.ours) - item.published < 0.01 * floor and item.published < min(item.ours):
        return f"within 1 % of our best run, {min(item.ours):.4g}; both are held up by the reachability floor"
    if fall > 0.05:
        side = "above" if gap > 0 else "below"
        return (
            f"the loss still falls by {100 * fall:.0f} % over the last tenth of the epochs, so the start decides where "
            f"it stops; the published one lies {100 * abs(gap):.0f} % {side} the median of {len(runs)} starts"
        )
    return "not explained by the experiments here"


def _fall(run: Run) -> float:
    """By which part the training loss fell over the last tenth of the epochs."""
    losses = [row.train_loss for row in run.history]
    before = losses[-max(len(losses) // LAST, 1) - 1]
    return (before - losses[-1]) / before


def _floor(run: Run, name: str) -> float:
    return float((run.card.metrics or {}).get("floors", {}).get(name, 0.0))


def _final(runs: Sequence[Run]) -> float:
    return statistics.median(run.history[-1].validation_loss for run in runs)


def losses_table(found: Found) -> Table:
    """Final losses of every model and way."""
    rows: list[tuple[Cell, ...]] = []
    for (number, way), runs in sorted(found.items()):
        ends = [run.history[-1].validation_loss for run in runs]
        best = statistics.median(min(row.validation_loss for row in run.history) for run in runs)
        rate = runs[0].history[-1].learning_rate
        floor = _floor(runs[0], BEST_REACHABLE)
        rows.append(
            (
                f"model {number}",
                way,
                len(runs),
                rate,
                _final(runs),
                min(ends),
                max(ends),
                best,
                floor if floor > 1e-6 else None,
            )
        )
    columns = ("", "way", "starts", "last rate", "final validation loss, median", "min", "max", "best, median", "floor")
    return Table("Losses of every model and way [m²]", columns, rows)


def diagnosis_of(run: Run) -> Diagnosis:
    """What the run's card says is wrong with it."""
    return Diagnosis.from_dict((run.card.metrics or {})["diagnosis"])


def diagnosed_table(found: Found) -> Table:
    """What the diagnosis finds, from each run alone."""
    rows: list[tuple[Cell, ...]] = []
    for (number, way), runs in sorted(found.items()):
        counts: dict[str, list[Run]] = {}
        for run in runs:
            for finding in diagnosis_of(run).findings:
                counts.setdefault(finding.cause, []).append(run)
        for cause, those in sorted(counts.items(), key=lambda item: -len(item[1])):
            finding = next(f for f in diagnosis_of(those[0]).findings if f.cause == cause)
            rows.append(
                (f"model {number}", way, f"{len(those)} of {len(runs)}", cause, finding.evidence, finding.remedy)
            )
        if not counts:
            rows.append((f"model {number}", way, f"{len(runs)} of {len(runs)}", "nothing found", None, None))
    columns = ("", "way", "starts", "diagnosis", "evidence (first of them)", "remedy")
    return Table("Diagnosis, from each run alone", columns, rows)


def verdicts(found: Found, data: Dataset) -> list[str]:
    """What follows, model by model."""
    said = [text for text in (_model_4(found, data), _model_5(found), _model_6(found)) if text]
    said += _schedules(found)
    said += _remedies(found)
    return said


def _named(runs: Sequence[Run], cause: str) -> str:
    count = sum(cause in diagnosis_of(run).names for run in runs)
    return f"the diagnosis names “{cause}” in {count} of {len(runs)} runs"


def _model_4(found: Found, data: Dataset) -> str:
    runs = found.get((4, "as published"))
    if not runs or runs[0].arm is None or runs[0].config.max_angle is None:
        return ""
    bound = runs[0].config.max_angle
    floor = reachability_floor(runs[0].arm, data.train.features, lower=-bound, upper=bound)
    reach, end = _floor(runs[0], BEST_REACHABLE), _final(runs)
    above = (end - reach) / reach
    near = "is at that floor" if above < 0.1 else f"ends {100 * above:.0f} % above that floor"
    return (
        f"Model 4: with angles within ±{bound:.3g} rad no training gets below {floor:.4f} on the training rows and "
        f"{reach:.4f} on the validation rows; ours {near} ({end:.4f}); {_named(runs, 'reachability floor')}"
    )


def _model_5(found: Found) -> str:
    runs = found.get((5, "as published"))
    if not runs:
        return ""
    level = _floor(runs[0], CONSTANT_ANSWER)
    constant = [run for run in runs if abs(run.history[-1].validation_loss - level) < SAME * level]
    rest = len(runs) - len(constant)
    what = "its output is a constant, not an oscillation" if constant else "none of ours ends as a constant"
    others = f"; the other {rest} end elsewhere" if rest and constant else ""
    return (
        f"Model 5: the variance of the targets is {level:.4f}, and {len(constant)} of {len(runs)} runs end there: "
        f"{what}{others}; {_named(runs, 'constant output')}"
    )


def _model_6(found: Found) -> str:
    runs = found.get((6, "as published"))
    if not runs:
        return ""
    fall = statistics.median(_fall(run) for run in runs)
    state = "it is still falling" if fall > 0.02 else "it has come to rest"
    return (
        f"Model 6: over the last tenth of its epochs the loss falls by {100 * fall:.0f} %: {state}; "
        f"{_named(runs, 'still falling')}"
    )


def _schedules(found: Found) -> list[str]:
    pairs = [
        (n, found[n, "as published"], found[n, "as specified"])
        for n in PLANAR
        if (n, "as specified") in found and (n, "as published") in found
    ]
    if not pairs:
        return []
    parts = []
    for number, published, specified in pairs:
        a, b = _final(published), _final(specified)
        parts.append(f"model {number} {'worse' if b > a else 'better'} ({a:.2g} → {b:.2g})")
    return [f"The schedule as specified, against the one as published, ends (median): {', '.join(parts)}"]


def _remedies(found: Found) -> list[str]:
    parts = []
    for number in PLANAR:
        before, after = found.get((number, "as published")), found.get((number, "remedied"))
        if before and after:
            parts.append(f"model {number} {_final(before):.4g} → {_final(after):.4g}")
    return (
        [f"With the remedies that the diagnosis names (median of the final loss): {', '.join(parts)}"] if parts else []
    )
