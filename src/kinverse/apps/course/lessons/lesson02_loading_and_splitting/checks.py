"""Checks of lesson 2."""

from collections.abc import Sequence, Set
from pathlib import Path

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

NAMES = ("x", "y", "theta1", "theta2", "theta3")
PARTS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def check_every_row_is_read(learner: Learner, rng: np.random.Generator) -> None:
    """load_rows returns every row of the file, with two features and three targets."""
    table = _table(rng, 23)
    features, targets = _loaded(learner, _written(table, NAMES))
    expect(
        len(features) == len(targets) == 23,
        f"the file has a line of names and 23 rows; there are {len(features)} rows of features and {len(targets)} of "
        "targets: was the line of names read as a row, or a row as names?",
    )
    expect(
        close(features, table[:, :2], 1e-6) and close(targets, table[:, 2:], 1e-6),
        f"the first row is {shown(table[0])}, and comes back as {shown(features[0])} and {shown(targets[0])}",
    )


def check_columns_by_name(learner: Learner, rng: np.random.Generator) -> None:
    """load_rows finds the columns by name, in any order."""
    table = _table(rng, 12)
    order = np.array([3, 1, 4, 0, 2])
    features, targets = _loaded(learner, _written(table[:, order], [NAMES[i] for i in order]))
    expect(
        len(features) == len(targets) == 12
        and close(features, table[:, :2], 1e-6)
        and close(targets, table[:, 2:], 1e-6),
        f"in a file with the columns {', '.join(NAMES[i] for i in order)} the features of the first row come out as "
        f"{shown(features[0])} and the targets as {shown(targets[0])}; its x is {shown(table[0, 0])} and its theta1 "
        f"{shown(table[0, 2])}: are columns selected by position?",
    )


def check_gaps(learner: Learner, rng: np.random.Generator) -> None:
    """load_rows skips rows with a gap, in features and targets together."""
    table = _table(rng, 15)
    table[[3, 5, 11], [1, 3, 0]] = 0.0  # a number like any other, and no gap
    gaps = {(2, 0), (7, 4), (8, 1)}
    features, targets = _loaded(learner, _written(table, NAMES, gaps), finite=False)
    kept = np.delete(table, [row for row, _ in gaps], axis=0)
    expect(
        np.isfinite(features).all() and np.isfinite(targets).all(),
        "three rows have a gap, and the result holds NaN: a single NaN makes every loss and every weight NaN",
    )
    expect(
        len(features) == len(targets),
        f"three rows have a gap; {len(features)} rows of features and {len(targets)} of targets are left, so they no "
        "longer match: remove the whole row",
    )
    expect(
        len(features) == len(kept),
        f"three of 15 rows have a gap, and {len(features)} rows come back: was a gap filled with a number, or were "
        "too many rows skipped, such as those with the number 0?",
    )
    expect(
        close(features, kept[:, :2], 1e-6) and close(targets, kept[:, 2:], 1e-6),
        "the number of rows is correct, but some rows are not, or features and targets of different rows are combined",
    )


def check_sizes(learner: Learner, rng: np.random.Generator) -> None:
    """split_rows returns 60, 20 and 20 % of the rows."""
    for rows in (50, 103):
        parts = _split(learner, *_pairs(rng, rows), seed=3)
        for name, share in PARTS.items():
            count, wanted = len(parts[name][0]), share * rows
            expect(
                abs(count - wanted) <= 2.0,
                f"of {rows} rows {count} are {name} rows, expected {share:.0%}, that is {shown(wanted)}",
            )


def check_every_row_once(learner: Learner, rng: np.random.Generator) -> None:
    """split_rows puts every row into exactly one part."""
    for rows in (50, 103):
        features, targets = _pairs(rng, rows)
        parts = _split(learner, features, targets, seed=int(rng.integers(1000)))
        found = np.concatenate([part[0] for part in parts.values()])
        kinds = len(np.unique(found.round(9), axis=0))
        expect(
            kinds == len(found),
            f"{len(found) - kinds} of {rows} rows occur twice: a row that trains the network and also tests it "
            "measures nothing",
        )
        expect(kinds == rows, f"{rows} rows went in and {kinds} different rows came out: where are the others?")


def check_pairs(learner: Learner, rng: np.random.Generator) -> None:
    """split_rows keeps features and targets together."""
    features, targets = _pairs(rng, 60)
    for name, (x, y) in _split(learner, features, targets, seed=7).items():
        wrong = int((~np.isclose(x.sum(axis=1), y[:, 0])).sum())
        expect(
            wrong == 0,
            f"{wrong} of {len(x)} {name} rows have the targets of another row: are features and targets shuffled "
            "separately?",
        )


