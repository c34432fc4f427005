# Shuffled tables, slices, and a reset at the end of every step in place of its beginning.
import torch


def train_epoch(model, loss_function, optimiser, rows, batch_size, generator):
    order = torch.randperm(rows[0].shape[0], generator=generator)
    x, y = rows[0][order], rows[1][order]
    model.train()
    optimiser.zero_grad()
    start = 0
    while start < len(x):
        end = start + batch_size
        loss_function(model(x[start:end]), y[start:end]).backward()
        optimiser.step()
        optimiser.zero_grad()
        start = end


def measure(model, loss_function, rows):
    before = model.training
    try:
        model.eval()
        with torch.no_grad():
            parts = zip(rows[0].split(7), rows[1].split(7))
            return sum(len(x) * loss_function(model(x), y).item() for x, y in parts) / len(rows[0])
    finally:
        model.train(before)


def train(model, loss_function, optimiser, train_rows, validation_rows, epochs, batch_size, generator):
    losses = {"train": [], "validation": []}
    for epoch in range(epochs + 1):
        if epoch > 0:
            train_epoch(model, loss_function, optimiser, train_rows, batch_size, generator)
        losses["train"].append(measure(model, loss_function, train_rows))
        losses["validation"].append(measure(model, loss_function, validation_rows))
    return list(zip(losses["train"], losses["validation"]))
