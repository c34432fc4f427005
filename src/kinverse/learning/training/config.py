"""`FitConfig`: every choice of a training, checked when it is made. Imports no torch, so that `--help` is quick."""

from __future__ import annotations

import dataclasses
import numbers
import types
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from kinverse.errors import ConfigError, RunError, require_choice, require_positive
from kinverse.network.names import Activation, BiasInitialiser, Initialiser, Inputs, OutputActivation

# The names on the menus. What stands behind each lies where it is used: kinverse.learning.training.losses and
# kinverse.learning.training.optimisers; a test holds the two together.
LossName = Literal["mse", "mae", "huber", "distance", "bce", "cross_entropy", "hinge", "hinge_embedding", "kl"]
OptimiserName = Literal["sgd", "adam", "adamw", "rmsprop", "adagrad"]
ScheduleName = Literal["constant", "step", "exponential", "cosine", "one_cycle"]
Scaling = Literal["minmax", "standard", "none"]
DISTANCES = ("mse", "mae", "huber", "distance")
"""Losses that measure a distance between numbers, and so can measure how far the tool is from its target."""

CLASS_NUMBERS = ("cross_entropy", "hinge")
"""Losses whose single target column numbers a class, so that the network has one output for each class."""
TAKES_LOGITS = ("cross_entropy", "bce", "kl")

_POSITIVE = (
    "learning_rate", "gamma", "schedule_step", "epochs", "rows", "rotation_weight", "threads",
    "max_angle", "batch_size", "patience", "clip_gradient", "heads",
)  # fmt: skip


