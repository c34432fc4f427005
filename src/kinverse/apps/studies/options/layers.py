"""The layer gallery: what goes into a layer, what comes out, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from kinverse.tables import Table

GALLERY: tuple[tuple[str, Callable[[], nn.Module], Tensor, int, str, str], ...] = (
    (
        "Linear(6, 16)", lambda: nn.Linear(6, 16), torch.zeros(32, 6),
        6 * 16 + 16, "in·out + out", "rows of numbers",
    ),
    (
        "BatchNorm1d(16)", lambda: nn.BatchNorm1d(16), torch.zeros(32, 16),
        2 * 16, "2·features", "steady scales between layers",
    ),
    ("Dropout(0.1)", lambda: nn.Dropout(0.1), torch.zeros(32, 16), 0, "none", "less overfitting"),
    (
        "Conv2d(3, 8, 3, padding=1)", lambda: nn.Conv2d(3, 8, 3, padding=1), torch.zeros(32, 3, 28, 28),
        3 * 8 * 3 * 3 + 8, "in·out·k·k + out", "images: the same small window everywhere",
    ),
    (
        "RNN(6, 16)", lambda: nn.RNN(6, 16, batch_first=True), torch.zeros(32, 20, 6),
        16 * 6 + 16 * 16 + 2 * 16, "h·in + h·h + 2·h", "sequences, with a short memory",
    ),
    (
        "LSTM(6, 16)", lambda: nn.LSTM(6, 16, batch_first=True), torch.zeros(32, 20, 6),
        4 * (16 * 6 + 16 * 16 + 2 * 16), "4·(h·in + h·h + 2·h)", "sequences, with gates that keep a memory",
    ),
    (
        "Embedding(100, 16)", lambda: nn.Embedding(100, 16), torch.zeros(32, 20, dtype=torch.long),
        100 * 16, "words·width", "indices of words, joints, classes …",
    ),
)  # fmt: skip
"""Name in torch, how it is made, an input of a batch of 32, number of parameters by the formula, the formula, use."""


def layer_gallery() -> Table:
    """Shapes and parameter counts, measured on each layer."""
    rows = []
    for name, build, given, expected, formula, use in GALLERY:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            layer = build()
            out = layer(given)
        count = sum(p.numel() for p in layer.parameters())
        agrees = "agrees" if count == expected else f"the formula gives {expected}"
        shapes = (_shape(given), _shape(out[0] if isinstance(out, tuple) else out))
        rows.append((name, *shapes, f"{count:,}", f"{formula}: {agrees}", use))
    columns = ("layer", "in", "out", "parameters", "by formula", "good for")
    return Table(
        "Layer gallery", columns, rows, "The first number of a shape is the batch; RNN and LSTM: batch, time, features."
    )


def _shape(tensor: Tensor) -> str:
    return " × ".join(map(str, tensor.shape))
