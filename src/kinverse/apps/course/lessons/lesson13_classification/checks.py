"""Checks of lesson 13."""

import warnings

import numpy as np
import torch
from torch import Tensor, nn

from kinverse.apps.course.checking import Learner, close, expect, numbers, shown

STEPS = 250


class _Borders(nn.Module):
    """Three classes: 2 above a horizontal line, else 1 right of a vertical one, else 0; with optional dropout."""

    def __init__(self, x: float, y: float, dropout: float) -> None:
        super().__init__()
        self.x, self.y = x, y
        self.dropout = nn.Dropout(dropout)
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, points: Tensor) -> Tensor:
        """Logits, all negative except that of the predicted class."""
        if points.dtype != torch.float32:
            raise TypeError(f"the network takes float32, got {points.dtype}")
        right, above = points[:, 0] > self.x, points[:, 1] > self.y
        predicted = torch.where(above, 2, torch.where(right, 1, 0))
        return self.weight * self.dropout(nn.functional.one_hot(predicted, 3).float()) - 0.5


def check_gives_logits(learner: Learner, rng: np.random.Generator) -> None:
    """The network gives logits: any numbers, one for each class."""
    x = torch.tensor(rng.normal(0.0, 5.0, (200, 4)), dtype=torch.float32)
    outputs = [_outputs(learner, _network(learner, 4, 12, 3), x, 3) for _ in range(4)]
    every = np.concatenate(outputs)
    expect(
        not close(every.sum(axis=1), 1.0, 1e-3),
        "the outputs of every row sum to 1, like probabilities: the loss contains a softmax, and with a second one it "
        "cannot fall below 0.55",
    )
    expect(
        not close(np.exp(every).sum(axis=1), 1.0, 1e-3),
        "the outputs are logarithms of probabilities: CrossEntropyLoss takes softmax and logarithm again; it needs "
        "logits",
    )
    expect(
        every.min() < 0.0 or every.max() > 1.0,
        "all outputs lie between 0 and 1: an activation after the last layer limits them; logits are any numbers",
    )
    expect(
        every.min() < 0.0, "no output is ever negative: is there a ReLU after the last layer? Logits are any numbers"
    )
    expect(
        max(float(np.ptp(found, axis=0).max()) for found in outputs) > 1e-4,
        "the outputs are the same for all rows: do they depend on the inputs, or are all weights of a layer 0?",
    )


def check_hidden_layers(learner: Learner, rng: np.random.Generator) -> None:
    """The network has hidden layers with activations and the given width."""
    x = torch.tensor(rng.normal(0.0, 2.0, (100, 2)), dtype=torch.float32)
    model = _network(learner, 2, 16, 3)
    up, down, middle = (_outputs(learner, model, sign * x, 3) for sign in (1.0, -1.0, 0.0))
    expect(
        not close(up + down, 2.0 * middle, 1e-4),
        "the network is linear: layers without an activation between them are one layer, and all borders are straight",
    )
    _every_layer_bends(learner, model, x)
    for hidden in (5, 9):
        model = _network(learner, 2, hidden, 3)
        count = sum(p.numel() for p in model.parameters())
        wanted = 3 * hidden + (hidden + 1) * hidden + (hidden + 1) * 3
        without = wanted - hidden - hidden - 3
        expect(
            without <= count <= wanted,  # with or without biases
            f"two hidden layers of {hidden} for 2 inputs and 3 classes have {wanted} weights and biases, but yours "
            f"have {count}: how many layers are there, and how wide?",
        )


def check_learns(learner: Learner, rng: np.random.Generator) -> None:
    """After a short training it classifies the targets of the arm well."""
    xy = rng.uniform(0.0, 3.6, (600, 2))
    classes = torch.tensor(np.digitize(np.linalg.norm(xy, axis=1), [1.0, 3.0]))
    x = torch.tensor((xy - 1.8) / 1.04, dtype=torch.float32)
    model = _network(learner, 2, 16, 3)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(model(x[:300]), classes[:300])
        expect(
            loss.requires_grad, "the outputs have no gradient, so the network cannot learn: where is the gradient lost?"
        )
        loss.backward()
        optimiser.step()
    predicted = _outputs(learner, model.eval(), x[300:], 3).argmax(axis=1)
    right = float((predicted == classes[300:].numpy()).mean())
    expect(
        right > 0.92,
        f"after {STEPS} steps of Adam on 300 targets, {shown(100.0 * right)} % of 300 others are correct, the loss is "
        f"{shown(float(loss.detach()))}: do all units start equal, or is there another obstacle to learning?",
    )


def check_cross_entropy(learner: Learner, rng: np.random.Generator) -> None:
    """The cross-entropy is the mean loss of the correct classes."""
    logits, labels = rng.normal(0.0, 1.5, (9, 4)), rng.integers(0, 4, 9)
    got = _loss(learner, np.zeros((9, 4)), labels)
    expect(not close(got, 9.0 * np.log(4.0), 1e-4), "the losses of the rows are summed: the loss is their mean")
    expect(
        not close(got, -np.log(4.0), 1e-4),
        "the loss is below 0: a probability is at most 1, so what is the sign of its logarithm?",
    )
    expect(
        close(got, np.log(4.0), 1e-4),
        f"equal logits for 4 classes have the loss {shown(got)}, expected log 4 = 1.386",
    )
    got, costs = _loss(learner, logits, labels), _costs(logits, labels)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expect(
        not close(got, _costs(probabilities, labels).mean(), 1e-4),
        "the loss treats probabilities as logits: the softmax is applied twice",
    )
    expect(
        close(got, costs.mean(), 1e-4),
        f"the mean loss of nine rows is {shown(costs.mean())}, but cross_entropy gives {shown(got)}: is it the "
        "logarithm of the correct class of each row?",
    )


