"""Counterfactual trainings: the same training, shorter, with one setting changed, to see which one holds it back."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from kinverse.errors import KinverseError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.facts import Facts, thinned
from kinverse.learning.diagnosis.finding import AS_IT_WAS, Counterfactual
from kinverse.learning.trained import Model
from kinverse.learning.training.config import DISTANCES, FitConfig, FitSettings
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.session import train
from kinverse.learning.training.source import Origin, Source

SECONDS = 50.0
"""Time for all trainings together; with loading and measuring it stays under a minute."""
FEWEST_EPOCHS = 5
WIDEST = 256


def counterfactuals(trained: Model, dataset: Dataset, seconds: float = SECONDS) -> tuple[Counterfactual, ...]:
    """Train short copies, one as it was and one for each setting that may be at fault.

    Args:
        trained: the model.
        dataset: its rows; at most 5,000 of each split are used.
        seconds: time for all trainings together. Each gets an equal share of what is left and ends with it.

    Returns:
        The trainings by their loss, the one as it was included; those that diverged are left out.
    """
    tables = {split: thinned(table) for split, table in dataset.splits.items()}
    source = Source(Dataset.from_tables(tables, dataset.manifest), trained.arm, Origin("memory"))
    changes = [(AS_IT_WAS, trained.config.replace(resample=False, device="cpu")), *_changes(trained)]
    deadline, found = time.monotonic() + seconds, []
    epochs = _affordable_epochs(trained, dataset, seconds / len(changes))
    for number, (change, config) in enumerate(changes):
        share = (deadline - time.monotonic()) / (len(changes) - number)
        measured = _measured(source, config.replace(epochs=epochs, patience=None), share)
        if measured is not None:
            found.append(Counterfactual(change, *measured))
    return tuple(sorted(found, key=lambda one: one.remains))


def _affordable_epochs(trained: Model, dataset: Dataset, seconds: float) -> int:
    """Epochs of one training, from the time that an epoch of the model took."""
    share = len(thinned(dataset.train)) / len(dataset.train)
    epoch = share * trained.seconds / max(trained.epochs, 1)
    return max(FEWEST_EPOCHS, min(trained.config.epochs, int(0.5 * seconds / max(epoch, 1e-6))))


def _measured(source: Source, config: FitConfig, seconds: float) -> tuple[float, int] | None:
    """Share of the constant answer's loss that remains on the validation rows, and the epochs; None if it diverged."""
    end = time.monotonic() + seconds

    def watch(state: TrainingState) -> str | None:
        return "the time is over" if state.epoch >= 2 and time.monotonic() > end else None

    try:
        model = train(source, config, None, watch)
    except KinverseError:  # it diverged, or the settings do not fit the rows
        return None
    facts = Facts(model, None, source.dataset)
    remains = facts.kept_loss / facts.reference
    return (remains, model.epochs) if math.isfinite(remains) else None


def _changes(trained: Model) -> Iterator[tuple[str, FitConfig]]:
    """Settings that may be at fault, each with a value that would do."""
    config = trained.config.replace(resample=False, device="cpu")
    model, optimiser, data, rate = config.model, config.optimiser, config.data, config.optimiser.learning_rate
    compares_numbers = trained.space == "joints" and config.loss in DISTANCES
    wider = tuple(min(4 * width, max(width, WIDEST)) for width in model.hidden) or (64, 64)
    tried: list[tuple[bool, FitSettings]] = [
        (optimiser.weight_decay > 0.0, {"weight_decay": 0.0}),
        (model.dropout > 0.0, {"dropout": 0.0}),
        (model.output_activation != "linear", {"output_activation": "linear", "double_softmax": False}),
        (data.scale_features == "none", {"scale_features": "standard"}),
        (data.scale_targets == "none" and compares_numbers, {"scale_targets": "standard"}),
        (optimiser.schedule != "constant", {"schedule": "constant"}),
        (optimiser.schedule != "cosine", {"schedule": "cosine"}),
        (model.activation != "silu" and bool(model.hidden), {"activation": "silu"}),
        (len(model.hidden) > 3, {"hidden": model.hidden[:2]}),
        (wider != model.hidden, {"hidden": wider}),
        (True, {"learning_rate": 10.0 * rate}),
        (True, {"learning_rate": 0.1 * rate}),
        (optimiser.name not in ("adam", "adamw"), {"optimiser": "adam", "learning_rate": 1e-3}),
        (optimiser.clip_gradient is not None, {"clip_gradient": None}),
        (model.initialisers != ("default",), {"initialisers": ("default",), "bias_initialiser": "default"}),
        (model.max_angle is not None, {"max_angle": None}),
        (model.bounds != "none", {"bounds": "none"}),
        (config.batch_size is None, {"batch_size": 128}),
    ]
    for applies, settings in tried:
        if applies:
            yield _in_words(settings), config.replace(**settings)


def _in_words(settings: FitSettings) -> str:
    shown = {name: value for name, value in settings.items() if name not in ("double_softmax", "bias_initialiser")}
    return ", ".join(f"{name}={_value(value)}" for name, value in shown.items())


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
