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
class Diagnosis:
    """The result of diagnosing one training run.

    Attributes:
        findings: the most important first; empty for a healthy run.
        skipped: causes that could not be checked, each with the reason.
        notes: remarks on the losses that are not faults.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The causes that were found."""
        return frozenset(finding.cause for finding in self.findings)

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def checked(self) -> tuple[str, ...]:
        """The causes that were checked."""
        skipped = {text.partition(":")[0] for text in self.skipped}
        return tuple(cause for cause in CAUSES if cause not in skipped)

    @property
    def table(self) -> Table:
        """One row for each finding; the note holds all else."""
        rows = [(finding.cause, finding.evidence, finding.remedy) for finding in self.findings]
        note = [] if rows else [f"Nothing found; checked: {', '.join(self.checked)}."]
        note += self.notes
        if self.skipped:
            reasons: dict[str, list[str]] = {}
            for text in self.skipped:
                cause, _, reason = text.partition(": ")
                reasons.setdefault(reason, []).append(cause)
            skipped = "; ".join(f"{', '.join(causes)} ({reason})" for reason, causes in reasons.items())
            note.append(f"Not checked: {skipped}.")
        return Table("Diagnosis", ("cause", "evidence", "remedy"), rows, " ".join(note))

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def number(value: float) -> str:
    """Three significant digits, with a real minus sign."""
    return f"{value:.3g}".replace("-", "−")


def setting(value: float) -> str:
    """Two significant digits, as a setting can be typed."""
    return f"{float(f'{value:.2g}'):g}"


def percent(share: float) -> str:
    """A share in percent, with two significant digits."""
    return f"{100.0 * share:.0f} %" if share >= 0.1 else f"{100.0 * share:.2g} %"
