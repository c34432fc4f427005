# history: belong to different weights
import torch


def train_epoch(model, loss_function, optimiser, rows, batch_size, generator):
    x, y = rows
    model.train()
    for batch in torch.randperm(len(x), generator=generator).split(batch_size):
        loss = loss_function(model(x[batch]), y[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def measure(model, loss_function, rows):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = loss_function(model(rows[0]), rows[1]).item()
    model.train(was_training)
    return loss


def train(model, loss_function, optimiser, train_rows, validation_rows, epochs, batch_size, generator):
    history = []
    for _ in range(epochs + 1):
        before = measure(model, loss_function, train_rows)
        train_epoch(model, loss_function, optimiser, train_rows, batch_size, generator)
        history.append((before, measure(model, loss_function, validation_rows)))
    return history
