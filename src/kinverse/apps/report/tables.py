"""What is known as tables: the same rows for the terminal and for report pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from kinverse.errors import RunError
from kinverse.learning.evaluation.scores import NETWORK
from kinverse.tables import Cell, Table

if TYPE_CHECKING:  # tables of arms need no torch
    from kinverse.learning.data.check import DataCheck
    from kinverse.learning.diagnosis.finding import Diagnosis
    from kinverse.learning.evaluation.scores import Report, Scores
    from kinverse.learning.evaluation.seed_benchmark import Ablation
    from kinverse.learning.training.run import Run


def targets_table(report: Report, unit: str = "rad", what: str = "joint") -> Table | None:
    """Network and baselines against known targets (each one a `what`), or None where there are none."""
    scored = [scores for scores in report.scores if scores.targets is not None]
    if not any(scores.who == NETWORK for scores in scored):  # of a network with several answers, none is the joints'
        return None
    rows = []
    for scores in scored:
        assert scores.targets is not None
        t = scores.targets
        rows.append((*_who(scores), t.mse_scaled, t.mse, t.mae, t.r2_mean, t.r2_global_mean))
    columns = ("", "rows of", "count", "MSE scaled", f"MSE [{unit}²]", f"MAE [{unit}]", "R² mean", "R² global mean")
    note = (
        f"R² mean is the mean of the {what}s' R². R² global mean is taken about one mean over all {what}s: it "
        "flatters, and is here because published tables use it."
    )
    return Table("Predicted against known targets", columns, rows, note)


def r2_table(report: Report, what: str = "joint") -> Table | None:
    """R² of every target (a `what`), for the network and the baselines on the report's split."""
    scored = [s for s in report.scores if s.targets is not None and s.split == report.split]
    if not scored or scored[0].who != NETWORK or scored[0].targets is None or not scored[0].targets.r2:
        return None
    names = tuple(scored[0].targets.r2)
    rows: list[tuple[Cell, ...]] = [
        (s.who, *(s.targets.r2[name] for name in names), s.targets.r2_mean) for s in scored if s.targets is not None
    ]
    return Table(f"R² of each {what}, {report.split} rows", ("", *names, "mean"), rows)


def tip_table(report: Report) -> Table | None:
    """Tip errors through the forward kinematics, or None without an arm."""
    scored = [scores for scores in report.scores if scores.tip is not None]
    if not scored:
        return None
    rows = []
    units = ["mm"]
    for scores in scored:
        assert scores.tip is not None
        tip = scores.tip
        rotation = () if tip.rotation_deg is None else astuple(tip.rotation_deg)
        units = ["mm", "°"] if rotation else units
        rows.append((*_who(scores), *astuple(tip.position_mm), *rotation, tip.limits.count_rows))
    errors = (f"{name} [{unit}]" for unit in units for name in ("mean", "median", "p95", "max"))
    columns = ("", "rows of", "count", *errors, "outside limits")
    return Table("Tip error through the forward kinematics", columns, rows)


def accuracy_table(report: Report) -> Table | None:
    """Share of right classes, or None where there are none."""
    rows = [(*_who(scores), 100.0 * scores.accuracy) for scores in report.scores if scores.accuracy is not None]
    return Table("Classes", ("", "rows of", "count", "right [%]"), rows) if rows else None


_LEVELS = {
    "best reachable": "best reachable: no training gets below",
    "constant answer": "constant answer: needs no training",
}


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
        *((_LEVELS.get(name, name), value) for name, value in report.floors.items()),
    ]
    return Table("Losses and floors", ("", loss_name(run)), rows)


def loss_name(run: Run) -> str:
    """What the loss is, with its unit where it has one; joints are compared scaled, without a unit."""
    name = run.config.loss.replace("_", " ") if len(run.config.loss) > 3 else run.config.loss.upper()
    units = {"mse": " [m²]", "mae": " [m]", "distance": " [m]"} if run.card.space == "tool" else {}
    return f"{name} loss{units.get(run.config.loss, '')}"


def weights_table(run: Run) -> Table:
    """Statistics of every parameter after initialisation.

    Raises:
        RunError: the run's card does not hold them.
    """
    try:
        rows = [
            (w["name"], " × ".join(map(str, w["shape"])), w["mean"], w["std"], w["smallest"], w["largest"])
            for w in run.card.weights_at_start
        ]
    except (KeyError, TypeError):
        raise RunError(f"{run.folder}: weights_at_start in card.json holds no statistics of weights") from None
    return Table("Weights after initialisation", ("parameter", "shape", "mean", "std", "min", "max"), rows)


def diagnosis_table(diagnosis: Diagnosis) -> Table:
    """One row for each finding; what was found besides stands under it."""
    rows = [(finding.cause, finding.evidence, finding.remedy) for finding in diagnosis.findings]
    said = [] if rows else [f"Nothing found; looked for: {', '.join(diagnosis.looked_for)}."]
    said += diagnosis.notes
    if diagnosis.skipped:
        said.append(f"Not looked for: {'; '.join(_grouped(diagnosis.skipped))}.")
    return Table("Diagnosis", ("cause", "evidence", "remedy"), rows, " ".join(said))


def _grouped(skipped: Sequence[str]) -> list[str]:
    """Causes with the same reason in one text."""
    reasons: dict[str, list[str]] = {}
    for text in skipped:
        cause, _, reason = text.partition(": ")
        reasons.setdefault(reason, []).append(cause)
    return [f"{', '.join(causes)} ({reason})" for reason, causes in reasons.items()]


def report_tables(report: Report, run: Run) -> list[Table]:
    """Every table of a report that has rows."""
    unit = run.card.data["target_units"][0] if run.card.data.get("target_units") else ""
    what = "column" if run.arm is None else "joint"
    tables: list[Table | None] = [
        floors_table(report, run),
        targets_table(report, unit or "unit", what),
        r2_table(report, what),
        tip_table(report),
        accuracy_table(report),
    ]
    solved = (run.card.metrics or {}).get("solver")
    if solved is not None:
        from kinverse.learning.evaluation.seed_benchmark import Ablation

        tables.append(ablation_table(Ablation.from_dict(solved)))
    return [table for table in tables if table is not None]


def ablation_table(ablation: Ablation) -> Table:
    """The search from every kind of seed, with what it costs."""
    rows: list[tuple[Cell, ...]] = [
        (
            row.name,
            f"{row.memory / 1e3:,.0f}",
            f"{row.per_solution:.2f}",
            f"{min(row.rounds):.2f}–{max(row.rounds):.2f}",
            f"{row.seeding:.2f}",
            f"{row.iterations:.1f}",
            f"{row.median_iterations:.0f}",
            f"{row.attempts:.2f}",
            f"{100.0 * row.success:.2f}",
        )
        for row in ablation.rows
    ]
    columns = (
        "search begins at", "memory [kB]", "µs a solution", "min–max", "seeding [µs]", "iterations, mean", "median",
        "attempts", "success [%]",
    )  # fmt: skip
    what = f"{ablation.targets:,} fresh targets, one thread, to {ablation.tolerance:g} m and rad"
    return Table(f"What the network buys: {what}", columns, rows, ablation.verdict)


def check_table(check: DataCheck) -> Table:
    """What a check of a data set found."""
    rows = [(problem.severity, problem.place, problem.message) for problem in check.problems]
    return Table("Problems", ("severity", "place", "what"), rows)


def _who(scores: Scores) -> tuple[Cell, ...]:
    return scores.who, scores.split, scores.rows
