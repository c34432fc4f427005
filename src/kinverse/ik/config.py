"""`SolverConfig`: every choice of a solver, checked when it is made."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TypedDict

from kinverse.errors import ConfigError, require_positive

MOST = 10_000


class SolverOptions(TypedDict, total=False):
    """The fields of `SolverConfig` as keywords."""

    attempts: int
    threads: int | None
    # Until every caller gives a `Goal`.
    mask: str
    position_tolerance: float
    rotation_tolerance: float
    rotation_weight: float | None
    device: str


@dataclass(frozen=True)
class SolverConfig:
    """Every choice of a solver; a wrong one is refused here, with what would do."""

    mask: str = "111111"
    """For poses, what counts of a target: x, y, z in base axes, then rotation about the tool's x, y and z axis. 111110:
    position and direction of the tool's z axis; 111000: position alone."""
    position_tolerance: float = 1e-9
    """A solution is no farther from its target [m]."""
    rotation_tolerance: float = 1e-9
    """Nor turned by more [rad]."""
    rotation_weight: float | None = None
    """Metres that one radian of rotation error counts as, which decides what is closest where a target cannot be
    reached exactly; None: a fifth of the summed link lengths."""
    attempts: int = 100
    """Descents from different seeds before a target is given up."""
    threads: int | None = None
    """For batches; None: one for each core. The bits of an answer do not depend on it."""
    device: str = "cpu"
    """cpu, or a torch device such as cuda on which batches are solved with torch."""

    def __post_init__(self) -> None:
        # A sequence of truth values is as good as a text.
        digits = self.mask if isinstance(self.mask, str) else "".join(str(int(entry)) for entry in self.mask)
        if len(digits) != 6 or not set(digits) <= set("01"):
            raise ConfigError(f"mask must be six of 0 and 1, such as 111110, got {self.mask!r}")
        object.__setattr__(self, "mask", digits)
        for name in ("position_tolerance", "rotation_tolerance", "rotation_weight"):
            if getattr(self, name) is not None:
                require_positive(name, getattr(self, name))
        for name in ("attempts", "threads"):
            number = getattr(self, name)
            if number is not None and (not isinstance(number, numbers.Integral) or not 1 <= int(number) <= MOST):
                raise ConfigError(f"{name} must be a whole number from 1 to {MOST}, got {number!r}")

    @property
    def counts(self) -> tuple[bool, ...]:
        """The mask as six truth values."""
        return tuple(digit == "1" for digit in self.mask)
