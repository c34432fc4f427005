"""Lesson 8: losses. Fill in the three functions, then run: kinverse course check 8."""

from torch import Tensor


def mse(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error: the mean of (output − target)² over all rows and columns.

    Args:
        outputs: (n, t) predictions of a network.
        targets: (n, t) the values that it must predict.

    Returns:
        A tensor with one number, through which gradients flow back to the outputs.
    """
    raise NotImplementedError


def huber(outputs: Tensor, targets: Tensor, delta: float) -> Tensor:
    """Huber's loss: ½ e² for errors |e| ≤ δ, and δ (|e| − ½ δ) beyond; the mean over all rows and columns.

    Args:
        outputs: (n, t) predictions of a network.
        targets: (n, t) the values that it must predict.
        delta: δ, the error at which the square becomes a line.

    Returns:
        A tensor with one number, through which gradients flow back.
    """
    raise NotImplementedError


def cross_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    """Cross-entropy: −log of the probability that softmax(logits) gives to the correct class; the mean over rows.

    Args:
        logits: (n, k) any numbers, also ±1000; no softmax has been applied.
        classes: (n,) numbers of the correct classes, 0 … k − 1.

    Returns:
        A tensor with one number, through which gradients flow back. Do not use torch's own cross-entropy.
    """
    raise NotImplementedError
