"""Checks of lesson 11."""

import math

import numpy as np
import torch
from torch import nn

from kinverse.apps.course.checking import Learner, expect, shown


class _Script:
    """A training with given losses: in epoch n all weights are n."""

    def __init__(self, losses: list[float], epochs: int) -> None:
        self.model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
        self.losses, self.epochs = losses, epochs
        self.epoch = 0
        self._set()

    def one_epoch(self) -> None:
        """Change every number of the model's state."""
        expect(
            self.epoch < self.epochs,
            f"one_epoch was called {self.epoch + 1} times, but at most {self.epochs} epochs are allowed",
        )
        self.epoch += 1
        self._set()

    def validation_loss(self) -> float:
        """The loss of the current epoch."""
        return self.losses[self.epoch]

    def _set(self) -> None:
        with torch.no_grad():
            for tensor in self.model.state_dict().values():
                tensor.fill_(self.epoch)

    def run(self, learner: Learner, patience: int) -> int:
        """The return value of the learner's function."""
        return _whole(
            learner.call(
                "train_with_early_stopping",
                self.model,
                self.one_epoch,
                self.validation_loss,
                self.epochs,
                patience,
            ),
            "train_with_early_stopping",
        )


def check_best_epoch(learner: Learner, rng: np.random.Generator) -> None:
    """best_epoch finds the smallest loss, the first of equal ones."""
    for _ in range(3):
        losses = [float(v) for v in rng.permutation(np.linspace(0.2, 0.9, 8))]
        got = _whole(learner.call("best_epoch", losses), "best_epoch")
        expect(
            got == int(np.argmin(losses)),
            f"the losses of epochs 0 … 7 are {', '.join(map(shown, losses))}, but best_epoch gives {got}: do epochs "
            "count from 0, and is the result an epoch?",
        )
    equal = [0.5, 0.3, 0.4, 0.3, 0.6]
    got = _whole(learner.call("best_epoch", equal), "best_epoch")
    expect(got == 1, f"for losses {shown(equal)} best_epoch gives {got}: two are equal, and the first of them counts")


def check_nan_is_never_best(learner: Learner, rng: np.random.Generator) -> None:
    """NaN is never the smallest loss."""
    for place in (0, 2, 5):
        losses = [float(v) for v in rng.permutation(np.linspace(0.2, 0.9, 6))]
        losses[place] = math.nan
        got = _whole(learner.call("best_epoch", losses), "best_epoch")
        expect(
            got == int(np.nanargmin(losses)),
            f"the losses are {', '.join(map(shown, losses))}, but best_epoch gives {got}: comparisons with NaN are "
            "always false, and NaN does not raise an error",
        )


def check_patience(learner: Learner, rng: np.random.Generator) -> None:
    """The training ends `patience` epochs after the best epoch."""
    patience = int(rng.integers(3, 6))
    fall = [1.0, 0.8, 0.6, 0.5]
    zigzag = [float(0.6 + 0.2 * (n % 2) + 0.01 * rng.random()) for n in range(12)]
    got = _stop(learner, fall + [0.6 + 0.02 * n for n in range(12)], patience)
    true = 3 + patience
    expect(
        abs(got - true) != 1,
        f"the loss is smallest in epoch 3 and then rises; with a patience of {patience} the training ends "
        f"{'one epoch too late' if got > true else 'one epoch too early'}, in epoch {got}",
    )
    expect(
        got == true,
        f"the loss is smallest in epoch 3 and then rises; with a patience of {patience} the training ends in epoch "
        f"{got}",
    )
    got = _stop(learner, fall + zigzag, patience)
    expect(
        got == true,
        f"the loss is smallest in epoch 3 and then zigzags above that value; with a patience of {patience} the "
        f"training ends in epoch {got}: patience counts from the best epoch, not from the last fall",
    )
    level = [1.0, 0.5] + [0.5] * 12
    got = _stop(learner, level, patience)
    expect(
        got == 1 + patience,
        f"the loss falls once, in epoch 1, and then stays equal; with a patience of {patience} the training ends in "
        f"epoch {got}: an equal loss is not better",
    )
    again = [1.0, 0.9, *[0.95] * (patience - 1), 0.5, *[0.7] * 12]
    got = _stop(learner, again, patience)
    expect(
        got == 2 * patience + 1,
        f"the loss does not improve for {patience - 1} epochs, falls to its smallest value in epoch {patience + 1} "
        f"and rises; with a patience of {patience} the training ends in epoch {got}: does the count restart at a new "
        "best epoch?",
    )
    falling = [1.0 / (n + 1) for n in range(9)]
    got = _stop(learner, falling, patience)
    expect(got == 8, f"the loss falls in all of 9 epochs, 0 … 8, but the training ends in epoch {got}")


def check_stops_in_time(learner: Learner, rng: np.random.Generator) -> None:
    """train_with_early_stopping trains for the correct number of epochs and returns the best one."""
    best, patience = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    script = _Script(_valley(best, 20), 19)
    got = script.run(learner, patience)
    expect(
        script.epoch == best + patience,
        f"the loss is smallest in epoch {best}, the patience is {patience}, but one_epoch was called {script.epoch} "
        f"times: {'does the training stop early?' if script.epoch == 19 else 'when should it stop?'}",
    )
    expect(got == best, f"the loss was smallest in epoch {best}, but train_with_early_stopping returns {got}")
    script = _Script([1.0 / (n + 1) for n in range(6)], 5)
    got = script.run(learner, patience)
    expect(
        script.epoch == 5 and got == 5,
        f"the loss falls to the end; {script.epoch} of 5 epochs were trained, and the returned best epoch is {got}",
    )
    script = _Script([0.1] + [0.5] * 9, 9)
    got = script.run(learner, patience)
    expect(
        got == 0,
        f"every epoch is worse than the untrained model, epoch 0, but the returned best epoch is {got}: is the loss "
        "measured before the first epoch?",
    )


def check_best_state_comes_back(learner: Learner, rng: np.random.Generator) -> None:
    """The final model has the state of its best epoch."""
    best, patience = int(rng.integers(2, 5)), int(rng.integers(2, 4))
    script = _Script(_valley(best, 20), 19)
    script.run(learner, patience)
    state = {name: float(tensor.double().mean()) for name, tensor in script.model.state_dict().items()}
    weight, last = state["0.weight"], best + patience
    expect(
        weight != last,
        f"all weights were {best} in epoch {best}, the best one, but are {last} at the end, as in the last epoch: was "
        "a copy stored and restored? The tensors of state_dict change with the model",
    )
    expect(weight == best, f"all weights were {best} in the best epoch, but are {shown(weight)} at the end")
    wrong = [name for name, value in state.items() if value != best]
    expect(
        not wrong,
        f"the weights are restored, but not {', '.join(wrong)}: batch norm has buffers that are not parameters, but "
        "part of the model's state",
    )


def _valley(best: int, count: int) -> list[float]:
    """Losses that are smallest in one epoch."""
    return [0.5 + 0.05 * abs(n - best) for n in range(count)]


def _stop(learner: Learner, losses: list[float], patience: int) -> int:
    return _whole(learner.call("stopping_epoch", losses, patience), "stopping_epoch")


def _whole(value: object, what: str) -> int:
    expect(value is not None, f"{what} gives None: is a return missing?")
    ok = isinstance(value, int | np.integer) and not isinstance(value, bool)
    expect(ok, f"{what} gives {shown(value)}, expected an epoch, an integer")
    return int(value)  # type: ignore[call-overload]
