"""`evaluate`: one model measured on a data set, with floors and baselines beside it, as a `Report`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from kinverse.errors import DataError
from kinverse.ik.goal import Goal
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.evaluation import metrics
from kinverse.learning.evaluation.floors import constant_predictor, joint_bounds, nearest_neighbour, reachability_floor
from kinverse.learning.evaluation.scores import (
    BEST_REACHABLE,
    CONSTANT,
    CONSTANT_ANSWER,
    MAJORITY,
    NEAREST,
    NETWORK,
    Report,
    Scores,
    TargetScores,
    ToolScores,
)
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.trained import Model
from kinverse.learning.training.config import CLASS_NUMBERS, DISTANCES
from kinverse.network.spec import ModelSpec
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named


def evaluate(trained: Model, dataset: Dataset) -> Report:
    """Measure a trained network on a data set.

    Args:
        trained: the model.
        dataset: its rows, or others with the same columns.

    Raises:
        DataError: the data was made for another arm, or has other columns than the network was trained on.
    """
    arm, model, loss = trained.arm, trained.network, trained.config.loss
    _require_same_columns(trained, dataset)
    measure = _Measure(model, arm, dataset.manifest.encoding, is_regression=loss in DISTANCES)
    split = "test" if dataset.test is not None else "validation"
    scores = [
        measure.scores(NETWORK, name, table, model.predict(table.features)) for name, table in dataset.splits.items()
    ]
    table, train = dataset.splits[split], dataset.train
    if measure.is_regression and train.targets.shape[1] > 0:
        constant = constant_predictor(train.targets, table.targets)
        nearest = nearest_neighbour(train.features, train.targets, table.features)
        scores += [measure.scores(CONSTANT, split, table, constant), measure.scores(NEAREST, split, table, nearest)]
    if loss in CLASS_NUMBERS:
        majority = np.bincount(train.targets[:, 0].astype(int)).argmax()
        share = float(np.mean(table.targets[:, 0] == majority))
        scores.append(Scores(MAJORITY, split, len(table), None, None, share))
    floors = loss_floors(loss, trained.space, dataset, arm, model.spec)
    report = Report(trained.name, split, tuple(scores), floors, ())
    return replace(report, warnings=_warnings(report, trained))


def _require_same_columns(trained: Model, dataset: Dataset) -> None:
    """Raise DataError for another arm, other columns or another encoding, which would give wrong scores silently."""
    manifest, spec = dataset.manifest, trained.network.spec
    if trained.arm is not None:
        manifest.require_arm(trained.arm, manifest.name)
    if manifest.encoding is not None and manifest.encoding == spec.encoding:
        return  # the encoding defines the columns, under any names
    for kind, got, expected in (
        ("columns", manifest.feature_names, spec.feature_names),
        ("encoding", manifest.encoding, spec.encoding),
    ):
        if got not in (None, expected):
            raise DataError(f"{manifest.name}: {kind} {_text(got)}, but run {trained.name!r} takes {_text(expected)}")


def _text(names: tuple[str, ...] | str | None) -> str:
    return ", ".join(names) if isinstance(names, tuple) else str(names)


@dataclass(frozen=True, eq=False)
class _Measure:
    """Computes the scores of predictions."""

    model: InverseModel
    arm: Arm | None
    encoding: str | None
    is_regression: bool

    def scores(self, predictor: str, split: str, table: Table, predicted: Float[np.ndarray, "n c"]) -> Scores:
        if not self.is_regression:
            return Scores(predictor, split, len(table), None, None, _accuracy(table, predicted))
        # Several heads follow several solutions, so their joints cannot be compared with those of another solution.
        comparable = table.targets.shape == predicted.shape and self.model.spec.heads == 1
        targets = self._target_scores(table.targets, predicted) if comparable else None
        return Scores(predictor, split, len(table), targets, self._tool_scores(table, predicted))

    def _target_scores(self, actual: Float[np.ndarray, "n c"], predicted: Float[np.ndarray, "n c"]) -> TargetScores:
        spec = self.model.spec
        scaled = [spec.joint_scaling.transform(values) for values in (actual, predicted)]
        has_variance = len(actual) > 1
        r2 = metrics.r2_per_column(actual, predicted) if has_variance else np.empty(0)
        return TargetScores(
            mse_scaled=metrics.mse(*scaled),
            mse=metrics.mse(actual, predicted),
            mae=metrics.mae(actual, predicted),
            r2=dict(zip(spec.target_names, map(float, r2), strict=has_variance)),
            r2_mean=metrics.r2_mean(actual, predicted) if has_variance else None,
            r2_global_mean=metrics.r2_global_mean(actual, predicted) if has_variance else None,
        )

    def _tool_scores(self, table: Table, q: Float[np.ndarray, "n dof"]) -> ToolScores | None:
        if self.arm is None or self.encoding is None:
            return None
        encoding = encoding_named(self.encoding)
        goal = Goal.encoded_by(encoding)
        targets = goal.targets(encoding.decode(table.features))
        errors = metrics.tool_errors(self.arm, q, targets)
        return ToolScores(
            mse=float(np.mean(errors.position**2) / goal.coordinates),
            position_mm=metrics.summarise(1e3 * errors.position),
            rotation_deg=None if errors.rotation is None else metrics.summarise(np.rad2deg(errors.rotation)),
            limits=metrics.limit_violations(self.arm, q),
        )


def _accuracy(table: Table, outputs: Float[np.ndarray, "n c"]) -> float | None:
    if table.targets.shape[1] != 1 or outputs.shape[1] < 2:
        return None
    return float(np.mean(outputs.argmax(axis=1) == table.targets[:, 0]))


def loss_floors(loss_name: str, space: str, dataset: Dataset, arm: Arm | None, spec: ModelSpec) -> dict[str, float]:
    """Reference levels for the training loss, on the validation rows.

    Args:
        loss_name: name of the loss.
        space: what it compares, "joints" or "tool".
        dataset: the rows.
        arm: the arm, or None.
        spec: specification of the model: scaling and bounds of the outputs.

    Returns:
        Name of a floor → loss; empty for losses that are not distances.
    """
    if loss_name not in DISTANCES:
        return {}
    loss = _LOSSES[loss_name]
    validation, train = dataset.validation, dataset.train
    if space == "joints":
        train_y, y = (spec.targets.transform(t.targets) for t in (train, validation))
        return {CONSTANT_ANSWER: loss(y, constant_predictor(train_y, y))}
    goal = dataset.manifest.goal
    if arm is None or goal is None or goal.has_rotation:
        return {}
    encoding = encoding_named(str(dataset.manifest.encoding))
    train_y, y = (goal.targets(encoding.decode(t.features)) for t in (train, validation))
    levels = {CONSTANT_ANSWER: loss(y, constant_predictor(train_y, y))}
    if loss_name != "mse":
        return levels  # the closest point is the best prediction for squared distances only
    lower, upper = joint_bounds(spec)
    return {BEST_REACHABLE: reachability_floor(arm, y, lower=lower, upper=upper), **levels}


def _huber(y: Float[np.ndarray, "n c"], predicted: Float[np.ndarray, "n c"]) -> float:
    error = np.abs(y - predicted)
    return float(np.where(error < 1.0, 0.5 * error**2, error - 0.5).mean())


def _distance(y: Float[np.ndarray, "n c"], predicted: Float[np.ndarray, "n c"]) -> float:
    return float(np.linalg.norm(y - predicted, axis=-1).mean())


_LOSSES = {"mse": metrics.mse, "mae": metrics.mae, "huber": _huber, "distance": _distance}


def _warnings(report: Report, trained: Model) -> tuple[str, ...]:
    """What a reader must know before trusting the scores."""
    found = []
    network = report.of(NETWORK)
    if trained.status != "finished":
        found.append(f"the training is not finished ({trained.how_it_ended})")
    if network.tool is not None and network.tool.limits.count_rows:
        limits = network.tool.limits
        joints = ", ".join(f"{name} {count}" for name, count in limits.per_joint.items() if count)
        found.append(
            f"{limits.count_rows} of {network.rows} {report.split} predictions are outside the joint limits, by up to "
            f"{limits.worst:.3g} ({joints}); bounds=limits keeps them inside"
        )
    if network.targets is not None and network.targets.r2_mean is not None:
        what = "column" if trained.arm is None else "joint"
        poor = [f"{name} {r2:.3f}" for name, r2 in network.targets.r2.items() if r2 < 0.5]
        if poor:
            found.append(f"R² below 0.5, little better than the {what}'s mean: {', '.join(poor)}")
        mean, flattering = network.targets.r2_mean, network.targets.r2_global_mean or 0.0
        if flattering - mean > 0.02:
            found.append(
                f"the global-mean R² ({flattering:.3f}) is {flattering - mean:.3f} above the mean of the {what}s' R² "
                f"({mean:.3f}): quote the mean"
            )
    return tuple(found)
