"""`Engine`: an arm and a goal prepared once, for one call of the compiled kernel after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from kinverse.ik.goal import Goal
from kinverse.ik.kernels.lanes import WIDTH
from kinverse.ik.kernels.records import Chain, Objective, Rules
from kinverse.ik.kernels.solve import solve_targets
from kinverse.ik.problem import chain_of, objective_of
from kinverse.ik.seeds import SeedTable
from kinverse.ik.solutions import Solutions, put
from kinverse.robot.arm import Arm
from kinverse.robot.kernels import announce_compilation

# Chosen by the time for a solution on Panda, UR5 and iiwa14: nine in ten attempts that arrive do so within 15
# iterations, and one that has got stuck keeps more than nine tenths of its squared error three times in a row.
ITERATIONS = 40
SLOW = 0.9
PATIENCE = 3
DAMPING = 1e-2
CLOSING = 300


@dataclass(frozen=True, eq=False)
class Engine:
    """What every search on one arm shares.

    Attributes:
        arm: the arm.
        chain: the arm for the kernels.
        goal: what reaching means, for the kernels.
        rules: when to stop.
        limits: (2, dof) lower and upper limits.
        table: stored samples to start from.
        middle: (1, dof) where angles come to rest if the caller has no other wish: the limits' closest to zero.
    """

    arm: Arm
    chain: Chain
    goal: Objective
    rules: Rules
    limits: Float[np.ndarray, "2 dof"]
    table: SeedTable
    middle: Float[np.ndarray, "1 dof"]

    @classmethod
    def of(cls, arm: Arm, goal: Goal, attempts: int) -> Engine:
        """Prepare an arm for a goal, with so many descents for each target at most."""
        objective = objective_of(arm, goal)
        return cls(
            arm=arm,
            chain=chain_of(arm),
            goal=objective,
            rules=Rules(attempts, ITERATIONS, SLOW, PATIENCE, DAMPING, CLOSING),
            limits=np.array([arm.lower, arm.upper]),
            table=SeedTable.of(arm, objective),
            middle=np.clip(np.zeros((1, arm.dof)), arm.lower, arm.upper),
        )

    def solve(
        self,
        packed: Float[np.ndarray, "n 12"],
        starts: Float[np.ndarray, "n k dof"] | None = None,
        proposals: Float[np.ndarray, "n heads dof"] | None = None,
        references: Float[np.ndarray, "m dof"] | None = None,
        rules: Rules | None = None,
        chain: Chain | None = None,
        look_up: bool = True,
    ) -> Solutions:
        """Answer rows of packed targets on one thread; the closest attempt is followed to its end where none arrives.

        Args:
            packed: (n, 12) positions and axes.
            starts: (n, k, dof) where the first attempts begin, inside the limits; None: nobody knows better.
            proposals: (n, heads, dof) further beginnings, sorted here; None: stored samples.
            references: (n or 1, dof) angles come to the turn nearest to these; None: to zero.
            rules: other ones than the engine's.
            chain: another one than the engine's.
            look_up: after the starts, begin at the stored samples near the target; False: at all of them in turn.
        """
        rules, chain = rules or self.rules, chain or self.chain
        references = self.middle if references is None else references
        found = self._search(packed, starts, proposals, references, rules, chain, look_up)
        if rules.closing == 0 or found.converged.all():
            return found
        missed = np.asarray(~found.converged)
        own = references if len(references) == 1 else references[missed]
        begin = np.ascontiguousarray(found.q[missed][:, None])
        ends = self._search(packed[missed], begin, None, own, rules.closing_in(), chain, look_up=False)
        before = found[missed]
        spent = ends.iterations + before.iterations
        return put(found, missed, replace(ends, iterations=spent, attempts=before.attempts))

    def _search(
        self,
        packed: Float[np.ndarray, "n 12"],
        starts: Float[np.ndarray, "n k dof"] | None,
        proposals: Float[np.ndarray, "n heads dof"] | None,
        references: Float[np.ndarray, "m dof"],
        rules: Rules,
        chain: Chain,
        look_up: bool,
    ) -> Solutions:
        """One call of the kernel."""
        count, dof = len(packed), self.arm.dof
        starts = np.empty((count, 0, dof)) if starts is None else starts
        # Stored samples are looked up only where an attempt will begin at one.
        needs_samples = look_up and proposals is None and starts.shape[1] < rules.attempts
        announce_compilation(solve_targets)
        q, converged, errors, iterations, attempts = solve_targets(
            chain,
            self.limits,
            self.goal,
            rules,
            packed,
            starts,
            np.empty((count, 0, dof)) if proposals is None else proposals,
            self.table.q,
            self.table.features if needs_samples else np.empty((0, WIDTH)),
            self.table.weights,
            references,
        )
        return Solutions(q, converged, errors[0], errors[1], iterations, attempts)
