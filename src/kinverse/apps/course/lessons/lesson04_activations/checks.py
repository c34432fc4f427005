"""Checks of lesson 4."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_sigmoid_values(learner: Learner, rng: np.random.Generator) -> None:
    """The sigmoid is correct for ordinary numbers, in arrays of any shape."""
    for shape in ((7,), (4, 3), ()):
        x = rng.uniform(-4.0, 4.0, shape)
        got = numbers(learner.call("sigmoid", x), f"sigmoid of an array of shape {shape}", shape)
        middle = float(numbers(learner.call("sigmoid", np.zeros(1)), "sigmoid([0])", (1,))[0])
        expect(close(middle, 0.5), f"sigmoid(0) is {shown(middle)}, expected the middle between 0 and 1")
        low, high = got.min(), got.max()
        expect(
            low >= 0.0 and high <= 1.0,
            f"between −4 and 4 the sigmoid runs from {shown(low)} to {shown(high)}, beyond 0 … 1",
        )
        other = numbers(learner.call("sigmoid", -x), "sigmoid(−x)", shape)
        expect(
            close(got + other, np.ones(shape)),
            f"sigmoid(x) + sigmoid(−x) should be 1 everywhere, but is {shown((got + other).ravel()[0])} at "
            f"x = {shown(x.ravel()[0])}",
        )
        odds = got / (1.0 - got)
        expect(
            close(odds, np.exp(x), 1e-5),
            f"at x = {shown(x.ravel()[0])} sigmoid / (1 − sigmoid) is {shown(odds.ravel()[0])}, but exp(x) is "
            f"{shown(np.exp(x).ravel()[0])}: they should be equal",
        )


def check_sigmoid_of_large_numbers(learner: Learner, rng: np.random.Generator) -> None:
    """The sigmoid of ±1000 neither overflows nor warns, and runs on to 0."""
    for x, wanted in ((1000.0, 1.0), (-1000.0, 0.0)):
        got = float(numbers(learner.call("sigmoid", np.array([x])), f"sigmoid([{shown(x)}])", (1,))[0])
        _no_warning(learner, f"sigmoid({shown(x)})")
        expect(abs(got - wanted) < 1e-5, f"sigmoid({shown(x)}) is {shown(got)}, expected {shown(wanted)}")
    x = rng.uniform(-600.0, -100.0)
    got = float(numbers(learner.call("sigmoid", np.array([x])), "sigmoid of a number below −100", (1,))[0])
    expect(
        abs(got) < 1e-9,
        f"sigmoid({shown(x)}) is {shown(got)}, but exp({shown(x)}) is {shown(np.exp(x))}, and they should be nearly "
        "equal: is x cut off?",
    )


def check_slope(learner: Learner, rng: np.random.Generator) -> None:
    """The slope agrees with finite differences."""
    x, step = rng.uniform(-4.0, 4.0, (3, 4)), 1e-5
    got = numbers(learner.call("sigmoid_slope", x), "sigmoid_slope(x)", x.shape)
    exact = (1.0 / (1.0 + np.exp(-x - step)) - 1.0 / (1.0 + np.exp(-x + step))) / (2.0 * step)
    worst = np.unravel_index(np.abs(got - exact).argmax(), x.shape)
    expect(
        close(got, exact, 1e-5),
        f"at x = {shown(x[worst])} the slope is {shown(got[worst])}; steps of 10⁻⁵ to both sides give a slope of "
        f"{shown(exact[worst])}. Is the formula written for the sigmoid's value, but applied to x?",
    )


def check_slope_of_large_numbers(learner: Learner, rng: np.random.Generator) -> None:
    """The slope at ±1000 is close to 0, and not NaN."""
    for x in (1000.0, -1000.0):
        got = float(numbers(learner.call("sigmoid_slope", np.array([x])), f"sigmoid_slope([{shown(x)}])", (1,))[0])
        _no_warning(learner, f"sigmoid_slope({shown(x)})")
        expect(abs(got) < 1e-9, f"the slope at {shown(x)} is {shown(got)}: the curve is flat there")


def check_softmax_rows(learner: Learner, rng: np.random.Generator) -> None:
    """Softmax gives probabilities, separately for every row."""
    logits = rng.normal(size=(4, 3)) + np.array([[0.0], [1.0], [2.0], [-3.0]])
    logits[0] = np.array([-1.0, 0.5, 1.5]) + rng.uniform(-0.2, 0.2, 3)
    got = numbers(learner.call("softmax", logits), "softmax of 4 rows of 3 logits", (4, 3))
    expect((got >= 0.0).all(), f"softmax gives {shown(got.min())}, but a probability is never below 0")
    sums, columns = got.sum(axis=1), got.sum(axis=0)
    expect(
        close(sums, 1.0),
        f"the rows sum to {shown(sums)} and the columns to {shown(columns)}; the probabilities of every row should "
        "sum to 1: over which axis is the sum?",
    )
    alone = np.vstack([numbers(learner.call("softmax", row[None]), "softmax of one row", (1, 3)) for row in logits])
    expect(close(got, alone), "the probabilities of a row change when the table has other rows")
    expect(
        (got.argmax(axis=1) == logits.argmax(axis=1)).all(),
        "the largest logit of a row does not get the largest probability",
    )
    ratios = np.log(got[:, 1:] / got[:, :1])
    expect(
        close(ratios, logits[:, 1:] - logits[:, :1], 1e-5),
        f"two logits differ by {shown(logits[0, 1] - logits[0, 0])}, so the ratio of their probabilities should be "
        f"exp of that; the logarithm of the ratio is {shown(ratios[0, 0])}",
    )


def check_softmax_of_large_numbers(learner: Learner, rng: np.random.Generator) -> None:
    """Softmax neither overflows nor divides by zero, however large the logits are."""
    base = rng.normal(size=(3, 4))
    wanted = numbers(learner.call("softmax", base), "softmax(logits)", base.shape)
    for shift in (1000.0, -1000.0):
        got = numbers(learner.call("softmax", base + shift), f"softmax of logits near {shown(shift)}", base.shape)
        _no_warning(learner, f"softmax of logits near {shown(shift)}")
        expect(
            close(got, wanted, 1e-5),
            f"{shown(shift)} was added to all logits, which must not change the probabilities, but they have changed",
        )
    uneven = base + np.array([[1000.0], [0.0], [-1000.0]])
    got = numbers(learner.call("softmax", uneven), "softmax of rows near 1000, 0 and −1000", base.shape)
    expect(
        close(got, wanted, 1e-5),
        "rows near 1000, 0 and −1000 in one table get other probabilities than each row alone: is one number "
        "subtracted from all rows?",
    )

    for far in (1000.0, -1000.0):
        alone = np.zeros((2, 5))
        alone[0, 0], alone[1, 3] = far, 2.0 * far
        got = numbers(learner.call("softmax", alone), f"softmax of rows with {shown(far)} among zeros", alone.shape)
        _no_warning(learner, f"softmax of rows with {shown(far)} among zeros")
        powers = np.exp(alone - alone.max(axis=1, keepdims=True))
        expect(
            close(got, powers / powers.sum(axis=1, keepdims=True), 1e-5),
            f"one logit of a row is {shown(far)} and the others are 0: the probabilities are {shown(got[0])}",
        )


def _no_warning(learner: Learner, what: str) -> None:
    expect(
        not learner.warned,
        f"{what} warns: {', '.join(learner.warned)[:120]}. Somewhere exp gets a large positive number; which form of "
        "the formula avoids this?",
    )
