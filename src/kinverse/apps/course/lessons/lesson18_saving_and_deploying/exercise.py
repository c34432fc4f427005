"""Lesson 18: saving and deploying. Fill in the three functions, then run: kinverse course check 18."""

import numpy as np
import torch


def pack(network: torch.nn.Module, shift: np.ndarray, scale: np.ndarray) -> dict[str, np.ndarray]:
    """Everything that a loaded network needs, as plain arrays.

    Args:
        network: whose state is saved, batch norm's running statistics included.
        shift: (f,) of the inputs' scaling.
        scale: (f,).

    Returns:
        Every entry of the network's state dict by its name, and "input.shift" and "input.scale". The arrays are copies:
        what the network learns later does not change them.
    """
    raise NotImplementedError


def unpack(network: torch.nn.Module, saved: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Put saved weights into a network that was built for them.

    Args:
        network: of the same layers; its weights are replaced.
        saved: what `pack` gave, perhaps damaged since.

    Returns:
        shift and scale of the inputs.

    Raises:
        ValueError: an entry is missing, unknown, or of another shape; the message names it, and the network is as it
            was.
    """
    raise NotImplementedError


def answer(network: torch.nn.Module, x: np.ndarray, shift: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What the network says to rows in their own units.

    Args:
        network: in whatever mode it is.
        x: (n, f) rows that are not scaled yet.
        shift: (f,) of the scaling (x − shift) / scale.
        scale: (f,).

    Returns:
        (n, c) answers, the same each time, and for each row the same whatever rows stand beside it.
    """
    raise NotImplementedError
