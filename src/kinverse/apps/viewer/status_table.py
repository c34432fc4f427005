"""The status table of a panel: errors of prediction and solution, and the state of the target."""

from __future__ import annotations

import html

from kinverse.apps.viewer.solved_target import SolvedTarget, State
from kinverse.tables import Cell, Table

MARKS: dict[State, str] = {"solved": "✓", "not solved": "✗", "outside the training region": "!"}
"""Beside the words, so that nothing depends on colour."""
COLUMNS = ("", "position error [mm]", "rotation error [°]")


def status_html(title: str, solved: SolvedTarget) -> str:
    """The status of a target as HTML.

    Args:
        title: name of the arm or model.
        solved: the target with its prediction and solution.
    """
    rows: list[tuple[Cell, ...]] = []
    if solved.predicted is not None:
        errors = solved.predicted_position_mm, solved.predicted_rotation_deg
        rows.append(("network", *map(_error, errors)))
    rows.append(("solver", _error(solved.position_mm), _error(solved.rotation_deg)))
    count = 2 if solved.rotation_deg is None else 3
    table = Table("errors", COLUMNS[:count], [row[:count] for row in rows])
    state = solved.state
    outside = " · outside the training region" if solved.in_training_region is False and not solved.converged else ""
    limits = ", ".join(map(html.escape, solved.at_limit)) or "none"
    return (
        f"<div style='padding:0 0.75em'><b>{html.escape(title)}</b>: "
        f"<span data-state='{state}'>{MARKS[state]} {state}{outside}</span>"
        f"{table.to_html(style='border-spacing:0.8em 0;margin:0 -0.8em')}"
        f"{solved.iterations} iterations, {solved.microseconds:.0f} µs · joints at a limit: {limits}</div>"
    )


def _error(value: float | None) -> str | None:
    if value is None:
        return None
    return "< 0.001" if value < 1e-3 else f"{value:.3f}" if value < 10.0 else f"{value:.0f}"