def check_large_logits(learner: Learner, rng: np.random.Generator) -> None:
    """Large logits give finite losses."""
    labels = np.array([0, 1, 2, 0])
    sure = 1000.0 * np.eye(3)[labels] + rng.normal(0.0, 1.0, (4, 3))
    for logits, kind in ((sure, "correct"), (sure[:, [1, 2, 0]], "wrong")):
        value = learner.call("cross_entropy", logits, labels)
        expect(
            not any("overflow" in text or "divide" in text for text in learner.warned),
            "NumPy warns for logits of 1000: probabilities do not change if one number is subtracted from all logits "
            "of a row",
        )
        got = float(numbers(value, "cross_entropy of large logits", ()))
        wanted = _costs(logits, labels).mean()
        expect(
            close(got, wanted, 1e-4),
            f"confident {kind} logits near 1000 have the mean loss {shown(wanted)}, but cross_entropy gives "
            f"{shown(got)}: is something cut off, or lost in rounding?",
        )

    mixed = rng.normal(0.0, 1.0, (3, 3)) + np.array([[1000.0], [0.0], [-1000.0]])
    value = learner.call("cross_entropy", mixed, labels[:3])
    got = float(numbers(value, "cross_entropy of rows near 1000, 0 and −1000", ()))
    expect(
        close(got, _costs(mixed, labels[:3]).mean(), 1e-4),
        f"rows near 1000, 0 and −1000 in one table have the mean loss {shown(_costs(mixed, labels[:3]).mean())}, but "
        f"cross_entropy gives {shown(got)}: is one number subtracted from all rows?",
    )


def check_regions(learner: Learner, rng: np.random.Generator) -> None:
    """The regions are at the correct places, evaluated in eval mode."""
    x_axis, y_axis = np.linspace(0.0, 3.0, 7), np.linspace(10.0, 12.0, 5)
    border_x, border_y = rng.choice([0.75, 1.25, 2.25]), rng.choice([10.75, 11.25])
    wanted = np.where(y_axis[:, None] > border_y, 2, np.where(x_axis[None, :] > border_x, 1, 0))
    got = _regions(learner, _Borders(border_x, border_y, 0.0), x_axis, y_axis)
    expect(
        got.shape != (7, 5),
        "7 points along x and 5 along y give the shape (7, 5), expected (5, 7): a row of the result has constant y, "
        "as in an image",
    )
    expect(got.shape == (5, 7), f"7 points along x and 5 along y give the shape {got.shape}, expected (5, 7)")
    expect(
        not np.array_equal(got, wanted[::-1]),
        "the regions are upside down: row 0 belongs to the first point of y_axis",
    )
    expect(
        np.array_equal(got, wanted),
        f"class 2 lies above y = {shown(border_y)}, class 1 right of x = {shown(border_x)} below it, 0 elsewhere; "
        f"{int((got != wanted).sum())} of 35 points have another class: does every point have its own x and y, and is "
        "the class that of the largest logit?",
    )
    model = _Borders(border_x, border_y, 0.9).train()
    got = _regions(learner, model, x_axis, y_axis)
    expect(
        np.array_equal(got, wanted),
        "the regions of a network with dropout are random: it was evaluated in training mode",
    )


def _every_layer_bends(learner: Learner, model: nn.Module, x: Tensor) -> None:
    """The input of every linear layer but the first must not be linear in x."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    seen: list[Tensor] = []
    hooks = [layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach())) for layer in layers[1:]]
    for sign in (1.0, -1.0, 0.0):
        learner.run(model, "the network", sign * x)
    for hook in hooks:
        hook.remove()
    count = len(seen) // 3
    for number, (up, down, middle) in enumerate(
        zip(seen[:count], seen[count : 2 * count], seen[2 * count :], strict=True)
    ):
        expect(
            not close((up + down).numpy(), 2.0 * middle.numpy(), 1e-4),
            f"what layer {number + 2} receives is linear in the inputs: the layer before it has no activation and does "
            "nothing",
        )


def _network(learner: Learner, inputs: int, hidden: int, classes: int) -> nn.Module:
    model = learner.call("make_classifier", inputs, hidden, classes)
    expect(isinstance(model, nn.Module), f"make_classifier gives {shown(model)}, expected a torch.nn.Module")
    expect(any(True for _ in model.parameters()), "the network has no weights to train")
    return model


def _outputs(learner: Learner, model: nn.Module, x: Tensor, classes: int) -> np.ndarray:
    return numbers(learner.run(model, "the network", x), "the network's output", (len(x), classes))


def _loss(learner: Learner, logits: np.ndarray, labels: np.ndarray) -> float:
    return float(numbers(learner.call("cross_entropy", logits, labels), "cross_entropy(logits, labels)", ()))


def _costs(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    costs: np.ndarray = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]
    return costs


def _regions(learner: Learner, model: nn.Module, x_axis: np.ndarray, y_axis: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return numbers(learner.call("regions", model, x_axis, y_axis), "regions(model, x_axis, y_axis)")
