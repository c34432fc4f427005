"""Pinocchio: a Levenberg–Marquardt solver in Python on its kinematics and Jacobians."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.benchmark.peer import Peer, Robot, Starts

MAX_STARTS, MAX_STEPS = 30, 40
TOLERANCE = 1e-12
"""Largest squared norm of the error twist [m², rad²]."""


class Pinocchio(Peer):
    """Steps along the logarithm of the pose error, with error-dependent damping, clamped limits and random restarts."""

    name = "pinocchio"
    distribution = "pin"
    kind = "numerical"
    method = f"Levenberg–Marquardt in Python, clamped limits, up to {MAX_STARTS} random starts"

    def __init__(self, robot: Robot) -> None:
        import pinocchio as pin

        self._pin: Any = pin
        arm = robot.arm
        model = pin.buildModelFromUrdf(str(robot.urdf))
        others = [model.getJointId(name) for name in model.names[1:] if name not in arm.joint_names]
        self._model = pin.buildReducedModel(model, others, pin.neutral(model)) if others else model
        self._data = self._model.createData()
        self._base, self._tool = (self._model.getFrameId(frame) for frame in arm.frames)
        joints = [self._model.joints[self._model.getJointId(name)] for name in arm.joint_names]
        self._columns = np.array([joint.idx_q for joint in joints])
        self._on_circle = np.array([joint.nq == 2 for joint in joints])
        # The cosine and sine of a continuous joint have the limits ±1.01, so clamping does not change them.
        self._lower, self._upper = self._model.lowerPositionLimit, self._model.upperPositionLimit
        self._starts = Starts(arm)
        self._none = np.full(arm.dof, np.nan)

    def solve_one(self, T_target: Float[np.ndarray, "4 4"]) -> Float[np.ndarray, " dof"]:
        """The result of the first successful start."""
        pin = self._pin
        q = pin.neutral(self._model)
        pin.framesForwardKinematics(self._model, self._data, q)
        goal = self._data.oMf[self._base] * pin.SE3(T_target)
        for _ in range(MAX_STARTS):
            q = self._row(self._starts.draw())
            if self._descend(q, goal):
                return self._joints(q)
        return self._none

    def _descend(self, q: Float[np.ndarray, " nq"], goal: Any) -> bool:
        """Move `q` towards the goal, in place; returns whether the goal was reached."""
        pin, model, data, tool = self._pin, self._model, self._data, self._tool
        identity = np.eye(model.nv)
        for _ in range(MAX_STEPS):
            pin.framesForwardKinematics(model, data, q)
            error = pin.log6(data.oMf[tool].actInv(goal)).vector  # in the tool frame
            square = float(error @ error)
            if square < TOLERANCE:
                return True
            J = pin.computeFrameJacobian(model, data, q, tool, pin.LOCAL)
            step = np.linalg.solve(J.T @ J + (1e-8 + 0.01 * square) * identity, J.T @ error)
            q[:] = np.clip(pin.integrate(model, q, step), self._lower, self._upper)
        return False

    def _row(self, joints: Float[np.ndarray, " dof"]) -> Float[np.ndarray, " nq"]:
        """Pinocchio's configuration vector, with cosine and sine of each continuous joint."""
        q = np.empty(self._model.nq)
        q[self._columns] = np.where(self._on_circle, np.cos(joints), joints)
        q[self._columns[self._on_circle] + 1] = np.sin(joints[self._on_circle])
        return q

    def _joints(self, q: Float[np.ndarray, " nq"]) -> Float[np.ndarray, " dof"]:
        joints = q[self._columns].copy()
        for i in np.flatnonzero(self._on_circle):
            joints[i] = math.atan2(q[self._columns[i] + 1], q[self._columns[i]])
        return joints
