"""Experiments for the questions of lesson 2."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.learning.data.arkoma import joint_trajectory
from kinverse.learning.data.dataset import Dataset, Manifest
from kinverse.learning.data.dataset import Table as Rows
from kinverse.learning.evaluation.floors import nearest_neighbour
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table


def in_order() -> Table:
    """The planar arm on a 20 × 20 grid, split after shuffling and in the order of the file."""
    arm = kv.planar_arm([1.0, 1.0, 1.0])
    axis = np.linspace(0.0, 2.0, 20)
    points = np.column_stack([a.ravel() for a in np.meshgrid(axis, axis)])
    config = FitConfig.of(hidden=(24, 24), learning_rate=0.01, epochs=400, scale_features="none")
    rows: list[Sequence[Cell]] = []
    for label, order in (
        ("shuffled", np.random.default_rng(0).permutation(len(points))),
        ("in the file's order, y rising", np.arange(len(points))),
    ):
        parts = np.split(points[order], [240, 320])
        names = ("train", "validation", "test")
        tables = {name: Rows(part, np.empty((len(part), 0))) for name, part in zip(names, parts, strict=True)}
        manifest = Manifest("grid", "grid", encoding="xy", feature_names=("x", "y"), feature_units=("m", "m"))
        losses = kv.fit(Dataset.from_tables(tables, manifest.with_arm(arm)), config).history
        last = (losses.train_loss[-1], losses.validation_loss[-1])
        rows.append((label, *(float(1e3 * np.sqrt(loss)) for loss in last)))
    columns = ("rows", "training: root mean square error [mm]", "validation [mm]")
    return Table("The same grid, two splits", columns, rows, "Error of each coordinate of the tool, 400 epochs.")


def recorded_motion() -> Table:
    """Error of the nearest training row along one recorded motion of NAO's arm, by the choice of test rows."""
    arm = kv.load_arm("nao-right")
    generator = np.random.default_rng(0)
    recorded, fresh = joint_trajectory(arm, 2000, generator), joint_trajectory(arm, 400, generator)
    order = generator.permutation(len(recorded))
    later = np.arange(len(recorded))
    rows: list[Sequence[Cell]] = []
    for label, train, test in (
        ("random rows of the motion", recorded[order[:1600]], recorded[order[1600:]]),
        ("the last fifth of the motion", recorded[later[:1600]], recorded[later[1600:]]),
        ("another motion", recorded, fresh),
    ):
        x_train, x_test = (arm.forward_kinematics(q)[:, :3].reshape(len(q), -1) for q in (train, test))
        answer = nearest_neighbour(x_train, train, x_test)
        rows.append((label, float(np.rad2deg(np.sqrt(np.mean((answer - test) ** 2))))))
    columns = ("test rows", "error of the nearest training row [deg]")
    return Table("One motion of 2,000 rows, three choices of test rows", columns, rows)
