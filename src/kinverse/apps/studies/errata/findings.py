"""The experiments: one function for each claim, which returns what was measured and how much of the claim is right.

The claims are quoted in the texts, word for word. A claim of several parts is partly right where some of them hold. An
argument of an experiment is what it tests; with another one the verdict can change.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from kinverse.apps.studies.errata.runs import (
    CONSTANT_EPOCHS,
    DEPTHS,
    LONGER,
    POINTS_PER_AXIS,
    WIDTHS,
    Key,
    ShortKey,
    WidthKey,
    small_grid,
)
from kinverse.apps.studies.study import Effort, grouped
from kinverse.ik.reach import closest_reachable
from kinverse.learning.data.arkoma import make_arkoma
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import r2_mean
from kinverse.learning.evaluation.paired import paired_ratio
from kinverse.learning.trained import Model
from kinverse.robot.catalog import load_arm, planar_arm

Verdict = Literal["right", "partly right", "wrong"]
Limits = tuple[float, float]
PRINTED_ELBOW: dict[str, Limits] = {"nao-left": (-1.5446, 0.0349), "nao-right": (-0.0349, 1.5446)}
"""Limits of the elbow roll as the workshop prints them [rad]."""
ELBOW_ROLL = 3
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
LOGITS = 10_000
"""Random rows of logits whose classes are predicted."""
TAIL = 100
"""The last epochs, in which an oscillation is looked for."""
SWING = 0.1
"""Part of its mean by which a loss that oscillates moves in these last epochs."""
REACHED = 1e-6
"""Distance [m] below which a target counts as reached."""
GRID = 40
MUCH = 0.5
"""A loss below this part of another one is clearly lower, in a median of starts."""


def verdict_of(*parts: bool) -> Verdict:
    """The verdict on a claim whose parts hold or do not."""
    if all(parts):
        return "right"
    return "partly right" if any(parts) else "wrong"


@dataclass(frozen=True, eq=False)
class Experiment:
    """A claim put to the test.

    Attributes:
        number: of the claim in the list of errata.
        verdict: how much of the claim is right.
        numbers: what the text of the claim needs, by name: what was measured, and with which settings.
    """

    number: int
    verdict: Verdict
    numbers: Mapping[str, object]


def find(effort: Effort, runs: Mapping[Key, Model]) -> list[Experiment]:
    """Every experiment, in the order of the claims."""
    of_drawn_numbers = [
        elbow_limits(),
        softmax_needed(),
        he_variance(),
        uniform_range(),
        default_initialisation(),
        embedding_hinge(),
        r2_range(),
        lower_half(),
    ]
    return sorted([*of_drawn_numbers, *of_trainings(runs)], key=lambda experiment: experiment.number)


def of_trainings(runs: Mapping[Key, Model]) -> list[Experiment]:
    """The experiments that need trainings."""
    widths = grouped(
        {key: float(run.history.validation_loss[-1]) for key, run in runs.items() if isinstance(key, WidthKey)},
        lambda key: (key.depth, key.width),
    )
    short = grouped({k: r for k, r in runs.items() if isinstance(k, ShortKey)}, lambda key: key.experiment)
    ends = {name: [float(run.history.train_loss[-1]) for run in starts] for name, starts in short.items()}
    return [
        width_rule({depth: {width: widths[depth, width] for width in (2**depth, *WIDTHS)} for depth in DEPTHS}),
        zero_weights(runs[ShortKey("zeros")], runs[ShortKey("drawn")]),
        oscillation([Model5Start.of(run) for run in short["model 5"]], ends["model 5, slower"]),
        too_few_epochs(ends["model 6"], ends["model 6, longer"], ends["model 6, faster"]),
    ]


def elbow_limits(printed: Mapping[str, Limits] = PRINTED_ELBOW) -> Experiment:
    """The limits of the elbow rolls in the table of joints. Tested: the `printed` ones."""
    arms = {name: load_arm(name) for name in printed}
    makers = {name: (float(arm.lower[ELBOW_ROLL]), float(arm.upper[ELBOW_ROLL])) for name, arm in arms.items()}
    agree = [ours == theirs for name in printed for ours, theirs in zip(makers[name], printed[name], strict=True)]
    wrong_sign = [o == -t for name in printed for o, t in zip(makers[name], printed[name], strict=True)]
    numbers = {"makers": makers, "printed": printed, "agree": sum(agree), "wrong_sign": sum(wrong_sign)}
    return Experiment(1, verdict_of(*agree), numbers | {"count": len(agree)})


def default_initialisation(make: Callable[[int, int], nn.Linear] = nn.Linear) -> Experiment:
    """PyTorch initialises Linear layers by Kaiming's rule for ReLU. Tested: `make`, which makes the layer."""
    weights = _drawn(lambda: make(FAN_IN, FAN_OUT).weight)
    std, largest = weights.std().item(), weights.abs().max().item()
    bound = 1.0 / math.sqrt(FAN_IN)  # of U(±1/√fan_in), torch's default
    uniform_std = bound / math.sqrt(3.0)
    is_uniform = _is_close(std, uniform_std) and largest <= bound
    numbers = {"std": std, "largest": largest, "bound": bound, "uniform_std": uniform_std, "is_uniform": is_uniform}
    # U(±1/√fan_in) is Kaiming's rule for a leaky ReLU of slope √5, but not for a ReLU.
    is_he = _is_close(std, HE)
    return Experiment(7, verdict_of(is_he or is_uniform, is_he), LAYER | numbers)


