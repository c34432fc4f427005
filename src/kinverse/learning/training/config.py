"""`FitConfig`: the settings of a training, in groups, checked on construction. Imports no torch, so `--help` is quick.

FitConfig(model=ModelConfig(hidden=(24, 24)), epochs=300)
FitConfig.of(hidden=(24, 24), epochs=300)  # the same: every setting has a name of its own
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypedDict,
    Union,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from kinverse.arguments import as_items
from kinverse.errors import ConfigError, KinverseError, RunError, UnknownNameError, require_known
from kinverse.network.names import Activation, BiasInitialiser, Initialiser, Inputs, OutputActivation

if TYPE_CHECKING:
    from kinverse.robot.arm import Arm

# The names in the registries. The functions are in kinverse.learning.training.losses and
# kinverse.learning.training.optimisers; a test compares the two lists.
LossName = Literal["mse", "mae", "huber", "distance", "bce", "cross_entropy", "hinge", "hinge_embedding", "kl"]
OptimiserName = Literal["sgd", "adam", "adamw", "rmsprop", "adagrad"]
ScheduleName = Literal["constant", "step", "exponential", "cosine", "one_cycle"]
Scaling = Literal["minmax", "standard", "none"]
Bounds = Literal["none", "limits", "range"]
Space = Literal["joints", "tool"]
LossSpace = Literal["auto", "joints", "tool"]
DISTANCES = ("mse", "mae", "huber", "distance")
"""Losses that measure a distance, so they can also measure the distance of the tool to its target."""
CLASS_NUMBERS = ("cross_entropy", "hinge")
"""Losses with one target column of class numbers, and one output of the network for each class."""
TAKES_LOGITS = ("cross_entropy", "bce", "kl")
"""Losses with a softmax or sigmoid of their own."""

# The descriptions are for messages: "epochs must be > 0".
Count = Annotated[int, msgspec.Meta(gt=0, description="> 0")]
Positive = Annotated[float, msgspec.Meta(gt=0, description="> 0")]
NonNegative = Annotated[float, msgspec.Meta(ge=0, description="≥ 0")]
Share = Annotated[float, msgspec.Meta(ge=0, lt=1, description="in [0, 1)")]
Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**32, description="in [0, 2^32)")]


@dataclass(frozen=True)
class DataConfig:
    """The rows and their scaling."""

    rows: Count = 10_000
    """Rows to draw when an arm is given in place of data (a planar arm: a grid of about that many points); with
    resample, as many again in every epoch."""
    resample: bool = False
    """Redraw the training rows in every epoch, which needs an arm in place of data."""
    inputs: Inputs = "columns"
    """columns: the features as they are; pose: the position and rotation matrix they encode, which are continuous."""
    scale_features: Scaling = "minmax"
    """Scaling of the inputs, fitted on the training rows only."""
    scale_targets: Scaling = "minmax"
    """Scaling of the outputs; unused if the data has no joint positions."""

    def __post_init__(self) -> None:
        _check_fields(self)


@dataclass(frozen=True)
class ModelConfig:
    """The network."""

    hidden: tuple[Count, ...] = (64, 64)
    """Width of each hidden layer; empty for a linear model."""
    activation: Activation = "relu"
    """Activation after each hidden layer."""
    output_activation: OutputActivation = "linear"
    """Activation after the last layer; linear for regression and for logits."""
    heads: Count = 1
    """Solutions predicted for each target. The loss of a row is that of its best head, so heads may specialise."""
    bounds: Bounds = "none"
    """limits: a tanh keeps every output inside the arm's joint limits; range: joints without limits stay inside ±π."""
    max_angle: Positive | None = None
    """A tanh keeps every output inside ± this angle [rad]; not together with bounds."""
    initialisers: tuple[Initialiser, ...] = ("default",)
    """Initialisers of the weights: one for all layers, or one for each; default is torch's own."""
    bias_initialiser: BiasInitialiser = "default"
    """Initialiser of the biases; default is torch's own."""
    batch_norm: bool = False
    """Normalise each hidden layer over the batch."""
    dropout: Share = 0.0
    """Probability that a hidden unit is silenced in a training step."""

    def __post_init__(self) -> None:
        _check_fields(self)
        if len(self.initialisers) not in (1, len(self.hidden) + 1):
            raise ConfigError(
                f"initialisers must be one name or one for each of the {len(self.hidden) + 1} layers, "
                f"got {len(self.initialisers)}"
            )
        if self.max_angle is not None and self.bounds != "none":
            raise ConfigError(f"max_angle and bounds={self.bounds} both bound the outputs: choose one")
        if (self.bounds != "none" or self.max_angle is not None) and self.output_activation != "linear":
            raise ConfigError(
                "bounds and max_angle apply a tanh to the outputs: output_activation must be linear, "
                f"got {self.output_activation!r}"
            )


