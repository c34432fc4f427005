"""The page of the errata study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinverse.apps.studies.errata.findings import Experiment
from kinverse.apps.studies.study import Conclusion
from kinverse.apps.studies.texts import Texts
from kinverse.tables import Table

TEXTS = Texts("errata")


@dataclass(frozen=True)
class Claim:
    """A claim and its experiment in words: the claim as it is taught, what was done, the numbers, what is true."""

    number: int
    claim: str
    experiment: str
    measured: str
    holds: bool
    instead: str

    @classmethod
    def of(cls, found: Experiment) -> Claim:
        """What an experiment says about its claim."""
        texts = TEXTS.items(f"claim_{found.number}", {"holds": found.holds, **found.numbers})
        claim, experiment, measured, instead = texts
        return cls(found.number, claim, experiment, measured, found.holds, instead)

    @property
    def sentence(self) -> str:
        """Number, claim and verdict."""
        return f"{self.number}. “{self.claim}” {'Holds' if self.holds else 'Wrong'}: {self.instead}"


def report(found: Sequence[Experiment]) -> Conclusion:
    """Every claim with its experiment, in the order of the list."""
    claims = [Claim.of(experiment) for experiment in found]
    rows = [(c.number, c.claim, c.experiment, c.measured, "holds" if c.holds else "wrong") for c in claims]
    columns = ("no.", "claim", "experiment", "measured", "verdict")
    held = [claim.number for claim in claims if claim.holds]
    return Conclusion(
        sentences=[TEXTS.paragraph("summary", len(claims), held), *(claim.sentence for claim in claims)],
        compared=[item for experiment in found for item in experiment.compared],
        tables=[Table("Claims, experiments and verdicts", columns, rows)],
    )
