"""Experiments for the questions of lesson 12."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.evaluation.floors import constant_predictor, nearest_neighbour
from kinverse.learning.evaluation.metrics import r2_global_mean, r2_mean, summarise, tool_errors
from kinverse.tables import Cell, Table

ROWS = 2000


def one_global_mean() -> Table:
    """R² of baselines, as the mean of the joints' R² and with one mean over all joints."""
    rows: list[Sequence[Cell]] = []
    for arm in ("nao-right", "nao-left"):
        data = kv.make_arkoma(arm, rows=ROWS, seed=0)
        assert data.test is not None
        train, test = data.train, data.test
        answers = {
            "column means": constant_predictor(train.targets, test.targets),
            "nearest row": nearest_neighbour(train.features, train.targets, test.features),
        }
        rows += [
            (arm, name, r2_mean(test.targets, found), r2_global_mean(test.targets, found))
            for name, found in answers.items()
        ]
    columns = ("arm", "baseline", "mean of the joints' R²", "R² with one global mean")
    return Table("Two definitions of R², trajectory test rows", columns, rows)


def r2_and_millimetres() -> Table:
    """Error of the tool if every joint has a given R²."""
    arm = kv.load_arm("nao-right")
    q = arm.sample(ROWS, seed=0)
    targets = arm.forward_kinematics(q)
    noise = np.random.default_rng(1).normal(size=q.shape)
    rows: list[Sequence[Cell]] = []
    for r2 in (0.5, 0.9, 0.99, 0.999, 0.9999):
        answer = q + np.sqrt(1.0 - r2) * q.std(axis=0) * noise
        found = summarise(1e3 * tool_errors(arm, answer, targets).position)
        rows.append((f"{r2}", r2_mean(q, answer), found.median, found.p95))
    columns = ("intended R²", "measured R²", "median tool error [mm]", "95 % below [mm]")
    return Table("NAO's right arm: true angles with noise added", columns, rows, f"{ROWS:,} poses.")


def spread_of_the_rows() -> Table:
    """R² of the same errors on test rows with different spreads."""
    noise = np.random.default_rng(0)
    rows: list[Sequence[Cell]] = []
    for kind, label in (("uniform", "drawn over the joint range"), ("trajectory", "along a trajectory")):
        data = kv.make_arkoma("nao-right", rows=ROWS, seed=0, test_rows=kind)  # type: ignore[arg-type]
        assert data.test is not None
        actual = data.test.targets
        answer = actual + noise.normal(0.0, 0.2, actual.shape)
        rows.append(
            (label, float(actual.std(axis=0).mean()), float(np.abs(answer - actual).mean()), r2_mean(actual, answer))
        )
    columns = ("test rows", "spread of the angles [rad]", "mean error [rad]", "R²")
    return Table("The same errors, 0.2 rad of noise on every angle, on different rows", columns, rows)
