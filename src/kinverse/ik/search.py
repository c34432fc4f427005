"""`Search`: an arm and a goal prepared for the compiled Levenberg–Marquardt search, and calls of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kinverse.compiling import announce_compilation
from kinverse.ik.goal import Goal
from kinverse.ik.kernels.inputs import Chain, Objective, StoppingRules
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.shell import SHELL, reach_shell
from kinverse.ik.kernels.solve import solve_targets
from kinverse.ik.seeds import SeedTable
from kinverse.ik.solutions import Solutions
from kinverse.robot.arm import Arm

TURN = 2.0 * np.pi
LENGTH_SHARE = 0.2
"""Default rotation weight as a share of the summed link lengths: about 0.3 m on common arms, with few iterations."""
# Chosen by the time for a solution on Panda, UR5 and iiwa14: nine in ten attempts that converge do so within 15
# iterations, and a stuck one keeps more than nine tenths of its squared error three times in a row.
ITERATIONS = 40
SLOW = 0.9
PATIENCE = 3
DAMPING = 1e-2
CLOSING = 100
HOPELESS = 24


@dataclass(frozen=True, eq=False)
class Search:
    """An arm and a goal in the form of the kernels, with stopping rules and stored samples.

    Attributes:
        arm: the arm.
        chain: the arm for the kernels.
        objective: the goal for the kernels.
        rules: stopping rules.
        limits: (2, dof) lower and upper limits.
        table: stored samples to start from.
        middle: (1, dof) joint positions inside the limits closest to zero, the default for `references`.
    """

    arm: Arm
    chain: Chain
    objective: Objective
    rules: StoppingRules
    limits: Float[np.ndarray, "2 dof"]
    table: SeedTable
    middle: Float[np.ndarray, "1 dof"]

    @classmethod
    def of(cls, arm: Arm, goal: Goal, attempts: int) -> Search:
        """Prepare an arm for a goal, with at most `attempts` attempts for each target."""
        objective = objective_of(arm, goal)
        return cls(
            arm=arm,
            chain=chain_of(arm),
            objective=objective,
            rules=StoppingRules(attempts, ITERATIONS, SLOW, PATIENCE, DAMPING, CLOSING, HOPELESS),
            limits=np.array([arm.lower, arm.upper]),
            table=SeedTable.of(arm, objective),
            middle=np.clip(np.zeros((1, arm.dof)), arm.lower, arm.upper),
        )

    def solve(
        self,
        packed: Float[np.ndarray, "n 12"],
        starts: Float[np.ndarray, "n k dof"] | None = None,
        predictions: Float[np.ndarray, "n heads dof"] | None = None,
        references: Float[np.ndarray, "m dof"] | None = None,
        rules: StoppingRules | None = None,
        chain: Chain | None = None,
        look_up: bool = True,
    ) -> Solutions:
        """Solve packed targets on one thread. If no attempt converges, Newton steps lead the closest one to a minimum.

        Args:
            packed: (n, 12) positions and axes.
            starts: (n, k, dof) seeds of the first attempts, inside the limits, or None.
            predictions: (n, heads, dof) seeds of the next attempts, from a seed network, in any order; None: stored
                samples.
            references: (n or 1, dof) angles are moved by whole turns as near to these as possible; None: `middle`.
            rules: default: `self.rules`.
            chain: default: `self.chain`.
            look_up: continue with the stored samples near the target; False: with all of them in turn.
        """
        rules = rules or self.rules
        count, dof = len(packed), self.arm.dof
        starts = np.empty((count, 0, dof)) if starts is None else starts
        # Stored samples are looked up only if an attempt will start from one.
        needs_samples = look_up and predictions is None and starts.shape[1] < rules.attempts
        announce_compilation(solve_targets)
        q, converged, errors, iterations, attempts, unreachable = solve_targets(
            chain or self.chain,
            self.limits,
            self.objective,
            rules,
            packed,
            starts,
            np.empty((count, 0, dof)) if predictions is None else predictions,
            self.table.q,
            self.table.features if needs_samples else np.empty((0, WIDTH)),
            self.table.weights,
            self.middle if references is None else references,
        )
        return Solutions(q, converged, errors[0], errors[1], iterations, attempts, unreachable)


def chain_of(arm: Arm) -> Chain:
    """The arm for the kernels; a joint that reaches every angle wraps in a finite range and never stops at an end."""
    wraps = ~arm.is_prismatic & (0.5 * arm.upper - 0.5 * arm.lower >= 0.5 * TURN)
    lower, upper = arm.sampling_limits
    return Chain(
        arm.packed_offsets,
        arm.is_prismatic,
        np.where(wraps, lower, arm.lower),
        np.where(wraps, upper, arm.upper),
        wraps,
    )


def objective_of(arm: Arm, goal: Goal) -> Objective:
    """A goal for the kernels."""
    length = LENGTH_SHARE * float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum())
    shell = np.empty(SHELL)
    reach_shell(arm.packed_offsets, arm.is_prismatic, arm.lower, arm.upper, goal.kind == "pose", shell)
    inner, outer = shell[6], shell[7]
    margin = goal.position_tolerance + goal.rotation_tolerance * float(np.linalg.norm(shell[3:6])) + 1e-9 * outer
    # The distance in some coordinates alone may be smaller than the inner radius.
    has_hole = not goal.free and (goal.coordinates == 3 or arm.is_planar) and inner > margin
    shell[6:] = (inner - margin) ** 2 if has_hole else 0.0, (outer + margin) ** 2
    return Objective(
        rows=6 if goal.has_rotation else goal.coordinates,
        length=goal.rotation_weight or length or 1.0,
        weights=np.array([name not in goal.free for name in "xyz"], np.float64),
        axis=-1 if goal.tool_axis is None else "xyz".index(goal.tool_axis),
        position_tolerance=float(goal.position_tolerance),
        rotation_tolerance=float(goal.rotation_tolerance),
        shell=shell,
    )
