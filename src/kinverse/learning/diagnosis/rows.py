"""Faults of the rows: leaks, sorted or shuffled rows, constant or unrelated targets, too few validation rows."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float

from kinverse.geometry import position_error
from kinverse.learning.data.check import repeats, row_keys
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.diagnosis.facts import MAX_ROWS, Facts
from kinverse.learning.diagnosis.finding import Finding, number, percent, setting
from kinverse.learning.evaluation.metrics import proportion_interval
from kinverse.learning.training.config import CLASS_NUMBERS
from kinverse.robot.encodings import ENCODINGS

SHARED = 0.01
"""Share of rows that are in the training rows too: rounded data repeats a few rows."""
MIN_ROWS = 30
"""Validation rows: with fewer, even the spread of the losses is unknown (to 13 % with 30 normally distributed rows)."""
MAX_LOSS_ERROR = 0.25
"""Relative standard error of the validation loss: above it, half or double the loss may be chance."""
MAX_ACCURACY_ERROR = 0.1
"""Half width of the 95 % interval of the accuracy."""
BY_CHANCE = 1e-3
"""Share of the rows that may lie so near to another by chance; the distance that counts as a copy follows from it."""
NEAREST = 0.05
"""A copy lies nearer to its original than this, in distances to the eighth neighbour."""
THE_ANSWER = 5e-3
"""Standard deviation of what a feature leaves of a target, relative to the target's: below it, they are the same."""
APART, APART_CHANCE = 0.3, 1e-6
"""Distance of two distributions (Kolmogorov and Smirnov), and its p-value by chance."""
WRONG_POSE = 0.01
"""Share of the rows whose joints do not reach the pose in the features."""
EXPLAINS = 0.03
"""R² on validation rows: below it, a prediction is no better than the constant answer."""
NO_BETTER = 0.95
"""Ratio of the network's validation loss to the constant answer's."""
MANY_ROWS = 200
K_NEIGHBOURS = 32


def leak(facts: Facts) -> Finding | None:
    """Rows in two splits, exactly or nearly, or a feature that is the target."""
    dataset = facts.dataset
    assert dataset is not None
    if len(np.unique(row_keys(dataset.train.features))) < 0.5 * len(dataset.train):
        return _answer(facts)  # a few possible inputs, each of them in every split by necessity
    return _repeats(dataset) or _copies(dataset) or _answer(facts)


def _repeats(dataset: Dataset) -> Finding | None:
    found = {split: repeats(table, dataset.train) for split, table in dataset.splits.items() if split != "train"}
    split = max(found, key=lambda name: float(found[name].mean()))
    share, count = float(found[split].mean()), int(found[split].sum())
    if share < SHARED:
        return None
    evidence = (
        f"{count} of {len(found[split])} {split} rows ({percent(share)}) have the features of a training row: "
        f"the {split} loss is too good."
    )
    return Finding("leak", evidence, "take repeated rows out before the data is split", {"share": share})


