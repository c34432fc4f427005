"""Tables of a benchmark: times and ratios on each arm, skipped libraries, and the call of each library."""

from __future__ import annotations

from kinverse.apps.benchmark.bench import ArmResult, BenchResult
from kinverse.apps.benchmark.timing import Ratio
from kinverse.tables import Cell, Table

NOTE = (
    "solved: within 1e-4 m, 1e-3 rad and the joint limits, verified by Pinocchio. to 1e-6: within 1e-6 m and 1e-6 rad. "
    "time: median per target on one core. ratio: time relative to kinverse on the same targets in the same run, median "
    "and min–max of the pairs; below 1 the library is faster than kinverse. in a batch: all targets in one call, or in "
    "a loop if the library has no batch call."
)


def bench_tables(result: BenchResult) -> list[Table]:
    """Two tables for each arm, then the skipped libraries, if any, and the call of each library."""
    left_out = _left_out_table(result)
    tables = [table for arm in result.arms for table in (_batch_table(arm), _single_table(arm))]
    return [*tables, *([left_out] if left_out else []), _methods_table(result)]


def _batch_table(arm: ArmResult) -> Table:
    columns = ("", "targets", "solved [%]", "to 1e-6 [%]", "time [ms]", "ratio", "min–max")
    rows = [
        (
            solver.name,
            solver.targets,
            share(solver.solved),
            share(solver.solved_strictly),
            f"{solver.batch_ms:.3g}",
            *_ratio(solver.batch),
        )
        for solver in (arm.ours, *sorted(arm.peers, key=lambda peer: peer.batch_ms))
    ]
    return Table(f"{arm.arm}, {arm.dof} joints: in a batch", columns, rows)


def _single_table(arm: ArmResult) -> Table:
    solvers = (arm.ours, *sorted(arm.peers, key=lambda peer: peer.single_ms))
    rows = [(solver.name, f"{solver.single_ms:.3g}", *_ratio(solver.single)) for solver in solvers]
    return Table(f"{arm.arm}: single calls", ("", "time [ms]", "ratio", "min–max"), rows)


def _ratio(ratio: Ratio | None) -> tuple[Cell, Cell]:
    return (None, None) if ratio is None else (plain(ratio.median), f"{plain(ratio.lowest)}–{plain(ratio.highest)}")


def share(percent: float) -> str:
    """A share [%] as text; only a share of exactly 100 is written as 100."""
    return "100" if percent == 100.0 else f"{min(percent, 99.9):.1f}"


def plain(value: float) -> str:
    """A ratio with at least two digits and without an exponent."""
    return f"{value:.0f}" if value >= 100.0 else f"{value:.1f}" if value >= 10.0 else f"{value:.2f}"


def _left_out_table(result: BenchResult) -> Table | None:
    arms: dict[tuple[str, str], list[str]] = {}
    for arm in result.arms:
        for peer in arm.left_out:
            arms.setdefault((peer.name, peer.reason), []).append(arm.arm)
    rows = [(name, ", ".join(where), reason) for (name, reason), where in sorted(arms.items())]
    return Table("Skipped", ("", "arms", "reason"), rows) if rows else None


def _methods_table(result: BenchResult) -> Table:
    solvers = {solver.name: solver for arm in result.arms for solver in (arm.ours, *arm.peers)}
    rows = [(solver.name, solver.version, solver.kind, solver.method) for solver in solvers.values()]
    return Table("Calls", ("", "version", "kind", "call"), rows, NOTE)
