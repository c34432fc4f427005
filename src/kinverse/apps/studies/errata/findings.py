"""The experiments: one function for each claim, which returns what was measured and whether the claim holds.

An argument of an experiment is what it tests; with another one the claim can come out true.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from kinverse.apps.studies.errata.runs import (
    CONSTANT_EPOCHS,
    DEPTHS,
    POINTS_PER_AXIS,
    WIDTHS,
    Key,
    ShortKey,
    WidthKey,
    small_grid,
)
from kinverse.apps.studies.study import Compared, Effort, grouped
from kinverse.ik.reach import closest_reachable
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import r2_global_mean, r2_mean
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History
from kinverse.robot.catalog import planar_arm

Columns = Float[np.ndarray, "rows columns"]
FAN_IN, FAN_OUT = 100, 2000
"""Of the layer whose weights are drawn; the standard deviation of 200,000 draws is known to about 0.2 %."""
CLOSE = 0.02
"""Relative; far above the scatter of so many draws, far below the distance of the rules from each other."""
HE = math.sqrt(2.0 / FAN_IN)
"""He's standard deviation."""
LAYER = {"fan_in": FAN_IN, "fan_out": FAN_OUT, "he": HE}
EXACT = 1e-6
"""Largest difference of two float32 values of the same formula."""
CONFIDENT = 50.0
"""A logit so far above the others that its probability is 1 in float32."""
CLASSES = 3
ARKOMA_ROWS, DATA_SETS = 10_000, 5
FLATTERS = 0.01
"""R² of a constant predictor above which the measure flatters."""
TAIL = 100
"""The last epochs, in which an oscillation is looked for."""
SWING = 0.1
"""Part of its mean by which a loss that oscillates moves in these last epochs."""
REACHED = 1e-6
"""Distance [m] below which a target counts as reached."""
GRID = 40
MADE_BY_THE_STEP = 2.0
"""A gap this many times that at equal weights is made by the step between the measurements."""
COLUMNS, ROWS = 1000, 100
"""Random columns to scale, and rows of each."""
DRAWS: dict[str, Callable[[np.random.Generator], Columns]] = {
    "normal": lambda rng: rng.normal(size=(ROWS, COLUMNS)),
    "uniform, ±1": lambda rng: rng.uniform(-1.0, 1.0, size=(ROWS, COLUMNS)),
    "uniform, −100 … 300": lambda rng: rng.uniform(-100.0, 300.0, size=(ROWS, COLUMNS)),
    "uniform, 0 … 2": lambda rng: rng.uniform(0.0, 2.0, size=(ROWS, COLUMNS)),
}


@dataclass(frozen=True, eq=False)
class Experiment:
    """A claim put to the test.

    Attributes:
        number: of the claim in the list of errata.
        holds: whether the claim survived.
        numbers: what the text of the claim needs, by name: what was measured, and with which settings.
        compared: published figures beside ours.
    """

    number: int
    holds: bool
    numbers: Mapping[str, object]
    compared: tuple[Compared, ...] = ()


def find(effort: Effort, runs: Mapping[Key, Model]) -> list[Experiment]:
    """Every experiment, in the order of the claims."""
    of_drawn_numbers = [
        default_initialisation(),
        uniform_range(),
        he_variance(),
        embedding_hinge(),
        divergence(),
        double_softmax(),
        r2_range(),
        lower_half(),
        min_max(),
    ]
    return sorted([*of_drawn_numbers, *of_trainings(runs)], key=lambda experiment: experiment.number)


def of_trainings(runs: Mapping[Key, Model]) -> list[Experiment]:
    """The experiments that need trainings."""
    widths = grouped(
        {key: float(run.history.validation_loss[-1]) for key, run in runs.items() if isinstance(key, WidthKey)},
        lambda key: (key.depth, key.width),
    )
    short = grouped({k: r for k, r in runs.items() if isinstance(k, ShortKey)}, lambda key: key.experiment)
    return [
        width_rule({depth: {width: widths[depth, width] for width in (2**depth, *WIDTHS)} for depth in DEPTHS}),
        oscillation([Model5Start.of(run) for run in short["model 5"]]),
        zero_weights(runs[ShortKey("zeros")], runs[ShortKey("drawn")]),
        first_gap([run.history for run in short["first step"]]),
    ]


