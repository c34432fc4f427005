"""The tracks of the NAO study: what networks, and the solver behind them, answer on held-out rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

import kinverse as kv
from kinverse.apps.studies.nao.runs import NAO_PUBLISHED
from kinverse.apps.studies.study import Compared
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.data.dataset import Table as Rows
from kinverse.learning.evaluation.floors import constant_predictor
from kinverse.learning.evaluation.metrics import mse, r2_global_mean, r2_mean
from kinverse.learning.training.run import Run
from kinverse.robot.encodings import ARKOMA

DRAWN, TRAJECTORY = "drawn", "trajectory"
"""Test rows drawn like the training rows, and test rows along a joint trajectory, as the published ones lie."""
NAMES = {
    "published": "published 6-16-5",
    "a": "a: 6,000 rows",
    "b": "b: generated rows",
    "c": "c: b and the exact solver",
}
ROTATION_WEIGHTS = (0.002, 0.005, 0.01, 0.02, 0.05)
"""Metres per radian. Printed positions are within 0.005 mm, printed rotations off by 0.24°: these must weigh little."""
PUBLISHED_STD = {"fc1": 0.6009, "fc2": 0.3267}
"""Standard deviations of the initial weights, as published."""


@dataclass(frozen=True, eq=False)
class Track:
    """One network, or network and solver, on the held-out rows of one data set.

    Attributes:
        arm: name.
        name: "published", "a", "b" or "c".
        seed: of rows and network.
        actual: kind of test rows → (n, 5) true joints [rad].
        predicted: kind of test rows → (n, 5) answers [rad].
        tip_mm: kind of test rows → (n,) distance of the tool from where the true joints put it [mm].
        validation_r2: mean of the joints' R² on the validation rows.
        scaled_mse: on the trajectory rows, in the training's scaling; None where there is none.
        note: what was chosen on the validation rows.
    """

    arm: str
    name: str
    seed: int
    actual: Mapping[str, Float[np.ndarray, "n 5"]]
    predicted: Mapping[str, Float[np.ndarray, "n 5"]]
    tip_mm: Mapping[str, Float[np.ndarray, " n"]]
    validation_r2: float
    scaled_mse: float | None = None
    note: str = ""

    @classmethod
    def of_network(cls, arm: str, name: str, seed: int, data: Dataset, run: Run) -> Track:
        """What a run's network answers."""
        model = run.load_model()
        rows = test_rows(arm, seed, data)
        predicted = {kind: model.predict(table.features) for kind, table in rows.items()}
        scaling = model.spec.joint_scaling
        scaled = mse(*(scaling.transform(q) for q in (rows[TRAJECTORY].targets, predicted[TRAJECTORY])))
        validation = r2_mean(data.validation.targets, model.predict(data.validation.features))
        return cls._measured(arm, name, seed, rows, predicted, validation, scaled, f"epoch {run.card.best_epoch}")

    @classmethod
    def _measured(
        cls, arm: str, name: str, seed: int, rows: Mapping[str, Rows],
        predicted: Mapping[str, Float[np.ndarray, "n 5"]], validation: float, scaled: float | None, note: str,
    ) -> Track:  # fmt: skip
        kinematics = kv.load_arm(arm)
        actual = {kind: table.targets for kind, table in rows.items()}
        tips = {
            kind: 1e3 * np.linalg.norm((kinematics.pose(actual[kind]) - kinematics.pose(q))[:, :3, 3], axis=1)
            for kind, q in predicted.items()
        }
        return cls(arm, name, seed, actual, predicted, tips, validation, scaled, note)

    def r2(self, kind: str) -> float:
        """Mean of the joints' R² on one kind of test rows."""
        return r2_mean(self.actual[kind], self.predicted[kind])


def test_rows(arm: str, seed: int, data: Dataset) -> dict[str, Rows]:
    """Both kinds of test rows of a data set; train and validation rows are the same in both."""
    drawn = kv.make_arkoma(arm, seed=seed, test_rows="uniform").test
    assert drawn is not None and data.test is not None
    return {DRAWN: drawn, TRAJECTORY: data.test}


def finish(arm: str, seed: int, data: Dataset, run: Run) -> Track:
    """Track c: the solver begins at what the network proposes; its weight of rotations is chosen on validation rows."""
    kinematics, model = kv.load_arm(arm), run.load_model()

    def solve(table: Rows, weight: float) -> Float[np.ndarray, "n 5"]:
        start = np.clip(model.predict(table.features), kinematics.lower, kinematics.upper)
        solver = kv.Solver(kinematics, rotation_weight=weight)
        return solver.solve(ARKOMA.decode(table.features), start=start).q

    validation = data.validation
    scores = {w: r2_mean(validation.targets, solve(validation, w)) for w in ROTATION_WEIGHTS}
    best = max(scores, key=lambda w: scores[w])
    rows = test_rows(arm, seed, data)
    predicted = {kind: solve(table, best) for kind, table in rows.items()}
    return Track._measured(arm, "c", seed, rows, predicted, scores[best], None, f"rotation weight {best:g} m/rad")


def compared(found: Sequence[Track], runs: Mapping[str, Run], quick: bool) -> list[Compared]:
    """The published figures of the right arm against ours."""
    said = NAO_PUBLISHED.published
    tracks = [t for t in found if t.name == "published" and t.arm == "nao-right"]
    if not tracks:
        return []
    errors = [t.scaled_mse for t in tracks if t.scaled_mse is not None]
    flattering = [r2_global_mean(t.actual[TRAJECTORY], t.predicted[TRAJECTORY]) for t in tracks]
    constant = [r2_global_mean(t.actual[TRAJECTORY], _column_means(t, runs)) for t in tracks]
    weights = [
        w for name, run in runs.items() if name.startswith("nao-right, published") for w in run.card.weights_at_start
    ]
    what = NAMES["published"]
    items = [
        Compared(what, "scaled test MSE", said["scaled test MSE"], tuple(errors)),
        Compared(what, "R², global mean", said["R², global mean"], tuple(flattering)),
        Compared("column means", "R², global mean", 0.166, tuple(constant)),
        *(
            Compared(
                what,
                f"std of the initial weights, {name}",
                said_std,
                tuple(w["std"] for w in weights if w["name"] == key),
            )
            for (name, said_std), key in zip(
                PUBLISHED_STD.items(), ("network.0.weight", "network.2.weight"), strict=True
            )
        ),
        Compared(what, "R², mean of the joints", None, tuple(t.r2(TRAJECTORY) for t in tracks)),
    ]
    return [_explained(item, quick) for item in items]


def _explained(item: Compared, quick: bool) -> Compared:
    if item.place != "outside":
        return item
    if item.what == "column means":
        why = "the published test rows follow one trajectory that is not published; ours are drawn anew for every seed"
    else:
        why = "quick: one start" if quick else "not explained by the experiments here"
    return Compared(item.what, item.figure, item.published, item.ours, why)


def _column_means(track: Track, runs: Mapping[str, Run]) -> Float[np.ndarray, "n 5"]:
    """What always saying the training rows' mean joints gives on the trajectory rows."""
    train = kv.make_arkoma(track.arm, seed=track.seed).train
    return constant_predictor(train.targets, track.actual[TRAJECTORY])
