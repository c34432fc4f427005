# Keeps a copy of the whole model, and a list of all losses.
import copy
import math


def best_epoch(losses):
    best, smallest = None, math.inf
    for epoch, loss in enumerate(losses):
        if loss < smallest:
            best, smallest = epoch, loss
    return best


def stopping_epoch(losses, patience):
    for epoch in range(len(losses)):
        if epoch - best_epoch(losses[: epoch + 1]) >= patience:
            return epoch
    return epoch


def train_with_early_stopping(model, one_epoch, validation_loss, epochs, patience):
    losses = [validation_loss()]
    twin = copy.deepcopy(model)
    while len(losses) <= epochs and len(losses) - 1 - best_epoch(losses) < patience:
        one_epoch()
        losses.append(validation_loss())
        if best_epoch(losses) == len(losses) - 1:
            twin = copy.deepcopy(model)
    model.load_state_dict(twin.state_dict())
    return best_epoch(losses)
