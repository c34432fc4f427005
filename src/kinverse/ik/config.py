"""`SolverConfig`: how much work a solver does, checked when it is made."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TypedDict

from kinverse.errors import ConfigError

MAX_COUNT = 10_000


class SolverOptions(TypedDict, total=False):
    """The fields of `SolverConfig` as keywords."""

    attempts: int
    threads: int | None


@dataclass(frozen=True)
class SolverConfig:
    """How much work a solver does; what a solution must reach is the `Goal`'s.

    Raises:
        ConfigError: a number out of its range.
    """

    attempts: int = 100
    """Descents from different seeds before a target is given up."""
    threads: int | None = None
    """For batches; None: one for each core. The bits of a solution do not depend on it."""

    def __post_init__(self) -> None:
        for name in ("attempts", "threads"):
            number = getattr(self, name)
            if number is not None and (not isinstance(number, numbers.Integral) or not 1 <= int(number) <= MAX_COUNT):
                raise ConfigError(
                    f"{name} must be a whole number from 1 to {MAX_COUNT}, got {number!r}",
                    value=number, lower=1, upper=MAX_COUNT,
                )  # fmt: skip
