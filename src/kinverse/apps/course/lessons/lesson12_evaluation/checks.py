"""Checks of lesson 12."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_exact_and_constant(learner: Learner, rng: np.random.Generator) -> None:
    """Exact predictions have an R² of 1, the mean of each joint an R² of 0."""
    actual = _angles(rng, 30)
    got = _r2(learner, actual, actual.copy())
    expect(close(got, 1.0, 1e-6), f"exact predictions have an R² of {shown(got)}, expected 1 for every joint")
    means = np.broadcast_to(actual.mean(axis=0), actual.shape).copy()
    got = _r2(learner, actual, means)
    expect(
        close(got, 0.0, 1e-6),
        f"predicting each joint's mean gives an R² of {shown(got)}, expected 0 for every joint: from which mean are "
        "the squares in the divisor?",
    )


def check_better_and_worse(learner: Learner, rng: np.random.Generator) -> None:
    """R² falls with the error, without a lower limit, and is not a correlation."""
    actual = _angles(rng, 40)
    centred = actual - actual.mean(axis=0)
    half = actual.mean(axis=0) + 0.5 * centred
    got = _r2(learner, actual, half)
    expect(
        not close(got, 1.0, 1e-3),
        "predictions halfway to the mean have an R² of 1: that is a correlation, which does not depend on scale",
    )
    expect(
        not close(got, 0.0, 1e-2),
        f"predictions halfway to the mean have an R² of {shown(got)}: is the divisor the spread of the true angles, "
        "or of the predictions?",
    )
    expect(
        close(got, 0.75, 1e-3),
        f"predictions halfway to the mean leave a quarter of the squares, but their R² is {shown(got)}: are the "
        "differences squared before the sum?",
    )
    shifted = actual + 2.0 * actual.std(axis=0)
    got = _r2(learner, actual, shifted)
    expect(
        not close(got, 0.0, 1e-6) and not close(got, 1.0, 1e-6),
        f"predictions that are two standard deviations too large have an R² of {shown(got)}: it must be below 0 if "
        "they are worse than the mean, without a limit",
    )
    expect(
        not close(got, 3.0, 1e-3),
        "predictions that are two standard deviations too large have an R² of 3, but R² is at most 1: what is "
        "subtracted from what?",
    )
    expect(close(got, -3.0, 1e-3), f"predictions that are two standard deviations too large have an R² of {shown(got)}")


def check_each_joint(learner: Learner, rng: np.random.Generator) -> None:
    """Every joint has its own R², with its own mean."""
    actual = _angles(rng, 60)
    share = rng.permutation([0.1, 0.3, 0.6, 1.2])
    signs = np.where(np.arange(60) % 2 == 0, 1.0, -1.0)[:, None]
    predicted = actual + share * actual.std(axis=0) * signs
    got, wanted = _r2(learner, actual, predicted), 1.0 - share**2
    expect(
        not close(got, wanted.mean(), 1e-3),
        "all joints have the same R², their mean, which hides a joint that fails: return one for each joint",
    )
    expect(
        close(got, wanted, 1e-3),
        f"joint {int(np.abs(got - wanted).argmax()) + 1} has errors of "
        f"{shown(share[int(np.abs(got - wanted).argmax())])} times its standard deviation, but an R² of "
        f"{shown(got[int(np.abs(got - wanted).argmax())])}, expected {shown(wanted[np.abs(got - wanted).argmax()])}",
    )


def check_joint_that_never_moves(learner: Learner, rng: np.random.Generator) -> None:
    """A joint without spread gives 1 or 0, by the rule."""
    actual = _angles(rng, 15)
    actual[:, 2] = rng.integers(1, 8) / 8.0  # its mean is the same number, to the last bit
    for off, rule in ((0.0, 1.0), (0.1, 0.0)):
        predicted = actual + 0.05
        predicted[:, 2] = actual[:, 2] + off
        value = learner.call("r2_per_joint", actual, predicted)
        warned = [text for text in learner.warned if "divide" in text or "invalid" in text]
        got = numbers(value, "r2_per_joint, with a joint that never moves,", (4,))
        expect(not warned, f"joint 3 never moves, but NumPy warns: {shown(warned[0]) if warned else ''}")
        expect(
            close(got[2], rule, 1e-6),
            f"joint 3 never moves, its predictions are {'exact' if off == 0.0 else 'off by 0.1 rad'}, and its R² is "
            f"{shown(got[2])}, expected {shown(rule)}",
        )


def check_tool_errors(learner: Learner, rng: np.random.Generator) -> None:
    """The error at the tool is one distance in millimetres per row."""
    predicted = rng.uniform(-1.0, 1.0, (12, 4))
    lengths = rng.uniform(0.005, 0.05, 12)
    away = rng.normal(size=(12, 3))
    away *= (lengths / np.linalg.norm(away, axis=1))[:, None]
    targets = _tool(predicted) + away
    got = numbers(learner.call("tool_errors", _tool, predicted, targets), "tool_errors(forward, predicted, targets)")
    expect(
        got.shape == (12,),
        f"tool_errors gives the shape {got.shape} for 12 rows, expected one distance each: which axis holds x, y, z?",
    )
    expect(not close(got, lengths, 1e-3 * lengths.min()), "the distances are in metres: a report needs millimetres")
    expect(
        not close(got, 1000.0 * lengths**2, 1e-3) and not close(got, 1e6 * lengths**2, 1e-3),
        "the distances are squared: where is the root?",
    )
    expect(
        not close(got, 1000.0 * np.abs(away).sum(axis=1), 1e-3)
        and not close(got, 1000 * np.abs(away).max(axis=1), 1e-3),
        "the result is the sum or the largest of the differences in x, y and z, not the straight distance",
    )
    expect(
        not close(got, 1000.0 * np.sqrt((away**2).mean(axis=1)), 1e-3),
        "the result uses the mean of the squares in x, y and z: a distance is the root of their sum",
    )
    expect(
        close(got, 1000.0 * lengths, 1e-3),
        f"the tool of row 1 is {shown(1000.0 * lengths[0])} mm from its target, but tool_errors gives "
        f"{shown(got[0])}: is the tool compared with the target, and every row with its own target?",
    )


def check_summary(learner: Learner, rng: np.random.Generator) -> None:
    """The summary has the median, the 95th percentile and the worst error."""
    errors = rng.permutation(np.concatenate([rng.uniform(1.0, 3.0, 90), rng.uniform(30.0, 40.0, 10), [200.0]]))
    got = learner.call("summary", errors)
    names = ("median", "p95", "worst")
    expect(
        isinstance(got, dict) and set(got) == set(names),
        f"summary gives {shown(sorted(got) if isinstance(got, dict) else got)}, expected the names {', '.join(names)}",
    )
    median, p95, worst = (float(numbers(got[name], name, ())) for name in names)
    expect(not close(median, errors.mean(), 1e-3), "the median is a mean: one error of 200 changes it a lot")
    below = float((errors < median).mean())
    expect(0.45 < below < 0.55, f"{shown(100.0 * below)} % of the errors are below your median, expected half")
    below = float((errors < p95).mean())
    expect(
        not close(p95, errors.mean() + 2.0 * errors.std(), 1e-2),
        "p95 is the mean plus two standard deviations, but errors are not normally distributed",
    )
    expect(0.93 < below < 0.97, f"{shown(100.0 * below)} % of the errors are below your p95, expected 95 %")
    expect(close(worst, 200.0, 1e-6), f"the largest error is 200, but worst is {shown(worst)}")


def _angles(rng: np.random.Generator, rows: int) -> np.ndarray:
    """Four joints with means far apart, which a global mean would count as explained."""
    return rng.permutation([-2.0, 0.5, 1.5, 4.0]) + rng.uniform(0.3, 0.6, 4) * rng.normal(size=(rows, 4))


def _tool(q: np.ndarray) -> np.ndarray:
    """Forward kinematics with links of 0.3 m; the first joint turns about z, the others about a horizontal axis."""
    q = np.asarray(q, dtype=float)
    turned = np.cumsum(q[..., 1:], axis=-1)
    out, up = 0.3 * np.cos(turned).sum(axis=-1), 0.3 * np.sin(turned).sum(axis=-1)
    return np.stack([out * np.cos(q[..., 0]), out * np.sin(q[..., 0]), up], axis=-1)


def _r2(learner: Learner, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    got = learner.call("r2_per_joint", actual, predicted)
    return numbers(got, "r2_per_joint(actual, predicted)", (actual.shape[1],))
