"""What is known as tables: the same rows for the terminal and for report pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from kinverse.data.check import DataCheck
from kinverse.evaluate.metrics import Summary
from kinverse.evaluate.report import Report, Scores
from kinverse.fit.run import Run
from kinverse.robot.arm import Arm
from kinverse.robot.workspace import farthest_reach
from kinverse.show.table import Cell, Table


def arms_table(arms: Sequence[Arm]) -> Table:
    """One row for each arm."""
    rows = [(arm.name, arm.dof, arm.task, farthest_reach(arm), f"{arm.frames[0]} → {arm.frames[1]}") for arm in arms]
    return Table("Arms", ("arm", "joints", "task", "reach [m]", "frames"), rows)


def joints_table(arm: Arm) -> Table:
    """One row for each joint, with limits in degrees or metres."""
    rows: list[tuple[Cell, ...]] = []
    for name, kind, low, high in zip(arm.joint_names, arm.joint_kinds, arm.lower, arm.upper, strict=True):
        slides = kind == "prismatic"
        limits = (
            ("none", "none")
            if kind == "continuous"
            else (f"{x:.4f}" if slides else f"{np.rad2deg(x):.2f}" for x in (low, high))
        )
        rows.append((name, kind, f"{low:.4f}", f"{high:.4f}", *limits, "m" if slides else "°"))
    columns = ("joint", "kind", "lower [rad or m]", "upper [rad or m]", "lower", "upper", "unit")
    return Table(f"Joints of {arm.name}", columns, rows)


def targets_table(report: Report, unit: str = "rad") -> Table | None:
    """Network and baselines against known targets, or None where there are none."""
    scored = [scores for scores in report.scores if scores.targets is not None]
    if not scored:
        return None
    rows = []
    for scores in scored:
        assert scores.targets is not None
        t = scores.targets
        rows.append((*_who(scores), t.mse_scaled, t.mse, t.mae, t.r2_mean, t.r2_global_mean))
    columns = ("", "rows of", "count", "MSE scaled", f"MSE [{unit}²]", f"MAE [{unit}]", "R² mean", "R² global mean")
    note = (
        "R² mean is the mean of the joints' R². R² global mean is taken about one mean over all joints: it flatters, "
        "and is here because published tables use it."
    )
    return Table("Predicted against known targets", columns, rows, note)


def r2_table(report: Report) -> Table | None:
    """R² of every column, for the network and the baselines on the report's split."""
    scored = [s for s in report.scores if s.targets is not None and s.split == report.split]
    if not scored or scored[0].targets is None:
        return None
    names = tuple(scored[0].targets.r2)
    rows: list[tuple[Cell, ...]] = [
        (s.who, *(s.targets.r2[name] for name in names), s.targets.r2_mean) for s in scored if s.targets is not None
    ]
    return Table(f"R² of each joint, {report.split} rows", ("", *names, "mean"), rows)


def tip_table(report: Report) -> Table | None:
    """Tip errors through the forward kinematics, or None without an arm."""
    scored = [scores for scores in report.scores if scores.tip is not None]
    if not scored:
        return None
    rows = []
    for scores in scored:
        assert scores.tip is not None
        tip = scores.tip
        rotation = _four(tip.rotation_deg) if tip.rotation_deg is not None else ("–",) * 4
        rows.append((*_who(scores), *_four(tip.position_mm), *rotation, tip.limits.count_rows))
    four = ("mean", "median", "p95", "max")
    columns = ("", "rows of", "count", *(f"{x} [mm]" for x in four), *(f"{x} [°]" for x in four), "outside limits")
    return Table("Tip error through the forward kinematics", columns, rows)


def accuracy_table(report: Report) -> Table | None:
    """Share of right classes, or None where there are none."""
    rows = [(*_who(scores), scores.accuracy) for scores in report.scores if scores.accuracy is not None]
    return Table("Classes", ("", "rows of", "count", "share right"), rows) if rows else None


def floors_table(report: Report, run: Run) -> Table | None:
    """The final losses beside what no training can beat and what none is needed for."""
    if not run.history:
        return None
    best = min(run.history, key=lambda row: row.validation_loss)
    last = run.history[-1]
    rows: list[tuple[Cell, ...]] = [
        (f"validation loss, best (epoch {best.epoch})", best.validation_loss),
        (f"validation loss, last (epoch {last.epoch})", last.validation_loss),
        (f"training loss, last (epoch {last.epoch})", last.train_loss),
        *((f"floor: {name}", value) for name, value in report.floors.items()),
    ]
    return Table("Losses and floors", ("", f"{run.config.loss} loss"), rows)


def weights_table(run: Run) -> Table:
    """Statistics of every parameter after initialisation."""
    rows = [
        (w["name"], " × ".join(map(str, w["shape"])), w["mean"], w["std"], w["smallest"], w["largest"])
        for w in run.card.weights_at_start
    ]
    return Table("Weights after initialisation", ("parameter", "shape", "mean", "std", "min", "max"), rows)


def report_tables(report: Report, run: Run) -> list[Table]:
    """Every table of a report that has rows."""
    unit = run.card.data["target_units"][0] if run.card.data.get("target_units") else ""
    tables = (
        floors_table(report, run),
        targets_table(report, unit or "unit"),
        r2_table(report),
        tip_table(report),
        accuracy_table(report),
    )
    return [table for table in tables if table is not None]


def check_table(check: DataCheck) -> Table:
    """What a check of a data set found."""
    rows = [(problem.severity, problem.place, problem.message) for problem in check.problems]
    return Table("Problems", ("severity", "place", "what"), rows)


def _who(scores: Scores) -> tuple[Cell, ...]:
    return scores.who, scores.split, scores.rows


def _four(summary: Summary) -> tuple[float, ...]:
    return tuple(getattr(summary, field.name) for field in fields(summary))
