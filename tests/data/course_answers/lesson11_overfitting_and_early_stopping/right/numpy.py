# With numpy, a loop that counts, and clones tensor by tensor.
import numpy as np


def best_epoch(losses):
    return np.nanargmin(np.asarray(losses))


def stopping_epoch(losses, patience):
    running = np.minimum.accumulate(losses)
    for epoch in range(patience, len(losses)):
        if running[epoch] == running[epoch - patience]:
            return epoch
    return len(losses) - 1


def train_with_early_stopping(model, one_epoch, validation_loss, epochs, patience):
    best_loss = np.inf
    waited = 0
    epoch = 0
    while True:
        loss = validation_loss()
        if loss < best_loss:
            best_loss, best, waited = loss, epoch, 0
            kept = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        else:
            waited += 1
        if waited == patience or epoch == epochs:
            break
        one_epoch()
        epoch += 1
    model.load_state_dict(kept)
    return best
