"""`diagnose`: runs every check on one model, and drops findings that others explain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis import curves, predictions, setup
from kinverse.learning.diagnosis.facts import Facts
from kinverse.learning.diagnosis.finding import CAUSES, Cause, Diagnosis, Finding
from kinverse.learning.diagnosis.reach import reachability_floor
from kinverse.learning.evaluation.scores import Report
from kinverse.learning.trained import Model


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
    "leak": Check(setup.leak, needs_rows=True),
    "double softmax": Check(setup.double_softmax),
    "constant output": Check(predictions.constant_output, needs_rows=True, epochs=2),
    "dead units": Check(predictions.dead_units, needs_rows=True, epochs=2),
    "unscaled inputs": Check(setup.unscaled_inputs, needs_rows=True),
    "oscillating": Check(curves.oscillating, epochs=curves.MIN_EPOCHS),
    "still falling": Check(curves.still_falling, epochs=curves.MIN_EPOCHS),
    "overfitting": Check(curves.overfitting, epochs=curves.MIN_EPOCHS),
    "underfitting": Check(predictions.underfitting, needs_rows=True, epochs=curves.MIN_EPOCHS),
    "schedule never moves": Check(setup.schedule_never_moves),
    "small validation set": Check(setup.small_validation_set, needs_rows=True),
}
"""All but the reachability floor, which may also leave a note."""

_NOTHING_LEARNED: frozenset[Cause] = frozenset({"diverging", "constant output"})
EXPLAINED_BY: dict[Cause, frozenset[Cause]] = {
    "diverging": frozenset({"constant output"}),
    "oscillating": _NOTHING_LEARNED,
    "overfitting": _NOTHING_LEARNED,
    "still falling": _NOTHING_LEARNED | {"reachability floor", "oscillating", "overfitting"},
    "underfitting": _NOTHING_LEARNED
    | {"reachability floor", "oscillating", "still falling", "unscaled inputs", "double softmax", "dead units"},
}
"""A finding is dropped if one of these was found too: they have the same signs and are more specific."""


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
    kept = tuple(f for cause, f in found.items() if not EXPLAINED_BY.get(cause, frozenset()) & set(found))
    return Diagnosis(kept, tuple(skipped), tuple(notes))


def _why_not(facts: Facts, cause: Cause) -> str:
    """Why a cause cannot be checked; "" if it can."""
    check = CHECKS.get(cause, Check(lambda facts: None, needs_rows=True, epochs=1))
    epochs = len(facts.train)
    if check.needs_rows and facts.dataset is None:
        return "needs the rows, which were in memory only"
    if epochs < check.epochs:
        return f"needs {check.epochs} measured epochs, there {'is' if epochs == 1 else 'are'} {epochs}"
    return ""
