"""Checks of lesson 16."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

NAMES = ("constant output", "reachability floor", "still falling", "nothing found")


def check_the_spread(learner: Learner, rng: np.random.Generator) -> None:
    """The spread of the predictions, as a fraction of that of the targets."""
    targets = rng.normal(size=(40, 2)) * [1.0, 3.0] + rng.uniform(1.0, 5.0, 2)
    for share in (1.0, 0.3):
        predictions = targets.mean(axis=0) + share * (targets - targets.mean(axis=0)) + rng.uniform(-2.0, 2.0, 2)
        got = _spread(learner, predictions, targets)
        expect(
            not close(got, share**2, 1e-3) or share == 1.0,
            f"the predictions have {share} of the targets' standard deviation, but spread gives {shown(got)}: a ratio "
            "of variances without the root",
        )
        expect(
            close(got, share, 1e-3),
            f"the predictions have {share} of the targets' standard deviation in both columns, around another mean, "
            f"but spread gives {shown(got)}: is the variance taken over the rows, column by column?",
        )

    targets = rng.normal(size=(40, 2)) * [1.0, 10.0]
    predictions = targets * [1.0, 0.05]
    expected = float(np.sqrt(predictions.var(axis=0).sum() / targets.var(axis=0).sum()))
    got = _spread(learner, predictions, targets)
    expect(
        close(got, expected, 1e-3),
        f"the second column of the targets is ten times as wide as the first, and predicted with a twentieth of its "
        f"spread: over both columns that is {shown(expected)}, but spread gives {shown(got)}; are ratios of columns "
        "averaged?",
    )


def check_a_constant_has_no_spread(learner: Learner, rng: np.random.Generator) -> None:
    """Equal rows have no spread, even if their columns differ."""
    targets = rng.normal(size=(30, 2))
    predictions = np.tile(rng.uniform(-5.0, 5.0, 2), (30, 1))
    got = _spread(learner, predictions, targets)
    expect(
        got < 1e-9,
        f"all rows of the predictions are {shown(predictions[0])}, but their spread is {shown(got)}: a difference "
        "between columns is not a spread over the rows",
    )


def check_the_fall(learner: Learner, rng: np.random.Generator) -> None:
    """The fraction by which the loss fell over the last tenth of the epochs."""
    for epochs in (300, 57, 19, 99, 4):
        history = rng.uniform(1.0, 2.0) * np.exp(-rng.uniform(0.002, 0.02) * np.arange(epochs + 1))
        got = _fall(learner, history)
        tenth = max(epochs // 10, 1)
        expected = 1.0 - history[-1] / history[-1 - tenth]
        whole = 1.0 - history[-1] / history[0]
        expect(
            not close(got, whole, 1e-4) or close(whole, expected, 1e-4),
            f"over {epochs} epochs fall gives {shown(got)}: that is the fall over the whole training",
        )
        expect(
            not close(got, history[-1 - tenth] - history[-1], 1e-6),
            f"fall gives {shown(got)}, a difference of two losses: which fraction of the earlier loss is that?",
        )
        expect(
            close(got, expected, 0.02 * abs(expected) + 1e-9) or abs(got - expected) < 0.06 * expected,
            f"over the last {tenth} of {epochs} epochs the loss fell by the fraction {shown(expected)}, but fall "
            f"gives {shown(got)}",
        )
    rising = np.append(np.ones(50), np.linspace(1.0, 1.5, 6))
    got = _fall(learner, rising)
    expect(
        got < 0.0,
        f"the loss rises over the last tenth of the epochs, but fall gives {shown(got)}: expected a negative number",
    )


def check_each_cause_is_named(learner: Learner, rng: np.random.Generator) -> None:
    """Each of the four causes is found."""
    for expected in rng.permutation(NAMES):
        history, floor, predictions, targets = _training(str(expected), rng)
        got = learner.call("diagnose", history, floor, predictions, targets)
        expect(
            got in NAMES,
            f"diagnose gives {shown(got)}, expected one of {', '.join(NAMES)}",
        )
        expect(got == expected, f"{_case(history, floor, predictions, targets)}: diagnose gives {got!r}")


def check_the_order_and_the_bounds(learner: Learner, rng: np.random.Generator) -> None:
    """The first rule that holds decides; a floor counts only if there is one and the loss is near it."""
    targets = rng.normal(size=(50, 2))
    good = targets + 0.05 * rng.normal(size=targets.shape)
    constant = np.tile(targets.mean(axis=0), (50, 1))
    rising = np.concatenate([np.linspace(0.1, 0.0191, 60), np.linspace(0.0191, 0.1, 60), np.full(60, 0.1)])
    flat, falling = np.full(101, 0.02), 0.02 * 1.3 ** np.linspace(10.0, 0.0, 101)
    cases = (
        (flat, 0.019, constant, "constant output", "all predictions are equal, and the loss happens to be at a floor"),
        (falling, 0.019, good, "reachability floor", "the loss is 5 % above the floor, and still falls slowly"),
        (falling, 0.0, good, "still falling", "the floor is 0: everything can be reached, and the loss falls"),
        (falling, 0.005, good, "still falling", "the loss is four times the floor, and falls"),
        (flat, 0.005, good, "nothing found", "the loss is flat and four times the floor"),
        (flat, 0.0, good, "nothing found", "there is no floor, and the loss is flat"),
        (
            rising,
            0.019,
            good,
            "nothing found",
            "the loss was near the floor once, but rose and ended five times as high",
        ),
    )
    for history, floor, predictions, expected, words in cases:
        got = learner.call("diagnose", history, floor, predictions, targets)
        expect(
            got == expected, f"{words}: diagnose gives {shown(got)}, but the rules in their order give another cause"
        )


def _training(kind: str, rng: np.random.Generator) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """A training with a known cause of failure: history, floor, predictions, targets."""
    targets = rng.uniform(0.0, 2.0, (80, 2))
    good = targets + 0.05 * rng.normal(size=targets.shape)
    epochs = int(rng.integers(100, 400))
    settled = 2.0 * np.exp(-np.linspace(0.0, 12.0, epochs + 1))
    if kind == "constant output":
        level = float(targets.var(axis=0).mean())
        return level + settled, 0.0, np.tile(targets.mean(axis=0), (80, 1)) + 1e-4 * rng.normal(size=(80, 2)), targets
    if kind == "reachability floor":
        floor = float(rng.uniform(0.01, 0.05))
        return 1.02 * floor + settled, floor, good, targets
    if kind == "still falling":
        return 3.0 * np.exp(-np.linspace(0.0, rng.uniform(1.2, 2.5), epochs + 1)), 0.0, 0.5 * good, targets
    return 2e-3 + settled, 0.0, good, targets


def _case(history: np.ndarray, floor: float, predictions: np.ndarray, targets: np.ndarray) -> str:
    std = np.sqrt(predictions.var(axis=0).sum() / targets.var(axis=0).sum())
    tenth = max((len(history) - 1) // 10, 1)
    return (
        f"the predictions of a training have {shown(float(std))} of the targets' spread, its last loss is "
        f"{shown(float(history[-1]))} with a floor of {shown(floor)}, and its loss fell by the fraction "
        f"{shown(float(1.0 - history[-1] / history[-1 - tenth]))} over the last tenth of its epochs"
    )


def _spread(learner: Learner, predictions: np.ndarray, targets: np.ndarray) -> float:
    return float(numbers(learner.call("spread", predictions, targets), "spread(predictions, targets)", ()))


def _fall(learner: Learner, history: np.ndarray) -> float:
    return float(numbers(learner.call("fall", history), "fall(history)", ()))
