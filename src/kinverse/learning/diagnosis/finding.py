"""`Diagnosis`: findings with evidence and remedy, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from kinverse.tables import Table

Cause = Literal[
    "diverging",
    "leak",
    "sorted split",
    "shuffled pairs",
    "constant target",
    "no signal",
    "double softmax",
    "output range",
    "constant output",
    "vanishing gradients",
    "dead units",
    "reachability floor",
    "unscaled inputs",
    "unscaled targets",
    "weight decay",
    "dropout",
    "oscillating",
    "schedule ends too soon",
    "still falling",
    "overfitting",
    "no hidden layer",
    "underfitting",
    "schedule never moves",
    "small validation set",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
"""In the order of the findings: first faults that make the other numbers worthless, last those that limit them."""


@dataclass(frozen=True)
class Finding:
    """One cause that was found.

    Attributes:
        cause: the cause.
        evidence: the measurements that show it, as text.
        remedy: what to change, with the settings of `FitConfig` and their values.
        numbers: the measured values by name.
    """

    cause: Cause
    evidence: str
    remedy: str
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Counterfactual:
    """A short training with one setting changed.

    Attributes:
        change: the setting and its value, such as "weight_decay=0", or "as it was".
        remains: share of the constant answer's loss that remains on the validation rows.
        epochs: epochs of the training.
    """

    change: str
    remains: float
    epochs: int


AS_IT_WAS = "as it was"
HELPS = 0.8
"""Ratio of what remains to what remains as it was: below it, a change helps."""


@dataclass(frozen=True)
class Diagnosis:
    """The result of diagnosing one training run.

    Attributes:
        findings: the most important first; empty for a healthy run.
        skipped: causes that could not be checked, each with the reason.
        notes: remarks on the losses that are not faults.
        unexplained: a large error that no finding explains, in words; "" if there is none.
        counterfactuals: short trainings with one setting changed, if they were asked for; the best first.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unexplained: str = ""
    counterfactuals: tuple[Counterfactual, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The causes that were found."""
        return frozenset(finding.cause for finding in self.findings)

    @property
    def healthy(self) -> bool:
        """Whether nothing was found, and the error is small."""
        return not self.findings and not self.unexplained

    @property
    def checked(self) -> tuple[str, ...]:
        """The causes that were checked."""
        skipped = {text.partition(":")[0] for text in self.skipped}
        return tuple(cause for cause in CAUSES if cause not in skipped)

    @property
    def table(self) -> Table:
        """One row for each finding; the note holds all else."""
        rows = [(finding.cause, finding.evidence, finding.remedy) for finding in self.findings]
        found = self.unexplained or "Nothing found"
        note = [] if rows else [f"{found}; checked: {', '.join(self.checked)}."]
        note += self.notes
        if self.skipped:
            reasons: dict[str, list[str]] = {}
            for text in self.skipped:
                cause, _, reason = text.partition(": ")
                reasons.setdefault(reason, []).append(cause)
            skipped = "; ".join(f"{', '.join(causes)} ({reason})" for reason, causes in reasons.items())
            note.append(f"Not checked: {skipped}.")
        return Table("Diagnosis", ("cause", "evidence", "remedy"), rows, " ".join(note))

    @property
    def tables(self) -> list[Table]:
        """The table of findings and, if there are any, that of the counterfactual trainings."""
        return [self.table, *([self._counterfactual_table] if self.counterfactuals else [])]

    @property
    def _counterfactual_table(self) -> Table:
        rows = [(one.change, percent(one.remains), one.epochs) for one in self.counterfactuals]
        return Table(
            "Short trainings with one setting changed",
            ("change", "share of the constant answer's loss that remains", "epochs"),
            rows,
            self._helpful,
        )

    @property
    def _helpful(self) -> str:
        """What the counterfactual trainings show, in a sentence."""
        usual = next((one.remains for one in self.counterfactuals if one.change == AS_IT_WAS), None)
        if usual is None:
            return "The training as it was diverged in this short form."
        best = self.counterfactuals[0]
        if best.remains > HELPS * usual:
            return f"No single change helps: {percent(usual)} remain as it was, and {percent(best.remains)} at best."
        return f"With {best.change}, {percent(best.remains)} remain instead of {percent(usual)}."

    def _repr_html_(self) -> str:
        return "\n".join(table._repr_html_() for table in self.tables)


def number(value: float) -> str:
    """Three significant digits, with a real minus sign."""
    return f"{value:.3g}".replace("-", "−")


def setting(value: float) -> str:
    """Two significant digits, as a setting can be typed."""
    return f"{float(f'{value:.2g}'):g}"


def percent(share: float) -> str:
    """A share in percent, with two significant digits."""
    return f"{100.0 * share:.0f} %" if share >= 0.1 else f"{100.0 * share:.2g} %"
