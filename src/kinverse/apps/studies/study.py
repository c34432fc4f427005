"""What a study is made of: trainings to run, and what is concluded from them.

Each study is one file with two functions: `trainings(effort)` says what must be trained, `conclude(effort, runs)` what
follows from the runs, which come by the names of their trainings. `kinverse.apps.studies.registry` lists the studies.
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kinverse.apps.report.page import PageFigure
from kinverse.errors import ConfigError
from kinverse.files import to_json
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

Way = Literal["as published", "corrected"]
WAYS: tuple[Way, ...] = ("as published", "corrected")
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Effort:
    """How much of a study is run.

    Attributes:
        ways: as published, flaws included; corrected; or both.
        seeds: random starts of every training; None: as many as the study usually takes.
        quick: fewer starts and epochs, for a look within a minute; the published figures need the whole study.
    """

    ways: tuple[Way, ...] = WAYS
    seeds: int | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        if self.seeds is not None and not 1 <= self.seeds <= MOST_SEEDS:
            raise ConfigError(f"seeds must be from 1 to {MOST_SEEDS}, got {self.seeds}")

    def starts(self, usual: int = 5, quick: int = 2) -> range:
        """The seeds of a training that usually takes so many."""
        return range(self.seeds or (quick if self.quick else usual))


@dataclass(frozen=True)
class Recipe:
    """The settings of one training and the figures that were published for it.

    Attributes:
        title: for tables.
        config: the settings.
        published: name of a figure → its published value; empty for settings of our own.
    """

    title: str
    config: FitConfig
    published: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Training:
    """One training of a study.

    Attributes:
        name: unique in its study; also names its folder.
        config: every choice.
        rows: makes the data set; sent to another process, so a function of a module, or a `functools.partial` of one.
        seconds: about what it takes on one core, for the order of work and the progress bar.
    """

    name: str
    config: FitConfig
    rows: Callable[[], Dataset]
    seconds: float = 1.0

    @property
    def folder(self) -> str:
        """A folder name that changes with the settings, so that other settings never meet an old run."""
        digest = hashlib.sha256(to_json(self.config.to_dict()).encode()).hexdigest()[:6]
        return f"{re.sub(r'[^a-z0-9.]+', '-', self.name.lower()).strip('-')}-{digest}"


@dataclass(frozen=True)
class Compared:
    """A figure, published and ours.

    Attributes:
        what: which training or method it belongs to.
        figure: its name, with a unit where it has one.
        published: as printed; None for a figure that nobody has published.
        ours: one value for each random start, or several where it varies within one.
        explained: where the published figure is not inside ours: why, by which experiment.
    """

    what: str
    figure: str
    published: float | None
    ours: tuple[float, ...]
    explained: str = ""

    @property
    def median(self) -> float:
        """Of ours."""
        return statistics.median(self.ours)

    @property
    def place(self) -> str:
        """Where the published figure lies against ours, give or take half of its last printed digit."""
        if self.published is None:
            return ""
        slack = 0.5 * 10.0 ** -_decimals(self.published)
        return "inside" if min(self.ours) - slack <= self.published <= max(self.ours) + slack else "outside"


def _decimals(value: float) -> int:
    """Decimals that a figure is printed with, at least two."""
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return len(mantissa.partition(".")[2]) - int(exponent)
    return max(len(text.partition(".")[2]), 2)


@dataclass(frozen=True, eq=False)
class Conclusion:
    """What a study says.

    Attributes:
        verdicts: sentences that the code derives from the figures, the most important first.
        compared: published against ours.
        tables: further tables.
        figures: pictures with captions.
        settings: name → value of what it was made with, for the page.
    """

    verdicts: Sequence[str]
    compared: Sequence[Compared] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[PageFigure] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def compared_table(compared: Sequence[Compared]) -> Table:
    """The table published | ours | seed range."""
    rows: list[tuple[Cell, ...]] = []
    for item in compared:
        low, high = min(item.ours), max(item.ours)
        rows.append((item.what, item.figure, item.published, item.median, low, high, item.place, item.explained))
    columns = ["", "figure", "published", "ours, median", "min", "max", "published is", "why"]
    if not any(item.explained for item in compared):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table("Published and ours", columns, rows)
