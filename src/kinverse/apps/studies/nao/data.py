"""The rows of the NAO study: ARKOMA's, many generated ones, and two kinds of test rows."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Literal

import kinverse as kv
from kinverse.learning.data.dataset import Dataset, Table

ARMS = ("nao-right", "nao-left")
GENERATED_ROWS = 200_000
GENERATED_SEED = 1000
"""Added to the seed, so that the generated rows of track b are none of the data set's own."""

Kind = Literal["drawn", "trajectory"]
KINDS: tuple[Kind, ...] = ("drawn", "trajectory")
"""Test rows drawn like the training rows, and test rows along a joint trajectory, as the published ones are."""


@functools.lru_cache(maxsize=4)
def rows(arm: str, seed: int) -> Dataset:
    """ARKOMA's 6,000, 2,000 and 2,000 rows; the test rows along a joint trajectory, as published."""
    return kv.make_arkoma(arm, seed=seed)


@functools.lru_cache(maxsize=2)
def generated_rows(arm: str, seed: int) -> Dataset:
    """Many generated training rows; validation and test rows are those of the data set itself."""
    own = rows(arm, seed)
    more = kv.make_arkoma(arm, rows=GENERATED_ROWS * 10 // 6, seed=GENERATED_SEED + seed).train
    manifest = replace(own.manifest, source=f"{len(more)} generated training rows; {own.manifest.source}")
    assert own.test is not None
    return Dataset.from_tables({"train": more, "validation": own.validation, "test": own.test}, manifest)


def test_rows(arm: str, seed: int) -> dict[Kind, Table]:
    """Both kinds of test rows of a data set; its training and validation rows are the same for both."""
    drawn, along = kv.make_arkoma(arm, seed=seed, test_rows="uniform").test, rows(arm, seed).test
    assert drawn is not None and along is not None
    return {"drawn": drawn, "trajectory": along}
