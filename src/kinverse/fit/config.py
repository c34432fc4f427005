"""`FitConfig`: every choice of a training, checked when it is made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from kinverse.errors import ConfigError, RunError, require_choice, require_positive
from kinverse.fit.losses import LOSSES, REGRESSION
from kinverse.fit.optimisers import OPTIMISERS, SCHEDULES
from kinverse.model.menus import BIASES, HIDDEN_ACTIVATIONS, INITIALISERS, OUTPUT_ACTIVATIONS

SCALINGS = ("minmax", "standard", "none")


@dataclass(frozen=True)
class FitConfig:
    """Every choice of a training; a wrong one is refused here, with what would do."""

    hidden: tuple[int, ...] = (64, 64)
    """Width of each hidden layer; none for a linear model."""
    activation: str = "relu"
    """After each hidden layer: relu, leaky_relu, sigmoid, tanh, silu."""
    output_activation: str = "linear"
    """After the last layer: linear for regression and logits, or one of the activations, or softmax."""
    bounds: Literal["none", "limits"] = "none"
    """limits: a tanh keeps every output inside the arm's joint limits."""
    max_angle: float | None = None
    """A tanh keeps every output inside ± this angle [rad]; not together with bounds=limits."""
    initialisers: tuple[str, ...] = ("default",)
    """One for all layers or one for each: default, xavier_uniform, xavier_normal, he_uniform, he_normal, zeros, uniform."""
    bias_initialiser: str = "default"
    """zeros, or default (torch's own)."""
    batch_norm: bool = False
    """Normalise each hidden layer over the batch."""
    dropout: float = 0.0
    """Probability that a hidden unit is silenced in a training step."""
    loss: str = "mse"
    """mse, mae, huber; for classes bce, cross_entropy, hinge, hinge_embedding, kl."""
    loss_space: Literal["auto", "joints", "tip"] = "auto"
    """joints: distance to known joint positions; tip: distance of the tool to its target, through the forward
    kinematics; auto: joints where the data has them."""
    rotation_weight: float = 0.1
    """Metres that one radian of rotation error counts as in a tip loss on poses."""
    optimiser: str = "adam"
    """sgd, adam, adamw, rmsprop, adagrad."""
    learning_rate: float = 1e-3
    """Step size, before the schedule."""
    momentum: float = 0.0
    """Of sgd and rmsprop."""
    weight_decay: float = 0.0
    """L2 penalty (decoupled in adamw)."""
    schedule: str = "constant"
    """constant, step, exponential, cosine, one_cycle."""
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
    scale_features: str = "minmax"
    """minmax, standard, none; fitted on the training rows only."""
    scale_targets: str = "minmax"
    """minmax, standard, none; none is used where the data has no joints."""
    rows: int = 10_000
    """Rows to draw when an arm is given in place of data (an xy arm: a grid of about that many)."""
    seed: int = 0
    """Of everything that is drawn: initial weights, batches, dropout, and the rows drawn from an arm."""
    device: str = "cpu"
    """cpu, cuda, cuda:1, mps."""

    def __post_init__(self) -> None:
        self._check_types()
        for size in self.hidden:
            require_positive("hidden layer size", size)
        for name in ("learning_rate", "gamma", "schedule_step", "epochs", "rows", "rotation_weight"):
            require_positive(name, getattr(self, name))
        for name in ("max_angle", "batch_size", "patience", "clip_gradient"):
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))
        for kind, got, menu in (
            ("activation", self.activation, HIDDEN_ACTIVATIONS),
            ("output activation", self.output_activation, OUTPUT_ACTIVATIONS),
            ("bounds", self.bounds, ("none", "limits")),
            ("bias initialiser", self.bias_initialiser, BIASES),
            ("loss", self.loss, LOSSES),
            ("loss space", self.loss_space, ("auto", "joints", "tip")),
            ("optimiser", self.optimiser, OPTIMISERS),
            ("schedule", self.schedule, SCHEDULES),
            ("scaling of features", self.scale_features, SCALINGS),
            ("scaling of targets", self.scale_targets, SCALINGS),
            *(("initialiser", name, INITIALISERS) for name in self.initialisers),
        ):
            require_choice(kind, got, menu)
        if len(self.initialisers) not in (1, len(self.hidden) + 1):
            raise ConfigError(
                f"initialisers must be one name or one for each of the {len(self.hidden) + 1} layers, "
                f"got {len(self.initialisers)}"
            )
        for name in ("momentum", "dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ConfigError(f"{name} must be in [0, 1), got {getattr(self, name)}")
        if not 0.0 <= self.weight_decay < float("inf"):
            raise ConfigError(f"weight_decay must be ≥ 0, got {self.weight_decay}")
        self._check_combinations()

    def _check_combinations(self) -> None:
        if self.max_angle is not None and self.bounds == "limits":
            raise ConfigError("max_angle and bounds=limits both bound the outputs: choose one")
        if self.loss_space == "tip" and self.loss not in REGRESSION:
            raise ConfigError(f"a tip loss measures distances: {', '.join(REGRESSION)}; got {self.loss!r}")
        if self.batch_norm and self.batch_size == 1:
            raise ConfigError("batch norm needs batches of at least 2 rows, got batch_size 1")

    def _check_types(self) -> None:
        """Whole numbers where whole numbers are meant: JSON and Python callers are not typed."""
        for name in ("hidden", "initialisers"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        whole = [
            ("epochs", self.epochs),
            ("rows", self.rows),
            ("schedule_step", self.schedule_step),
            ("seed", self.seed),
        ]
        whole += [(name, value) for name in ("batch_size", "patience") if (value := getattr(self, name)) is not None]
        for name, value in [*whole, *(("hidden layer size", size) for size in self.hidden)]:
            if isinstance(value, bool) or not isinstance(value, int):
                raise ConfigError(f"{name} must be a whole number, got {value!r}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed must be in [0, 2^32), got {self.seed}")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type in ("float", "float | None") and value is not None:
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ConfigError(f"{field.name} must be a number, got {value!r}")
                object.__setattr__(self, field.name, float(value))
            elif field.type == "bool" and not isinstance(value, bool):
                raise ConfigError(f"{field.name} must be true or false, got {value!r}")

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON-ready data."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any], place: str = "config") -> FitConfig:
        """Read settings back; `place` names the file in an error.

        Raises:
            RunError: a key is unknown or missing, or a value is out of range.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        wrong = sorted(known ^ set(data))
        if wrong:
            raise RunError(f"{place}: settings missing or unknown: {', '.join(wrong)}")
        try:
            return cls(**data)
        except (ConfigError, TypeError) as problem:
            raise RunError(f"{place}: {problem}") from None
