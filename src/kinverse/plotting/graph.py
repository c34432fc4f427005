"""Computation graphs that show the value of each step and the gradient of the loss with respect to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

from kinverse.errors import ShapeError, require_choice
from kinverse.plotting.colours import BLACK, BLUE, GREY, VERMILLION
from kinverse.plotting.style import DASHES, legend_below, new_figure

Kind = Literal["given", "weight", "step", "loss"]
HEIGHT, ROW = 0.68, 0.98
"""Height of a box, and vertical distance between the centres of two rows [inch]."""
LETTER, GAP = 0.084, 0.4
"""Width of a letter, and of the gap between two columns [inch]."""
ENTRY = 1.7
"""Width of a legend entry [inch]."""
_STYLES: dict[Kind, dict[str, object]] = {
    "given": {"facecolor": "0.93", "edgecolor": GREY},
    "weight": {"facecolor": "#FFF6DC", "edgecolor": BLACK, "linestyle": DASHES[1]},
    "step": {"facecolor": "white", "edgecolor": BLACK},
    "loss": {"facecolor": "white", "edgecolor": BLACK, "linewidth": 2.2},
}
_MEANINGS: dict[Kind, str] = {"given": "given", "weight": "weight", "step": "computed", "loss": "loss"}


@dataclass(frozen=True)
class Node:
    """A box of the graph.

    Attributes:
        name: heading of the box; arrows refer to it, so it must be unique.
        values: one number, or a short row of weights.
        gradients: gradient of the loss with respect to each value; empty: not shown.
        column: column from the left, starting at 0; fractions are allowed.
        row: row from the top, starting at 0.
        kind: determines the style of the box.
    """

    name: str
    values: tuple[float, ...]
    gradients: tuple[float, ...]
    column: float
    row: float
    kind: Kind = "step"


def computation_graph(nodes: Sequence[Node], arrows: Sequence[tuple[str, str]], *, title: str = "") -> Figure:
    """Draw boxes with values and gradients, and arrows in the direction of the forward pass.

    Args:
        nodes: the boxes.
        arrows: for each arrow, the names of the boxes where it starts and ends.
        title: text above the graph.

    Raises:
        ShapeError: there are no nodes, two have the same name, or a node has values and gradients of different lengths.
        UnknownNameError: an arrow refers to a box that does not exist.
    """
    places = {node.name: node for node in nodes}
    if len(places) != len(nodes) or not nodes:
        raise ShapeError(f"a graph needs nodes of different names, got {[node.name for node in nodes]}")
    columns, rows = max(node.column for node in nodes) + 1.0, max(node.row for node in nodes) + 1.0
    width = LETTER * max(len(text) for node in nodes for text, _, _ in _lines(node))
    figure = new_figure((width + GAP) * columns + 0.3, ROW * rows + 0.55 + (0.35 if title else 0.0))
    axes = figure.add_subplot()
    for start, end in arrows:
        for name in (start, end):
            require_choice("node", name, places)
        _draw_arrow(axes, places[start], places[end], width)
    for node in nodes:
        _draw_node(axes, node, width)
    axes.set_xlim(-0.5 * (width + GAP), (columns - 0.5) * (width + GAP))
    axes.set_ylim(-(rows - 0.5) * ROW, 0.5 * ROW)
    axes.set_aspect("equal")
    axes.set(xticks=[], yticks=[])
    axes.set_axis_off()
    if title:
        axes.set_title(title, loc="left", fontsize="medium")
    kinds = [kind for kind in _STYLES if any(node.kind == kind for node in nodes)]
    entries: list[Patch] = [Patch(label=_MEANINGS[kind], **_STYLES[kind]) for kind in kinds]  # type: ignore[arg-type]
    entries += [Patch(color=BLUE, label="value"), Patch(color=VERMILLION, label="∂L/∂ = gradient of the loss")]
    in_a_row = max(2, min(len(entries), int(figure.get_figwidth() / ENTRY)))
    legend_below(figure, {str(entry.get_label()): entry for entry in entries}, columns=in_a_row)
    return figure


def _lines(node: Node) -> list[tuple[str, str, str]]:
    """Text, colour and font weight of each line in a box."""
    if node.gradients and len(node.gradients) != len(node.values):
        raise ShapeError(f"node {node.name!r}: {len(node.values)} values but {len(node.gradients)} gradients")
    lines = [(node.name, BLACK, "bold"), (_numbers(node.values), BLUE, "normal")]
    return [*lines, (f"∂L/∂ {_numbers(node.gradients)}", VERMILLION, "normal")] if node.gradients else lines


def _draw_node(axes: Axes, node: Node, width: float) -> None:
    x, y = node.column * (width + GAP), -node.row * ROW
    corner = (x - width / 2, y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch(corner, width, HEIGHT, boxstyle=style, **_STYLES[node.kind]))  # type: ignore[arg-type]
    lines = _lines(node)
    for i, (text, colour, weight) in enumerate(lines):
        height = y + HEIGHT * (0.5 - (i + 0.5) / len(lines)) * 0.9
        axes.text(x, height, text, color=colour, weight=weight, ha="center", va="center", fontsize=8.5)


def _draw_arrow(axes: Axes, start: Node, end: Node, width: float) -> None:
    """Draw an arrow between the facing sides of two boxes, vertically if they are in the same column."""
    (x0, y0), (x1, y1) = ((node.column * (width + GAP), -node.row * ROW) for node in (start, end))
    if start.column == end.column:
        side = 1.0 if y1 > y0 else -1.0
        y0, y1 = y0 + side * HEIGHT / 2, y1 - side * HEIGHT / 2
    else:
        side = 1.0 if x1 > x0 else -1.0
        x0, x1 = x0 + side * width / 2, x1 - side * width / 2
    arrow = FancyArrowPatch((x0, y0), (x1, y1), arrowstyle="-|>", mutation_scale=10, color=GREY, shrinkA=0, shrinkB=0)
    axes.add_patch(arrow)


def _numbers(values: tuple[float, ...]) -> str:
    """Values as text, several in brackets."""
    texts = [f"{value:.3g}".replace("-", "−") for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