def default_initialisation(make: Callable[[int, int], nn.Linear] = nn.Linear) -> Experiment:
    """Claim 1: PyTorch initialises a Linear layer by He's rule. Tested: `make`, which makes the layer."""
    weights = _drawn(lambda: make(FAN_IN, FAN_OUT).weight)
    std, largest = weights.std().item(), weights.abs().max().item()
    bound = 1.0 / math.sqrt(FAN_IN)  # of U(±1/√fan_in), torch's default
    uniform_std = bound / math.sqrt(3.0)
    is_uniform = _is_close(std, uniform_std) and largest <= bound
    numbers = {"std": std, "largest": largest, "bound": bound, "uniform_std": uniform_std, "is_uniform": is_uniform}
    return Experiment(1, _is_close(std, HE), LAYER | numbers)


def uniform_range(draw: Callable[[Tensor], Tensor] = nn.init.uniform_) -> Experiment:
    """Claim 2: init.uniform_ draws from −1 … 1. Tested: `draw`, which fills a tensor."""
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    low, high, mean = weights.min().item(), weights.max().item(), weights.mean().item()
    holds = low < -1.0 + CLOSE and high > 1.0 - CLOSE and abs(mean) < CLOSE
    return Experiment(2, holds, LAYER | {"low": low, "high": high, "mean": mean})


def he_variance(draw: Callable[[Tensor], Tensor] = nn.init.kaiming_normal_) -> Experiment:
    """Claim 3: He's normal initialisation has the variance √(2/fan_in). Tested: `draw`, which fills a tensor."""
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    std, variance = weights.std().item(), weights.var().item()
    numbers = {"std": std, "variance": variance, "is_std": _is_close(std, HE)}
    return Experiment(3, _is_close(variance, HE), LAYER | numbers)


def _is_close(value: float, expected: float) -> bool:
    """Whether two statistics differ by no more than the scatter of the draws."""
    return abs(value / expected - 1.0) < CLOSE