def _copies(dataset: Dataset) -> Finding | None:
    """Rows of another split that lie nearer to a training row than chance allows, in features and targets."""
    from scipy.spatial import cKDTree

    rows = {split: np.hstack([table.features, table.targets]) for split, table in dataset.splits.items()}
    spread = rows["train"].std(axis=0)
    rows = {split: values[:, spread > 0.0] / spread[spread > 0.0] for split, values in rows.items()}
    train = rows.pop("train")
    if len(train) < MANY_ROWS:
        return None
    tree = cKDTree(train)
    # Copies within the training rows take the first neighbours; the eighth and sixteenth tell how densely the rows lie.
    eighth, sixteenth = np.median(tree.query(train[:1000], k=[9, 17])[0], axis=0)
    if not 0.0 < eighth < sixteenth:
        return None  # a few possible rows
    dimension = math.log(2.0) / math.log(sixteenth / eighth)
    near = min((BY_CHANCE / 8.0) ** (1.0 / dimension), NEAREST) * eighth
    shares = {
        split: float((tree.query(values[:: max(1, len(values) // MAX_ROWS)])[0] < near).mean())
        for split, values in rows.items()
    }
    split = max(shares, key=lambda name: shares[name])
    if shares[split] < SHARED:
        return None
    evidence = (
        f"{percent(shares[split])} of the {split} rows are copies of training rows up to {number(near)} standard "
        f"deviations, {number(eighth / near)} times nearer than training rows lie to each other: the {split} loss is "
        "too good."
    )
    return Finding("leak", evidence, "take copied rows out before the data is split", {"share": shares[split]})


def _answer(facts: Facts) -> Finding | None:
    """A feature from which a target follows, by a line or by any curve that only rises or falls."""
    assert facts.dataset is not None
    x, y = facts.dataset.train.features, facts.dataset.train.targets
    names, arm = facts.dataset.manifest, facts.trained.arm
    if len(x) < MIN_ROWS or x.shape[1] < 2 or not y.shape[1] or (arm is not None and names.encoding is not None):
        return None  # a sliding joint may be a coordinate of the tool
    lines = np.abs(_standardised(x).T @ _standardised(y)) / len(x)  # (f, t) correlations
    curves = np.abs(_standardised(_ranks(x)).T @ _standardised(_ranks(y))) / len(x)
    same = np.maximum(lines, curves)
    if same.max() < math.sqrt(1.0 - THE_ANSWER**2):
        return None
    feature, target = (int(i) for i in np.unravel_index(same.argmax(), same.shape))
    left = math.sqrt(max(1.0 - float(same[feature, target]) ** 2, 0.0))
    how = "scale and offset" if lines[feature, target] >= curves[feature, target] else "a curve that rises or falls"
    exact = "is" if left < 1e-6 else f"is, to {percent(left)},"
    name = names.feature_names[feature]
    evidence = f"In all {len(x)} training rows feature {name} {exact} target {names.target_names[target]} up to {how}."
    return Finding("leak", evidence, f"leave the column {name} out", {"left": left})


def _ranks(values: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
    from scipy.stats import rankdata

    ranks: Float[np.ndarray, "n c"] = rankdata(values, axis=0)
    return ranks


def _standardised(values: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0.0, spread, np.inf)


def small_validation_set(facts: Facts) -> Finding | None:
    """The validation loss or accuracy is too uncertain to conclude anything from it."""
    rows = facts.validation_rows
    assert facts.dataset is not None
    count = len(facts.dataset.validation)
    if rows.correct is not None:
        return _few_for_accuracy(rows.correct, count)
    mean = float(rows.losses.mean())
    if count == 1:
        evidence = f"The validation loss {number(mean)} is that of one row: its error is unknown."
        return Finding("small validation set", evidence, _more_rows(MIN_ROWS), {"rows": 1})
    wide = rows.standard_error * math.sqrt(len(rows) / count) / mean if mean > 0.0 else 0.0
    if count >= MIN_ROWS and wide <= MAX_LOSS_ERROR:
        return None
    evidence = (
        f"{count} validation rows give a loss of {number(mean)} with a standard error of {number(wide * mean)} "
        f"({percent(wide)}): trainings whose losses differ by less than a factor of "
        f"{number(1.0 + 2.0 * math.sqrt(2.0) * wide)} cannot be told apart."
    )
    needed = max(MIN_ROWS, math.ceil(count * (wide / MAX_LOSS_ERROR) ** 2))
    return Finding("small validation set", evidence, _more_rows(needed), {"rows": count, "standard error": wide * mean})


def _few_for_accuracy(correct: Bool[np.ndarray, " n"], count: int) -> Finding | None:
    share = float(correct.mean())
    low, high = proportion_interval(round(share * count), count)
    if count >= MIN_ROWS and high - low <= 2.0 * MAX_ACCURACY_ERROR:
        return None
    evidence = (
        f"{percent(share)} of {count} validation rows are correct; the 95 % interval is {percent(low)} to "
        f"{percent(high)}."
    )
    needed = max(MIN_ROWS, math.ceil((1.96 / MAX_ACCURACY_ERROR) ** 2 * max(share * (1.0 - share), 0.1)))
    return Finding("small validation set", evidence, _more_rows(needed), {"rows": count, "low": low, "high": high})


def _more_rows(count: int) -> str:
    return f"at least {setting(count)} validation rows; if there are no more, repeat the training with other splits"


def sorted_split(facts: Facts) -> Finding | None:
    """The rows of training and validation come from different ranges, as when sorted rows are cut."""
    from scipy.stats import ks_2samp

    dataset = facts.dataset
    assert dataset is not None
    train, validation = dataset.train, dataset.validation
    if min(len(train), len(validation)) < MIN_ROWS:
        return None
    names = (*dataset.manifest.feature_names, *dataset.manifest.target_names)
    pairs = zip(names, _columns(train), _columns(validation), strict=True)
    columns = [(name, a, b, ks_2samp(a, b)) for name, a, b in pairs]
    name, a, b, test = max(columns, key=lambda column: float(column[3].statistic))
    if test.statistic < APART or test.pvalue > APART_CHANCE:
        return None
    evidence = (
        f"Column {name} is {_range(a)} in the training rows and {_range(b)} in the validation rows (5th to 95th "
        f"percentile; the distributions are {number(float(test.statistic))} apart, of at most 1): the validation loss "
        "is that of other rows than the network was trained for."
    )
    remedy = "shuffle the rows before they are split into training and validation rows"
    return Finding("sorted split", evidence, remedy, {"apart": float(test.statistic)})


def _columns(table: Table) -> list[Float[np.ndarray, " n"]]:
    return [*table.features.T, *table.targets.T]


def _range(values: Float[np.ndarray, " n"]) -> str:
    low, high = np.percentile(values, [5, 95])
    return f"{number(float(low))} to {number(float(high))}"


def shuffled_pairs(facts: Facts) -> Finding | None:
    """The joint positions of a row do not reach the pose in its features."""
    dataset, arm = facts.dataset, facts.trained.arm
    assert dataset is not None
    encoding, table = ENCODINGS.get(dataset.manifest.encoding or ""), facts.train_rows.table
    if arm is None or encoding is None or table.targets.shape[1] != arm.dof:
        return None
    T_reached = encoding.decode(encoding.encode(arm.forward_kinematics(table.targets)))
    T_written = encoding.decode(table.features)
    miss = position_error(T_reached, T_written)
    tolerance = 1e-3 * float(np.linalg.norm(np.ptp(T_reached[:, :3, 3], axis=0)))
    wrong = miss > tolerance
    share = float(wrong.mean())
    if share < WRONG_POSE:
        return None
    from scipy.spatial import cKDTree

    elsewhere = cKDTree(T_written[wrong, :3, 3]).query(T_reached[wrong, :3, 3])[0] <= tolerance
    evidence = (
        f"In {int(wrong.sum())} of {len(table)} training rows ({percent(share)}) the joint positions put the tool "
        f"elsewhere than the features say, by {number(1e3 * float(np.median(miss[wrong])))} mm (median)."
    )
    remedy = f"targets that are joint positions of {arm.name} [rad or m], and features that are its poses"
    if elsewhere.mean() > 0.5:
        evidence += (
            f" {percent(float(elsewhere.mean()))} of them reach the pose of another row: the pairs are shuffled."
        )
        remedy = "put each row of targets beside its own features again: shuffle features and targets together"
    return Finding("shuffled pairs", evidence, remedy, {"share": share, "elsewhere": float(elsewhere.mean())})


def constant_target(facts: Facts) -> Finding | None:
    """A target has the same value in every training row."""
    dataset = facts.dataset
    assert dataset is not None
    y = dataset.train.targets
    if facts.trained.space != "joints" or len(y) < 2:
        return None
    constant = np.flatnonzero((y == y[0]).all(axis=0))
    if not len(constant):
        return None
    names = [f"{dataset.manifest.target_names[i]} is {number(float(y[0, i]))}" for i in constant]
    evidence = f"In all {len(y)} training rows target {', '.join(names)}: its scores say nothing about the network."
    remedy = "leave the column out, or add rows in which it varies"
    return Finding("constant target", evidence, remedy, {"columns": len(constant)})


def no_signal(facts: Facts) -> Finding | None:
    """The features say nothing about the targets: no prediction is better than the constant answer."""
    dataset = facts.dataset
    assert dataset is not None
    if facts.trained.space != "joints" or facts.constant is None or len(dataset.validation) < MIN_ROWS:
        return None
    if len(dataset.train) < MANY_ROWS or facts.kept_loss < NO_BETTER * facts.constant:
        return None
    wanted = [_as_numbers(rows.wanted, facts) for rows in (facts.train_rows, facts.validation_rows)]
    inputs = [_standardised(x) for x in (facts.train_rows.inputs, facts.validation_rows.inputs)]
    if wanted[0].std(axis=0).max() == 0.0:
        return None
    linear, neighbours = _linear_r2(*inputs, *wanted), _neighbours_r2(*inputs, *wanted)
    if max(linear, neighbours) > EXPLAINS:
        return None
    evidence = (
        f"On the validation rows nothing is better than the constant answer, {number(facts.constant)}: not the "
        f"network, {number(facts.kept_loss)}, nor the mean of the {K_NEIGHBOURS} nearest training rows (R² "
        f"{neighbours:.2f}), nor a linear fit (R² {linear:.2f}). The features say nothing about the targets."
    ).replace("-", "−")
    remedy = "check that each row of targets belongs to its row of features; other features"
    return Finding("no signal", evidence, remedy, {"linear": linear, "neighbours": neighbours})


def _as_numbers(wanted: Float[np.ndarray, "n t"], facts: Facts) -> Float[np.ndarray, "n k"]:
    """Targets to fit: class numbers as one column for each class."""
    if facts.config.loss not in CLASS_NUMBERS:
        return wanted
    return np.eye(facts.train_rows.given.shape[1])[wanted[:, 0].astype(int)]


def _linear_r2(
    x: Float[np.ndarray, "n f"], x_validation: Float[np.ndarray, "m f"],
    y: Float[np.ndarray, "n t"], y_validation: Float[np.ndarray, "m t"],
) -> float:  # fmt: skip
    weights = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
    return _r2(np.column_stack([x_validation, np.ones(len(x_validation))]) @ weights, y_validation, y)


def _neighbours_r2(
    x: Float[np.ndarray, "n f"], x_validation: Float[np.ndarray, "m f"],
    y: Float[np.ndarray, "n t"], y_validation: Float[np.ndarray, "m t"],
) -> float:  # fmt: skip
    from scipy.spatial import cKDTree

    found = cKDTree(x).query(x_validation, k=K_NEIGHBOURS)[1]
    return _r2(y[found].mean(axis=1), y_validation, y)


def _r2(
    predicted: Float[np.ndarray, "m t"], actual: Float[np.ndarray, "m t"], train: Float[np.ndarray, "n t"]
) -> float:
    """Share of the squared error of the training rows' mean that a prediction removes."""
    return float(1.0 - ((predicted - actual) ** 2).sum() / ((train.mean(axis=0) - actual) ** 2).sum())
