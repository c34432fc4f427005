"""What the networks of the NAO study, and the solver after them, reach on held-out rows."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float

import kinverse as kv
from kinverse.apps.studies.nao import data
from kinverse.apps.studies.nao.data import Kind
from kinverse.apps.studies.nao.runs import Key
from kinverse.apps.studies.study import Effort
from kinverse.geometry import position_error
from kinverse.learning.data.dataset import Table as Rows
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import mse, r2_global_mean, r2_mean, r2_per_column
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History
from kinverse.robot.encodings import ARKOMA

TrackName = Literal["published", "a", "b", "c"]
REQUIRED: dict[TrackName, float] = {"a": 0.995, "b": 0.999, "c": 0.9997}
"""R², mean of the joints, that a track should reach."""
REQUIRED_TOOL_MM = 0.05
"""Largest error of the tool that track c should have [mm]."""
ROTATION_WEIGHTS = (0.002, 0.005, 0.01, 0.02, 0.05)
"""Metres per radian. Printed positions are within 0.005 mm, printed rotations off by 0.24°: these must weigh little."""
STRAIGHT = 0.2
"""Elbow angles [rad] that count as nearly straight; the limit is at 0.0349."""
FLATTERS = 0.01
"""Difference of two R² above which the larger one flatters."""
LAYERS = {"fc1": "network.0.weight", "fc2": "network.2.weight"}
"""Published name of a layer → the name of its weights here."""


@dataclass(frozen=True, eq=False)
class Track:
    """One network, or network and solver, on the held-out rows of one data set.

    Attributes:
        arm: its name.
        name: "published", "a", "b" or "c".
        seed: of rows and network.
        actual: kind of test rows → (n, 5) true joints [rad].
        predicted: kind of test rows → (n, 5) predicted joints [rad].
        tool_mm: kind of test rows → (n,) distance of the tool from where the true joints put it [mm].
        validation_r2: mean of the joints' R² on the validation rows.
        scaled_mse: on the trajectory rows, in the training's scaling; None after the solver, which has none.
        epoch: whose weights were kept, chosen on the validation rows; None: the solver's.
        rotation_weight: of the solver [m/rad], chosen on the validation rows; None: no solver.
        initial_std: published name of a layer → standard deviation of its initial weights.
    """

    arm: str
    name: TrackName
    seed: int
    actual: Mapping[Kind, Float[np.ndarray, "n 5"]]
    predicted: Mapping[Kind, Float[np.ndarray, "n 5"]]
    tool_mm: Mapping[Kind, Float[np.ndarray, " n"]]
    validation_r2: float
    scaled_mse: float | None = None
    epoch: int | None = None
    rotation_weight: float | None = None
    initial_std: Mapping[str, float] = field(default_factory=dict)

    def r2(self, kind: Kind) -> float:
        """Mean of the joints' R² on one kind of test rows."""
        return r2_mean(self.actual[kind], self.predicted[kind])

    def r2_of_joints(self, kind: Kind) -> Float[np.ndarray, " 5"]:
        """R² of each joint on one kind of test rows."""
        return r2_per_column(self.actual[kind], self.predicted[kind])

    def flattering_r2(self, kind: Kind) -> float:
        """R² about one mean over all joints, as published."""
        return r2_global_mean(self.actual[kind], self.predicted[kind])


def evaluate_network(key: Key, run: Model, rows: Mapping[Kind, Rows]) -> Track:
    """The predictions of a run's network on both kinds of test rows."""
    model, validation = run.network, data.rows(key.arm, key.seed).validation
    predicted = {kind: model.predict(table.features) for kind, table in rows.items()}
    scaling, along = model.spec.joint_scaling, rows["trajectory"].targets
    stds = {weights.name: weights.std for weights in run.weights_at_start}
    return Track(
        key.arm,
        key.network,
        key.seed,
        _actual(rows),
        predicted,
        _tool_errors_mm(key.arm, rows, predicted),
        validation_r2=r2_mean(validation.targets, model.predict(validation.features)),
        scaled_mse=mse(scaling.transform(along), scaling.transform(predicted["trajectory"])),
        epoch=run.best_epoch,
        initial_std={layer: stds[weights] for layer, weights in LAYERS.items() if weights in stds},
    )


