"""The torch side of a model's file (`kinverse.network.file`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from kinverse.files import to_plain
from kinverse.learning.model.inverse import InverseModel
from kinverse.network.file import read_model, read_tensors, write_tensors


def save_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """`write_tensors` for torch, from any device."""
    write_tensors(path, {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}, header)


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """`read_tensors` for torch, on the CPU.

    Raises:
        RunError: as `read_tensors`.
    """
    arrays, header = read_tensors(path)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}, header


def save_model(model: InverseModel, path: Path, state: dict[str, Tensor] | None = None) -> None:
    """Write a model to one file.

    Args:
        model: what to write.
        path: where; an old file is replaced in one step.
        state: weights to write in place of the model's own, as in `model.state_dict()`.
    """
    save_tensors(path, state if state is not None else model.state_dict(), to_plain(model.spec))


def load_model(path: Path) -> InverseModel:
    """Read a model from its file, on the CPU, in evaluation mode.

    Raises:
        RunError: as `read_model`.
    """
    spec, tensors = read_model(path)
    model = InverseModel(spec)
    model.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in tensors.items()})
    return model.eval()
