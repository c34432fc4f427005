"""What the planar runs show: losses against floors and published figures, causes of failure, schedules, remedies."""

from __future__ import annotations

import copy
import statistics
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from kinverse.apps.studies.planar import runs as study
from kinverse.apps.studies.planar.runs import PLANAR, Key, ModelVariant
from kinverse.apps.studies.study import Effort, grouped
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.evaluation.paired import PairedRatio, paired_ratio
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.learning.model.registry import initialise
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import History

UNTRAINED = 1000
"""Untrained networks whose loss is measured."""
STEP = 16
"""The loss of an untrained network is measured on every 16th row."""
SAME = 0.02
"""Relative difference below which two losses are called equal."""
LAST = 10
"""A loss that jumps from epoch to epoch is read over the last tenth of its epochs."""
NO_FLOOR = 1e-6
"""Losses [m²] below this are rounding, and no floor."""
POSE = 66
"""Which of the 10 × 10 targets the arm is drawn at: (1.3, 1.3)."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The published 10 × 10 targets, the points that a network reaches for them, and the arm at one of them.

    Attributes:
        targets: (100, 2) [m].
        reached: (100, 2) by forward kinematics [m].
        chain: (k, 2) base, joints and tool of the arm at target `POSE` [m].
    """

    targets: Float[np.ndarray, "n 2"]
    reached: Float[np.ndarray, "n 2"]
    chain: Float[np.ndarray, "k 2"]

    @classmethod
    def of(cls, run: Model) -> Plane:
        """The predictions of a run."""
        assert run.arm is not None
        ticks = np.arange(0.1, 2.0, 0.2)
        targets = np.column_stack([axis.ravel() for axis in np.meshgrid(ticks, ticks)])
        q = run.predict(targets)
        joints = run.arm.link_poses(q[POSE])[..., :2, 3]
        return cls(targets, run.arm.forward_kinematics(q)[:, :2, 3], np.concatenate([np.zeros((1, 2)), joints]))


