"""The page of the errata study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kinverse.apps.studies.errata.findings import Experiment, Verdict
from kinverse.apps.studies.study import Conclusion
from kinverse.apps.studies.texts import Texts
from kinverse.tables import Table

TEXTS = Texts("errata")
DOCUMENTS = {
    "workshop": "“Session 3: Model training & optimization”, a PyTorch workshop of the University of Manchester",
    "homework": "a solved homework on backpropagation, model complexity, classification and a three-link arm",
}
"""Name of a document in the places → what it is."""


@dataclass(frozen=True)
class Claim:
    """A claim and its experiment in words.

    Attributes:
        quotation: the document's own words.
        place: where they stand.
        experiment: what was done.
        measured: the numbers.
        verdict: how much of the claim is right.
        instead: what is true.
    """

    number: int
    quotation: str
    place: str
    experiment: str
    measured: str
    verdict: Verdict
    instead: str

    @classmethod
    def of(cls, found: Experiment) -> Claim:
        """What an experiment says about its claim."""
        texts = TEXTS.items(f"claim_{found.number}", {"verdict": found.verdict, **found.numbers})
        quotation, place, experiment, measured, instead = texts
        return cls(found.number, quotation, place, experiment, measured, found.verdict, instead)

    @property
    def sentence(self) -> str:
        """Number, quotation, place, verdict and what is true."""
        return f"{self.number}. “{self.quotation}” ({self.place}) {self.verdict.capitalize()}: {self.instead}"


def report(found: Sequence[Experiment]) -> Conclusion:
    """Every claim with its experiment, in the order of the list."""
    claims = [Claim.of(experiment) for experiment in found]
    rows = [(c.number, f"“{c.quotation}” ({c.place})", c.verdict, c.experiment, c.measured) for c in claims]
    columns = ("no.", "claim", "verdict", "experiment", "measured")
    return Conclusion(
        sentences=[TEXTS.paragraph("summary", [c.verdict for c in claims]), *(claim.sentence for claim in claims)],
        tables=[Table("Claims, experiments and verdicts", columns, rows)],
        settings=DOCUMENTS,
    )
