"""The layer gallery: what goes into a layer, what comes out, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from kinverse.tables import Table


@dataclass(frozen=True)
class Layer:
    """One layer of the gallery.

    Attributes:
        name: as written in torch.
        build: makes it.
        given: an example input.
        count: its parameters by the formula.
        formula: the formula in words.
        good_for: its use.
    """

    name: str
    build: Callable[[], nn.Module]
    given: Tensor
    count: int
    formula: str
    good_for: str


def layers() -> tuple[Layer, ...]:
    """The layers of the workflow and those beyond it, with inputs of a batch of 32."""
    return (
        Layer(
            "Linear(6, 16)", lambda: nn.Linear(6, 16), torch.zeros(32, 6),
            6 * 16 + 16, "in·out + out", "rows of numbers",
        ),
        Layer(
            "BatchNorm1d(16)", lambda: nn.BatchNorm1d(16), torch.zeros(32, 16),
            2 * 16, "2·features", "steady scales between layers",
        ),
        Layer("Dropout(0.1)", lambda: nn.Dropout(0.1), torch.zeros(32, 16), 0, "none", "less overfitting"),
        Layer(
            "Conv2d(3, 8, 3, padding=1)", lambda: nn.Conv2d(3, 8, 3, padding=1), torch.zeros(32, 3, 28, 28),
            3 * 8 * 3 * 3 + 8, "in·out·k·k + out", "images: the same small window everywhere",
        ),
        Layer(
            "RNN(6, 16)", lambda: nn.RNN(6, 16, batch_first=True), torch.zeros(32, 20, 6),
            16 * 6 + 16 * 16 + 2 * 16, "h·in + h·h + 2·h", "sequences, with a short memory",
        ),
        Layer(
            "LSTM(6, 16)", lambda: nn.LSTM(6, 16, batch_first=True), torch.zeros(32, 20, 6),
            4 * (16 * 6 + 16 * 16 + 2 * 16), "4·(h·in + h·h + 2·h)", "sequences, with gates that keep a memory",
        ),
        Layer(
            "Embedding(100, 16)", lambda: nn.Embedding(100, 16), torch.zeros(32, 20, dtype=torch.long),
            100 * 16, "words·width", "indices of words, joints, classes …",
        ),
    )  # fmt: skip


def output_of(layer: Layer) -> tuple[Tensor, int]:
    """The output for the example input, and the number of parameters counted."""
    with torch.random.fork_rng(devices=[]):
        module = layer.build()
    with torch.no_grad():
        out = module(layer.given)
    return (out[0] if isinstance(out, tuple) else out), sum(p.numel() for p in module.parameters())


def layer_gallery() -> Table:
    """Shapes and parameter counts, measured on each layer."""
    rows = []
    for layer in layers():
        out, count = output_of(layer)
        agrees = "agrees" if count == layer.count else f"the formula gives {layer.count}"
        shapes = (_shape(layer.given), _shape(out))
        rows.append((layer.name, *shapes, f"{count:,}", f"{layer.formula}: {agrees}", layer.good_for))
    columns = ("layer", "in", "out", "parameters", "by formula", "good for")
    return Table(
        "Layer gallery", columns, rows, "The first number of a shape is the batch; RNN and LSTM: batch, time, features."
    )


def _shape(tensor: Tensor) -> str:
    return " × ".join(map(str, tensor.shape))
