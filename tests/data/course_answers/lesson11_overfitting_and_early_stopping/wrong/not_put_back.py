# best_state_comes_back: was a copy stored and restored?
import copy
import math


def best_epoch(losses):
    known = [epoch for epoch, loss in enumerate(losses) if not math.isnan(loss)]
    return min(known, key=lambda epoch: losses[epoch])


def stopping_epoch(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch
    return len(losses) - 1


def train_with_early_stopping(model, one_epoch, validation_loss, epochs, patience):
    smallest, best, kept = validation_loss(), 0, copy.deepcopy(model.state_dict())
    for epoch in range(1, epochs + 1):
        one_epoch()
        loss = validation_loss()
        if loss < smallest:
            smallest, best, kept = loss, epoch, copy.deepcopy(model.state_dict())
        if epoch - best >= patience:
            break
    return best