def finish(key: Key, run: Model, rows: Mapping[Kind, Rows]) -> Track:
    """Track c: the solver starts at the network's predictions; its weight of rotations is chosen on validation rows."""
    arm, model, validation = kv.load_arm(key.arm), run.network, data.rows(key.arm, key.seed).validation

    def solve(table: Rows, weight: float) -> Float[np.ndarray, "n 5"]:
        start = np.clip(model.predict(table.features), arm.lower, arm.upper)
        return kv.Solver(arm, kv.Goal.pose(rotation_weight=weight)).solve(ARKOMA.decode(table.features), start=start).q

    scores = {weight: r2_mean(validation.targets, solve(validation, weight)) for weight in ROTATION_WEIGHTS}
    best = max(scores, key=lambda weight: scores[weight])
    predicted = {kind: solve(table, best) for kind, table in rows.items()}
    errors = _tool_errors_mm(key.arm, rows, predicted)
    return Track(key.arm, "c", key.seed, _actual(rows), predicted, errors, scores[best], rotation_weight=best)


def _actual(rows: Mapping[Kind, Rows]) -> dict[Kind, Float[np.ndarray, "n 5"]]:
    return {kind: table.targets for kind, table in rows.items()}


def _tool_errors_mm(
    name: str, rows: Mapping[Kind, Rows], predicted: Mapping[Kind, Float[np.ndarray, "n 5"]]
) -> dict[Kind, Float[np.ndarray, " n"]]:
    arm = kv.load_arm(name)
    return {
        kind: 1e3 * position_error(arm.forward_kinematics(rows[kind].targets), arm.forward_kinematics(q))
        for kind, q in predicted.items()
    }


@dataclass(frozen=True)
class Reached:
    """Whether a track reaches what it should.

    Attributes:
        name: of the track.
        required: R², mean of the joints.
        drawn: R² of every start on drawn test rows.
        trajectory: R² of every start on trajectory rows.
        tool_mm: the largest error of the tool on any test row [mm].
    """

    name: TrackName
    required: float
    drawn: tuple[float, ...]
    trajectory: tuple[float, ...]
    tool_mm: float

    @property
    def by_all(self) -> bool:
        """Whether every start reaches it on drawn rows."""
        return min(self.drawn) >= self.required

    @property
    def below(self) -> int:
        """Starts that do not reach it on trajectory rows."""
        return sum(value < self.required for value in self.trajectory)


@dataclass(frozen=True, eq=False)
class Findings:
    """Every track on its held-out rows.

    Attributes:
        tracks: for every arm, name and seed.
        losses: the training of each network with seed 0 → its history.
        quick: whether trainings were cut short.
    """

    tracks: tuple[Track, ...]
    losses: Mapping[Key, History] = field(default_factory=dict)
    quick: bool = False

    def named(self, name: TrackName) -> list[Track]:
        """Both arms, all seeds of one track."""
        return [track for track in self.tracks if track.name == name]

    @property
    def reached(self) -> list[Reached]:
        """Whether each track that was run reaches what it should."""
        return [
            Reached(
                name,
                required,
                tuple(track.r2("drawn") for track in tracks),
                tuple(track.r2("trajectory") for track in tracks),
                max(float(errors.max()) for track in tracks for errors in track.tool_mm.values()),
            )
            for name, required in REQUIRED.items()
            if (tracks := self.named(name))
        ]

    @property
    def straight_elbow(self) -> tuple[float, float]:
        """Share of the drawn rows with a nearly straight elbow, and their share of the error of joints 3 and 5.

        Of track c. With a straight elbow both joints turn about nearly the same line.
        """
        tracks = self.named("c")
        actual = np.concatenate([track.actual["drawn"] for track in tracks])
        predicted = np.concatenate([track.predicted["drawn"] for track in tracks])
        error = ((actual - predicted)[:, [2, 4]] ** 2).sum(axis=1)
        straight = np.abs(actual[:, 3]) < STRAIGHT
        return float(straight.mean()), float(error[straight].sum() / error.sum())

    @property
    def global_mean(self) -> tuple[float, float] | None:
        """R² of the published network by the published formula and as the mean of the joints; None: it was not run."""
        tracks = self.named("published")
        if not tracks:
            return None
        flattering = statistics.median(track.flattering_r2("trajectory") for track in tracks)
        return flattering, statistics.median(track.r2("trajectory") for track in tracks)


def constant_r2(track: Track) -> float:
    """The published R² of a predictor that always predicts the training rows' mean joints, on trajectory rows."""
    actual = track.actual["trajectory"]
    return r2_global_mean(actual, constant_predictor(data.rows(track.arm, track.seed).train.targets, actual))


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Evaluate every network on held-out rows of both kinds, and finish those of track b by the solver."""
    tracks = []
    for key, run in sorted(runs.items(), key=lambda item: data.ARMS.index(item[0].arm)):
        rows = data.test_rows(key.arm, key.seed)
        tracks.append(evaluate_network(key, run, rows))
        if key.network == "b":
            tracks.append(finish(key, run, rows))
    losses = {key: run.history for key, run in runs.items() if key.seed == 0}
    return Findings(tuple(tracks), losses, effort.quick)
