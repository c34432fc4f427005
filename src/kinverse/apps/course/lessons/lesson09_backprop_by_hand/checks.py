"""Checks of lesson 9."""

import numpy as np

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown


def check_forward_values(learner: Learner, rng: np.random.Generator) -> None:
    """The hidden values and the outputs of forward are correct."""
    x, _, W1, W2 = _network(rng, rows=4)
    hidden, y = _forward(learner, x, W1, W2)
    z = x @ W1.T
    true = _sigmoid(z)
    expect(
        not close(hidden, z, 1e-6),
        f"the hidden values are {shown(hidden[0])}, which is W1 times the first row: where is the sigmoid?",
    )
    expect(
        close(hidden, true, 1e-5),
        f"the hidden values of the first row are {shown(hidden[0])}; its weighted sums are {shown(z[0])}, and their "
        "sigmoids have other values",
    )
    expect(
        not close(y, _sigmoid(true @ W2.T), 1e-5),
        f"all outputs lie between 0 and 1, such as {shown(y[0])}: is there a sigmoid after the output layer, which "
        "should be linear?",
    )
    expect(
        close(y, true @ W2.T, 1e-5),
        f"the hidden values are correct, but the outputs of the first row, {shown(y[0])}, are not",
    )


def check_large_inputs(learner: Learner, rng: np.random.Generator) -> None:
    """Inputs of any size give finite numbers."""
    x, _, W1, W2 = _network(rng, rows=3)
    x *= 1000.0 * np.sign(x @ W1[0])[:, None]  # the first unit's sums are far above 0 in all rows
    for side, name in ((1.0, "large"), (-1.0, "large negative")):
        hidden, _ = _forward(learner, side * x, W1, W2)
        expect(
            not any("overflow" in warning for warning in learner.warned),
            f"NumPy warns of an overflow for {name} inputs of the sigmoid: exp of a large number; can the formula be "
            "changed so that the exponent is never above 0?",
        )
        expect(close(hidden, _sigmoid(side * x @ W1.T), 1e-5), f"for {name} sums the sigmoid gives {shown(hidden[0])}")


def check_output_layer(learner: Learner, rng: np.random.Generator) -> None:
    """The gradient of W2 is correct for one row."""
    x, t, W1, W2 = _network(rng, rows=1)
    _, got = _gradients(learner, x, t, W1, W2)
    _, true = _true(x, t, W1, W2)
    place = np.unravel_index(int(np.abs(got - true).argmax()), true.shape)
    name = f"W2[{place[0] + 1},{place[1] + 1}]"
    moved = f"a small increase of {name} changes the loss by {shown(true[place])} per unit, but ∂L/∂{name} "
    expect(
        not close(got, -true, 1e-4), moved + f"is {shown(got[place])}: the sign is wrong; is the error y − t or t − y?"
    )
    expect(not close(got, 2.0 * true, 1e-4), moved + "is twice that: the loss has a ½ in front of the square")
    expect(close(got, true, 1e-4), moved + f"is {shown(got[place])}: is it the incoming gradient times the input?")


def check_hidden_layer(learner: Learner, rng: np.random.Generator) -> None:
    """The gradient of W1 is correct for one row."""
    x, t, W1, W2 = _network(rng, rows=1)
    got, _ = _gradients(learner, x, t, W1, W2)
    true, _ = _true(x, t, W1, W2)
    z = x @ W1.T
    hidden = _sigmoid(z)
    error = hidden @ W2.T - t
    back = error @ W2
    wrong = (
        (back, "the gradient passes W2 and is then multiplied by x: where is the slope of the sigmoid between them?"),
        (
            back * z * (1.0 - z),
            "the slope h (1 − h) is computed from the weighted sum; h is the value after the sigmoid",
        ),
        (back * hidden, "it is multiplied by h instead of the slope of the sigmoid"),
        (
            np.repeat(error.sum(axis=1, keepdims=True), len(W1), axis=1) * hidden * (1.0 - hidden),
            "every hidden unit gets the same error, whatever its weights to the outputs: where is W2?",
        ),
        (
            error @ W2.T * hidden * (1.0 - hidden) if len(W2) == len(W1) else np.full_like(back, np.nan),
            "every hidden unit gets the errors of another unit: is W2 transposed? It is square here, so both forms fit",
        ),
    )
    for dz, message in wrong:
        expect(not close(got, dz.T @ x, 1e-4), f"∂L/∂W1 is wrong: {message}")
    expect(
        close(got, true, 1e-4),
        f"a small increase of W1[1,1] changes the loss by {shown(true[0, 0])} per unit, but ∂L/∂W1[1,1] is "
        f"{shown(got[0, 0])}",
    )


def check_batch_adds_up(learner: Learner, rng: np.random.Generator) -> None:
    """The gradients of a batch are the sums of those of its rows."""
    rows = int(rng.integers(3, 6))
    x, t, W1, W2 = _network(rng, rows)
    for name, got, true in zip(("W1", "W2"), _gradients(learner, x, t, W1, W2), _true(x, t, W1, W2), strict=True):
        expect(
            not close(got, true / rows, 1e-4) and not close(got, true / t.size, 1e-4),
            f"∂L/∂{name} of {rows} rows is too small, by the number of rows or of targets: the loss is a sum here, "
            "not a mean",
        )
        expect(
            close(got, true, 1e-4),
            f"∂L/∂{name} of one row was correct, but not of {rows} rows: it should be the sum of the gradients of the "
            "rows; are some rows missing?",
        )


