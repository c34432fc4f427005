"""Experiments for the questions of lesson 14."""

from collections.abc import Sequence

import numpy as np

import kinverse as kv
from kinverse.ik.reach import closest_reachable
from kinverse.tables import Cell, Table

TARGETS, POSES = 1500, 5000


def reachability() -> Table:
    """The fraction of targets that three links of 1 m reach, by joint limits."""
    targets = np.random.default_rng(0).uniform(0.0, 2.0, (TARGETS, 2))
    distance = np.linalg.norm(targets, axis=1)
    rows: list[Sequence[Cell]] = []
    for degrees in (180, 120, 90, 60, 45):
        miss = closest_reachable(kv.planar_arm([1.0, 1.0, 1.0], max_angle=np.deg2rad(degrees)), targets).miss
        reached = miss < 1e-6
        share, nearest = 100.0 * float(reached.mean()), float(distance[reached].min())
        rows.append((f"±{degrees}°", share, nearest, float((miss**2).mean() / 2.0)))
    columns = ("angles", "targets reached [%]", "nearest [m]", "smallest possible MSE [m²]")
    return Table("Targets on the square from 0 to 2 m, three links of 1 m", columns, rows, f"{TARGETS:,} targets.")


def one_degree() -> Table:
    """Motion of the tool for a turn of each joint by one degree."""
    arm = kv.planar_arm([1.0, 1.0, 1.0])
    q = arm.sample(POSES, seed=0)
    rows: list[Sequence[Cell]] = []
    for joint in range(arm.dof):
        turned = q + np.deg2rad(1.0) * np.eye(arm.dof)[joint]
        moved = 1e3 * np.linalg.norm(_tool(arm, turned) - _tool(arm, q), axis=1)
        rows.append((arm.joint_names[joint], float(np.median(moved)), float(moved.max())))
    columns = ("joint turned by 1°", "motion of the tool, median [mm]", "at most [mm]")
    return Table(f"Three links of 1 m in {POSES:,} random poses", columns, rows)


def step_by_jacobian() -> Table:
    """Error of the Jacobian's prediction of the tool's motion, by angle."""
    arm = kv.planar_arm([1.0, 1.0, 1.0])
    q = arm.sample(POSES, seed=0)
    turn = np.random.default_rng(1).choice([-1.0, 1.0], q.shape)
    rows: list[Sequence[Cell]] = []
    for degrees in (0.1, 1.0, 10.0, 45.0):
        step = np.deg2rad(degrees) * turn
        true = _tool(arm, q + step) - _tool(arm, q)
        predicted = np.einsum("nij,nj->ni", arm.jacobian(q)[:, :2], step)
        way, off = (1e3 * float(np.median(np.linalg.norm(v, axis=1))) for v in (true, predicted - true))
        rows.append((degrees, way, off))
    columns = ("every joint turns by [°]", "motion of the tool, median [mm]", "error of the Jacobian, median [mm]")
    return Table("The Jacobian times a step of the angles, compared with the forward kinematics", columns, rows)


def _tool(arm: kv.Arm, q: np.ndarray) -> np.ndarray:
    """Positions of the tool in the plane [m]."""
    return arm.forward_kinematics(q)[:, :2, 3]