@dataclass(frozen=True)
class OptimiserConfig:
    """The optimiser and its learning rate."""

    name: OptimiserName = "adam"
    """Optimiser; as a keyword of `kv.fit`: optimiser."""
    learning_rate: Positive = 1e-3
    """Step size, before the schedule."""
    momentum: Share = 0.0
    """Momentum of sgd and rmsprop."""
    weight_decay: NonNegative = 0.0
    """L2 penalty (decoupled in adamw)."""
    schedule: ScheduleName = "constant"
    """How the learning rate changes; one_cycle moves with every batch, the others with every epoch."""
    gamma: Positive = 0.995
    """Factor of the exponential and step schedules."""
    schedule_step: Count = 100
    """Epochs between two steps of the step schedule."""
    clip_gradient: Positive | None = None
    """Largest norm of the gradient; None: not clipped."""

    def __post_init__(self) -> None:
        _check_fields(self)


class FitSettings(TypedDict, total=False):
    """Every setting of a `FitConfig` under one name, as keywords; the groups of `FitConfig` document them."""

    rows: int
    resample: bool
    inputs: Inputs
    scale_features: Scaling
    scale_targets: Scaling
    hidden: tuple[int, ...]
    activation: Activation
    output_activation: OutputActivation
    heads: int
    bounds: Bounds
    max_angle: float | None
    initialisers: tuple[Initialiser, ...]
    bias_initialiser: BiasInitialiser
    batch_norm: bool
    dropout: float
    optimiser: OptimiserName
    learning_rate: float
    momentum: float
    weight_decay: float
    schedule: ScheduleName
    gamma: float
    schedule_step: int
    clip_gradient: float | None
    loss: LossName
    loss_space: LossSpace
    rotation_weight: float
    double_softmax: bool
    epochs: int
    batch_size: int | None
    patience: int | None
    keep_best: bool
    seed: int
    threads: int
    device: str


