"""What the networks of the NAO study, and the solver after them, reach on held-out rows."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float

import kinverse as kv
from kinverse.apps.studies.nao import runs as study
from kinverse.apps.studies.nao.runs import Key, Kind, RowDraw
from kinverse.apps.studies.study import Effort, grouped
from kinverse.geometry import position_error
from kinverse.learning.data.arkoma import Draw
from kinverse.learning.data.dataset import Table as Rows
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import mse, r2_global_mean, r2_mean, r2_per_column
from kinverse.learning.trained import Model
from kinverse.learning.training.history import History
from kinverse.robot.encodings import ARKOMA

TrackName = Literal["published", "a", "b", "c"]
Joints = Float[np.ndarray, "n 5"]
REQUIRED: dict[TrackName, float] = {"a": 0.995, "b": 0.999, "c": 0.9997}
"""R², mean of the joints, that a track should reach."""
ROTATION_WEIGHTS = (0.002, 0.005, 0.01, 0.02, 0.05)
"""Metres per radian. Printed positions are within 0.005 mm, printed rotations off by 0.24°: these must weigh little."""
STRAIGHT = 0.2
"""Elbow angles [rad] that count as nearly straight; the limit is at 0.0349."""
LAYERS = {"fc1": "network.0.weight", "fc2": "network.2.weight"}
"""Published name of a layer → the name of its weights here."""


@dataclass(frozen=True, eq=False)
class Track:
    """One network, or network and solver, on the held-out rows of one data set.

    The mappings are by the kind of test rows.

    Attributes:
        seed: of rows and network.
        actual, predicted: (n, 5) joints [rad].
        tool_mm: (n,) distance of the tool from where the true joints put it [mm].
        validation_r2: mean of the joints' R² on the validation rows.
        scaled_mse: on the trajectory rows, in the training's scaling; None after the solver, which has none.
        epoch: whose weights were kept, chosen on the validation rows; None: the solver's.
        rotation_weight: of the solver [m/rad], chosen on the validation rows; None: no solver.
        initial_std: published name of a layer → standard deviation of its initial weights.
    """

    arm: str
    name: TrackName
    seed: int
    actual: Mapping[Kind, Joints]
    predicted: Mapping[Kind, Joints]
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
    model, validation = run.network, study.rows(key.arm, key.seed).validation
    predicted = {kind: model.predict(table.features) for kind, table in rows.items()}
    scaling, along = model.spec.joint_scaling, rows["trajectory"].targets
    stds = {weights.name: weights.std for weights in run.weights_at_start}
    assert key.network != "closest", "trained on other rows than the tracks"
    return Track(
        *(key.arm, key.network, key.seed),
        *_joints_and_errors(key.arm, rows, predicted),
        validation_r2=r2_mean(validation.targets, model.predict(validation.features)),
        scaled_mse=mse(scaling.transform(along), scaling.transform(predicted["trajectory"])),
        epoch=run.best_epoch,
        initial_std={layer: stds[weights] for layer, weights in LAYERS.items() if weights in stds},
    )


def finish(key: Key, run: Model, rows: Mapping[Kind, Rows]) -> Track:
    """Track c: the solver starts at the network's predictions; its weight of rotations is chosen on validation rows."""
    arm, model, validation = kv.load_arm(key.arm), run.network, study.rows(key.arm, key.seed).validation

    def solve(table: Rows, weight: float) -> Joints:
        start = np.clip(model.predict(table.features), arm.lower, arm.upper)
        return kv.Solver(arm, kv.Goal.pose(rotation_weight=weight)).solve(ARKOMA.decode(table.features), start=start).q

    scores = {weight: r2_mean(validation.targets, solve(validation, weight)) for weight in ROTATION_WEIGHTS}
    best = max(scores, key=lambda weight: scores[weight])
    measured = _joints_and_errors(key.arm, rows, {kind: solve(table, best) for kind, table in rows.items()})
    return Track(key.arm, "c", key.seed, *measured, scores[best], rotation_weight=best)


def _joints_and_errors(
    name: str, rows: Mapping[Kind, Rows], predicted: Mapping[Kind, Joints]
) -> tuple[Mapping[Kind, Joints], Mapping[Kind, Joints], Mapping[Kind, Float[np.ndarray, " n"]]]:
    """True and predicted joints [rad], and errors of the tool [mm], of an arm on both kinds of test rows."""
    arm, actual = kv.load_arm(name), {kind: table.targets for kind, table in rows.items()}
    errors = {
        kind: 1e3 * position_error(arm.forward_kinematics(actual[kind]), arm.forward_kinematics(q))
        for kind, q in predicted.items()
    }
    return actual, predicted, errors


