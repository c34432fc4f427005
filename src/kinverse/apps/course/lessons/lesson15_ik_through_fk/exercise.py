"""Lesson 15: inverse kinematics through forward kinematics. Fill in, then run: kinverse course check 15."""

import torch


def forward(q: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """The position of the tool of a planar arm.

    Args:
        q: (n, links) joint angles [rad], each measured from the link before.
        lengths: (links,) lengths of the links [m].

    Returns:
        (n, 2) x and y [m].
    """
    raise NotImplementedError


def tool_loss(q: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean squared difference between tool and target, over rows and coordinates [m²], as a tensor for backward.

    Args:
        q: (n, links) predicted joint angles [rad].
        targets: (n, 2) target positions of the tool [m].
        lengths: (links,) lengths of the links [m].
    """
    raise NotImplementedError


def train_step(
    network: torch.nn.Module, optimiser: torch.optim.Optimizer, targets: torch.Tensor, lengths: torch.Tensor
) -> float:
    """One training step through the forward kinematics.

    Args:
        network: maps targets (n, 2) to joint angles (n, links).
        optimiser: updates the network's parameters.
        targets: (n, 2) [m].
        lengths: (links,) lengths of the links [m].

    Returns:
        The loss before the step, as a plain number.
    """
    raise NotImplementedError
