"""`SolverConfig`: attempts and threads of a solver. Light to import: the command line reads its defaults."""

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
    """Attempts and threads of a solver. Tolerances belong to the `Goal`.

    Raises:
        ConfigError: a number is out of range.
    """

    attempts: int = 100
    """Attempts from different seeds before a target counts as not solved."""
    threads: int | None = None
    """Threads for a batch; None: one for each core. Solutions are the same, to the bit, for any number."""

    def __post_init__(self) -> None:
        for name in ("attempts", "threads"):
            number = getattr(self, name)
            if number is not None and (not isinstance(number, numbers.Integral) or not 1 <= int(number) <= MAX_COUNT):
                raise ConfigError(
                    f"{name} must be a whole number from 1 to {MAX_COUNT}, got {number!r}",
                    value=number, lower=1, upper=MAX_COUNT,
                )  # fmt: skip