def _drawn(draw: Callable[[], Tensor]) -> Tensor:
    """Weights from a seed of their own, in float64 for the statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return draw().detach().double()


def width_rule(losses: Mapping[int, Mapping[int, Sequence[float]]]) -> Experiment:
    """Claim 4: a network of n layers should have 2^n neurons in each.

    Args:
        losses: hidden layers n → width → final validation losses, which are errors against the true curve.
    """
    errors = {n: {width: statistics.median(starts) for width, starts in widths.items()} for n, widths in losses.items()}
    confirmed = sum(min(of_width, key=lambda width: of_width[width]) == 2**n for n, of_width in errors.items())
    return Experiment(4, confirmed == len(errors), {"errors": errors, "confirmed": confirmed})


def embedding_hinge(loss: Callable[[Tensor, Tensor], Tensor] = functional.hinge_embedding_loss) -> Experiment:
    """Claim 5: HingeEmbeddingLoss is the hinge of support vector machines. Tested: `loss` of scores and labels ±1."""
    scores = torch.linspace(-3.0, 3.0, 121)
    labels = torch.ones_like(scores)
    label, score = torch.cat([labels, -labels]), torch.cat([scores, scores])
    hinge = (1.0 - label * score).clamp(min=0.0)
    ours = torch.stack([loss(s[None], y[None]) for s, y in zip(score, label, strict=True)])
    difference = (ours - hinge).abs().max().item()
    correct = loss(torch.tensor([3.0]), torch.tensor([1.0])).item()
    return Experiment(5, difference < EXACT, {"difference": difference, "correct": correct})


def divergence(first_argument: Callable[[Tensor], Tensor] = lambda p: p) -> Experiment:
    """Claim 6: KLDivLoss compares two probability distributions as they are.

    Args:
        first_argument: applied to the predicted probabilities before KLDivLoss.
    """
    rng = np.random.default_rng(0)
    predicted, target = (rng.dirichlet(np.ones(4), size=200) for _ in range(2))
    truth = (target * np.log(target / predicted)).sum(axis=1)
    p, q = torch.tensor(predicted), torch.tensor(target)
    ours = functional.kl_div(first_argument(p), q, reduction="none").sum(1).numpy()
    error = float(np.abs(ours - truth).max())
    return Experiment(6, error < EXACT, {"error": error, "negative": float(np.mean(ours < 0.0))})


def _softmax(logits: Tensor) -> Tensor:
    return logits.softmax(dim=-1)


def double_softmax(outputs: Callable[[Tensor], Tensor] = _softmax) -> Experiment:
    """Claim 7: a classifier needs a softmax at its output, before CrossEntropyLoss. Tested: `outputs` of the logits."""
    floor = lowest_loss(outputs)
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT).requires_grad_()
    wrong = functional.cross_entropy(outputs(logits), (torch.arange(CLASSES) + 1) % CLASSES)
    (gradient,) = torch.autograd.grad(wrong, logits)
    numbers = {"classes": CLASSES, "floor": floor, "gradient": gradient.abs().max().item()}
    compared = Compared("7, double softmax", "lowest loss, 3 classes", 0.5514, (floor,))
    return Experiment(7, floor < 0.01, numbers, (compared,))


def lowest_loss(outputs: Callable[[Tensor], Tensor] = _softmax) -> float:
    """Cross-entropy of confident, correct predictions after a softmax or another output activation."""
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT)
    return functional.cross_entropy(outputs(logits), torch.arange(CLASSES)).item()


def r2_range(r2: Callable[[np.ndarray, np.ndarray], float] = r2_global_mean, data_sets: int = DATA_SETS) -> Experiment:
    """Claim 8: R² lies between 0 and 1, and may be taken about one mean over all columns.

    Args:
        r2: tested on a predictor that always predicts the column means.
        data_sets: generated data sets.
    """
    points = np.array([[0.0], [1.0], [2.0]])
    opposite = r2_mean(points, points[::-1].copy())
    constant = tuple(_constant_r2(seed, r2) for seed in range(data_sets))
    flatters = min(constant) > FLATTERS
    numbers = {"opposite": opposite, "constant": constant, "flatters": flatters}
    compared = Compared("8, column means", "R², global mean", 0.166, constant)
    return Experiment(8, opposite >= 0.0 and not flatters, numbers, (compared,))


def _constant_r2(seed: int, r2: Callable[[np.ndarray, np.ndarray], float]) -> float:
    """R² of a predictor that always predicts the column means, on generated rows like ARKOMA's."""
    dataset = make_arkoma("nao-right", ARKOMA_ROWS, seed)
    assert dataset.test is not None
    return r2(dataset.test.targets, constant_predictor(dataset.train.targets, dataset.test.targets))


@dataclass(frozen=True, eq=False)
class Model5Start:
    """One start of model 5: training losses of the last epochs, whether its output is constant, share of dead units."""

    tail: Float[np.ndarray, " n"]
    constant: bool
    dead: float

    @classmethod
    def of(cls, run: Model) -> Model5Start:
        """From a run on the small grid; a unit of the last hidden layer is dead if it is 0 for every target."""
        inputs, model = small_grid().train.features, run.network
        hidden = torch.as_tensor(inputs, dtype=torch.float32)
        with torch.no_grad():
            for layer in list(model.network)[:-1]:
                hidden = layer(hidden)
        dead = float((hidden == 0.0).all(dim=0).double().mean())
        return cls(run.history.train_loss[-TAIL:], not model.predict(inputs).std(axis=0).any(), dead)

    @property
    def swing(self) -> float:
        """By which part of its mean the loss moves."""
        return float((self.tail.max() - self.tail.min()) / self.tail.mean())


