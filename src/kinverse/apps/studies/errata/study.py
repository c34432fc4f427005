"""Claims put to the test: thirteen sentences of the teaching material, each with an experiment that can refute it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kinverse.apps.studies.errata import trained as errata_trained
from kinverse.apps.studies.errata.claim import Claim
from kinverse.apps.studies.errata.initial_weights import default_is_he, root_is_variance, uniform_is_symmetric
from kinverse.apps.studies.errata.losses import (
    divergence_takes_probabilities,
    embedding_is_svm_hinge,
    lowest_loss,
    softmax_belongs_before_cross_entropy,
)
from kinverse.apps.studies.errata.measured import (
    DRAWS,
    constant_r2,
    lower_half_is_out_of_reach,
    minmax_is_exact,
    minmax_misses,
    r2_is_a_share,
)
from kinverse.apps.studies.study import Compared, Conclusion, Effort, Training
from kinverse.learning.training.run import Run
from kinverse.tables import Table

DATA_SETS = 5


def trainings(effort: Effort) -> Sequence[Training]:
    """The short ones of four claims."""
    return errata_trained.trainings(effort)


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """Every claim with its experiment, in the order of the list."""
    claims = sorted(
        [
            default_is_he(),
            uniform_is_symmetric(),
            root_is_variance(),
            embedding_is_svm_hinge(),
            divergence_takes_probabilities(),
            softmax_belongs_before_cross_entropy(),
            r2_is_a_share(seeds=DATA_SETS),
            lower_half_is_out_of_reach(),
            minmax_is_exact(),
            *errata_trained.claims(runs),
        ],
        key=lambda claim: claim.number,
    )
    return Conclusion(
        verdicts=[summary(claims), *(claim.sentence for claim in claims)],
        compared=_compared(),
        tables=[_table(claims)],
    )


def summary(claims: Sequence[Claim]) -> str:
    """How many claims are wrong, and which hold."""
    held = [str(claim.number) for claim in claims if claim.holds]
    wrong = len(claims) - len(held)
    if not held:
        return f"All {wrong} claims are wrong, each by its own experiment."
    return f"{wrong} of {len(claims)} claims are wrong; what holds by these experiments: {', '.join(held)}."


def _compared() -> list[Compared]:
    return [
        Compared("7, double softmax", "lowest loss, 3 classes", 0.5514, (lowest_loss(),)),
        Compared("8, column means", "R², global mean", 0.166, tuple(constant_r2(seed) for seed in range(DATA_SETS))),
        Compared(
            "13, min-max in float32",
            "share that misses 1",
            0.25,
            tuple(float(np.round(minmax_misses(draw), 4)) for draw in DRAWS.values()),
        ),
    ]


def _table(claims: Sequence[Claim]) -> Table:
    columns = ("no.", "claim", "experiment", "measured", "verdict")
    rows = [(item.number, item.claim, item.experiment, item.measured, item.verdict) for item in claims]
    return Table("Claims, experiments and verdicts", columns, rows)
