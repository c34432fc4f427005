"""Experiments for the questions of lesson 20."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.tables import Cell, Table

TARGETS = 2000


def what_the_network_saves() -> Table:
    """Iterations of the solver on the Panda, from stored samples and from its network in the catalog."""
    arm = kv.load_arm("panda")
    targets = arm.forward_kinematics(arm.sample(TARGETS, seed=1))
    rows = []
    for name, solver in (
        ("stored samples", kv.Solver(arm, network=None)),
        ("the network", kv.Solver(arm, network="shipped")),
    ):
        found = solver.solve(targets)
        worst = 1e3 * float(np.max(np.where(found.converged, found.position_error, 0.0)))
        rows.append((name, float(found.iterations.mean()), 100.0 * float(found.converged.mean()), worst))
    columns = ("seeds from", "iterations, mean", "solved [%]", "largest error [mm]")
    return Table(f"{TARGETS} poses of the Panda", columns, rows)


def damping() -> Table:
    """Length of one step near a stretched two-link arm for a target 0.1 m closer, by damping."""
    rows: list[Sequence[Cell]] = []
    for bend in (0.5, 0.05, 0.005):
        J = _jacobian(np.array([0.3, bend]))
        inwards = -0.1 * np.array([np.cos(0.3), np.sin(0.3)])
        lengths = [
            float(np.linalg.norm(J.T @ np.linalg.solve(J @ J.T + value**2 * np.eye(2), inwards)))
            for value in (1e-9, 0.01, 0.1)
        ]
        rows.append((f"{bend:g}", *lengths))
    columns = ("bend of the elbow [rad]", "λ = 0 [rad]", "λ = 0.01", "λ = 0.1")
    note = "For a step of more than one radian the Jacobian is not valid."
    return Table("Length of the step", columns, rows, note)


def _jacobian(q: np.ndarray) -> np.ndarray:
    first, second = q[0], q[0] + q[1]
    ends = [[-np.sin(first), -np.sin(second)], [np.cos(first), np.cos(second)]]
    return np.array(ends) @ [[1.0, 0.0], [1.0, 1.0]]
