import torch
import torch.nn.functional as F


def forward(q, lengths):
    angle = torch.zeros_like(q[:, 0])
    x = torch.zeros_like(angle)
    y = torch.zeros_like(angle)
    for i in range(q.shape[1]):
        angle = angle + q[:, i]
        x = x + lengths[i] * torch.cos(angle)
        y = y + lengths[i] * torch.sin(angle)
    return torch.stack((x, y), dim=1)


def tool_loss(q, targets, lengths):
    return F.mse_loss(forward(q, lengths), targets)


def train_step(network, optimiser, targets, lengths):
    network.train()
    q = network(targets)
    loss = tool_loss(q, targets, lengths)
    for p in network.parameters():
        p.grad = None
    loss.backward()
    optimiser.step()
    return float(loss)