def uniform_range(draw: Callable[[Tensor], Tensor] = nn.init.uniform_) -> Experiment:
    """init.uniform_ draws from −1 … 1. Tested: `draw`, which fills a tensor."""
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    low, high, mean = weights.min().item(), weights.max().item(), weights.mean().item()
    holds = low < -1.0 + CLOSE and high > 1.0 - CLOSE and abs(mean) < CLOSE
    return Experiment(5, verdict_of(holds), LAYER | {"low": low, "high": high, "mean": mean})


def he_variance(draw: Callable[[Tensor], Tensor] = nn.init.kaiming_normal_) -> Experiment:
    """Kaiming's normal initialisation is N(0, √(2/fan_in)). Tested: `draw`, which fills a tensor."""
    weights = _drawn(lambda: draw(torch.empty(FAN_OUT, FAN_IN)))
    std, variance = weights.std().item(), weights.var().item()
    is_variance = _is_close(variance, HE)
    numbers = {"std": std, "variance": variance}
    return Experiment(4, verdict_of(is_variance or _is_close(std, HE), is_variance), LAYER | numbers)


def _is_close(value: float, expected: float) -> bool:
    """Whether two statistics differ by no more than the scatter of the draws."""
    return abs(value / expected - 1.0) < CLOSE


def _drawn(draw: Callable[[], Tensor]) -> Tensor:
    """Weights from a seed of their own, in float64 for the statistics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return draw().detach().double()


def width_rule(losses: Mapping[int, Mapping[int, Sequence[float]]]) -> Experiment:
    """The number of neurons is 2^n, where n is the number of layers.

    Args:
        losses: hidden layers n → width → final validation losses, which are errors against the true curve, by start.
    """
    errors = {n: {width: statistics.median(starts) for width, starts in widths.items()} for n, widths in losses.items()}
    # A depth speaks against 2^n where another width is clearly better.
    parts = [
        all(paired_ratio(widths[2**n], starts).low <= 1.0 for width, starts in widths.items() if width != 2**n)
        for n, widths in losses.items()
    ]
    return Experiment(3, verdict_of(*parts), {"errors": errors, "refuted": parts.count(False)})


def embedding_hinge(loss: Callable[[Tensor, Tensor], Tensor] = functional.hinge_embedding_loss) -> Experiment:
    """HingeEmbeddingLoss is the hinge of support vector machines. Tested: `loss` of scores and labels ±1."""
    scores = torch.linspace(-3.0, 3.0, 121)
    labels = torch.ones_like(scores)
    label, score = torch.cat([labels, -labels]), torch.cat([scores, scores])
    hinge = (1.0 - label * score).clamp(min=0.0)
    ours = torch.stack([loss(s[None], y[None]) for s, y in zip(score, label, strict=True)])
    difference = (ours - hinge).abs().max().item()
    correct = loss(torch.tensor([3.0]), torch.tensor([1.0])).item()
    return Experiment(8, verdict_of(difference < EXACT), {"difference": difference, "correct": correct})


def _softmax(logits: Tensor) -> Tensor:
    return logits.softmax(dim=-1)


def softmax_needed(outputs: Callable[[Tensor], Tensor] = _softmax) -> Experiment:
    """Without a softmax at the output, predictions are incorrect: probabilities or classes. Tested: `outputs`."""
    random = torch.as_tensor(np.random.default_rng(0).normal(size=(LOGITS, CLASSES)))
    changed = float((outputs(random).argmax(dim=1) != random.argmax(dim=1)).double().mean())
    sums = random.sum(dim=1)
    are_probabilities = bool(((random >= 0.0).all(dim=1) & ((sums - 1.0).abs() < EXACT)).all())
    floor = lowest_loss(outputs)
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT).requires_grad_()
    wrong = functional.cross_entropy(outputs(logits), (torch.arange(CLASSES) + 1) % CLASSES)
    (gradient,) = torch.autograd.grad(wrong, logits)
    numbers = {"classes": CLASSES, "rows": LOGITS, "changed": changed, "floor": floor}
    numbers |= {"gradient": gradient.abs().max().item()}
    return Experiment(2, verdict_of(not are_probabilities, changed > 0.0), numbers)


def lowest_loss(outputs: Callable[[Tensor], Tensor] = _softmax) -> float:
    """Cross-entropy of confident, correct predictions after a softmax or another output activation."""
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT)
    return functional.cross_entropy(outputs(logits), torch.arange(CLASSES)).item()


def r2_range(r2: Callable[[np.ndarray, np.ndarray], float] = r2_mean, data_sets: int = DATA_SETS) -> Experiment:
    """R² ranges from 0 to 1.

    Args:
        r2: tested on an exact, on an opposite and on a constant prediction.
        data_sets: generated data sets, on whose test rows the means of the training rows are predicted.
    """
    points = np.array([[0.0], [1.0], [2.0]])
    exact, opposite = r2(points, points), r2(points, points[::-1].copy())
    constant = tuple(_constant_r2(seed, r2) for seed in range(data_sets))
    values = (exact, opposite, *constant)
    numbers = {"exact": exact, "opposite": opposite, "constant": constant}
    return Experiment(9, verdict_of(max(values) <= 1.0, min(values) >= 0.0), numbers)


def _constant_r2(seed: int, r2: Callable[[np.ndarray, np.ndarray], float]) -> float:
    """R² of a predictor that always predicts the means of the training rows, on generated rows like ARKOMA's."""
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


