"""What a diagnosis says: findings with evidence and remedy, as frozen data."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from kinverse.errors import RunError

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

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as JSON-ready data."""
        return {
            "findings": [asdict(finding) for finding in self.findings],
            "skipped": list(self.skipped),
            "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Diagnosis:
        """Read back what `to_dict` wrote, as a run's card keeps it.

        Raises:
            RunError: an entry is missing or of the wrong kind, or a cause is unknown.
        """
        try:
            findings = tuple(_finding(entry) for entry in data["findings"])
            return cls(findings, _texts(data["skipped"]), _texts(data["notes"]))
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            raise RunError(f"not the diagnosis of a run: {type(problem).__name__} {problem}") from None


def _finding(entry: dict[str, Any]) -> Finding:
    cause, evidence, remedy = _texts([entry["cause"], entry["evidence"], entry["remedy"]])
    numbers = {str(name): float(value) for name, value in entry["numbers"].items()}
    if cause not in CAUSES or not all(map(math.isfinite, numbers.values())) or set(entry) != set(_FIELDS):
        raise ValueError(f"in the finding {cause[:60]!r}")
    return Finding(cause, evidence, remedy, numbers)


_FIELDS = tuple(Finding.__dataclass_fields__)


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"expected texts, got {str(values)[:60]}")
    return tuple(values)
