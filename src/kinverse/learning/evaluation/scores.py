"""`Report`: the scores of the network and the baselines, as frozen data."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from kinverse.errors import require_choice
from kinverse.learning.evaluation.metrics import LimitViolations, Summary
from kinverse.tables import Cell, Table

BEST_REACHABLE, CONSTANT_ANSWER = "best reachable", "constant answer"
NETWORK, CONSTANT, NEAREST = "network", "constant (train mean)", "nearest neighbour in train"
MAJORITY = "most frequent class in train"


@dataclass(frozen=True)
class TargetScores:
    """Predicted against known targets (joint positions, or the columns of other data).

    Attributes:
        mse_scaled: mean squared error in the scaling of the training; comparable with the training loss.
        mse: mean squared error, in the columns' own units squared.
        mae: mean absolute error, in the columns' own units.
        r2: R² of each column, by name; empty on a single row, which has no variance.
        r2_mean: mean of the columns' R², or None on a single row.
        r2_global_mean: R² about one mean over all entries, or None on a single row; too optimistic, kept because
            published tables use it.
    """

    mse_scaled: float
    mse: float
    mae: float
    r2: dict[str, float]
    r2_mean: float | None
    r2_global_mean: float | None


@dataclass(frozen=True)
class ToolScores:
    """Tool errors of the predicted joint positions, by forward kinematics.

    Attributes:
        mse: mean over rows and coordinates of the squared position error [m²].
        position_mm: position error [mm].
        rotation_deg: rotation error [degrees], or None if the goal has no rotation.
        limits: rows and joints outside the joint limits.
    """

    mse: float
    position_mm: Summary
    rotation_deg: Summary | None
    limits: LimitViolations


@dataclass(frozen=True)
class Scores:
    """One predictor on one split.

    Attributes:
        predictor: "network" or the name of a baseline.
        split: "train", "validation" or "test".
        rows: number of rows.
        targets: scores against known targets, or None.
        tool: scores of the tool, or None without an arm.
        accuracy: share of rows with the correct class, or None without classes.
    """

    predictor: str
    split: str
    rows: int
    targets: TargetScores | None
    tool: ToolScores | None
    accuracy: float | None = None


@dataclass(frozen=True)
class Report:
    """The result of an evaluation.

    Attributes:
        run: name of the model.
        split: split of the baselines: "test", or "validation" without test rows.
        scores: the network on every split, then the baselines on `split`.
        floors: by name, in the unit of the training loss: the best reachable loss, and the loss of a constant answer.
        warnings: what a reader must know before trusting the scores.
    """

    run: str
    split: str
    scores: tuple[Scores, ...]
    floors: dict[str, float]
    warnings: tuple[str, ...]

    def of(self, predictor: str, split: str | None = None) -> Scores:
        """The scores of one predictor, on the report's own split unless another is named.

        Raises:
            UnknownNameError: no such predictor on that split.
        """
        split = split or self.split
        found = {scores.predictor: scores for scores in self.scores if scores.split == split}
        require_choice(f"predictor on the {split} rows", predictor, found)
        return found[predictor]

    def tables(self, unit: str = "unit", column: str = "joint") -> list[Table]:
        """The scores as tables: predicted against known targets, R², errors of the tool, classes.

        Args:
            unit: unit of the targets.
            column: word for a target column, "joint" or "column".
        """
        tables = [self._targets_table(unit, column), self._r2_table(column), self._tool_table(), self._classes_table()]
        return [table for table in tables if table is not None]

    def _targets_table(self, unit: str, column: str) -> Table | None:
        scored = [(scores, scores.targets) for scores in self.scores if scores.targets is not None]
        if not any(scores.predictor == NETWORK for scores, _ in scored):  # several heads have none
            return None
        rows = [(*_heading(scores), t.mse_scaled, t.mse, t.mae, t.r2_mean, t.r2_global_mean) for scores, t in scored]
        columns = ("", "rows of", "count", "MSE scaled", f"MSE [{unit}²]", f"MAE [{unit}]", "R² mean", "R² global mean")
        note = (
            f"R² mean is the mean of the {column}s' R². R² global mean is taken about one mean over all {column}s: it "
            "flatters, and is shown because published tables use it."
        )
        return Table("Predicted against known targets", columns, rows, note)

    def _r2_table(self, column: str) -> Table | None:
        scored = [(s.predictor, s.targets) for s in self.scores if s.targets is not None and s.split == self.split]
        if not scored or scored[0][0] != NETWORK or not scored[0][1].r2:
            return None
        names = tuple(scored[0][1].r2)
        rows: list[tuple[Cell, ...]] = [
            (predictor, *(targets.r2[name] for name in names), targets.r2_mean) for predictor, targets in scored
        ]
        return Table(f"R² of each {column}, {self.split} rows", ("", *names, "mean"), rows)

    def _tool_table(self) -> Table | None:
        scored = [(scores, scores.tool) for scores in self.scores if scores.tool is not None]
        if not scored:
            return None
        units = ["mm"] if scored[0][1].rotation_deg is None else ["mm", "°"]
        rows = []
        for scores, tool in scored:
            rotation = () if tool.rotation_deg is None else astuple(tool.rotation_deg)
            rows.append((*_heading(scores), *astuple(tool.position_mm), *rotation, tool.limits.count_rows))
        errors = (f"{name} [{unit}]" for unit in units for name in ("mean", "median", "p95", "max"))
        columns = ("", "rows of", "count", *errors, "outside limits")
        return Table("Tool error through the forward kinematics", columns, rows)

    def _classes_table(self) -> Table | None:
        rows = [(*_heading(s), 100.0 * s.accuracy) for s in self.scores if s.accuracy is not None]
        return Table("Classes", ("", "rows of", "count", "correct [%]"), rows) if rows else None

    def _repr_html_(self) -> str:
        return "\n".join(table._repr_html_() for table in self.tables())


def _heading(scores: Scores) -> tuple[Cell, ...]:
    return scores.predictor, scores.split, scores.rows