def oscillation(starts: Sequence[Model5Start], slower: Sequence[float]) -> Experiment:
    """Model 5's learning rate is too high, and makes it oscillate around the minimum.

    Args:
        starts: of model 5.
        slower: final losses of the same starts with a hundredth of the rate [m²].
    """
    moving = sum(start.swing > SWING for start in starts)
    end, slow = statistics.median(float(start.tail[-1]) for start in starts), statistics.median(slower)
    numbers = {
        "starts": starts,
        "variance": float(small_grid().train.features.var(axis=0).mean()),  # the loss of a constant output [m²]
        "moving": moving,
        "constant": sum(start.constant for start in starts),
        "dead": statistics.median(start.dead for start in starts),
        "points_per_axis": POINTS_PER_AXIS,
        "epochs": CONSTANT_EPOCHS,
        "tail": TAIL,
        "end": end,
        "slow": slow,
    }
    return Experiment(11, verdict_of(slow < MUCH * end, moving > len(starts) / 2), numbers)


def too_few_epochs(ends: Sequence[float], longer: Sequence[float], faster: Sequence[float]) -> Experiment:
    """Model 6 fails because the number of its epochs is too low, and not because of its learning rate.

    Args:
        ends: final losses of model 6 [m²].
        longer: the same starts with `LONGER` times the epochs.
        faster: the same starts, as many epochs, with a hundred times the learning rate.
    """
    end, long, fast = map(statistics.median, (ends, longer, faster))
    numbers = {
        "starts": len(ends), "end": end, "long": long, "fast": fast,
        "times": LONGER, "points_per_axis": POINTS_PER_AXIS,
    }  # fmt: skip
    return Experiment(12, verdict_of(long < MUCH * end, fast > MUCH * end), numbers)


def lower_half(max_angle: float = math.pi / 2.0) -> Experiment:
    """Model 4 fails because of its bound on the angles, in the lower half of x and y.

    Args:
        max_angle: every joint of the three-link arm turns by at most this [rad].
    """
    axis = (np.arange(GRID) + 0.5) * 2.0 / GRID  # middles of even cells, none of which lies on the border r = 1
    targets = np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)])

    def out_of_reach(bound: float) -> Bool[np.ndarray, " n"]:
        return closest_reachable(planar_arm((1.0, 1.0, 1.0), bound), targets).miss > REACHED

    unreachable = out_of_reach(max_angle)
    half, quarter, disc = (
        float((unreachable & region).sum() / max((unreachable | region).sum(), 1))  # overlap: the Jaccard index
        for region in (targets[:, 1] < 1.0, (targets < 1.0).all(axis=1), np.linalg.norm(targets, axis=1) < 1.0)
    )
    share, free = float(unreachable.mean()), float(out_of_reach(math.pi).mean())
    numbers = {"max_angle": max_angle, "targets": len(targets), "share": share, "free": free, "half": half}
    numbers |= {"quarter": quarter, "disc": disc, "quarter_disc": math.pi / 16}
    return Experiment(10, verdict_of(share > 0.0 and free == 0.0, max(half, quarter) > disc), numbers)


def zero_weights(zeros: Model, drawn: Model) -> Experiment:
    """Zero initialisation leads to hidden units that all learn the same.

    Args:
        zeros: a training from all weights zero.
        drawn: the same from random weights.
    """
    zeros_apart, drawn_apart = _units_apart(zeros), _units_apart(drawn)
    numbers = {
        "units": zeros.config.model.hidden[0],
        "epochs": zeros.config.epochs,
        "zeros_apart": zeros_apart,
        "drawn_apart": drawn_apart,
        "first": float(zeros.history.train_loss[0]),
        "last": float(zeros.history.train_loss[-1]),
        "drawn_last": float(drawn.history.train_loss[-1]),
    }
    return Experiment(6, verdict_of(zeros_apart == 0.0 and drawn_apart > 0.0), numbers)


def _units_apart(run: Model) -> float:
    """Largest difference of a weight or bias into a hidden unit from that into the first one."""
    weight, bias = (p.detach().numpy() for p in list(run.network.network.parameters())[:2])
    into = np.column_stack([weight, bias])
    return float(np.abs(into - into[0]).max())
