"""Lesson 18: saving and deploying. Fill in the three functions, then run: kinverse course check 18."""

import numpy as np
import torch


def pack(network: torch.nn.Module, shift: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    """Everything that a loaded network needs, as plain arrays.

    Args:
        network: the network; its whole state is saved, including the running statistics of batch norm.
        shift: (f,) shift of the inputs' scaling.
        scale: (f,) scale of the inputs' scaling.

    Returns:
        Every entry of the network's state dict by its name, and "input.shift" and "input.scale". The arrays are copies:
        later training does not change them.
    """
    raise NotImplementedError


def unpack(network: torch.nn.Module, saved: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Load saved weights into a network.

    Args:
        network: a network with the same layers; its weights are replaced.
        saved: the result of `pack`, perhaps damaged.

    Returns:
        shift and scale of the inputs.

    Raises:
        ValueError: an entry is missing, unknown, or has another shape; the message names it, and the network does not
            change.
    """
    raise NotImplementedError


def answer(network: torch.nn.Module, x: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The network's predictions for rows in their own units.

    Args:
        network: the network, in any mode.
        x: (n, f) unscaled rows.
        shift: (f,) shift of the scaling (x − shift) / scale.
        scale: (f,) scale of the inputs' scaling.

    Returns:
        (n, c) predictions, the same each time, and for each row independent of the other rows.
    """
    raise NotImplementedError
