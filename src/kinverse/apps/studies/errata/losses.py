"""Claims 5, 6 and 7: losses that are not what their names suggest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

EXACT = 1e-6
"""Largest difference of two float32 values of the same formula."""
CONFIDENT = 50.0
"""A logit so far above the others that its probability is 1 in float32."""
CLASSES = 3
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class EmbeddingHinge:
    """Claim 5: HingeEmbeddingLoss is the hinge of support vector machines.

    Attributes:
        difference: the largest between both losses.
        correct: the loss of a score of 3 for the label +1.
    """

    number: ClassVar[int] = 5
    difference: float
    correct: float

    @property
    def holds(self) -> bool:
        """Whether both losses are the same."""
        return self.difference < EXACT


def embedding_hinge(loss: Loss = functional.hinge_embedding_loss) -> EmbeddingHinge:
    """Claim 5.

    Args:
        loss: of scores and labels ±1, the one that is tested.
    """
    scores = torch.linspace(-3.0, 3.0, 121)
    labels = torch.ones_like(scores)
    label, score = torch.cat([labels, -labels]), torch.cat([scores, scores])
    hinge = (1.0 - label * score).clamp(min=0.0)
    ours = torch.stack([loss(s[None], y[None]) for s, y in zip(score, label, strict=True)])
    correct = loss(torch.tensor([3.0]), torch.tensor([1.0])).item()
    return EmbeddingHinge((ours - hinge).abs().max().item(), correct)


@dataclass(frozen=True)
class Divergence:
    """Claim 6: KLDivLoss compares two probability distributions as they are.

    Attributes:
        error: the largest, against Σ q log(q / p).
        negative: share of the pairs with a negative value, which a divergence never has.
    """

    number: ClassVar[int] = 6
    error: float
    negative: float

    @property
    def holds(self) -> bool:
        """Whether the loss is the divergence."""
        return self.error < EXACT


def divergence(first_argument: Callable[[Tensor], Tensor] = lambda p: p) -> Divergence:
    """Claim 6.

    Args:
        first_argument: applied to the predicted probabilities before KLDivLoss.
    """
    rng = np.random.default_rng(0)
    predicted, target = (rng.dirichlet(np.ones(4), size=200) for _ in range(2))
    truth = (target * np.log(target / predicted)).sum(axis=1)
    p, q = torch.tensor(predicted), torch.tensor(target)
    ours = functional.kl_div(first_argument(p), q, reduction="none").sum(1).numpy()
    return Divergence(float(np.abs(ours - truth).max()), float(np.mean(ours < 0.0)))


@dataclass(frozen=True)
class DoubleSoftmax:
    """Claim 7: a classifier needs a softmax at its output, before CrossEntropyLoss.

    Attributes:
        floor: the loss of confident, correct predictions.
        gradient: the largest where they are confident and wrong.
    """

    number: ClassVar[int] = 7
    floor: float
    gradient: float

    @property
    def holds(self) -> bool:
        """Whether the loss can fall to 0."""
        return self.floor < 0.01


def double_softmax(outputs: Callable[[Tensor], Tensor] | None = None) -> DoubleSoftmax:
    """Claim 7.

    Args:
        outputs: applied to the logits by the last layer; None: a softmax.
    """
    activate = outputs or _softmax
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT).requires_grad_()
    wrong = functional.cross_entropy(activate(logits), (torch.arange(CLASSES) + 1) % CLASSES)
    (gradient,) = torch.autograd.grad(wrong, logits)
    return DoubleSoftmax(lowest_loss(activate), gradient.abs().max().item())


def lowest_loss(outputs: Callable[[Tensor], Tensor] | None = None) -> float:
    """Cross-entropy of confident, correct predictions after a softmax or another output activation."""
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(CONFIDENT)
    return functional.cross_entropy((outputs or _softmax)(logits), torch.arange(CLASSES)).item()


def _softmax(logits: Tensor) -> Tensor:
    return logits.softmax(dim=-1)