@dataclass(frozen=True)
class Drawn:
    """The published network on rows of one draw, over its random starts.

    Attributes:
        training: how the training rows are drawn.
        test: how the test rows are drawn.
        mse: on the test rows, in the training's scaling.
        r2: of the test rows, about one mean over all joints, as published.
    """

    training: Draw
    test: RowDraw
    mse: tuple[float, ...]
    r2: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """Every track on its held-out rows.

    Attributes:
        tracks: for every arm, name and seed.
        losses: the training of each network with seed 0 → its history.
        drawn: the published network under several draws of training and test rows; empty where it was not run.
        ends: draw of the training rows → final training losses of the published network's starts.
        quick: whether trainings were cut short.
    """

    tracks: tuple[Track, ...]
    losses: Mapping[Key, History] = field(default_factory=dict)
    drawn: tuple[Drawn, ...] = ()
    ends: Mapping[Draw, tuple[float, ...]] = field(default_factory=dict)
    quick: bool = False

    def named(self, name: TrackName) -> list[Track]:
        """Both arms, all seeds of one track."""
        return [track for track in self.tracks if track.name == name]

    @property
    def groups(self) -> dict[tuple[str, TrackName], list[Track]]:
        """Arm and track → its seeds."""
        return grouped({track: track for track in self.tracks}, lambda track: (track.arm, track.name))

    def r2(self, name: TrackName, kind: Kind) -> list[float]:
        """Mean of the joints' R² of every start of one track."""
        return [track.r2(kind) for track in self.named(name)]

    def max_tool_mm(self, name: TrackName) -> float:
        """The largest error of the tool of one track on any test row [mm]."""
        return max(float(errors.max()) for track in self.named(name) for errors in track.tool_mm.values())

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
        return flattering, statistics.median(self.r2("published", "trajectory"))


def constant_r2(track: Track) -> float:
    """The published R² of a predictor that always predicts the training rows' mean joints, on trajectory rows."""
    actual = track.actual["trajectory"]
    return r2_global_mean(actual, constant_predictor(study.rows(track.arm, track.seed).train.targets, actual))


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Evaluate every network on held-out rows of both kinds, and finish those of track b by the solver."""
    tracks = []
    for key, run in sorted(runs.items(), key=lambda item: study.ARMS.index(item[0].arm)):
        if key.network == "closest":
            continue
        rows = study.test_rows(key.arm, key.seed)
        tracks.append(evaluate_network(key, run, rows))
        if key.network == "b":
            tracks.append(finish(key, run, rows))
    losses = {key: run.history for key, run in runs.items() if key.seed == 0 and key.network != "closest"}
    drawn, ends = under_other_draws(runs)
    return Findings(tuple(tracks), losses, drawn, ends, effort.quick)


def under_other_draws(runs: Mapping[Key, Model]) -> tuple[tuple[Drawn, ...], dict[Draw, tuple[float, ...]]]:
    """The published network of the right arm on rows of every draw, and its final training losses by draw."""
    right = {key: run for key, run in runs.items() if key.arm == study.ARMS[0]}
    networks: dict[Draw, study.Network] = {"uniform": "published", "normal": "closest"}
    of_draw = {
        draw: {key: run for key, run in right.items() if key.network == network} for draw, network in networks.items()
    }
    if not all(of_draw.values()):
        return (), {}
    found = []
    for draw, starts in of_draw.items():
        for test in study.ROW_DRAWS:
            errors, scores = [], []
            for key, run in starts.items():
                table, scaling = study.rows_along(key.arm, key.seed, test), run.network.spec.joint_scaling
                predicted = run.network.predict(table.features)
                errors.append(mse(scaling.transform(table.targets), scaling.transform(predicted)))
                scores.append(r2_global_mean(table.targets, predicted))
            found.append(Drawn(draw, test, tuple(errors), tuple(scores)))
    ends = {draw: tuple(float(run.history.train_loss[-1]) for run in of_draw[draw].values()) for draw in of_draw}
    return tuple(found), ends
