"""The whole training state in one file, so that a resumed training is bit-identical to an uninterrupted one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import torch
from torch import Tensor
from torch.optim import Optimizer

from kinverse.errors import RunError
from kinverse.files import from_plain
from kinverse.learning.model.inverse import as_arrays
from kinverse.learning.training.history import HistoryRow
from kinverse.learning.training.loop import TrainingState
from kinverse.network.file import read_tensors, write_tensors
from kinverse.text import quoted

NotNegative = Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True)
class _Header:
    """What a checkpoint holds besides tensors."""

    epoch: NotNegative
    best_epoch: NotNegative
    best_loss: float | None
    rows: NotNegative
    groups: list[dict[str, Any]]
    schedule: dict[str, Any] | None


def save_checkpoint(state: TrainingState, path: Path) -> None:
    """Write weights, optimiser, schedule, random generators and counters atomically; the history has its own file."""
    tensors = {f"weights.{name}": tensor for name, tensor in state.weights.items()}
    tensors |= {f"kept.{name}": tensor for name, tensor in state.kept_weights.items()}
    tensors["random.shuffler"] = state.shuffler.get_state()
    tensors["random.torch"] = torch.get_rng_state()
    optimiser = state.optimiser.state_dict()
    for index, entries in optimiser["state"].items():
        tensors |= {f"optimiser.{index}.{key}": value for key, value in entries.items() if isinstance(value, Tensor)}
    header = {
        "epoch": state.epoch,
        "best_epoch": state.best_epoch,
        "best_loss": state.best_loss if state.history else None,
        "rows": len(state.history),
        "groups": [{k: v for k, v in group.items() if k != "params"} for group in optimiser["param_groups"]],
        "schedule": None if state.schedule is None else _json_part(state.schedule.state_dict()),
    }
    write_tensors(path, as_arrays(tensors), header)


def restore_checkpoint(state: TrainingState, path: Path, history: list[HistoryRow]) -> None:
    """Restore what `save_checkpoint` wrote into a new state, in place.

    Args:
        state: a new state of the same problem and configuration.
        path: the checkpoint.
        history: all rows of the run; those after the checkpoint are dropped.

    Raises:
        RunError: the file is damaged, or was written for another problem.
    """
    arrays, plain = read_tensors(path)
    header = from_plain(plain, _Header, path, RunError)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    try:
        with torch.no_grad():
            for kind, target in (("weights", state.weights), ("kept", state.kept_weights)):
                for name, tensor in target.items():
                    tensor.copy_(tensors[f"{kind}.{name}"])
        optimiser = state.optimiser.state_dict()
        optimiser["state"] = _optimiser_entries(tensors)
        _require_fitting(optimiser["state"], state.optimiser)
        for group, saved in zip(optimiser["param_groups"], header.groups, strict=True):
            for key, value in saved.items():
                given = tuple(value) if isinstance(value, list) else value
                if _types(given) != _types(group.get(key, given)):
                    raise TypeError(f"the optimiser's {key} is {quoted(value)}")
                group[key] = given
        state.optimiser.load_state_dict(optimiser)
        if state.schedule is not None:
            state.schedule.load_state_dict(header.schedule or {})
        state.shuffler.set_state(tensors["random.shuffler"])
        torch.set_rng_state(tensors["random.torch"])
        state.epoch, state.best_epoch = header.epoch, header.best_epoch
        state.best_loss = state.best_loss if header.best_loss is None else header.best_loss
        state.history[:] = history[: header.rows]
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError) as problem:
        raise RunError(f"{path}: does not fit the run's configuration ({type(problem).__name__}: {problem})") from None
    if len(state.history) != state.epoch:
        raise RunError(f"{path}: {state.epoch} epochs, but the history has {len(state.history)} rows")


def _optimiser_entries(tensors: dict[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    entries: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimiser."):
            _, index, key = name.split(".", 2)
            entries.setdefault(int(index), {})[key] = tensor
    return entries


def _types(value: Any) -> Any:
    return tuple(map(type, value)) if isinstance(value, tuple) else type(value)


def _require_fitting(entries: dict[int, dict[str, Tensor]], optimiser: Optimizer) -> None:
    """Raise ValueError unless every parameter has the same kinds of entries, numbers or tensors of its own shape.

    The optimiser takes anything, and fails at its next step.
    """
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    kinds = {frozenset(entry) for entry in entries.values()}
    if entries and (sorted(entries) != list(range(len(parameters))) or len(kinds) > 1):
        raise ValueError("entries of the optimiser are missing")
    for index, parameter in enumerate(parameters if entries else []):
        for name, tensor in entries[index].items():
            if tensor.shape not in ((), parameter.shape):
                raise ValueError(f"the optimiser's {name} has the shape {tuple(tensor.shape)}")


def _json_part(values: dict[str, Any]) -> dict[str, Any]:
    """The plain entries of a schedule's state; the others are made again with the schedule."""

    def plain(value: Any) -> bool:
        if isinstance(value, list | tuple):
            return all(map(plain, value))
        return value is None or isinstance(value, bool | int | float | str)

    return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items() if plain(value)}
