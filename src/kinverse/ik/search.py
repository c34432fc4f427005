"""`Search`: an arm and a goal prepared for the compiled Levenberg–Marquardt search, and calls of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from kinverse.ik.goal import Goal
from kinverse.ik.kernels.inputs import Chain, Objective, StoppingRules
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.solve import solve_targets
from kinverse.ik.seeds import SeedTable
from kinverse.ik.solutions import Solutions, put
from kinverse.robot.arm import Arm
from kinverse.robot.kernels import announce_compilation

TURN = 2.0 * np.pi
LENGTH_SHARE = 0.2
"""One radian counts as this share of the summed link lengths, about 0.3 m on common arms: there iterations are few."""
# Chosen by the time for a solution on Panda, UR5 and iiwa14: nine in ten attempts that arrive do so within 15
# iterations, and one that has got stuck keeps more than nine tenths of its squared error three times in a row.
ITERATIONS = 40
SLOW = 0.9
PATIENCE = 3
DAMPING = 1e-2
CLOSING = 300


@dataclass(frozen=True, eq=False)
class Search:
    """What every search on one arm shares.

    Attributes:
        arm: the arm.
        chain: the arm for the kernels.
        objective: the goal for the kernels.
        rules: when to stop.
        limits: (2, dof) lower and upper limits.
        table: stored samples to start from.
        middle: (1, dof) where angles come to rest if the caller has no other wish: the limits' closest to zero.
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
        """Prepare an arm for a goal, with at most `attempts` descents for each target."""
        objective = objective_of(arm, goal)
        return cls(
            arm=arm,
            chain=chain_of(arm),
            objective=objective,
            rules=StoppingRules(attempts, ITERATIONS, SLOW, PATIENCE, DAMPING, CLOSING),
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
        """Solve rows of packed targets on one thread; where no attempt arrives, the closest is followed to its end.

        Args:
            packed: (n, 12) positions and axes.
            starts: (n, k, dof) seeds of the first attempts, inside the limits, or None.
            predictions: (n, heads, dof) seeds from a seed network for the attempts after those, sorted here; None:
                stored samples.
            references: (n or 1, dof) angles come to the turn nearest to these; None: to zero.
            rules: in place of the usual ones.
            chain: in place of the usual one.
            look_up: after the starts, begin at the stored samples near the target; False: at all of them in turn.
        """
        rules, chain = rules or self.rules, chain or self.chain
        references = self.middle if references is None else references
        found = self._call(packed, starts, predictions, references, rules, chain, look_up)
        if rules.closing == 0 or found.converged.all():
            return found
        missed = np.asarray(~found.converged)
        own = references if len(references) == 1 else references[missed]
        begin = np.ascontiguousarray(found.q[missed][:, None])
        ends = self._call(packed[missed], begin, None, own, rules.closing_in(), chain, look_up=False)
        before = found[missed]
        spent = ends.iterations + before.iterations
        return put(found, missed, replace(ends, iterations=spent, attempts=before.attempts))

    def _call(
        self,
        packed: Float[np.ndarray, "n 12"],
        starts: Float[np.ndarray, "n k dof"] | None,
        predictions: Float[np.ndarray, "n heads dof"] | None,
        references: Float[np.ndarray, "m dof"],
        rules: StoppingRules,
        chain: Chain,
        look_up: bool,
    ) -> Solutions:
        """One call of the kernel."""
        count, dof = len(packed), self.arm.dof
        starts = np.empty((count, 0, dof)) if starts is None else starts
        # Stored samples are looked up only where an attempt will begin at one.
        needs_samples = look_up and predictions is None and starts.shape[1] < rules.attempts
        announce_compilation(solve_targets)
        q, converged, errors, iterations, attempts = solve_targets(
            chain,
            self.limits,
            self.objective,
            rules,
            packed,
            starts,
            np.empty((count, 0, dof)) if predictions is None else predictions,
            self.table.q,
            self.table.features if needs_samples else np.empty((0, WIDTH)),
            self.table.weights,
            references,
        )
        return Solutions(q, converged, errors[0], errors[1], iterations, attempts)


def turns_freely(arm: Arm) -> Bool[np.ndarray, " dof"]:
    """Which joints reach every angle, so that a search never has to stop at their ends."""
    return ~arm.is_prismatic & (arm.upper - arm.lower >= TURN)


def chain_of(arm: Arm) -> Chain:
    """The arm as the kernels read it; a joint that turns freely gets a finite range to be wrapped into."""
    wraps = turns_freely(arm)
    lower, upper = arm.sampling_limits
    return Chain(
        arm.packed_offsets,
        arm.is_prismatic,
        np.where(wraps, lower, arm.lower),
        np.where(wraps, upper, arm.upper),
        wraps,
    )


def objective_of(arm: Arm, goal: Goal) -> Objective:
    """A goal for an arm as the kernels read it."""
    length = LENGTH_SHARE * float(np.linalg.norm(arm.T_offsets[:, :3, 3], axis=1).sum())
    return Objective(
        rows=6 if goal.has_rotation else goal.coordinates,
        length=goal.rotation_weight or length or 1.0,
        weights=np.array([name not in goal.free for name in "xyz"], np.float64),
        axis=-1 if goal.tool_axis is None else "xyz".index(goal.tool_axis),
        position_tolerance=float(goal.position_tolerance),
        rotation_tolerance=float(goal.rotation_tolerance),
    )
