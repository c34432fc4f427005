"""A claim, the experiment that decides about it, and what came out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """One claim of the teaching material, put to the test.

    Attributes:
        number: of the claim in the list of errata.
        claim: as it is taught, in one sentence.
        experiment: what was done.
        measured: what came out, with the figures.
        holds: whether the claim survived.
        instead: what is true by these figures, in one sentence.
    """

    number: int
    claim: str
    experiment: str
    measured: str
    holds: bool
    instead: str

    @property
    def verdict(self) -> str:
        """In one word."""
        return "holds" if self.holds else "wrong"

    @property
    def sentence(self) -> str:
        """Number, claim and verdict as a reader would say it."""
        return f"{self.number}. “{self.claim}” {'Holds' if self.holds else 'Wrong'}: {self.instead}"
