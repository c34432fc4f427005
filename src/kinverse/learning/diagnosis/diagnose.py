"""`diagnose`: runs every check on one model, and drops findings that others explain."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from kinverse.ik.reach import farthest_reach
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis import curves, more_steps, predictions, rows, setup
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import CAUSES, Cause, Diagnosis, Finding, number, percent
from kinverse.learning.diagnosis.reach import reachability_floor
from kinverse.learning.evaluation.scores import Report
from kinverse.learning.trained import Model

LARGE_SHARE, LARGE_MISS = 0.05, 0.1
"""A large error of the tool: this share of the arm's reach, or this distance [m]."""
ASK = "Short trainings with one setting changed may: kinverse diagnose RUN --counterfactuals"


@dataclass(frozen=True)
class Check:
    """The check for one cause.

    Attributes:
        find: returns the finding, or None.
        needs_rows: whether it needs the data set.
        epochs: measured epochs that it needs.
    """

    find: Callable[[Facts], Finding | None]
    needs_rows: bool = False
    epochs: int = 0


CHECKS: dict[Cause, Check] = {
    "diverging": Check(curves.diverging, epochs=1),
    "leak": Check(rows.leak, needs_rows=True),
    "sorted split": Check(rows.sorted_split, needs_rows=True),
    "shuffled pairs": Check(rows.shuffled_pairs, needs_rows=True),
    "constant target": Check(rows.constant_target, needs_rows=True),
    "no signal": Check(rows.no_signal, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "double softmax": Check(setup.double_softmax),
    "output range": Check(setup.output_range, needs_rows=True),
    "constant output": Check(predictions.constant_output, needs_rows=True, epochs=2),
    "vanishing gradients": Check(more_steps.vanishing_gradients, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "dead units": Check(predictions.dead_units, needs_rows=True, epochs=2),
    "unscaled inputs": Check(setup.unscaled_inputs, needs_rows=True),
    "unscaled targets": Check(setup.unscaled_targets, needs_rows=True),
    "weight decay": Check(more_steps.weight_decay, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "dropout": Check(more_steps.dropout, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "oscillating": Check(curves.oscillating, epochs=curves.MIN_EPOCHS),
    "schedule ends too soon": Check(more_steps.schedule_ends_too_soon, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "still falling": Check(curves.still_falling, epochs=curves.MIN_EPOCHS),
    "overfitting": Check(curves.overfitting, epochs=curves.MIN_EPOCHS),
    "no hidden layer": Check(predictions.no_hidden_layer, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "underfitting": Check(predictions.underfitting, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "schedule never moves": Check(setup.schedule_never_moves),
    "small validation set": Check(rows.small_validation_set, needs_rows=True),
}
"""All but the reachability floor, which may also leave a note."""

_ROWS: frozenset[Cause] = frozenset({"sorted split", "shuffled pairs", "no signal"})
_NOTHING_LEARNED: frozenset[Cause] = frozenset({"diverging", "constant output"})
_SETTINGS: frozenset[Cause] = frozenset(
    {"output range", "vanishing gradients", "weight decay", "dropout", "unscaled inputs", "unscaled targets"}
)
EXPLAINED_BY: dict[Cause, frozenset[Cause]] = {
    "diverging": frozenset({"constant output", "unscaled targets", "schedule ends too soon", "no hidden layer"}),
    "constant output": frozenset({"no signal", "output range", "vanishing gradients", "weight decay"}),
    "dead units": frozenset({"output range", "vanishing gradients", "weight decay"}),
    "oscillating": _NOTHING_LEARNED | {"no signal", "dropout", "weight decay"},
    "overfitting": _NOTHING_LEARNED | _ROWS,
    "no signal": frozenset({"shuffled pairs"}),
    "schedule ends too soon": _SETTINGS | _ROWS | {"constant output", "reachability floor", "no hidden layer"},
    "still falling": _NOTHING_LEARNED | _SETTINGS | _ROWS | {"reachability floor", "oscillating", "overfitting"},
    "no hidden layer": _SETTINGS | _ROWS | {"constant output", "reachability floor"},
    "underfitting": _NOTHING_LEARNED
    | _SETTINGS
    | _ROWS
    | {
        "reachability floor", "oscillating", "still falling", "double softmax", "dead units", "no hidden layer",
        "schedule ends too soon",
    },
}  # fmt: skip
"""A finding is dropped if one of these was found too: they have the same signs and are more specific. No cause explains
itself, not by way of others either."""


def diagnose(trained: Model, report: Report | None, dataset: Dataset | None) -> Diagnosis:
    """Find out what went wrong in a training.

    Args:
        trained: the model, however its training ended.
        report: the evaluation on its rows; None: the floors are unknown.
        dataset: the training data; None: checks that need rows are skipped.

    Returns:
        The findings, the most important first.
    """
    facts = Facts(trained, report, dataset)
    found: dict[Cause, Finding] = {}
    skipped, notes = [], []
    for cause in CAUSES:
        why = _why_not(facts, cause)
        if why:
            skipped.append(f"{cause}: {why}")
        elif cause == "reachability floor":
            finding, note = reachability_floor(facts)
            notes += [note] if note else []
            found |= {} if finding is None else {cause: finding}
        else:
            finding = CHECKS[cause].find(facts)
            found |= {} if finding is None else {cause: finding}
    kept = tuple(finding for cause, finding in found.items() if not _is_explained(cause, found.keys()))
    return Diagnosis(kept, tuple(skipped), tuple(notes), "" if kept else _unexplained(facts))


def _is_explained(cause: Cause, found: Collection[Cause]) -> bool:
    """Whether another finding explains this one; one that is explained itself explains nothing."""
    others = EXPLAINED_BY.get(cause, frozenset())
    return any(other in found and not _is_explained(other, found) for other in others)


def _unexplained(facts: Facts) -> str:
    """A large error, in words; "" if there is none."""
    scores = None if facts.report is None else facts.report.of("network")
    if facts.trained.arm is not None and scores is not None and scores.tool is not None:
        miss, reach = 1e-3 * scores.tool.position_mm.median, farthest_reach(facts.trained.arm)
        if miss > min(LARGE_SHARE * reach, LARGE_MISS):
            return (
                f"The tool misses its target by {number(1e3 * miss)} mm (median), {percent(miss / reach)} of the arm's "
                f"reach, and no known fault explains it. {ASK}"
            )
    if facts.dataset is not None and len(facts.train) >= curves.MIN_EPOCHS and facts.is_poor:
        remains = percent(facts.kept_loss / facts.reference)
        return f"{remains} of the constant answer's loss remain, and no known fault explains it. {ASK}"
    return ""


def _why_not(facts: Facts, cause: Cause) -> str:
    """Why a cause cannot be checked; "" if it can."""
    check = CHECKS.get(cause, Check(lambda facts: None, needs_rows=True, epochs=1))
    epochs = len(facts.train)
    if check.needs_rows and facts.dataset is None:
        return "needs the rows, which were in memory only"
    if epochs < check.epochs:
        return f"needs {check.epochs} measured epochs, there {'is' if epochs == 1 else 'are'} {epochs}"
    return ""
