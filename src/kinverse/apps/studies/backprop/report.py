"""The page of the backprop study."""

from __future__ import annotations

from collections.abc import Sequence

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.backprop.findings import EXACT, Findings, Line, as_printed
from kinverse.apps.studies.backprop.gradients import by_hand
from kinverse.apps.studies.backprop.runs import CHAIN, TWO_THREE_ONE
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, typeset
from kinverse.plotting.graph import Node, computation_graph
from kinverse.tables import Cell, Table

TEXTS = Texts("backprop")
SHOWN = 8
"""Random networks in the table."""
FLAT = 1e-4
"""A slope of the sigmoid (at most 1/4) at which the units before it stop learning."""


def report(found: Findings) -> Conclusion:
    """The published digits, random networks and the sigmoid, by all methods."""
    return Conclusion(
        sentences=TEXTS.items("findings", found),
        compared=[
            Compared(line.example, line.figure, float(line.published), line.exact, starts=())  # methods, not starts
            for line in found.figures
        ],
        tables=[
            *(example_table(title, lines) for title, lines in found.lines.items()),
            random_table(found),
            sigmoid_table(found),
        ],
        figures=[chain_graph(), network_graph()],
        settings={"numbers": "float64", "finite differences": "central"},
    )


def example_table(title: str, lines: Sequence[Line]) -> Table:
    """One example, figure by figure."""
    columns = ("figure", *EXACT, "differences", "noise", "agrees")
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        exact = (typeset(as_printed(value, line.published)) for value in line.exact)
        differences: tuple[Cell, ...] = (None, None)
        if line.noise is not None:
            differences = (typeset(as_printed(line.differences, line.published)), f"±{typeset(f'{line.noise:.0e}')}")
        rows.append((line.figure, *exact, *differences, "yes" if line.agrees else f"no: {typeset(line.published)}"))
    return Table(f"Four methods: {title}", columns, rows, TEXTS.paragraph("example_note"))


def random_table(found: Findings) -> Table:
    """Some of the random networks, and the worst of all."""
    columns = (
        "network", "activation", "rows", "by hand and NumPy", "finite differences", "those in units of their noise",
    )  # fmt: skip
    measured = [(item.rows, item.exact, item.differences, item.in_noise) for item in found.random]
    rows: list[tuple[Cell, ...]] = [
        ("-".join(map(str, item.sizes)), item.activation, *values)
        for item, values in zip(found.random[:SHOWN], measured, strict=False)
    ]
    rows.append((f"worst of {len(measured)}", "", *map(max, *measured)))
    return Table("Random networks, batches and several outputs", columns, rows, TEXTS.paragraph("random_note"))


def sigmoid_table(found: Findings) -> Table:
    """The sigmoid at arguments far from 0."""
    rows = [(s.z, "overflow" if s.plain is None else s.plain, s.ours, s.torch) for s in found.sigmoids]
    return Table("The sigmoid of large arguments", ("z", "1 / (1 + e^−z) as written", "ours", "torch"), rows)


def chain_graph() -> PageFigure:
    """The chain x → ·w1 → ReLU → ·w2 → ReLU → ·w3 → y, followed by the loss."""
    network, x, t = CHAIN.network, float(CHAIN.x[0, 0]), float(CHAIN.t[0, 0])
    found = by_hand(network, CHAIN.x, CHAIN.t)
    nodes = [Node("x", (x,), (), 0, 1, "given")]
    arrows = []
    before = "x"
    for n, layer in enumerate(found.layers, start=1):
        last = n == len(found.layers)
        product = f"{'y' if last else f'z{n}'} = w{n} · {'x' if n == 1 else f'h{n - 1}'}"
        weight, gradient = float(network.weights[n - 1][0, 0]), float(found.weights[n - 1][0, 0])
        column = 2 * n - 1
        nodes.append(Node(f"w{n}", (weight,), (gradient,), column, 0, "weight"))
        nodes.append(Node(product, (float(layer.z[0, 0]),), (float(layer.dz[0, 0]),), column, 1))
        arrows += [(before, product), (f"w{n}", product)]
        before = product
        if not last:
            before = f"h{n} = ReLU(z{n})"
            nodes.append(Node(before, (float(layer.h[0, 0]),), (float(layer.dh[0, 0]),), column + 1, 1))
            arrows.append((product, before))
    nodes.append(Node("t", (t,), (), column + 1, 0, "given"))
    nodes.append(Node("L = ½ (y − t)²", (found.loss,), (1.0,), column + 1, 1, "loss"))
    arrows += [(before, "L = ½ (y − t)²"), ("t", "L = ½ (y − t)²")]
    return PageFigure(
        "The chain: values flow from left to right, gradients from right to left; each gradient is the one to its "
        "right times the slope of the step between",
        computation_graph(nodes, arrows),
    )


def network_graph() -> PageFigure:
    """The 2-3-1 network: a row of boxes for each hidden unit, with its own rows of weights."""
    network, found = TWO_THREE_ONE.network, by_hand(TWO_THREE_ONE.network, TWO_THREE_ONE.x, TWO_THREE_ONE.t)
    hidden, output = found.layers
    first, second = network.weights
    units = len(first)
    middle = float(units)
    nodes = [Node("x", tuple(map(float, TWO_THREE_ONE.x[0])), (), 0, middle, "given")]
    arrows = []
    for j in range(units):
        unit, row = j + 1, 2.0 * j
        z, h = f"z{unit} = W1[{unit}] · x", f"h{unit} = σ(z{unit})"
        nodes += [
            Node(f"W1[{unit}]", tuple(map(float, first[j])), tuple(map(float, found.weights[0][j])), 1, row, "weight"),
            Node(z, (float(hidden.z[0, j]),), (float(hidden.dz[0, j]),), 1, row + 1),
            Node(h, (float(hidden.h[0, j]),), (float(hidden.dh[0, j]),), 2, row + 1),
            Node(f"W2[{unit}]", (float(second[0, j]),), (float(found.weights[1][0, j]),), 2, row, "weight"),
        ]
        arrows += [("x", z), (f"W1[{unit}]", z), (z, h), (h, "y = W2 · h"), (f"W2[{unit}]", "y = W2 · h")]
    nodes += [
        Node("y = W2 · h", (float(output.h[0, 0]),), (float(output.dh[0, 0]),), 3, middle),
        Node("t", (float(TWO_THREE_ONE.t[0, 0]),), (), 4, middle - 1, "given"),
        Node("L = ½ (y − t)²", (found.loss,), (1.0,), 4, middle, "loss"),
    ]
    arrows += [("y = W2 · h", "L = ½ (y − t)²"), ("t", "L = ½ (y − t)²")]
    flat = [str(j + 1) for j in range(units) if hidden.h[0, j] * (1.0 - hidden.h[0, j]) < FLAT]
    saturated = f" Saturated sigmoids, which pass almost no gradient: units {', '.join(flat)}" if flat else ""
    return PageFigure(f"The 2-3-1 network.{saturated}", computation_graph(nodes, arrows))
