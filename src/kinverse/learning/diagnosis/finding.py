"""`Diagnosis`: findings with evidence and remedy, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from kinverse.tables import Table

Cause = Literal[
    "diverging",
    "leak",
    "double softmax",
    "constant output",
    "dead units",
    "reachability floor",
    "unscaled inputs",
    "oscillating",
    "still falling",
    "overfitting",
    "underfitting",
    "schedule never moves",
    "small validation set",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
"""In the order in which findings are given: first what makes the other numbers worthless, last what limits how far they
can be trusted."""


@dataclass(frozen=True)
class Finding:
    """One cause that was found.

    Attributes:
        cause: which.
        evidence: what was measured on this run, with the numbers.
        remedy: what would do, with the settings of `FitConfig` and their values.
        numbers: the measured values by name.
    """

    cause: Cause
    evidence: str
    remedy: str
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Diagnosis:
    """All that was found in a training.

    Attributes:
        findings: the most important first; empty for a healthy run.
        skipped: what could not be looked for, and why.
        notes: what is no fault, but a reader of the losses should know.
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
    def looked_for(self) -> tuple[str, ...]:
        """The causes that were looked for."""
        skipped = {text.partition(":")[0] for text in self.skipped}
        return tuple(cause for cause in CAUSES if cause not in skipped)

    @property
    def table(self) -> Table:
        """One row for each finding; what else is known stands in the note."""
        rows = [(finding.cause, finding.evidence, finding.remedy) for finding in self.findings]
        note = [] if rows else [f"Nothing found; looked for: {', '.join(self.looked_for)}."]
        note += self.notes
        if self.skipped:
            reasons: dict[str, list[str]] = {}
            for text in self.skipped:
                cause, _, reason = text.partition(": ")
                reasons.setdefault(reason, []).append(cause)
            skipped = "; ".join(f"{', '.join(causes)} ({reason})" for reason, causes in reasons.items())
            note.append(f"Not looked for: {skipped}.")
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
