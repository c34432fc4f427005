# With torch's own loader, and a decorator for the measurement.
import torch
from torch.utils.data import DataLoader, TensorDataset


def train_epoch(model, loss_function, optimiser, rows, batch_size, generator):
    model.train()
    for x, y in DataLoader(TensorDataset(*rows), batch_size=batch_size, shuffle=True, generator=generator):
        optimiser.zero_grad(set_to_none=False)
        loss_function(model(x), y).backward()
        optimiser.step()


@torch.inference_mode()
def measure(model, loss_function, rows):
    mode = model.training
    model.train(False)
    value = float(loss_function(model(rows[0]), rows[1]))
    model.train(mode)
    return value


def train(model, loss_function, optimiser, train_rows, validation_rows, epochs, batch_size, generator):
    history = []
    for epoch in range(epochs + 1):
        history.append([measure(model, loss_function, train_rows), measure(model, loss_function, validation_rows)])
        if epoch < epochs:
            train_epoch(model, loss_function, optimiser, train_rows, batch_size, generator)
    return history
