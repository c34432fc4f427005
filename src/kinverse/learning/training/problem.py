"""`build_problem`: the tensors, model and objective of a training, from rows and a configuration."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from kinverse.errors import ConfigError
from kinverse.ik.goal import Goal
from kinverse.learning.data.dataset import Dataset, Table
from kinverse.learning.data.splits import fit_scaler
from kinverse.learning.model.inverse import InverseModel
from kinverse.learning.training.config import CLASS_NUMBERS, DISTANCES, FitConfig, Space
from kinverse.learning.training.losses import LOSSES, check_targets, count_classes, row_losses
from kinverse.network.scaling import Scaler
from kinverse.network.spec import ModelSpec, NetworkSpec, network_inputs
from kinverse.robot import torch_kinematics as differentiable
from kinverse.robot.arm import Arm
from kinverse.robot.encodings import encoding_named

Objective = Callable[[Tensor, Tensor], Tensor]
_FRESH = 1
"""Part of the seed of an epoch's rows, which then differ from the rows drawn with the seed alone."""
MAX_PARAMETERS = 200_000_000
"""With gradients and Adam's two moments that is 3.2 GB; an arm needs a thousandth of it."""
EncodeTarget = Callable[[Table], Float[np.ndarray, "n t"]]
Draw = Callable[[int], tuple[Tensor, Tensor]]


@dataclass(frozen=True, eq=False)
class Problem:
    """A training in tensors, float32, on the configuration's device.

    Attributes:
        model: the untrained model.
        x_train: (n, f) scaled features.
        y_train: (n, t) targets of the objective: scaled targets, or tool positions and rotations.
        x_validation: (m, f).
        y_validation: (m, t).
        objective: scaled outputs and y to a scalar loss.
        space: "joints" or "tool".
        draw: draws the training rows of an epoch, with resample; `x_train` and `y_train` are those of epoch 0.
    """

    model: InverseModel
    x_train: Float[Tensor, "n f"]
    y_train: Float[Tensor, "n t"]
    x_validation: Float[Tensor, "m f"]
    y_validation: Float[Tensor, "m t"]
    objective: Objective
    space: Space
    draw: Draw | None = None

    def train_rows(self, epoch: int) -> tuple[Float[Tensor, "n f"], Float[Tensor, "n t"]]:
        """The training rows of an epoch."""
        return (self.x_train, self.y_train) if self.draw is None else self.draw(epoch)

    @property
    def measured(self) -> int:
        """Number of rows that the training loss is measured on: all or, with `resample`, as many as in validation."""
        return len(self.x_train) if self.draw is None else len(self.x_validation)


def build_problem(dataset: Dataset, arm: Arm | None, config: FitConfig) -> Problem:
    """Scale, move to tensors, build the model and choose the objective.

    Args:
        dataset: the rows.
        arm: the arm, or None if the data belongs to no arm.
        config: the settings.

    Raises:
        ConfigError: the configuration does not fit the data (no joints to compare with, no arm for a tool loss).
        DataError: a target column should hold class numbers and does not.
    """
    space = _space(dataset, arm, config)
    spec = _model_spec(dataset, arm, config, space)
    _check_size(spec.network)
    device = _device(config.device)
    model = InverseModel(spec, torch.Generator().manual_seed(config.seed)).to(device)
    goal = dataset.manifest.goal
    if space == "tool" and arm is not None and goal is not None:
        encode_target, objective = _tool_objective(arm, goal, model, dataset, config)
    else:
        encode_target, objective = _target_objective(spec, dataset, config)

    def tensors(x: Float[np.ndarray, "n i"], y: Float[np.ndarray, "n t"]) -> tuple[Tensor, Tensor]:
        return tuple(  # type: ignore[return-value]
            torch.as_tensor(a, dtype=torch.float32, device=device) for a in (spec.features.transform(x), y)
        )

    def draw(epoch: int) -> tuple[Tensor, Tensor]:
        assert arm is not None and goal is not None  # a tool loss has both
        generator = np.random.default_rng((config.seed, epoch, _FRESH))
        T = arm.forward_kinematics(arm.sample(config.data.rows, generator))
        return tensors(spec.inputs_of(T), target_vector(T, goal, config.rotation_weight))

    train, validation = (
        tensors(spec.network_inputs(table.features), encode_target(table))
        for table in (dataset.train, dataset.validation)
    )
    if config.data.resample:
        return Problem(model, *draw(0), *validation, objective, space, draw)
    return Problem(model, *train, *validation, objective, space)


