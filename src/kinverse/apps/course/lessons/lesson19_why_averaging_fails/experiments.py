"""Experiments for the questions of lesson 19."""

import numpy as np

import kinverse as kv
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Table

LENGTHS = (1.0, 0.8)


def average_of_two() -> Table:
    """The tool position for the average of both solutions, for some targets."""
    arm = kv.planar_arm(LENGTHS)
    solver = kv.Solver(arm)
    rows = []
    for target in ((1.2, 0.3), (0.9, 0.9), (0.5, 0.4)):
        both = solver.all_solutions(np.array(target)).q
        tool = arm.forward_kinematics(both.mean(axis=0))[:2, 3]
        miss = 1e3 * float(np.linalg.norm(tool - target))
        rows.append((f"({target[0]}, {target[1]})", len(both), f"({tool[0]:.2f}, {tool[1]:.2f})", miss))
    columns = ("target [m]", "solutions", "tool of their average [m]", "distance [mm]")
    return Table("The average of two solutions", columns, rows)


def three_losses() -> Table:
    """The same rows and network with three losses: error of the tool on validation rows."""
    data = kv.joint_dataset(kv.planar_arm(LENGTHS), rows=3000, seed=0)
    base = FitConfig.of(
        hidden=(64, 64), activation="silu", learning_rate=3e-3, schedule="one_cycle", batch_size=128, epochs=40,
        scale_features="standard",
    )  # fmt: skip
    kinds = {
        "joint positions": base.replace(loss_space="joints", scale_targets="standard"),
        "tool positions, one head": base.replace(loss_space="tool", scale_targets="none"),
        "tool positions, two heads": base.replace(loss_space="tool", scale_targets="none", heads=2),
    }
    rows = []
    for name, config in kinds.items():
        tool = kv.fit(data, config).evaluate().of("network").tool
        assert tool is not None
        rows.append((name, tool.position_mm.median, tool.position_mm.p95))
    columns = ("the loss compares", "tool error, median [mm]", "95 % below [mm]")
    return Table("A two-link arm, 1,800 training rows, 40 epochs", columns, rows)
