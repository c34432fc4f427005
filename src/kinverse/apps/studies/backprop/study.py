"""Backprop by hand: four ways to a gradient, held against published digits and, on random networks, each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch

from kinverse.apps.studies.backprop.examples import (
    CHAIN,
    EXACT,
    TWO_THREE_ONE,
    Agreement,
    Example,
    Line,
    as_printed,
    compare_on_random_network,
    side_by_side,
)
from kinverse.apps.studies.backprop.four_ways import sigmoid
from kinverse.apps.studies.backprop.graphs import chain_graph, network_graph
from kinverse.apps.studies.study import Compared, Conclusion, Effort, Training
from kinverse.learning.training.run import Run
from kinverse.tables import Cell, Table

NETWORKS = {True: 20, False: 200}
"""Random networks to compare the four ways on, by whether the study is quick."""
ROUNDING = 1e-12
"""Relative difference that the order of additions explains in sums of this length."""
STEEP = (-1000.0, -745.0, -20.0, 0.0, 20.0, 1000.0)
"""Arguments of the sigmoid; e^745 is beyond the largest float64."""


def trainings(effort: Effort) -> Sequence[Training]:
    """None: nothing is trained here."""
    return ()


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """Both published examples four ways, then random networks of many sizes."""
    examples = (CHAIN, TWO_THREE_ONE)
    sides = [side_by_side(example) for example in examples]
    random = [compare_on_random_network(seed) for seed in range(NETWORKS[effort.quick])]
    return Conclusion(
        verdicts=(_on_digits(sides), _on_finite_differences(sides), _on_random_networks(random), _on_overflow()),
        compared=[
            Compared(line.example, line.figure, float(line.published), line.exact) for side in sides for line in side
        ],
        tables=[_side_table(example, side) for example, side in zip(examples, sides, strict=True)]
        + [_random_table(random), _sigmoid_table()],
        figures=[chain_graph(), network_graph()],
        settings={"numbers": "float64", "finite differences": "central"},
    )


def _side_table(example: Example, side: Sequence[Line]) -> Table:
    columns = ("figure", *EXACT, "differences", "noise", "agrees")
    rows = [
        (
            line.figure,
            *(_typeset(as_printed(value, line.published)) for value in line.exact),
            None if line.noise is None else _typeset(as_printed(line.differences, line.published)),
            None if line.noise is None else f"±{_typeset(f'{line.noise:.0e}')}",
            "yes" if line.agrees else f"no: {_typeset(line.published)}",
        )
        for line in side
    ]
    note = (
        "Each figure in as many digits as it was printed with, and whether all of them agree with the print. "
        "Differences: central finite differences; the noise is what they can be off by."
    )
    return Table(f"Four ways: {example.title}", columns, rows, note)


def _typeset(number: str) -> str:
    return number.replace("-", "−")


def _random_table(found: Sequence[Agreement], shown: int = 8) -> Table:
    columns = (
        "network",
        "activation",
        "rows",
        "by hand and NumPy",
        "finite differences",
        "those in units of their noise",
    )
    rows: list[Sequence[Cell]] = [
        ("-".join(map(str, item.sizes)), item.activation, item.rows, item.exact, item.differences, item.in_noise)
        for item in found[:shown]
    ]
    rows.append(
        (
            f"worst of {len(found)}",
            "",
            max(item.rows for item in found),
            max(item.exact for item in found),
            max(item.differences for item in found),
            max(item.in_noise for item in found),
        )
    )
    note = "Largest difference from torch's gradient, relative to the largest gradient of the network."
    return Table("Random networks, batches and several outputs", columns, rows, note)


def _sigmoid_table() -> Table:
    rows = [
        (z, _plain_sigmoid(z), sigmoid(z), torch.sigmoid(torch.tensor(z, dtype=torch.float64)).item()) for z in STEEP
    ]
    return Table("The sigmoid far out", ("z", "1 / (1 + e^−z) as written", "ours", "torch"), rows)


def _plain_sigmoid(z: float) -> float | str:
    try:
        return 1.0 / (1.0 + math.exp(-z))
    except OverflowError:
        return "overflow"


def _on_digits(sides: Sequence[Sequence[Line]]) -> str:
    lines = [line for side in sides for line in side]
    wrong = [f"{line.example} {line.figure}" for line in lines if not line.agrees]
    if not wrong:
        return (
            f"All {len(lines)} published figures come out by hand, with NumPy and with torch, to every printed digit."
        )
    return f"{len(wrong)} of {len(lines)} published figures differ in a printed digit: {', '.join(wrong)}."


def _on_finite_differences(sides: Sequence[Sequence[Line]]) -> str:
    lines = [line for side in sides for line in side if line.noise is not None]
    off = [line.figure for line in lines if abs(line.differences - line.exact[-1]) > (line.noise or 0.0)]
    hidden = [line for line in lines if abs(line.exact[-1]) < (line.noise or 0.0)]
    text = (
        f"Finite differences agree with the chain rule within their own noise for all {len(lines)} gradients"
        if not off
        else f"Finite differences are off by more than their noise for {', '.join(off)}"
    )
    if not hidden:
        return f"{text}, and every gradient is larger than that noise."
    least = min(hidden, key=lambda line: abs(line.exact[-1]))
    return (
        f"{text}, but {len(hidden)} gradients are smaller than the noise and cannot be checked that way: "
        f"{least.figure} is {_typeset(f'{least.exact[-1]:.1e}')}, the noise {_typeset(f'{least.noise:.0e}')}."
    )


def _on_random_networks(found: Sequence[Agreement]) -> str:
    exact, in_noise = max(item.exact for item in found), max(item.in_noise for item in found)
    deepest, widest = max(len(item.sizes) - 1 for item in found), max(item.sizes[-1] for item in found)
    where = (
        f"on {len(found)} random networks of up to {deepest} layers and {widest} outputs, with batches of up to "
        f"{max(item.rows for item in found)} rows"
    )
    apart = _typeset(f"{exact:.0e}")
    if exact > ROUNDING:
        return f"By hand, NumPy and torch differ by more than rounding ({apart} of the largest gradient) {where}."
    tail = f"finite differences by at most {in_noise:.1f} times their noise"
    return f"By hand, NumPy and torch differ by rounding only ({apart} of the largest gradient) {where}; {tail}."


def _on_overflow() -> str:
    overflowing = [z for z in STEEP if _plain_sigmoid(z) == "overflow"]
    worst = max(abs(sigmoid(z) - torch.sigmoid(torch.tensor(z, dtype=torch.float64)).item()) for z in STEEP)
    close = f"within {_typeset(f'{worst:.0e}')} of torch's"
    if not overflowing:
        return f"The sigmoid as written overflows nowhere here; ours is {close}."
    values = ", ".join(_typeset(f"{z:g}") for z in overflowing)
    return f"The sigmoid as written overflows at {values}; ours does not, and is {close}."
