"""Unreachable targets: the lowest loss that any training can reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from kinverse.ik.reach import closest_reachable, farthest_reach
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.facts import Facts, thinned
from kinverse.learning.diagnosis.finding import Finding, number, percent
from kinverse.learning.evaluation.floors import joint_bounds
from kinverse.learning.trained import Model
from kinverse.network.spec import ModelSpec
from kinverse.robot.encodings import encoding_named

AT_THE_FLOOR = 1.5
"""Multiple of the best possible loss: below it, no training can remove two thirds of the loss."""
MATTERS = 0.01
"""Ratio of the floor to the constant answer's loss: a lower floor limits no training."""
ARRIVED = 1e-6
"""Ratio of the distance to the arm's reach below which a target counts as reached."""
MAX_TARGETS = 2000
"""Targets that are checked; the search takes about 0.2 s."""
WIDER = (1.25, 1.5, 1.75, 2.0)
"""Multiples of max_angle that are tried as a remedy."""


@dataclass(frozen=True, eq=False)
class Reachability:
    """The targets that a model's outputs can reach.

    Attributes:
        targets: (n, 2) or (n, 3) tool positions [m].
        miss: (n,) distance that remains at best [m].
        reached: (n,) whether a target can be reached.
        bounds: the bounds of the outputs, in words.
    """

    targets: Float[np.ndarray, "n t"]
    miss: Float[np.ndarray, " n"]
    reached: Bool[np.ndarray, " n"]
    bounds: str

    @property
    def share_out(self) -> float:
        """Share of the targets out of reach."""
        return float(1.0 - self.reached.mean())


def reachability(trained: Model, spec: ModelSpec, dataset: Dataset) -> Reachability | None:
    """The validation targets that a model's outputs can reach; None unless it learns tool positions."""
    arm, goal = trained.arm, trained.goal
    if trained.space != "tool" or arm is None or goal is None or goal.has_rotation:
        return None
    table = thinned(dataset.validation, MAX_TARGETS)
    targets = goal.targets(encoding_named(str(dataset.manifest.encoding)).decode(table.features))
    lower, upper = joint_bounds(spec)
    miss = closest_reachable(arm, targets, lower=lower, upper=upper).miss
    return Reachability(targets, miss, miss <= ARRIVED * max(farthest_reach(arm), 1e-3), bounds_text(trained))


def bounds_text(trained: Model) -> str:
    """The bounds of the outputs, in words."""
    config = trained.config
    if config.model.max_angle is not None:
        return f"angles within ±{number(config.model.max_angle)} rad"
    return {
        "none": "any joint positions",
        "limits": "joints within the arm's limits",
        "range": "joints within the arm's limits and ±π",
    }[config.model.bounds]


def reachability_floor(facts: Facts) -> tuple[Finding | None, str]:
    """The finding, or a note on a floor that does not limit the training; None and "" without a floor."""
    floor = facts.best_reachable
    if facts.config.loss not in ("mse", "distance") or (floor is not None and floor <= 1e-8):
        return None, ""
    assert facts.dataset is not None
    found = reachability(facts.trained, facts.model.spec, facts.dataset)
    if found is None or found.reached.all():
        return None, ""
    if floor is None:  # a mean distance
        floor = float(found.miss.mean())
    loss, unit = float(facts.validation_rows.losses.mean()), "m²" if facts.config.loss == "mse" else "m"
    if floor < MATTERS * facts.reference or loss > AT_THE_FLOOR * floor:
        note = (
            f"{percent(found.share_out)} of the validation targets cannot be reached with {found.bounds}: no training "
            f"gets below {number(floor)} {unit}. This one is at {number(loss)} {unit}, so the floor does not limit it."
        )
        return None, note
    evidence = (
        f"{percent(found.share_out)} of the validation targets are out of reach with {found.bounds}, by up to "
        f"{number(float(found.miss.max()))} m. The best possible loss is {number(floor)} {unit}; this training is at "
        f"{number(loss)} {unit}, of which more training can remove {percent(1.0 - floor / loss)} at most."
    )
    numbers = {"share": found.share_out, "floor": floor, "loss": loss}
    return Finding("reachability floor", evidence, _remedy(facts, found), numbers), ""


def _remedy(facts: Facts, found: Reachability) -> str:
    angle, arm = facts.config.model.max_angle, facts.trained.arm
    assert arm is not None
    if angle is None:
        return "targets that the arm can reach" + (
            "" if facts.config.model.bounds == "none" else ", or bounds=none if the joints may turn farther"
        )
    out = found.targets[~found.reached][:MAX_TARGETS]
    for factor in WIDER:
        wider = min(factor * angle, math.pi)
        miss = closest_reachable(arm, out, lower=-wider, upper=wider).miss
        if np.mean(miss <= ARRIVED * farthest_reach(arm)) >= 0.99:
            return f"max_angle={math.ceil(100.0 * wider) / 100.0} reaches them"
        if wider == math.pi:
            break
    return f"a larger max_angle than {number(angle)}, or targets nearer to what the arm can reach"
