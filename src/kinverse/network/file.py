"""Model files: safetensors with a JSON header and a checksum over both. No pickle.

Tensors are NumPy arrays here, so that a model can be read without torch; `kinverse.learning.model.inverse` is the torch
side.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from kinverse.errors import RunError
from kinverse.files import from_plain, write_atomic
from kinverse.network.spec import ModelSpec
from kinverse.robot.arm_file import read_arm

_KEY = "kinverse"


def write_tensors(path: Path, tensors: dict[str, np.ndarray], header: dict[str, Any]) -> None:
    """Write tensors and a JSON header atomically, with a digest over both."""
    tensors = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    text = json.dumps(header, sort_keys=True)
    # One entry only: safetensors writes several in random order, and equal trainings should give equal files.
    entry = json.dumps({"sha256": _digest(tensors, text), "header": text})
    write_atomic(path, save(tensors, metadata={_KEY: entry}))


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a file of `write_tensors`.

    Returns:
        The tensors, and the header.

    Raises:
        RunError: the file is missing, truncated, not safetensors, not from kinverse, or does not match its checksum.
    """
    if not path.is_file():
        raise RunError(f"{path}: no such file")
    try:
        with safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    # A type that NumPy lacks is a TypeError or an AttributeError, by version.
    except (SafetensorError, OSError, struct.error, ValueError, TypeError, AttributeError) as problem:
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


def read_model(path: Path) -> tuple[ModelSpec, dict[str, np.ndarray]]:
    """Read the description and the weights of a model, and check that they fit and are finite.

    Raises:
        RunError: as for `read_tensors`; or the weights do not fit the description, or hold NaN or inf.
    """
    tensors, header = read_tensors(path)
    spec = read_spec(header, path)
    if spec.network.shapes != {name: tensor.shape for name, tensor in tensors.items()}:
        raise RunError(f"{path}: the weights do not fit the description of the network {list(spec.network.sizes)}")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise RunError(f"{path}: the weights hold NaN or inf")
    return spec, tensors


def read_spec(header: dict[str, Any], place: object) -> ModelSpec:
    """The description of a model from the header of its file, also of version 0.1.

    Raises:
        RunError: a field is missing or invalid; the message names it.
    """
    if header.get("arm") is not None:
        header = {**header, "arm": read_arm(header["arm"], place, RunError)}
    return from_plain(header, ModelSpec, place, RunError)


def _digest(tensors: dict[str, np.ndarray], text: str) -> str:
    """SHA-256 over names, types, shapes, values and header; the types by torch's names, which older files have."""
    content = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        content.update(f"{name}|torch.{tensor.dtype}|{tensor.shape}".encode())
        content.update(tensor.tobytes())
    return content.hexdigest()
