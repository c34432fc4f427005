# every_row_once: its steps are in eval mode too
import torch


def train_epoch(model, loss_function, optimiser, rows, batch_size, generator):
    x, y = rows
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
    model.eval()
    both = (train_rows, validation_rows)
    history = [tuple(measure(model, loss_function, rows) for rows in both)]
    for _ in range(epochs):
        train_epoch(model, loss_function, optimiser, train_rows, batch_size, generator)
        history.append(tuple(measure(model, loss_function, rows) for rows in both))
    return history
