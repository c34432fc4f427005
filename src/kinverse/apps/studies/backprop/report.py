"""The page of the backprop study."""

from __future__ import annotations

from collections.abc import Sequence

from kinverse.apps.studies.backprop.figures import chain_graph, network_graph
from kinverse.apps.studies.backprop.findings import EXACT, ROUNDING, Agreement, Findings, Line, as_printed
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, typeset
from kinverse.tables import Cell, Table

TEXTS = Texts("backprop")
SHOWN = 8
"""Random networks in the table."""


def report(found: Findings) -> Conclusion:
    """The published digits, random networks and the sigmoid, by all methods."""
    note = TEXTS.paragraph("example_note")
    return Conclusion(
        sentences=sentences(found),
        compared=[Compared(line.example, line.figure, float(line.published), line.exact) for line in found.figures],
        tables=[
            *(example_table(title, lines, note) for title, lines in found.lines.items()),
            random_table(found, TEXTS.paragraph("random_note")),
            sigmoid_table(found),
        ],
        figures=[chain_graph(), network_graph()],
        settings={"numbers": "float64", "finite differences": "central"},
    )


def sentences(found: Findings) -> list[str]:
    """What follows from the findings."""
    return TEXTS.items("findings", found, ROUNDING)


def example_table(title: str, lines: Sequence[Line], note: str) -> Table:
    """One example, figure by figure."""
    columns = ("figure", *EXACT, "differences", "noise", "agrees")
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        exact = (typeset(as_printed(value, line.published)) for value in line.exact)
        differences: tuple[Cell, ...] = (None, None)
        if line.noise is not None:
            differences = (typeset(as_printed(line.differences, line.published)), f"±{typeset(f'{line.noise:.0e}')}")
        rows.append((line.figure, *exact, *differences, "yes" if line.agrees else f"no: {typeset(line.published)}"))
    return Table(f"Four methods: {title}", columns, rows, note)


def random_table(found: Findings, note: str) -> Table:
    """Some of the random networks, and the worst of all."""
    columns = (
        "network", "activation", "rows", "by hand and NumPy", "finite differences", "those in units of their noise",
    )  # fmt: skip
    rows = [_differences("-".join(map(str, item.sizes)), item) for item in found.random[:SHOWN]]
    rows.append(_differences(f"worst of {len(found.random)}", found.worst))
    return Table("Random networks, batches and several outputs", columns, rows, note)


def _differences(label: str, item: Agreement) -> tuple[Cell, ...]:
    return label, item.activation, item.rows, item.exact, item.differences, item.in_noise


def sigmoid_table(found: Findings) -> Table:
    """The sigmoid at arguments far from 0."""
    rows = [(s.z, "overflow" if s.plain is None else s.plain, s.ours, s.torch) for s in found.sigmoids]
    return Table("The sigmoid of large arguments", ("z", "1 / (1 + e^−z) as written", "ours", "torch"), rows)
