"""Checks of lesson 1."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_constant(learner: Learner, rng: np.random.Generator) -> None:
    """constant_answer gives the best number for every joint."""
    train = _angles(rng, 31)
    got = numbers(learner.call("constant_answer", train), "constant_answer(train_targets)", (train.shape[1],))
    best = train.mean(axis=0)
    if close(got, best, 1e-4):
        return
    joint = int(np.abs(got - best).argmax())
    costs = [((train[:, joint] - value) ** 2).mean() for value in (got[joint], best[joint])]
    expect(
        False,
        f"predicting {shown(got[joint])} for joint {joint + 1} gives a mean squared error of {shown(costs[0])} on the "
        f"training rows, but another constant gives {shown(costs[1])}: which statistic of a column minimises the "
        "squared error?",
    )


def check_error_of_equal_tables(learner: Learner, rng: np.random.Generator) -> None:
    """mean_squared_error of a table with itself is the number 0."""
    table = _angles(rng, 9)
    got = _error(learner, table, table.copy())
    expect(close(got, 0.0, 1e-9), f"the mean squared error of a table with itself is {shown(got)}, expected 0")


def check_error_grows_as_squares(learner: Learner, rng: np.random.Generator) -> None:
    """mean_squared_error is the mean of the squares over rows and joints."""
    actual = _angles(rng, 9)
    off = rng.uniform(0.2, 0.6)
    signs = np.where(rng.permutation(actual.size).reshape(actual.shape) % 2 == 0, 1.0, -1.0)
    got = _error(learner, actual, actual + off * signs)
    expect(
        not close(got, 0.0, 1e-3) or off < 0.1,
        f"all angles are off by {shown(off)} rad, half of them up and half down, and the error is {shown(got)}: do "
        "differences of opposite sign cancel?",
    )
    expect(
        not close(got, off, 1e-3),
        f"all angles are off by {shown(off)} rad and the error is {shown(got)} as well: that is a mean of absolute "
        "values, or a root; where are the squares?",
    )
    size = actual.size
    expect(
        not (close(got, off**2 * size, 1e-3) or close(got, off**2 * len(actual), 1e-3))
        and not close(got, off**2 * actual.shape[1], 1e-3),
        f"all angles are off by {shown(off)} rad in {len(actual)} rows of {actual.shape[1]} joints, and the error is "
        f"{shown(got)}: it grows with the size of the table; is it a sum instead of a mean?",
    )
    twice = _error(learner, actual, actual + 2.0 * off * signs)
    expect(
        close(twice, 4.0 * got, 1e-3),
        f"differences twice as large change the error from {shown(got)} to {shown(twice)}: the squares must grow by a "
        "factor of four",
    )
    expect(
        close(got, off**2, 1e-4),
        f"all angles are off by {shown(off)} rad, and the error is {shown(got)}, which is not the square of that",
    )


def check_network_wins_and_loses(learner: Learner, rng: np.random.Generator) -> None:
    """beats_constant is True for a good network and False for a bad one."""
    train, test = _angles(rng, 40), _angles(rng, 20)
    spread = test.std()
    good = test + 0.1 * spread * rng.choice([-1.0, 1.0], test.shape)
    bad = test + 10.0 * spread * rng.choice([-1.0, 1.0], test.shape)
    expect(
        _yes(learner, train, test, good),
        "a network that is off by a tenth of the spread is reported not to beat the constant",
    )
    expect(
        not _yes(learner, train, test, bad),
        "a network that is off by ten times the spread of the angles is reported to beat the constant: which error "
        "must be smaller?",
    )


def check_constant_comes_from_training_rows(learner: Learner, rng: np.random.Generator) -> None:
    """beats_constant compares the network with a constant that is fitted on the training rows only."""
    test = _angles(rng, 20)
    spread = test.std(axis=0)
    drawn = _angles(rng, 40)
    # As wide as the test rows, and far from them.
    train = test.mean(axis=0) + spread * (3.0 + (drawn - drawn.mean(axis=0)) / drawn.std(axis=0))
    network = test.mean(axis=0) + 1.5 * spread * np.ones_like(test)
    expect(
        _yes(learner, train, test, network),
        "the test rows differ from the training rows, and a network that is better than the constant of the training "
        "rows is reported to lose: was the constant computed from test rows, or is its error measured on other rows?",
    )
    between = test.mean(axis=0) + 2.5 * spread * np.ones_like(test)
    expect(
        _yes(learner, train, test, between),
        "a network that is better than the constant of the training rows, but worse than one of all rows together, is "
        "reported to lose: the constant may not use the test rows",
    )
    low = train.mean(axis=0)
    expect(
        not _yes(learner, train, test, low + 0.5 * spread * np.ones_like(test)),
        "a network that is worse than the constant of the training rows on the test rows is reported to win: on which "
        "rows are both errors measured?",
    )


def _angles(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Four joints, skewed, so that mean, median and middle of the range are three numbers."""
    return rng.uniform(-1.0, 1.0, 4) + rng.uniform(0.5, 1.2, 4) * rng.exponential(1.0, (rows, 4))


def _error(learner: Learner, actual: np.ndarray, predicted: np.ndarray) -> float:
    got = learner.call("mean_squared_error", actual, predicted)
    return float(numbers(got, "mean_squared_error(actual, predicted)", ()))


def _yes(learner: Learner, train: np.ndarray, test: np.ndarray, predicted: np.ndarray) -> bool:
    got = learner.call("beats_constant", train, test, predicted)
    expect(isinstance(got, bool | np.bool_), f"beats_constant gives {shown(got)}, expected True or False")
    return bool(got)
