"""Checks of lesson 3."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_training_range(learner: Learner, rng: np.random.Generator) -> None:
    """fit_minmax scales every training column to 0 … 1."""
    train = _table(rng, 30)
    shift, scale = _fitted(learner, train)
    scaled = (train - shift) / scale
    for column in range(train.shape[1]):
        low, high = scaled[:, column].min(), scaled[:, column].max()
        expect(
            close([low, high], [0.0, 1.0], 1e-4),
            f"column {column + 1} of 30 training rows runs from {shown(train[:, column].min())} to "
            f"{shown(train[:, column].max())}; with your shift and scale it becomes {shown(low)} … {shown(high)}, "
            "expected 0 … 1. Does each column have its own shift and scale, and is the scale its whole span?",
        )


def check_constant_column(learner: Learner, rng: np.random.Generator) -> None:
    """A constant column is not divided by zero."""
    train = _table(rng, 12)
    train[:, 1] = rng.uniform(1.0, 3.0)
    _, scale = _fitted(learner, train)
    expect(
        scale[1] != 0.0,
        "column 2 of the training rows is constant and got the scale 0: dividing by it gives NaN in every row",
    )
    expect(
        close(scale[1], 1.0, 1e-4),
        f"column 2 of the training rows is constant and got the scale {shown(scale[1])}, expected 1: a tiny scale "
        "amplifies the smallest change of a later row",
    )


def check_training_rows_decide(learner: Learner, rng: np.random.Generator) -> None:
    """All splits are scaled with shift and scale of the training rows."""
    train, validation, test = _table(rng, 40), 1.5 * _table(rng, 20), 2.0 * _table(rng, 20)
    scaled = _splits(learner, train, validation, test)
    low, high = scaled[0].min(axis=0), scaled[0].max(axis=0)
    expect(
        close(low, 0.0, 1e-4) and close(high, 1.0, 1e-4),
        f"the scaled training rows run from {shown(low)} to {shown(high)} and not from 0 to 1: were validation or "
        "test rows part of the fit?",
    )


def check_other_rows_follow(learner: Learner, rng: np.random.Generator) -> None:
    """Validation and test rows are scaled with shift and scale of the training rows, and not cut off."""
    train = _table(rng, 40)
    low, high = train.min(axis=0), train.max(axis=0)
    for place in (1, 2):
        name = ("validation", "test")[place - 1]
        inside = low + rng.uniform(0.2, 0.6, (15, len(low))) * (high - low)
        beyond = np.vstack([inside, high + 0.5 * (high - low), low - 0.25 * (high - low)])
        tables = [train, inside, inside]
        tables[place] = beyond
        got = _splits(learner, *tables)[place]
        if close(got.min(axis=0), 0.0, 1e-4) and close(got.max(axis=0), 1.0, 1e-4):
            expect(
                not close(got[:-2].max(axis=0), 1.0, 1e-4)
                and close(got[-2], 1.0, 1e-4)
                and _clipped(got, inside, train),
                f"the scaled {name} rows run from 0 to 1 although their range differs from that of the training rows: "
                "are they scaled with their own smallest and largest value?",
            )
        expect(
            not _clipped(got, inside, train),
            f"a {name} value above the largest training value becomes {shown(got[-2].max())}: it is cut off, but it "
            "should be above 1; otherwise two different rows become equal",
        )
        expected = (beyond - low) / (high - low)
        expect(
            close(got, expected, 1e-4),
            f"the first {name} row becomes {shown(got[0])}, which does not match shift and scale of the training "
            "rows: which rows were they learned from?",
        )


def check_there_and_back(learner: Learner, rng: np.random.Generator) -> None:
    """The scaling is undone by unscale."""
    table, shift, scale = _table(rng, 10), rng.uniform(-5.0, 5.0, 3), rng.uniform(2.0, 9.0, 3)
    scaled = (table - shift) / scale
    back = numbers(learner.call("unscale", scaled, shift, scale), "unscale(scaled, shift, scale)", table.shape)
    expect(
        close(back, table, 1e-4),
        f"row 1 was {shown(table[0])} before it was scaled and is {shown(back[0])} after unscale: scaling subtracts "
        "first and then divides; are both undone, in the opposite order?",
    )


def _clipped(got: np.ndarray, inside: np.ndarray, train: np.ndarray) -> bool:
    """Whether the rows inside the training range are right, and those beyond it end at 0 or 1."""
    low, high = train.min(axis=0), train.max(axis=0)
    return close(got[:-2], (inside - low) / (high - low), 1e-4) and (close(got[-2], 1.0) or close(got[-1], 0.0))


def _table(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Three columns of very different size, as millimetres, degrees and metres have."""
    return rng.uniform(-1.0, 1.0, (rows, 3)) * [200.0, 90.0, 0.3] + rng.uniform(-1.0, 1.0, 3) * [50.0, 20.0, 0.5]


def _fitted(learner: Learner, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pair = learner.call("fit_minmax", train)
    expect(
        isinstance(pair, tuple | list) and len(pair) == 2,
        f"fit_minmax gives {shown(pair)}, expected two arrays, shift and scale",
    )
    columns = (train.shape[1],)
    return numbers(pair[0], "the shift of fit_minmax", columns), numbers(pair[1], "the scale of fit_minmax", columns)


def _splits(learner: Learner, *tables: np.ndarray) -> list[np.ndarray]:
    scaled = learner.call("scale_splits", *tables)
    expect(
        isinstance(scaled, tuple | list) and len(scaled) == 3,
        f"scale_splits gives {shown(scaled)}, expected three tables: train, validation, test",
    )
    names = ("train", "validation", "test")
    return [
        numbers(got, f"the scaled {name} table", table.shape)
        for got, name, table in zip(scaled, names, tables, strict=True)
    ]
