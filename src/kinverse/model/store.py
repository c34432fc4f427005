"""One file for one model: safetensors with a JSON header that describes it and a digest that guards it. No pickle."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from kinverse.errors import RunError
from kinverse.files import write_atomic
from kinverse.model.inverse import InverseModel, ModelSpec
from kinverse.model.network import MLP

_KEY = "kinverse"


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header atomically, with a digest over both."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(header, sort_keys=True)
    # One entry only: safetensors writes several in random order, and equal trainings should give equal files.
    entry = json.dumps({"sha256": _digest(tensors, text), "header": text})
    write_atomic(path, save(tensors, metadata={_KEY: entry}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write_tensors` wrote.

    Returns:
        The tensors, and the header.

    Raises:
        RunError: the file is missing, truncated, no safetensors file, not ours, or does not match its digest.
    """
    if not path.is_file():
        raise RunError(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, struct.error, ValueError) as problem:
        raise RunError(f"{path}: not a readable safetensors file, it may be truncated ({problem})") from None
    if _KEY not in metadata:
        raise RunError(f"{path}: a safetensors file, but not written by kinverse")
    try:
        entry = json.loads(metadata[_KEY])
        digest, text = str(entry["sha256"]), str(entry["header"])
    except (ValueError, KeyError, TypeError):
        raise RunError(f"{path}: the description inside is damaged") from None
    if digest != _digest(tensors, text):
        raise RunError(f"{path}: the content does not match its checksum; the file was damaged or changed")
    return tensors, json.loads(text)


def save_model(model: InverseModel, path: Path, state: dict[str, Tensor] | None = None) -> None:
    """Write a model to one file.

    Args:
        model: what to write.
        path: where; an old file is replaced in one step.
        state: weights to write in place of the model's own, as in `model.state_dict()`.
    """
    write_tensors(path, state if state is not None else model.state_dict(), model.spec.to_dict())


def load_model(path: Path) -> InverseModel:
    """Read a model from its file, on the CPU, in evaluation mode.

    Raises:
        RunError: as `read_tensors`; or the weights do not fit the description.
    """
    tensors, header = read_tensors(path)
    spec = ModelSpec.from_dict(header)
    with torch.device("meta"):  # shapes only: a header may claim layers of any size
        claimed = MLP(spec.network).state_dict(prefix="network.")
    if {name: t.shape for name, t in claimed.items()} != {name: t.shape for name, t in tensors.items()}:
        raise RunError(f"{path}: the weights do not fit the description of the network {list(spec.network.sizes)}")
    model = InverseModel(spec)
    model.load_state_dict(tensors)
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise RunError(f"{path}: the weights hold NaN or inf")
    return model.eval()


def _digest(tensors: dict[str, Tensor], text: str) -> str:
    content = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        content.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}".encode())
        content.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    return content.hexdigest()