@dataclass(frozen=True)
class FitConfig:
    """Every setting of a training. A wrong one raises an error that names the allowed values.

    Raises:
        ConfigError: a setting is of the wrong type, out of its range, or contradicts another one.
        UnknownNameError: a name that is not in its registry; the message suggests the nearest.

    Example:
        >>> config = FitConfig.of(hidden=(24, 24), learning_rate=0.01)
        >>> config.replace(epochs=1000).model.hidden
        (24, 24)
    """

    data: DataConfig = field(default_factory=DataConfig)
    """The rows and their scaling."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """The network."""
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    """The optimiser and its learning rate."""
    loss: LossName = "mse"
    """mse, mae, huber and distance (the length of a row's difference) for numbers, the others for classes and
    probabilities."""
    loss_space: LossSpace = "auto"
    """joints: distance to known joint positions; tool: distance of the tool to its target, through the forward
    kinematics; auto: joints where the data has them."""
    rotation_weight: Positive = 0.1
    """Metres that one radian of rotation error counts as in a tool loss on poses."""
    double_softmax: bool = False
    """Allow a softmax or sigmoid at the output before a loss that has its own, to see what this mistake does."""
    epochs: Count = 300
    """Passes over the training rows."""
    batch_size: Count | None = None
    """Rows per step; None: all rows (full batch)."""
    patience: Count | None = None
    """Stop after this many epochs without a better validation loss; None: never."""
    keep_best: bool = True
    """Keep the weights with the best validation loss; False: the last ones."""
    seed: Seed = 0
    """Seed of all random numbers: initial weights, batches, dropout, and the joint samples drawn from an arm."""
    threads: Count = 1
    """Threads of torch while training; small networks are fastest on one, and the bits of a result depend on it."""
    device: str = "cpu"
    """cpu, cuda, cuda:1, mps."""

    def __post_init__(self) -> None:
        _check_fields(self)
        heads, resample = self.model.heads, self.data.resample
        if self.loss_space != "tool" and (heads > 1 or resample):
            setting = f"heads={heads}" if heads > 1 else "resample"
            raise ConfigError(f"{setting} needs loss_space=tool, got {self.loss_space!r}")
        if self.loss_space == "tool" and self.loss not in DISTANCES:
            raise ConfigError(f"a tool loss measures distances: {', '.join(DISTANCES)}; got {self.loss!r}")
        if self.model.batch_norm and self.batch_size == 1:
            raise ConfigError("batch norm needs batches of at least 2 rows, got batch_size 1", value=1, lower=2)
        last = self.model.output_activation
        if self.loss in TAKES_LOGITS and last in ("softmax", "sigmoid") and not self.double_softmax:
            raise ConfigError(
                f"loss {self.loss!r} has its own softmax or sigmoid, and {last!r} would be a second one: use "
                "output_activation=linear (double_softmax=True trains it all the same)"
            )

    @classmethod
    def of(cls, **settings: Unpack[FitSettings]) -> FitConfig:
        """A configuration from settings by name, with the default for every other one.

        Example:
            >>> FitConfig.of(optimiser="sgd", momentum=0.9).optimiser.momentum
            0.9
        """
        return cls().replace(**settings)

    def replace(self, **settings: Unpack[FitSettings]) -> FitConfig:
        """A copy with some settings changed."""
        require_known("setting", settings, PLACES)
        own: dict[str, Any] = {}
        groups: dict[str, dict[str, Any]] = {}
        for name, value in settings.items():
            group, key = PLACES[name]
            if group:
                groups.setdefault(group, {})[key] = value
            else:
                own[key] = value
        own |= {group: dataclasses.replace(getattr(self, group), **values) for group, values in groups.items()}
        return dataclasses.replace(self, **own)

    @property
    def settings(self) -> dict[str, Any]:
        """Every setting by its keyword."""
        return {name: getattr(getattr(self, group) if group else self, key) for name, (group, key) in PLACES.items()}

    @classmethod
    def from_plain(cls, data: dict[str, Any], place: object) -> FitConfig:
        """Read a configuration from JSON data, in groups or, as version 0.1 wrote it, flat.

        Raises:
            RunError: a setting is missing, unknown or out of its range; the message begins with `place`.
        """
        names = {where: name for name, where in PLACES.items()}
        flat: dict[str, Any] = {}
        for name, value in data.items():
            if name in GROUPS and isinstance(value, dict):
                flat |= {names.get((name, key), f"{name}.{key}"): inner for key, inner in value.items()}
            else:
                flat[name] = value
        flat = {name: tuple(value) if isinstance(value, list) else value for name, value in flat.items()}
        missing = PLACES.keys() - flat.keys() - {"heads", "resample"}  # early runs lack these two
        if missing:
            raise RunError(f"{place}: missing settings: {', '.join(sorted(missing))}")
        if flat.get("loss_space") == "tip":  # as version 0.1 called it
            flat["loss_space"] = "tool"
        try:
            return cls.of(**flat)
        except KinverseError as problem:
            raise RunError(f"{place}: {problem}") from None


GROUPS: dict[str, type] = {"data": DataConfig, "model": ModelConfig, "optimiser": OptimiserConfig}


def _places() -> dict[str, tuple[str, str]]:
    places: dict[str, tuple[str, str]] = {}
    for own in dataclasses.fields(FitConfig):
        if own.name not in GROUPS:
            places[own.name] = ("", own.name)
            continue
        for inner in dataclasses.fields(GROUPS[own.name]):
            places[own.name if inner.name == "name" else inner.name] = (own.name, inner.name)
    return places


PLACES = _places()
"""Place of each setting: keyword → (group, field), with "" for no group."""


def _check_fields(config: Any) -> None:
    """Check every field against its type and convert it to plain Python data.

    Raises:
        ConfigError, UnknownNameError: the first field that does not fit.
    """
    for name, hint in _hints(type(config)).items():  # type: ignore[arg-type]  # a type is hashable
        value = getattr(config, name)
        if name in GROUPS and isinstance(config, FitConfig):
            if not isinstance(value, hint):
                raise ConfigError(f"{name} must be a {hint.__name__}, got {value!r}", value=value)
            continue
        value = _plain(value)
        if not _fits(value, hint):
            raise _misfit("optimiser" if name == "name" else name, value, hint)
        object.__setattr__(config, name, msgspec.convert(value, hint))


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _plain(value: Any) -> Any:
    """NumPy's numbers as Python's, and any iterable as a tuple."""
    if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0:
        return value.item()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(map(_plain, as_items(value, "a setting")))
    return value


def _fits(value: object, hint: Any) -> bool:
    try:
        converted = msgspec.convert(value, hint)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError):  # half a surrogate pair is no text
        return False
    return not isinstance(converted, float) or math.isfinite(converted)


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def _misfit(name: str, value: Any, hint: Any) -> ConfigError | UnknownNameError:
    """The error for a value that does not fit a field's type."""
    if get_origin(hint) in (Union, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is tuple:
        if not isinstance(value, tuple):
            return ConfigError(f"{name} must be a sequence, got {value!r}", value=value)
        name, hint = name.removesuffix("s"), get_args(hint)[0]
        value = next(item for item in value if not _fits(item, hint))
    if get_origin(hint) is Literal:
        return UnknownNameError(name.replace("_", " "), value, get_args(hint))
    kind, meta = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if meta is None or not is_number or (kind is int and isinstance(value, float)):
        return ConfigError(f"{name} must be {_WORDS[kind]}, got {value!r}", value=value)
    lower = meta.ge if meta.gt is None else meta.gt
    return ConfigError(f"{name} must be {meta.description}, got {value!r}", value=value, lower=lower, upper=meta.lt)


SEED_NETWORK = FitConfig.of(
    hidden=(64, 64, 64),
    activation="silu",
    heads=4,
    bounds="range",
    loss="distance",
    loss_space="tool",
    learning_rate=1e-2,
    schedule="one_cycle",
    epochs=400,
    batch_size=512,
    inputs="pose",
    scale_features="standard",
    scale_targets="none",
    rows=40_000,
    resample=True,
)
"""Settings of a seed network, with several solutions for every pose; `default_config` adds the scale of the arm."""
RADIAN = 0.5
"""Weight of a radian of rotation error, as a share of `tool_spread`, so that arms of all sizes are treated alike."""


def default_config(what: object, encoding: str | None = None) -> FitConfig:
    """The default settings: `SEED_NETWORK` for an arm whose targets are poses, else `FitConfig()`.

    Args:
        what: an arm, or anything else that `kv.fit` takes.
        encoding: encoding of the arm's poses as features; default: the arm's own.
    """
    from kinverse.robot.arm import Arm
    from kinverse.robot.encodings import default_encoding, encoding_named

    if not isinstance(what, Arm):
        return FitConfig()
    if not (default_encoding(what) if encoding is None else encoding_named(encoding)).has_rotation:
        return FitConfig()
    return SEED_NETWORK.replace(rotation_weight=RADIAN * tool_spread(what))


def tool_spread(arm: Arm) -> float:
    """Root mean square distance of the tool from its mean position, over the joints' range [m]; 1 if it never moves."""
    positions = arm.forward_kinematics(arm.sample(1000, seed=0))[:, :3, 3]
    spread = float(positions.var(axis=0).sum()) ** 0.5
    return spread if spread > 1e-6 else 1.0