def check_numeric_gradient(learner: Learner, rng: np.random.Generator) -> None:
    """The numeric gradient measures the slope of any loss."""
    W, factor, step = rng.uniform(0.5, 1.5, (2, 3)), rng.uniform(1.0, 2.0, (2, 3)), 0.01

    def loss(weights: np.ndarray) -> float:
        return float((factor * np.asarray(weights) ** 3).sum())

    got = numbers(learner.call("numeric_gradient", loss, W, step), "numeric_gradient(loss, W, step)", W.shape)
    true = 3.0 * factor * W**2
    one_sided = 3.0 * factor * W * step
    place = np.unravel_index(int(np.abs(got - true).argmax()), W.shape)
    name = f"W[{place[0] + 1},{place[1] + 1}]"
    seen = f"a loss rises by {shown(true[place])} per unit of {name}, but numeric_gradient gives {shown(got[place])}"
    expect(not close(got, 2.0 * true, 1e-3), f"{seen}: how many steps are between the two points?")
    expect(not close(got, -true, 1e-3), f"{seen}: which of the two losses is subtracted?")
    expect(not close(got, true * step, 1e-3) and not close(got, 2 * true * step, 1e-3), f"{seen}: divided by what?")
    expect(
        not (close(got, true + one_sided, 1e-3) or close(got, true - one_sided, 1e-3)),
        f"{seen}: it uses one side only; central differences use both and are much more accurate",
    )
    expect(
        not close(got, true.sum(), 1e-2),
        f"all slopes are {shown(got[0, 0])}: are all weights changed at once, instead of one?",
    )
    expect(close(got, true, 1e-3), f"{seen}: are all other weights unchanged while one is changed?")
    moves: list[float] = []

    def watched(weights: np.ndarray) -> float:
        moves.append(float(np.abs(np.asarray(weights) - W).max()))
        return loss(weights)

    for given in (0.5, 1e-3):
        moves.clear()
        learner.call("numeric_gradient", watched, W, given)
        expect(
            len(moves) > 0 and close(min(move for move in moves if move > 0.0), given, 1e-6),
            f"the step given is {shown(given)}, but the weights are moved by {shown(min(moves, default=0.0))}",
        )
    whole = np.array([[-2, 1], [3, 8], [-12, 7]])
    got = numbers(
        learner.call("numeric_gradient", lambda weights: float((np.asarray(weights) ** 2).sum()), whole, 0.01),
        "numeric_gradient of a loss of whole-number weights", whole.shape,
    )  # fmt: skip
    expect(
        close(got, 2.0 * whole, 1e-3),
        f"for W = [[−2, 1], [3, 8], [−12, 7]] and the loss ΣW² the slopes are {shown(got)}, expected 2 W: "
        "an array of whole numbers cannot take a step of 0.01; convert it to float first",
    )


def _sigmoid(z: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(z))
    return np.where(z >= 0.0, 1.0, small) / (1.0 + small)


def _network(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, targets and weights; W2 is square, so that its transpose fits too; no input is near 0."""
    units, inputs = 3, 2
    x = rng.uniform(0.5, 1.5, (rows, inputs)) * rng.choice([-1.0, 1.0], (rows, inputs))
    t = rng.uniform(2.0, 3.0, (rows, units)) * rng.choice([-1.0, 1.0], (rows, units))
    W1 = rng.uniform(0.3, 1.0, (units, inputs)) * rng.choice([-1.0, 1.0], (units, inputs))
    W2 = rng.uniform(0.3, 1.0, (units, units)) * rng.choice([-1.0, 1.0], (units, units))
    return x, t, W1, W2


def _true(x: np.ndarray, t: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hidden = _sigmoid(x @ W1.T)
    error = hidden @ W2.T - t
    return ((error @ W2) * hidden * (1.0 - hidden)).T @ x, error.T @ hidden


def _forward(learner: Learner, *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, W1, W2 = arguments
    pair = learner.call("forward", *arguments)
    expect(
        isinstance(pair, tuple | list) and len(pair) == 2,
        f"forward gives {shown(pair)}, expected two arrays, the hidden values and the outputs",
    )
    hidden = numbers(pair[0], "the first result of forward", (len(x), len(W1)))
    return hidden, numbers(pair[1], "the second result of forward", (len(x), len(W2)))


def _gradients(learner: Learner, *arguments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, _, W1, W2 = arguments
    pair = learner.call("gradients", *arguments)
    expect(
        isinstance(pair, tuple | list) and len(pair) == 2,
        f"gradients gives {shown(pair)}, expected two arrays, ∂L/∂W1 and ∂L/∂W2",
    )
    return numbers(pair[0], "∂L/∂W1", W1.shape), numbers(pair[1], "∂L/∂W2", W2.shape)
