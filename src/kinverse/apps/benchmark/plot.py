"""The figure of a benchmark: time per target of every solver on a logarithmic axis, one panel per arm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from kinverse.apps.benchmark.bench import ArmResult, BenchResult, Measured
from kinverse.apps.benchmark.table import share
from kinverse.files import write_atomic
from kinverse.plotting.style import BLUE, GREY, VERMILLION, legend_below, new_figure, tidy, to_png

MAX_REASON = 44


def bench_figure(result: BenchResult) -> Figure:
    """Draw one panel per arm and one row per solver: kinverse first, then from the fastest to the slowest.

    A disc marks the time in a batch, a square the time of a single call. Libraries without a batch call have only the
    square. The share of solved targets is at the right. The row of a skipped library shows the reason.
    """
    names = _order(result)
    figure = new_figure(2.4 + 4.1 * len(result.arms), 1.7 + 0.33 * len(names))
    panels: list[Axes] = []
    for i, arm in enumerate(result.arms):
        panels.append(figure.add_subplot(1, len(result.arms), i + 1, sharex=panels[0] if panels else None))
        _panel(panels[-1], arm, names)
        if i:
            panels[-1].tick_params(labelleft=False)
    for label in panels[0].get_yticklabels():
        if label.get_text() == result.arms[0].ours.name:
            label.set_color(VERMILLION)
            label.set_fontweight("bold")
    legend_below(figure, panels[0], columns=4 if len(panels) > 1 else 2)
    return figure


def save_bench_plot(result: BenchResult, path: Path) -> Path:
    """Write the figure as a PNG file."""
    write_atomic(path, to_png(bench_figure(result), dpi=150))
    return path


def _order(result: BenchResult) -> list[str]:
    """Names of the rows from top to bottom."""
    times: dict[str, list[float]] = {}
    for arm in result.arms:
        for solver in arm.peers:
            times.setdefault(solver.name, []).append(solver.batch_ms)
    measured = sorted(times, key=lambda name: sum(times[name]) / len(times[name]))
    never = {peer.name for arm in result.arms for peer in arm.left_out} - times.keys()
    return [result.arms[0].ours.name, *measured, *sorted(never)]


def _panel(axes: Axes, arm: ArmResult, names: list[str]) -> None:
    rows = {name: row for row, name in enumerate(names)}
    axes.set_xscale("log")
    for i, solver in enumerate((*arm.peers, arm.ours)):
        _draw(axes, solver, rows[solver.name], VERMILLION if solver is arm.ours else BLUE, labelled=i == 0)
    for color, time, dash in ((VERMILLION, arm.ours.batch_ms, "-"), (VERMILLION, arm.ours.single_ms, ":")):
        axes.axvline(time, color=color, linewidth=0.8, linestyle=dash, zorder=0)
    for peer in arm.left_out:
        reason = peer.reason if len(peer.reason) <= MAX_REASON else peer.reason[: MAX_REASON - 1] + "…"
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # covers the lines of kinverse's times
        _write(axes, reason, 0.5, rows[peer.name], color=GREY, style="italic", ha="center", bbox=paper)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    tidy(axes, "time per target on one core [ms]", "", f"{arm.arm}, {arm.dof} joints")
    axes.grid(False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    _write(axes, "solved", 1.02, -1, color=GREY)


def _draw(axes: Axes, solver: Measured, row: int, color: str, labelled: bool) -> None:
    """Draw the markers of one solver, with the legend entries if `labelled`."""
    batched = solver.batch_size > 1
    if batched:
        axes.plot([solver.batch_ms, solver.single_ms], [row, row], color=color, linewidth=1.2, zorder=2)
        axes.plot(solver.batch_ms, row, "o", color=color, markersize=8, zorder=3)
    axes.plot(solver.single_ms, row, "s", color=color, markerfacecolor="white", markersize=7, zorder=3)
    if labelled:
        axes.plot([], [], "o", color="black", markersize=8, label="in a batch")
        axes.plot([], [], "s", color="black", markerfacecolor="white", markersize=7, label="single call")
        axes.plot([], [], "-", color=VERMILLION, linewidth=0.8, label="kinverse, batch")
        axes.plot([], [], ":", color=VERMILLION, linewidth=0.8, label="kinverse, single")
    _write(axes, f"{share(solver.solved)} %", 1.02, row, color=color)


def _write(axes: Axes, text: str, x: float, row: int, **look: Any) -> None:
    """Write text in a row, at `x` as a share of the panel's width."""
    place: Any = ("axes fraction", "data")
    axes.annotate(text, (x, row), xycoords=place, va="center", fontsize="small", annotation_clip=False, **look)
