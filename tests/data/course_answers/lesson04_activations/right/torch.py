# With the library.
import torch


def sigmoid(x):
    return torch.sigmoid(torch.as_tensor(x)).numpy()


def sigmoid_slope(x):
    x = torch.tensor(x, requires_grad=True)
    torch.sigmoid(x).sum().backward()
    return x.grad.numpy()


def softmax(logits):
    return torch.softmax(torch.as_tensor(logits), dim=1)
