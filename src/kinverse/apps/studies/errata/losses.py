"""Claims 5, 6 and 7: losses that are not what their names suggest."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from kinverse.apps.studies.errata.claim import Claim

EXACT = 1e-6
"""What two float32 values of the same formula may differ by."""
SURE = 50.0
"""A logit so far ahead of the others that its probability is 1 in float32."""
CLASSES = 3
Loss = Callable[[Tensor, Tensor], Tensor]


def embedding_is_svm_hinge(loss: Loss = functional.hinge_embedding_loss) -> Claim:
    """Claim 5.

    Args:
        loss: of scores and labels ±1, put to the test.
    """
    scores = torch.linspace(-3.0, 3.0, 121)
    labels = torch.ones_like(scores)
    label, score = torch.cat([labels, -labels]), torch.cat([scores, scores])
    hinge = (1.0 - label * score).clamp(min=0.0)
    ours = torch.stack([loss(s[None], y[None]) for s, y in zip(score, label, strict=True)])
    apart = (ours - hinge).abs().max().item()
    sure = loss(torch.tensor([3.0]), torch.tensor([1.0])).item()
    holds = apart < EXACT
    return Claim(
        5,
        "HingeEmbeddingLoss is the hinge of support vector machines.",
        "both on scores from −3 to 3 with either label",
        f"they differ by up to {apart:.3g}; a score of 3 for label +1, which is right and sure, costs {sure:.3g}, "
        "by max(0, 1 − y·s) nothing",
        holds,
        "both are the same."
        if holds
        else "it is a loss on distances, where +1 asks for a small one; MultiMarginLoss is the SVM's.",
    )


def divergence_takes_probabilities(first_argument: Callable[[Tensor], Tensor] = lambda p: p) -> Claim:
    """Claim 6.

    Args:
        first_argument: what is made of the predicted probabilities before KLDivLoss sees them.
    """
    rng = np.random.default_rng(0)
    predicted, target = (rng.dirichlet(np.ones(4), size=200) for _ in range(2))
    truth = (target * np.log(target / predicted)).sum(axis=1)
    p, q = torch.tensor(predicted), torch.tensor(target)
    ours = functional.kl_div(first_argument(p), q, reduction="none").sum(1).numpy()
    apart, negative = float(np.abs(ours - truth).max()), float(np.mean(ours < 0.0))
    holds = apart < EXACT
    return Claim(
        6,
        "KLDivLoss compares two probability distributions as they are.",
        "200 pairs of random distributions, against Σ q log(q / p)",
        f"off by up to {apart:.3g}; negative, which a divergence never is, for {negative:.0%} of the pairs",
        holds,
        "it gives the divergence." if holds else "its first argument must be log-probabilities.",
    )


def softmax_belongs_before_cross_entropy(outputs: Callable[[Tensor], Tensor] | None = None) -> Claim:
    """Claim 7.

    Args:
        outputs: what the last layer makes of the logits; None: a softmax.
    """
    activate = outputs or (lambda logits: logits.softmax(dim=-1))
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(SURE).requires_grad_()
    floor = lowest_loss(activate)
    wrong = functional.cross_entropy(activate(logits), (torch.arange(CLASSES) + 1) % CLASSES)
    (gradient,) = torch.autograd.grad(wrong, logits)
    steep = gradient.abs().max().item()
    holds = floor < 0.01
    return Claim(
        7,
        "A classifier needs a softmax at its output, before CrossEntropyLoss.",
        f"the loss of answers that are right and sure, {CLASSES} classes; its gradient where they are wrong and sure",
        f"loss {floor:.4f}, gradient {steep:.2g}; log(1 + 2/e) = {math.log(1.0 + 2.0 / math.e):.4f}",
        holds,
        "nothing keeps the loss from 0."
        if holds
        else "CrossEntropyLoss has its own: a second one keeps the loss up and, where a network is sure and wrong, "
        "takes its gradient away.",
    )


def lowest_loss(activate: Callable[[Tensor], Tensor] | None = None) -> float:
    """Cross-entropy of answers that are right and sure, behind a softmax or another output activation."""
    logits = torch.zeros(CLASSES, CLASSES).fill_diagonal_(SURE)
    activate = activate or (lambda values: values.softmax(dim=-1))
    return functional.cross_entropy(activate(logits), torch.arange(CLASSES)).item()
