"""The numbers of an answer as a small table for the viewer's panel."""

from __future__ import annotations

import html

from kinverse.apps.viewer.answer import Answer

MARKS = {"reached": "✓", "out of reach": "✗", "outside the training region": "!"}
"""Beside the words, so that nothing hangs on a colour."""


def readout_of(title: str, found: Answer) -> str:
    """A table: what the network says, what the solver makes of it, and what there is to know besides."""
    has_rotation = found.rotation_deg is not None
    rows = []
    if found.raw is not None:
        rows.append(("network", found.raw_position_mm, found.raw_rotation_deg))
    rows.append(("solver", found.position_mm, found.rotation_deg))
    heads = ["", "tip error [mm]", *(["angle [°]"] if has_rotation else [])]
    body = "".join(
        "<tr>" + "".join(f"<td>{text}</td>" for text in _cells(name, mm, degrees, has_rotation)) + "</tr>"
        for name, mm, degrees in rows
    )
    limits = ", ".join(map(html.escape, found.at_limit)) or "none"
    state = found.state
    training = " · outside the training region" if found.in_training_region is False and not found.reached else ""
    return (
        f"<div style='padding:0 0.75em'><b>{html.escape(title)}</b>: "
        f"<span data-state='{state}'>{MARKS[state]} {state}{training}</span>"
        f"<table style='border-spacing:0.6em 0;margin:0 -0.6em'><tr>"
        + "".join(f"<th style='text-align:left;font-weight:400'>{head}</th>" for head in heads)
        + f"</tr>{body}</table>"
        f"{found.iterations} iterations, {found.microseconds:.0f} µs · at a limit: {limits}</div>"
    )


def _cells(name: str, mm: float | None, degrees: float | None, has_rotation: bool) -> list[str]:
    return [name, _short(mm), *([_short(degrees)] if has_rotation else [])]


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 1e-3 else f"{value:.3f}" if value < 10.0 else f"{value:.0f}"