def reached_vector(
    arm: Arm, q: Float[Tensor, "*batch dof"], goal: Goal, rotation_weight: float
) -> Float[Tensor, "*batch t"]:
    """The tool position or pose of joint positions, as a vector for a tool loss.

    Args:
        arm: the arm.
        q: (..., dof) joint positions [rad or m].
        goal: the goal.
        rotation_weight: metres for a radian of rotation error.

    Returns:
        (..., 2) or (..., 3) positions [m]; for a pose (..., 12), see `pose_vector`.
    """
    if not goal.has_rotation:
        return differentiable.tool_position(arm, q, goal.coordinates)
    return pose_vector(differentiable.forward_kinematics(arm, q), rotation_weight)


def target_vector(T: Float[np.ndarray, "n 4 4"], goal: Goal, rotation_weight: float) -> Float[np.ndarray, "n t"]:
    """Target poses as vectors for a tool loss, to compare with those of `reached_vector`."""
    if not goal.has_rotation:
        return goal.targets(T)
    return pose_vector(torch.as_tensor(T), rotation_weight).numpy()


def pose_vector(T: Float[Tensor, "*batch 4 4"], rotation_weight: float) -> Float[Tensor, "*batch 12"]:
    """Position [m] and the entries of the rotation matrix, scaled as metres.

    The squared distance of two of them is |p − p'|² + rotation_weight² · angle² for small angles, since
    ‖R − R'‖²_F = 4 (1 − cos angle).
    """
    rotation = T[..., :3, :3].flatten(-2) * (rotation_weight / 2.0**0.5)
    return torch.cat([T[..., :3, 3], rotation], dim=-1)


def _space(dataset: Dataset, arm: Arm | None, config: FitConfig) -> Space:
    has_targets = dataset.train.targets.shape[1] > 0
    space: Space = "joints" if has_targets else "tool"
    if config.loss_space != "auto":
        space = config.loss_space
    if space == "joints" and not has_targets:
        raise ConfigError(f"data set {dataset.manifest.name!r} has no joint columns: use loss_space=tool")
    if space == "tool" and (arm is None or dataset.manifest.encoding is None):
        raise ConfigError(
            f"a tool loss needs the arm and the encoding of the features; data set {dataset.manifest.name!r} names "
            f"arm {dataset.manifest.arm!r} and encoding {dataset.manifest.encoding!r}"
        )
    return space


def _model_spec(dataset: Dataset, arm: Arm | None, config: FitConfig, space: Space) -> ModelSpec:
    manifest = dataset.manifest
    inputs = network_inputs(dataset.train.features, config.data.inputs, manifest.encoding)
    features = fit_scaler(config.data.scale_features, inputs)
    outputs, names, scaling = len(manifest.target_names), manifest.target_names, config.data.scale_targets
    if space == "tool" and arm is not None:
        outputs, names = arm.dof, arm.joint_names
    if config.loss in CLASS_NUMBERS:
        outputs = count_classes(dataset)
        names = tuple(f"class {i}" for i in range(outputs))
    if dataset.train.targets.shape[1] == 0 or config.loss not in DISTANCES:
        scaling = "none"  # nothing to fit a scaling on, or numbers that stand for classes and probabilities
    targets = fit_scaler(scaling, np.zeros((1, outputs)) if scaling == "none" else dataset.train.targets)
    return ModelSpec(
        network=NetworkSpec(
            sizes=(inputs.shape[1], *config.model.hidden, config.model.heads * outputs),
            activation=config.model.activation,
            output_activation=config.model.output_activation,
            initialisers=config.model.initialisers,
            bias_initialiser=config.model.bias_initialiser,
            batch_norm=config.model.batch_norm,
            dropout=config.model.dropout,
        ),
        features=features,
        targets=Scaler(
            targets.kind, np.tile(targets.shift, config.model.heads), np.tile(targets.scale, config.model.heads)
        ),
        bounds=_bounds(arm, config, outputs),
        feature_names=manifest.feature_names,
        target_names=names,
        encoding=manifest.encoding,
        arm=arm,
        inputs=config.data.inputs,
        heads=config.model.heads,
        rotation_weight=config.rotation_weight,
    )


