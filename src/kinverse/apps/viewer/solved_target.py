"""`SolvedTarget`: prediction and solution for one target with their errors, and the status table that shows them."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from kinverse.apps.viewer.view_model import ViewModel
from kinverse.learning.evaluation.metrics import tool_errors
from kinverse.network.heads import closest
from kinverse.tables import Cell, Table

AT_LIMIT = 1e-6
"""A joint at most this far from a limit [rad or m] counts as at the limit."""
State = Literal["solved", "not solved", "outside the training region"]
MARKS: dict[State, str] = {"solved": "✓", "not solved": "✗", "outside the training region": "!"}
"""Shown beside the state, so that colour is not needed to tell states apart."""
COLUMNS = ("", "position error [mm]", "rotation error [°]")


@dataclass(frozen=True, eq=False)
class SolvedTarget:
    """A target with its prediction and its solution.

    Attributes:
        target: (2,) or (3,) [m] or (4, 4), as the goal requires.
        q: (dof,) joint positions of the solver [rad or m].
        converged: whether they reach the target.
        position_mm: position error of the solution [mm].
        rotation_deg: rotation error of the solution [degrees]; None if the goal has no rotation.
        iterations: number of solver iterations.
        microseconds: time of prediction and solution.
        at_limit: names of the joints at a limit.
        predicted: (dof,) joint positions of the network; None without a network.
        predicted_position_mm: position error of the prediction [mm].
        predicted_rotation_deg: rotation error of the prediction [degrees].
        in_training_region: whether the target lies in the region of the training data; None if unknown.
    """

    target: Float[np.ndarray, ...]
    q: Float[np.ndarray, " dof"]
    converged: bool
    position_mm: float
    rotation_deg: float | None
    iterations: int
    microseconds: float
    at_limit: tuple[str, ...]
    predicted: Float[np.ndarray, " dof"] | None = None
    predicted_position_mm: float | None = None
    predicted_rotation_deg: float | None = None
    in_training_region: bool | None = None

    @property
    def state(self) -> State:
        """The state that the status table shows."""
        if not self.converged:
            return "not solved"
        return "outside the training region" if self.in_training_region is False else "solved"


def solve_target(
    model: ViewModel, target: Float[np.ndarray, ...], start: Float[np.ndarray, " dof"] | None
) -> SolvedTarget:
    """Predict and solve one target.

    Args:
        model: the arm with its solver and network.
        target: (2,) or (3,) [m] or (4, 4), as the goal requires.
        start: (dof,) joint positions to start from, so that the arm moves as little as possible; None: use the seeds.
    """
    arm = model.arm
    target = np.asarray(target, dtype=np.float64)
    start = None if start is None else np.clip(start, arm.lower, arm.upper)
    began = time.perf_counter()
    predictions = model.solver.predict(target)
    found = model.solver.solve(target, start, predictions=predictions)
    seconds = time.perf_counter() - began
    predicted = _best_head(model, predictions, target)
    errors = None if predicted is None else tool_errors(arm, predicted[None], target[None])
    rotation = None if errors is None or errors.rotation is None else float(np.rad2deg(errors.rotation[0]))
    return SolvedTarget(
        target=target,
        q=found.q,
        converged=bool(found.converged),
        position_mm=1e3 * float(found.position_error),
        rotation_deg=float(np.rad2deg(found.rotation_error)) if model.goal.has_rotation else None,
        iterations=int(found.iterations),
        microseconds=1e6 * seconds,
        at_limit=_joints_at_limit(model, found.q),
        predicted=predicted,
        predicted_position_mm=None if errors is None else 1e3 * float(errors.position[0]),
        predicted_rotation_deg=rotation,
        in_training_region=model.in_training_region(target),
    )


def other_solutions(
    model: ViewModel, target: Float[np.ndarray, ...], q: Float[np.ndarray, " dof"], limit: int = 8
) -> Float[np.ndarray, "k dof"]:
    """Solutions that differ visibly from `q` [rad or m]; empty if the target is not solved."""
    found = model.solver.all_solutions(np.asarray(target, dtype=np.float64), limit).q
    return found[np.abs(found - q).max(axis=1) > 0.05]


def _joints_at_limit(model: ViewModel, q: Float[np.ndarray, " dof"]) -> tuple[str, ...]:
    arm = model.arm
    at_limit = (q <= arm.lower + AT_LIMIT) | (q >= arm.upper - AT_LIMIT)
    return tuple(name for name, limited in zip(arm.joint_names, at_limit, strict=True) if limited)


def _best_head(
    model: ViewModel, predictions: Float[np.ndarray, "heads dof"] | None, target: Float[np.ndarray, ...]
) -> Float[np.ndarray, " dof"] | None:
    """The head whose tool is closest to the target; its joint positions are not clipped to the limits."""
    if predictions is None or model.network is None:
        return None
    weight = model.network.spec.rotation_weight
    return np.asarray(closest(model.arm, predictions[None], target[None], weight)[0])


def status_html(title: str, solved: SolvedTarget) -> str:
    """The status table of a target as HTML.

    Args:
        title: name of the arm or model.
        solved: the target with its prediction and solution.
    """
    rows: list[tuple[Cell, ...]] = []
    if solved.predicted is not None:
        errors = solved.predicted_position_mm, solved.predicted_rotation_deg
        rows.append(("network", *map(_error, errors)))
    rows.append(("solver", _error(solved.position_mm), _error(solved.rotation_deg)))
    count = 2 if solved.rotation_deg is None else 3
    table = Table("errors", COLUMNS[:count], [row[:count] for row in rows])
    state = solved.state
    outside = " · outside the training region" if solved.in_training_region is False and not solved.converged else ""
    limits = ", ".join(map(html.escape, solved.at_limit)) or "none"
    return (
        f"<div style='padding:0 0.75em'><b>{html.escape(title)}</b>: "
        f"<span data-state='{state}'>{MARKS[state]} {state}{outside}</span>"
        f"{table.to_html(style='border-spacing:0.8em 0;margin:0 -0.8em')}"
        f"{solved.iterations} iterations, {solved.microseconds:.0f} µs · joints at a limit: {limits}</div>"
    )


def _error(value: float | None) -> str | None:
    if value is None:
        return None
    return "< 0.001" if value < 1e-3 else f"{value:.3f}" if value < 10.0 else f"{value:.0f}"
