"""`SolverConfig`: attempts and threads of a solver. Light to import: the command line reads its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from kinverse.arguments import as_whole

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
            if name == "attempts" or number is not None:
                object.__setattr__(self, name, as_whole(number, name, 1, MAX_COUNT))
