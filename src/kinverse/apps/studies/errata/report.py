"""The page of the errata study."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from kinverse.apps.studies.errata import losses, measures, runs, trained, weights
from kinverse.apps.studies.errata.findings import Findings, Measured
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts
from kinverse.tables import Table

TEXTS = Texts("errata")


@dataclass(frozen=True)
class Claim:
    """A claim of the teaching material, its experiment and the result, as they are printed.

    Attributes:
        number: of the claim in the list of errata.
        claim: as it is taught, in one sentence.
        experiment: what was done.
        measured: the numbers.
        holds: whether the claim survived.
        instead: what is true by these numbers, in one sentence.
    """

    number: int
    claim: str
    experiment: str
    measured: str
    holds: bool
    instead: str

    @property
    def sentence(self) -> str:
        """Number, claim and verdict."""
        return f"{self.number}. “{self.claim}” {'Holds' if self.holds else 'Wrong'}: {self.instead}"


CONSTANTS = {
    "fan_in": weights.FAN_IN,
    "fan_out": weights.FAN_OUT,
    "he": weights.HE,
    "uniform": weights.UNIFORM,
    "uniform_std": weights.UNIFORM / math.sqrt(3.0),
    "classes": losses.CLASSES,
    "double_softmax_floor": math.log(1.0 + 2.0 / math.e),
    "quarter_disc": math.pi / 16,
    "columns": measures.COLUMNS,
    "points_per_axis": runs.POINTS_PER_AXIS,
    "epochs": runs.CONSTANT_EPOCHS,
    "tail": trained.TAIL,
}
"""What the experiments were made with, for their texts."""


def report(found: Findings) -> Conclusion:
    """Every claim with its experiment, in the order of the list."""
    claims = [in_words(measured) for measured in found.claims]
    rows = [(c.number, c.claim, c.experiment, c.measured, "holds" if c.holds else "wrong") for c in claims]
    columns = ("no.", "claim", "experiment", "measured", "verdict")
    return Conclusion(
        sentences=[
            TEXTS.paragraph("summary", len(claims), found.held),
            *(claim.sentence for claim in claims),
        ],
        compared=compared(found),
        tables=[Table("Claims, experiments and verdicts", columns, rows)],
    )


def in_words(measured: Measured) -> Claim:
    """A claim and its experiment in words."""
    claim, experiment, numbers, instead = TEXTS.items(f"claim_{measured.number}", measured, CONSTANTS)
    return Claim(measured.number, claim, experiment, numbers, measured.holds, instead)


def compared(found: Findings) -> list[Compared]:
    """The published figures beside ours."""
    items = []
    for claim in found.claims:
        if isinstance(claim, losses.DoubleSoftmax):
            items.append(Compared("7, double softmax", "lowest loss, 3 classes", 0.5514, (claim.floor,)))
        elif isinstance(claim, measures.R2Range):
            items.append(Compared("8, column means", "R², global mean", 0.166, claim.constant))
        elif isinstance(claim, measures.MinMax):
            misses = tuple(float(np.round(share, 4)) for share in claim.misses.values())
            items.append(Compared("13, min-max in float32", "share that misses 1", 0.25, misses))
    return items
