import torch


def forward(q, lengths):
    tool = (lengths * torch.exp(1j * q.cumsum(1))).sum(1)
    return torch.view_as_real(tool)


def tool_loss(q, targets, lengths):
    difference = forward(q, lengths) - targets
    return difference.square().sum() / difference.numel()


def train_step(network, optimiser, targets, lengths):
    loss = tool_loss(network(targets), targets, lengths)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return loss.detach().numpy().item()
