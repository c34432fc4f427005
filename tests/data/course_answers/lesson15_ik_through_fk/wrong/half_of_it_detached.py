# the_gradient_finds_its_way: finite differences give
import torch


def forward(q: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Where the tool of a planar arm is."""
    angles = torch.cumsum(q, dim=-1)
    return torch.stack([(lengths * angles.cos()).sum(-1), (lengths * angles.detach().sin()).sum(-1)], dim=-1)


def tool_loss(q: torch.Tensor, targets: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean squared difference between tool and target."""
    return ((forward(q, lengths) - targets) ** 2).mean()


def train_step(
    network: torch.nn.Module, optimiser: torch.optim.Optimizer, targets: torch.Tensor, lengths: torch.Tensor
) -> float:
    """One training step through the forward kinematics."""
    optimiser.zero_grad()
    loss = tool_loss(network(targets), targets, lengths)
    loss.backward()
    optimiser.step()
    return loss.item()
