"""What holds for every figure: labels lie inside, the legend covers no plot, and nothing global is left behind."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import kinverse as kv
from kinverse.learning.diagnosis.reach import Reachability
from kinverse.plotting.arms import arm_pose
from kinverse.plotting.dot_plot import dot_plot
from kinverse.plotting.error_distribution import error_distribution
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.parity import parity
from kinverse.plotting.plane import PlanePanel, plane_errors
from kinverse.plotting.reach import reach_figure
from kinverse.plotting.shapes import activation_shapes, loss_shapes
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot, png

EPOCHS = np.arange(4)
FALLING = np.array([4.0, 2.0, 1.0, 0.5])
FLOORS = {"best reachable": 0.3, "constant answer": 3.0}


def one_loss():
    return loss_curves(LossPanel("a title " * 20, EPOCHS, FALLING, 2 * FALLING, FLOORS, best_epoch=2))


def several_losses():
    panels = [LossPanel(f"training {i} of a study", EPOCHS, FALLING, i * FALLING, FLOORS, 3) for i in range(1, 6)]
    return loss_curves(panels, title="five trainings")


def plane(count):
    targets = np.random.default_rng(0).uniform(0.0, 2.0, (40, 2))
    arm = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    panels = [PlanePanel(f"model {i}", targets, targets + 0.05 * i, 1.0, arm) for i in range(count)]
    return plane_errors(panels, square=(0.0, 2.0), title="the plane")


def five_columns():
    table = np.random.default_rng(0).normal(size=(400, 5))
    return parity(table, table + 0.1, list("abcde"), "rad", title="five")


def errors():
    drawn = np.abs(np.random.default_rng(0).normal(size=(2, 400)))
    return error_distribution(drawn[0], others={"nearest neighbour": 9.0 * drawn[1]})


def dots():
    groups = {"relu": {"validation": [1.0, 2.0], "test": [1.5]}, "a much longer label": {"validation": [20.0]}}
    return dot_plot(groups, "error [mm]", marks={"published": {"relu": 1.2}}, title="dots")


def planar_arm():
    arm = kv.planar_arm((1.0, 1.0, 1.0))
    return arm_pose(arm, arm.sample(3), np.array([2.5, 2.5]), "in the plane")


def spatial_arm():
    arm = kv.load_arm("nao-right")
    return arm_pose(arm, arm.sample(2), np.array([0.1, 0.1, 0.1]), "in space")


def reach():
    targets = np.random.default_rng(0).normal(size=(40, 3))
    miss = np.maximum(np.linalg.norm(targets, axis=1) - 1.0, 0.0)
    return reach_figure(Reachability(targets, miss, miss == 0.0, "angles within ±1 rad"))


FIGURES = {
    "one training": one_loss,
    "several trainings": several_losses,
    "plane": lambda: plane(1),
    "planes": lambda: plane(4),
    "parity": five_columns,
    "error distribution": errors,
    "dot plot": dots,
    "planar arm": planar_arm,
    "spatial arm": spatial_arm,
    "reach": reach,
    "loss shapes": loss_shapes,
    "activation shapes": activation_shapes,
}


@pytest.mark.parametrize("name", FIGURES)
def test_labels_lie_inside_and_the_legend_covers_no_plot(name):
    figure = FIGURES[name]()
    assert_labels_inside(figure, in_space=name == "spatial arm")
    assert_legend_covers_no_plot(figure)


def test_figures_leave_no_global_state_and_repeat():
    first = png(errors())
    assert png(errors()) == first
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
