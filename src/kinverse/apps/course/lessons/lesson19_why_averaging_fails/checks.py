"""Checks of lesson 19."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_both_answers_reach(learner: Learner, rng: np.random.Generator) -> None:
    """Both solutions bring the tool to the target."""
    for _ in range(6):
        l1, l2, target = _case(rng)
        answers = _answers(learner, target, l1, l2)
        for i, q in enumerate(answers):
            miss = float(np.linalg.norm(_tool(q, l1, l2) - target))
            expect(
                miss < 1e-6,
                f"solution {i + 1} of two_answers for a target at {shown(target)} puts the tool {shown(miss)} m away "
                "from it: does q1 correct for the angle of the second link?",
            )

    for l1, l2, target in (*_at_the_edge(rng, stretched=True), *_at_the_edge(rng, stretched=False)):
        for q in _answers(learner, target, l1, l2):
            miss = float(np.linalg.norm(_tool(q, l1, l2) - target))
            expect(
                miss < 1e-6,
                f"for a target at {shown(target)}, at the edge of the reach of links {shown(l1)} and {shown(l2)}, the "
                f"tool is {shown(miss)} m away from it",
            )


def check_two_ways_to_bend(learner: Learner, rng: np.random.Generator) -> None:
    """The solutions have the elbow on different sides."""
    for _ in range(4):
        l1, l2, target = _case(rng)
        q2 = _answers(learner, target, l1, l2)[:, 1]
        expect(
            np.sin(q2[0]) * np.sin(q2[1]) < 0.0,
            f"the elbow angles are {shown(q2[0])} and {shown(q2[1])} rad, to the same side: an angle with a given "
            "cosine has two signs",
        )


def check_the_answer_of_a_squared_error(learner: Learner, rng: np.random.Generator) -> None:
    """The answer of a squared error has the smallest mean squared error to all rows."""
    for count in (2, 7):
        answers = rng.normal(size=(count, 3))
        kept = answers.copy()
        got = numbers(learner.call("squared_error_answer", answers), "squared_error_answer(answers)", (3,))
        error = float(((kept - got) ** 2).mean())
        for _ in range(20):
            other = got + rng.normal(scale=0.05, size=3)
            better = float(((kept - other) ** 2).mean())
            expect(
                better > error - 1e-12,
                f"your answer to {count} rows has a mean squared error of {shown(error)}, but another one nearby has "
                f"{shown(better)}: which statistic minimises the squared error?",
            )


def check_the_best_head_counts(learner: Learner, rng: np.random.Generator) -> None:
    """The loss is small if one head of each row is correct, whatever the others predict."""
    targets = rng.normal(size=(8, 2))
    tools = targets[:, None] + rng.uniform(1.0, 2.0, (8, 3, 2))
    tools[np.arange(8), rng.permutation(np.arange(8) % 3)] = targets
    got = _loss(learner, tools, targets)
    expect(
        abs(got) < 1e-9,
        f"in each of 8 rows one of three heads is exact, not always the same one, but the loss is {shown(got)}: each "
        "row should use its best head",
    )
    worse = tools.copy()
    worse[:, :, 0] += 1.0
    expect(
        _loss(learner, worse, targets) > 0.1,
        "all heads are a metre off, but the loss is as small as before: does it depend on the distances?",
    )


def check_the_loss_is_a_mean_of_squares(learner: Learner, rng: np.random.Generator) -> None:
    """The loss is the mean over rows of the smallest squared distance."""
    targets, tools = rng.normal(size=(5, 2)), rng.normal(size=(5, 2, 2))
    got = _loss(learner, tools, targets)
    distance = np.linalg.norm(tools - targets[:, None], axis=2)
    looks = {
        "the smallest over the heads of the mean over the rows: one head for all rows": (distance**2)
        .mean(axis=0)
        .min(),
        "a sum over the rows, not their mean": (distance**2).min(axis=1).sum(),
        "distances that are not squared": distance.min(axis=1).mean(),
        "a mean over the coordinates instead of their sum": (distance**2).min(axis=1).mean() / 2.0,
    }
    right = float((distance**2).min(axis=1).mean())
    for words, value in looks.items():
        expect(not close(got, value) or close(value, right), f"best_head_loss gives {shown(got)}: that is {words}")
    expect(close(got, right), f"best_head_loss gives {shown(got)} for 5 rows and 2 heads, expected {shown(right)}")


def _case(rng: np.random.Generator) -> tuple[float, float, np.ndarray]:
    """Link lengths and a target well inside reach."""
    l1, l2 = rng.uniform(0.5, 1.5, 2)
    low, high = abs(l1 - l2), l1 + l2
    radius, angle = rng.uniform(low + 0.15 * (high - low), high - 0.15 * (high - low)), rng.uniform(-3.0, 3.0)
    return float(l1), float(l2), radius * np.array([np.cos(angle), np.sin(angle)])


def _at_the_edge(rng: np.random.Generator, stretched: bool) -> list[tuple[float, float, np.ndarray]]:
    """Targets of a stretched or folded arm, for which rounding takes the cosine of the elbow beyond ±1."""
    found: list[tuple[float, float, np.ndarray]] = []
    while len(found) < 3:
        l1, l2 = sorted(rng.uniform(0.5, 1.5, 2), reverse=True)
        angle = rng.uniform(-3.0, 3.0)
        x, y = (l1 + l2 if stretched else l1 - l2) * np.array([np.cos(angle), np.sin(angle)])
        if abs((x * x + y * y - l1 * l1 - l2 * l2) / (2.0 * l1 * l2)) > 1.0:
            found.append((float(l1), float(l2), np.array([x, y])))
    return found


def _answers(learner: Learner, target: np.ndarray, l1: float, l2: float) -> np.ndarray:
    got = learner.call("two_answers", float(target[0]), float(target[1]), l1, l2)
    return numbers(got, "two_answers(x, y, l1, l2)", (2, 2))


def _loss(learner: Learner, tools: np.ndarray, targets: np.ndarray) -> float:
    return float(numbers(learner.call("best_head_loss", tools, targets), "best_head_loss(tools, targets)", ()))


def _tool(q: np.ndarray, l1: float, l2: float) -> np.ndarray:
    first, second = q[0], q[0] + q[1]
    return np.array([l1 * np.cos(first) + l2 * np.cos(second), l1 * np.sin(first) + l2 * np.sin(second)])
