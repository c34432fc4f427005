# the_tool_is_where_cosines_say: not filled in yet
import torch


def forward(q: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Where the tool of a planar arm is.

    Args:
        q: (n, links) joint angles [rad], each measured from the link before.
        lengths: (links,) of the links [m].

    Returns:
        (n, 2) x and y [m].
    """
    raise NotImplementedError


def tool_loss(q: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean squared difference between tool and target, over rows and coordinates [m²], to call backward on.

    Args:
        q: (n, links) predicted joint angles [rad].
        targets: (n, 2) where the tool should be [m].
        lengths: (links,) [m].
    """
    raise NotImplementedError


def train_step(
    network: torch.nn.Module, optimiser: torch.optim.Optimizer, targets: torch.Tensor, lengths: torch.Tensor
) -> float:
    """One training step through the forward kinematics.

    Args:
        network: targets (n, 2) to joint angles (n, links).
        optimiser: of the network's parameters.
        targets: (n, 2) [m].
        lengths: (links,) [m].

    Returns:
        The loss before the step, as a plain number.
    """
    raise NotImplementedError