def check_shuffled(learner: Learner, rng: np.random.Generator) -> None:
    """split_rows shuffles, so that every part looks like the whole."""
    features, targets = _pairs(rng, 200)
    order = np.argsort(features[:, 0])
    parts = _split(learner, features[order], targets[order], seed=11)
    spans = {name: float(np.ptp(x[:, 0]) / np.ptp(features[:, 0])) for name, (x, _) in parts.items()}
    narrow = min(spans, key=lambda name: spans[name])
    expect(
        spans[narrow] > 0.7,
        f"the rows were sorted by x, and the {narrow} rows cover only {spans[narrow]:.0%} of its range: without "
        "shuffling, a network is tested in a region without training rows",
    )


def check_seed(learner: Learner, rng: np.random.Generator) -> None:
    """The same seed gives the same split, another seed a different one, and other random numbers do not change."""
    features, targets = _pairs(rng, 40)
    for seed in (int(rng.integers(1, 1000)), 0):
        first, again, other = (_split(learner, features, targets, seed=s)["train"][0] for s in (seed, seed, seed + 1))
        expect(
            first.shape == again.shape and np.array_equal(first, again),
            f"seed {seed} gives different training rows the second time, so the training cannot be repeated. Does the "
            "generator use the seed?",
        )
        expect(
            first.shape != other.shape or not np.array_equal(first, other),
            f"seeds {seed} and {seed + 1} give the same split: is the seed used?",
        )
    np.random.seed(5)  # noqa: NPY002 (what is tested is that the learner leaves it alone)
    wanted = np.random.rand()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    _split(learner, features, targets, seed=seed)
    expect(
        np.random.rand() == wanted,  # noqa: NPY002
        "split_rows changes the numbers that NumPy's global generator gives, which affects other code: "
        "numpy.random.default_rng(seed) is a separate generator",
    )


def _table(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Rows of the planar arm: x, y and three angles, each column in a range of its own."""
    q = rng.uniform(-1.0, 1.0, (rows, 3)) + np.array([0.2, 2.5, 5.0])
    turned = q.cumsum(axis=1)
    return np.column_stack([np.cos(turned).sum(axis=1), np.sin(turned).sum(axis=1), q])


def _written(table: np.ndarray, names: Sequence[str], gaps: Set[tuple[int, int]] = frozenset()) -> Path:
    lines = [",".join(names)]
    for i, row in enumerate(table):
        lines.append(",".join("" if (i, j) in gaps else repr(float(value)) for j, value in enumerate(row)))
    path = Path("rows.csv").absolute()
    path.write_text("\n".join(lines) + "\n")
    return path


def _loaded(learner: Learner, path: Path, finite: bool = True) -> tuple[np.ndarray, np.ndarray]:
    pair = learner.call("load_rows", path)
    expect(
        isinstance(pair, tuple | list) and len(pair) == 2,
        f"load_rows gives {shown(pair)}, expected two tables: features and targets",
    )
    tables = []
    for got, what, columns in zip(pair, ("features", "targets"), (2, 3), strict=True):
        array = numbers(got, f"the {what} of load_rows") if finite else np.asarray(got, dtype=float)
        expect(
            array.ndim == 2 and array.shape[1] == columns,
            f"the {what} of load_rows have the shape {array.shape}, expected (rows, {columns})",
        )
        tables.append(array)
    return tables[0], tables[1]


def _pairs(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Features, and targets whose first column is the sum of the features, so that pairs are known."""
    features = rng.uniform(-2.0, 2.0, (rows, 2))
    return features, np.column_stack([features.sum(axis=1), rng.normal(size=(rows, 2))])


def _split(
    learner: Learner, features: np.ndarray, targets: np.ndarray, seed: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    parts = learner.call("split_rows", features, targets, seed)
    names = ", ".join(PARTS)
    expect(isinstance(parts, dict), f"split_rows gives {shown(parts)}, expected a dictionary with {names}")
    expect(set(parts) == set(PARTS), f"split_rows gives the parts {', '.join(map(str, parts))}; expected {names}")
    found = {}
    for name, pair in parts.items():
        expect(isinstance(pair, tuple | list) and len(pair) == 2, f"{name} is not a pair of features and targets")
        x, y = numbers(pair[0], f"features of {name}"), numbers(pair[1], f"targets of {name}")
        expect(
            x.ndim == y.ndim == 2 and (x.shape[1], y.shape[1]) == (2, 3) and len(x) == len(y),
            f"{name} has features of shape {x.shape} and targets of shape {y.shape}; expected (rows, 2) and (rows, 3)",
        )
        found[str(name)] = (x, y)
    return {name: found[name] for name in PARTS}
