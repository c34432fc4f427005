"""What an evaluation measures, as frozen data: scores of a predictor on one split, and the `Report` of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kinverse.errors import RunError, require_choice
from kinverse.files import from_plain, to_plain
from kinverse.learning.evaluation.metrics import LimitViolations, Summary

BEST_REACHABLE, CONSTANT_ANSWER = "best reachable", "constant answer"
NETWORK, CONSTANT, NEAREST = "network", "constant (train mean)", "nearest neighbour in train"
MAJORITY = "most frequent class in train"


@dataclass(frozen=True)
class TargetScores:
    """Predicted against known targets (joint positions, or the columns of other data).

    Attributes:
        mse_scaled: in the scaling that the training used; comparable with the training loss.
        mse: in the columns' own units, squared.
        mae: in the columns' own units.
        r2: for each column, by name; empty on a single row, which has no variance to explain.
        r2_mean: mean of those, or None.
        r2_global_mean: about one mean over all entries, or None on a single row; flatters, printed because published
            tables use it.
    """

    mse_scaled: float
    mse: float
    mae: float
    r2: dict[str, float]
    r2_mean: float | None
    r2_global_mean: float | None


@dataclass(frozen=True)
class ToolScores:
    """Where the predicted joints bring the tool, by forward kinematics.

    Attributes:
        mse: mean over rows and coordinates of the squared position error [m²].
        position_mm: position error [mm].
        rotation_deg: rotation error [degrees], or None where the task has none.
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
        rows: how many.
        targets: against known targets, or None where there are none.
        tool: through the forward kinematics, or None without an arm.
        accuracy: share of rows with the right class, or None where there are no classes.
    """

    predictor: str
    split: str
    rows: int
    targets: TargetScores | None
    tool: ToolScores | None
    accuracy: float | None = None

    @property
    def who(self) -> str:
        """`predictor`, until callers have migrated."""
        return self.predictor

    @property
    def tip(self) -> ToolScores | None:
        """`tool`, until callers have migrated."""
        return self.tool


@dataclass(frozen=True)
class Report:
    """What an evaluation measured.

    Attributes:
        run: name of the model.
        split: what baselines are measured on: "test", or "validation" without one.
        scores: the network on every split, then the baselines on `split`.
        floors: by name, in the unit of the training loss: what none can beat, and what none is needed for.
        warnings: what a reader must know before believing the numbers.
    """

    run: str
    split: str
    scores: tuple[Scores, ...]
    floors: dict[str, float]
    warnings: tuple[str, ...]

    def of(self, predictor: str, split: str | None = None) -> Scores:
        """The scores of one predictor, on the report's own split unless another is named.

        Raises:
            UnknownNameError: no such predictor on that split; the message lists what there is.
        """
        split = split or self.split
        found = {scores.predictor: scores for scores in self.scores if scores.split == split}
        require_choice(f"predictor on the {split} rows", predictor, found)
        return found[predictor]

    def to_dict(self) -> dict[str, Any]:
        """`to_plain`, until callers have migrated."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """`from_plain`, until callers have migrated."""
        return from_plain(data, cls, "metrics of a run", RunError)


TipScores = ToolScores