def oscillation(starts: Sequence[Model5Start]) -> Experiment:
    """Claim 9: model 5 oscillates, because its learning rate is too large."""
    moving = sum(start.swing > SWING for start in starts)
    numbers = {
        "starts": starts,
        "variance": float(small_grid().train.features.var(axis=0).mean()),  # the loss of a constant output [m²]
        "moving": moving,
        "constant": sum(start.constant for start in starts),
        "dead": statistics.median(start.dead for start in starts),
        "points_per_axis": POINTS_PER_AXIS,
        "epochs": CONSTANT_EPOCHS,
        "tail": TAIL,
    }
    return Experiment(9, moving > len(starts) / 2, numbers)


def lower_half(max_angle: float = math.pi / 2.0) -> Experiment:
    """Claim 10: model 4 cannot reach the lower half of the square.

    Args:
        max_angle: every joint of the three-link arm turns by at most this [rad].
    """
    axis = (np.arange(GRID) + 0.5) * 2.0 / GRID  # middles of even cells, none of which lies on the border r = 1
    targets = np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)])
    unreachable = closest_reachable(planar_arm((1.0, 1.0, 1.0), max_angle), targets).miss > REACHED
    half, disc = (
        float((unreachable & region).sum() / max((unreachable | region).sum(), 1))  # overlap: the Jaccard index
        for region in (targets[:, 1] < 1.0, np.linalg.norm(targets, axis=1) < 1.0)
    )
    share = float(unreachable.mean())
    numbers = {"max_angle": max_angle, "targets": len(targets), "share": share, "half": half, "disc": disc}
    return Experiment(10, half > disc, numbers | {"quarter_disc": math.pi / 16})


def zero_weights(zeros: Model, drawn: Model) -> Experiment:
    """Claim 11: zeros will do as initial weights.

    Args:
        zeros: a training from all weights zero.
        drawn: the same from random weights.
    """
    zeros_apart = _units_apart(zeros)
    numbers = {
        "units": zeros.config.model.hidden[0],
        "epochs": zeros.config.epochs,
        "zeros_apart": zeros_apart,
        "drawn_apart": _units_apart(drawn),
        "first": float(zeros.history.train_loss[0]),
        "last": float(zeros.history.train_loss[-1]),
        "drawn_last": float(drawn.history.train_loss[-1]),
    }
    return Experiment(11, zeros_apart > 0.0, numbers)


def _units_apart(run: Model) -> float:
    """Largest difference of a weight or bias into a hidden unit from that into the first one."""
    weight, bias = (p.detach().numpy() for p in list(run.network.network.parameters())[:2])
    into = np.column_stack([weight, bias])
    return float(np.abs(into - into[0]).max())


def first_gap(histories: Sequence[History]) -> Experiment:
    """Claim 12: the gap between training and validation loss at epoch 0 says something about the data.

    Args:
        histories: of trainings of at least one step.
    """
    # As published: training loss before the first step less validation loss after it; equal: at the same weights.
    published, equal = (
        tuple(float(h.train_loss[0]) - float(h.validation_loss[epoch]) for h in histories) for epoch in (1, 0)
    )
    ratio = statistics.median(map(abs, published)) / max(statistics.median(map(abs, equal)), 1e-12)
    return Experiment(12, ratio < MADE_BY_THE_STEP, {"published": published, "equal": equal, "ratio": ratio})


def min_max(scale: Callable[[Columns], Columns] | None = None) -> Experiment:
    """Claim 13: min-max scaling takes the largest value to exactly 1.

    Args:
        scale: tested on columns in float32; None: scikit-learn's `MinMaxScaler`.
    """
    from sklearn.preprocessing import MinMaxScaler

    misses = {}
    for name, draw in DRAWS.items():
        values = draw(np.random.default_rng(0)).astype(np.float32)
        scaled = MinMaxScaler().fit_transform(values) if scale is None else scale(values)
        misses[name] = float(np.mean(scaled.max(axis=0) != 1.0))
    rounded = tuple(float(np.round(share, 4)) for share in misses.values())
    compared = Compared("13, min-max in float32", "share that misses 1", 0.25, rounded)
    numbers = {"columns": COLUMNS, "misses": misses, "mean": float(np.mean(list(misses.values())))}
    return Experiment(13, max(misses.values()) == 0.0, numbers, (compared,))