@dataclass(frozen=True)
class FitConfig:
    """Every choice of a training; a wrong one is refused here, with what would do."""

    hidden: tuple[int, ...] = (64, 64)
    """Width of each hidden layer; none for a linear model."""
    activation: Activation = "relu"
    """After each hidden layer."""
    output_activation: OutputActivation = "linear"
    """After the last layer; linear for regression and for logits."""
    heads: int = 1
    """Answers to each target; a row counts with its best one, so that each may follow a solution of its own."""
    bounds: Literal["none", "limits", "range"] = "none"
    """limits: a tanh keeps every output inside the arm's joint limits; range: also inside ±π where there are none."""
    max_angle: float | None = None
    """A tanh keeps every output inside ± this angle [rad]; not together with bounds."""
    initialisers: tuple[Initialiser, ...] = ("default",)
    """Of the weights: one for all layers, or one for each; default is torch's own."""
    bias_initialiser: BiasInitialiser = "default"
    """Of the biases; default is torch's own."""
    batch_norm: bool = False
    """Normalise each hidden layer over the batch."""
    dropout: float = 0.0
    """Probability that a hidden unit is silenced in a training step."""
    loss: LossName = "mse"
    """mse, mae, huber and distance (the length of a row's difference) for numbers, the others for classes and
    probabilities."""
    double_softmax: bool = False
    """Allow a softmax or sigmoid at the output before a loss that has its own, to see what this mistake does."""
    loss_space: Literal["auto", "joints", "tip"] = "auto"
    """joints: distance to known joint positions; tip: distance of the tool to its target, through the forward
    kinematics; auto: joints where the data has them."""
    rotation_weight: float = 0.1
    """Metres that one radian of rotation error counts as in a tip loss on poses."""
    optimiser: OptimiserName = "adam"
    """What turns gradients into steps."""
    learning_rate: float = 1e-3
    """Step size, before the schedule."""
    momentum: float = 0.0
    """Of sgd and rmsprop."""
    weight_decay: float = 0.0
    """L2 penalty (decoupled in adamw)."""
    schedule: ScheduleName = "constant"
    """How the learning rate changes; one_cycle moves with every batch, the others with every epoch."""
    gamma: float = 0.995
    """Factor of the exponential and step schedules."""
    schedule_step: int = 100
    """Epochs between two steps of the step schedule."""
    epochs: int = 300
    """Passes over the training rows."""
    batch_size: int | None = None
    """Rows in a step; None: all of them (full batch)."""
    patience: int | None = None
    """Stop after this many epochs without a better validation loss; None: never."""
    keep_best: bool = True
    """Keep the weights with the best validation loss; False: the last ones."""
    clip_gradient: float | None = None
    """Largest norm of the gradient; None: not clipped."""
    inputs: Inputs = "columns"
    """columns: the features as they are; pose: the position and rotation matrix they encode, which have no jumps."""
    scale_features: Scaling = "minmax"
    """Of the inputs; fitted on the training rows only."""
    scale_targets: Scaling = "minmax"
    """Of the outputs; not used where the data has no joints."""
    rows: int = 10_000
    """Rows to draw when an arm is given in place of data (an xy arm: a grid of about that many); with resample, as many
    again in every epoch."""
    resample: bool = False
    """Draw the training rows anew in every epoch, which needs an arm in place of data."""
    seed: int = 0
    """Of everything that is drawn: initial weights, batches, dropout, and the joint samples drawn from an arm."""
    threads: int = 1
    """Threads of torch while training; small networks are fastest on one, and the bits of a result depend on it."""
    device: str = "cpu"
    """cpu, cuda, cuda:1, mps."""

    def __post_init__(self) -> None:
        for name, hint in _hints().items():
            object.__setattr__(self, name, _checked(name, getattr(self, name), hint))
        for name in _POSITIVE:
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))
        for size in self.hidden:
            require_positive("hidden layer size", size)
        for name in ("momentum", "dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ConfigError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if not 0.0 <= self.weight_decay < float("inf"):
            raise ConfigError(f"weight_decay must be ≥ 0, got {self.weight_decay}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed must be in [0, 2^32), got {self.seed}")
        self._check_combinations()

    def _check_combinations(self) -> None:
        if len(self.initialisers) not in (1, len(self.hidden) + 1):
            raise ConfigError(
                f"initialisers must be one name or one for each of the {len(self.hidden) + 1} layers, "
                f"got {len(self.initialisers)}"
            )
        if self.max_angle is not None and self.bounds != "none":
            raise ConfigError(f"max_angle and bounds={self.bounds} both bound the outputs: choose one")
        if self.loss_space != "tip" and (self.heads > 1 or self.resample):
            setting = f"heads={self.heads}" if self.heads > 1 else "resample"
            raise ConfigError(f"{setting} needs loss_space=tip, got {self.loss_space!r}")
        if self.loss_space == "tip" and self.loss not in DISTANCES:
            raise ConfigError(f"a tip loss measures distances: {', '.join(DISTANCES)}; got {self.loss!r}")
        is_bounded = self.bounds != "none" or self.max_angle is not None
        if is_bounded and self.output_activation != "linear":
            raise ConfigError(
                f"bounds and max_angle put a tanh behind the outputs: output_activation must be linear, "
                f"got {self.output_activation!r}"
            )
        if self.loss in TAKES_LOGITS and self.output_activation in ("softmax", "sigmoid") and not self.double_softmax:
            raise ConfigError(
                f"loss {self.loss!r} has its own softmax or sigmoid, and {self.output_activation!r} would be a second "
                "one: use output_activation=linear (double_softmax=True trains it all the same)"
            )
        if self.batch_norm and self.batch_size == 1:
            raise ConfigError("batch norm needs batches of at least 2 rows, got batch_size 1")

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON-ready data."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any], place: str = "config") -> FitConfig:
        """Read settings back; `place` names the file in an error.

        Raises:
            RunError: a key is unknown or missing, or a value is out of range.
        """
        data = {"heads": 1, "resample": False, **data}  # runs of older versions lack them
        known = {field.name for field in dataclasses.fields(cls)}
        wrong = sorted(known ^ set(data))
        if wrong:
            raise RunError(f"{place}: settings missing or unknown: {', '.join(wrong)}")
        try:
            values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
            return cls(**values)
        except (ConfigError, TypeError) as problem:
            raise RunError(f"{place}: {problem}") from None


@lru_cache(maxsize=1)
def _hints() -> dict[str, Any]:
    return get_type_hints(FitConfig)


def _checked(name: str, value: Any, hint: Any) -> Any:
    """`value` if it is of the type that the field names (JSON and Python callers are not typed), else an error."""
    origin = get_origin(hint)
    if origin is Literal:
        require_choice(name.replace("_", " "), value, get_args(hint))
    elif origin is tuple:
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ConfigError(f"{name} must be a sequence, got {value!r}")
        return tuple(_checked(name.removesuffix("s"), item, get_args(hint)[0]) for item in value)
    elif origin is types.UnionType:
        return None if value is None else _checked(name, value, get_args(hint)[0])
    elif hint is bool and not isinstance(value, bool):
        raise ConfigError(f"{name} must be true or false, got {value!r}")
    elif hint is int:
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise ConfigError(f"{name} must be a whole number, got {value!r}")
        return int(value)
    elif hint is float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise ConfigError(f"{name} must be a number, got {value!r}")
        return float(value)
    return value