def _bounds(arm: Arm | None, config: FitConfig, outputs: int) -> Float[np.ndarray, "2 c"] | None:
    if config.model.max_angle is not None:
        limits = np.array([[-config.model.max_angle] * outputs, [config.model.max_angle] * outputs])
    elif config.model.bounds == "none":
        return None
    elif arm is None:
        raise ConfigError(f"bounds={config.model.bounds} needs an arm, and this data set names none")
    else:
        limits = np.array([arm.lower, arm.upper]) if config.model.bounds == "limits" else _one_turn(arm)
    return np.tile(limits, config.model.heads)


def _one_turn(arm: Arm) -> Float[np.ndarray, "2 dof"]:
    """Limits that hold every angle once: a joint that may turn farther gets the turn nearest to zero."""
    lower, upper = arm.sampling_limits
    middle = np.clip(0.0, lower + np.pi, np.maximum(upper - np.pi, lower + np.pi))
    turns = ~arm.is_prismatic & (upper - lower > 2.0 * np.pi)
    return np.array([np.where(turns, middle - np.pi, lower), np.where(turns, middle + np.pi, upper)])


def _target_objective(spec: ModelSpec, dataset: Dataset, config: FitConfig) -> tuple[EncodeTarget, Objective]:
    check_targets(dataset, config.loss)

    def encode_target(table: Table) -> Float[np.ndarray, "n t"]:
        # Class numbers stay as they are: one column, whatever the number of outputs.
        return table.targets if config.loss in CLASS_NUMBERS else spec.targets.transform(table.targets)

    return encode_target, LOSSES[config.loss]


def _tool_objective(
    arm: Arm, goal: Goal, model: InverseModel, dataset: Dataset, config: FitConfig
) -> tuple[EncodeTarget, Objective]:
    encoding, weight = encoding_named(str(dataset.manifest.encoding)), config.rotation_weight

    def encode_target(table: Table) -> Float[np.ndarray, "n t"]:
        return target_vector(encoding.decode(table.features), goal, weight)

    def objective(outputs: Tensor, target: Tensor) -> Tensor:
        predictions = model.unscale(outputs).unflatten(-1, (config.model.heads, arm.dof))  # (n, heads, dof)
        if config.model.heads == 1:
            return LOSSES[config.loss](reached_vector(arm, predictions[:, 0], goal, weight), target)
        # Only the best head of a row has a gradient, so the choice is made without.
        with torch.no_grad():
            reached = reached_vector(arm, predictions, goal, weight)
            best = row_losses(config.loss, reached, target[:, None]).argmin(1)
        chosen = predictions[torch.arange(len(predictions)), best]
        return LOSSES[config.loss](reached_vector(arm, chosen, goal, weight), target)

    return encode_target, objective


def _check_size(network: NetworkSpec) -> None:
    count = sum(a * b + b for a, b in itertools.pairwise(network.sizes))
    if count > MAX_PARAMETERS:
        sizes = "-".join(map(str, network.sizes))
        raise ConfigError(f"a {sizes} network has {count:.2g} parameters; at most {MAX_PARAMETERS:.0e} are supported")


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise ConfigError(f"device {name!r} is not available; use cpu") from None
    if device.type == "meta":
        raise ConfigError("device 'meta' holds no data; use cpu")
    return device