@dataclass(frozen=True, eq=False)
class Trained:
    """One run.

    Attributes:
        best_reachable: the lowest loss that angles within the model's bound allow on the validation rows; 0: no limit.
        constant: the loss of a constant output, the variance of the targets.
        plane: its predictions in the plane, for seed 0.
    """

    config: FitConfig
    history: History
    best_reachable: float
    constant: float
    diagnosis: Diagnosis
    plane: Plane | None = None

    @classmethod
    def of(cls, key: Key, run: Model) -> Trained:
        """The results of a run."""
        assert run.results is not None
        floors = run.results.report.floors
        return cls(
            run.config,
            run.history,
            floors.get(BEST_REACHABLE, 0.0),
            floors.get(CONSTANT_ANSWER, 0.0),
            run.results.diagnosis,
            Plane.of(run) if key.seed == 0 else None,
        )

    @property
    def last(self) -> slice:
        """The last tenth of the epochs."""
        return slice(-max(len(self.history) // LAST, 1), None)

    @property
    def fall(self) -> float:
        """Relative fall of the training loss over the last tenth of the epochs."""
        losses = self.history.train_loss
        before = losses[self.last.start - 1]
        return float((before - losses[-1]) / before)


@dataclass(frozen=True, eq=False)
class Group:
    """All random starts of one variant of a model."""

    model: int
    variant: ModelVariant
    runs: tuple[Trained, ...]

    @property
    def ends(self) -> list[float]:
        """Final validation losses [m²]."""
        return [float(run.history.validation_loss[-1]) for run in self.runs]

    @property
    def final(self) -> float:
        """The median of the final validation losses [m²]."""
        return statistics.median(self.ends)

    @property
    def best(self) -> float:
        """The median of the lowest validation losses [m²]."""
        return statistics.median(float(run.history.validation_loss.min()) for run in self.runs)

    @property
    def floor(self) -> float | None:
        """The lowest validation loss that the bound on the angles allows [m²]; None: no limit."""
        floor = self.runs[0].best_reachable
        return floor if floor > NO_FLOOR else None

    @property
    def constant(self) -> int:
        """Runs that end at the loss of a constant output."""
        variance = self.runs[0].constant
        return sum(abs(end - variance) < SAME * variance for end in self.ends)

    @property
    def fall(self) -> float:
        """The median of the relative falls of the training loss over the last tenth of the epochs."""
        return statistics.median(run.fall for run in self.runs)

    def named(self, cause: str) -> int:
        """In how many runs the diagnosis names a cause."""
        return sum(cause in run.diagnosis.names for run in self.runs)

    @property
    def causes(self) -> dict[str, int]:
        """Cause → in how many runs the diagnosis names it, the most frequent first."""
        names = dict.fromkeys(finding.cause for run in self.runs for finding in run.diagnosis.findings)
        return dict(sorted(((cause, self.named(cause)) for cause in names), key=lambda item: -item[1]))


@dataclass(frozen=True, eq=False)
class Change:
    """A model as published and in another variant."""

    before: Group
    after: Group

    @property
    def ratio(self) -> PairedRatio:
        """Final validation loss after the change over that before it, of the starts that both have."""
        return paired_ratio(*zip(*zip(self.after.ends, self.before.ends, strict=False), strict=True))


@dataclass(frozen=True, eq=False)
class Untrained:
    """Training losses (1000,) of untrained networks of one model, by seed, beside the published one [m²]."""

    losses: Float[np.ndarray, " n"]
    published: float

    @classmethod
    def of(cls, number: int, run: Model) -> Untrained:
        """A thousand other starts of a run's network."""
        targets = study.rows().train.features[::STEP]
        arm, model = run.arm, copy.deepcopy(run.network)
        assert arm is not None
        layers = [layer for layer in model.network if isinstance(layer, nn.Linear)]
        spec, losses = model.spec.network, []
        for seed in range(UNTRAINED):
            initialise(layers, spec.initialisers, spec.bias_initialiser, torch.Generator().manual_seed(seed))
            losses.append(float(np.mean((arm.forward_kinematics(model.predict(targets))[:, :2, 3] - targets) ** 2)))
        return cls(np.array(losses), PLANAR[number].published["train loss, epoch 0"])

    def below(self, loss: float) -> float:
        """Share of the networks whose loss is below this one."""
        return float(np.mean(self.losses < loss))


@dataclass(frozen=True, eq=False)
class Findings:
    """What the runs show.

    Attributes:
        groups: model and variant → all its random starts.
        untrained: model → losses of untrained networks, for the published models that were run.
        train_floor: the lowest loss on the training rows that the bound of model 4 allows [m²]; None: it was not run.
        quick: whether trainings were cut short.
    """

    groups: Mapping[tuple[int, ModelVariant], Group]
    untrained: Mapping[int, Untrained]
    train_floor: float | None = None
    quick: bool = False

    @property
    def published(self) -> dict[int, Group]:
        """Model → its random starts as published."""
        return {group.model: group for group in self.groups.values() if group.variant == "as published"}

    def changes(self, variant: ModelVariant) -> list[Change]:
        """The models that were run both as published and in another variant."""
        return [
            Change(before, self.groups[model, variant])
            for model, before in self.published.items()
            if (model, variant) in self.groups
        ]


def find(effort: Effort, runs: Mapping[Key, Model]) -> Findings:
    """Compute the findings from the runs."""
    trained = grouped({key: Trained.of(key, run) for key, run in runs.items()}, lambda key: (key.model, key.variant))
    groups = {pair: Group(*pair, tuple(starts)) for pair, starts in trained.items()}
    first = {key.model: run for key, run in runs.items() if key.variant == "as published" and key.seed == 0}
    untrained = {number: Untrained.of(number, run) for number, run in first.items()}
    return Findings(groups, untrained, bounded_floor(first[4]) if 4 in first else None, effort.quick)


def bounded_floor(run: Model) -> float:
    """The lowest loss on the training rows that the bound on a run's angles allows [m²]."""
    bound, targets = run.config.model.max_angle, study.rows().train.features
    assert run.arm is not None and bound is not None
    return reachability_floor(run.arm, targets, lower=-bound, upper=bound)
