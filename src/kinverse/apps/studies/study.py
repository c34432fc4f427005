"""What a study is made of: how much of it is run, its trainings by typed keys, and what is concluded from their runs.

A study is a package with three functions, listed by `kinverse.apps.studies.registry`:

    trainings(effort) → [Training]      what must be trained, and on which rows (runs.py)
    find(effort, runs) → findings       numbers computed from the runs (findings.py)
    report(findings) → Conclusion       sentences, tables and figures (report.py; the prose is in report.md.j2)
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Literal, TypeVar

from kinverse.apps.report.page import PageFigure
from kinverse.errors import ConfigError
from kinverse.files import to_json
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.evaluation.paired import PairedRatio, paired_ratio
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Cell, Table

Variant = Literal["as published", "corrected"]
VARIANTS: tuple[Variant, ...] = ("as published", "corrected")
MAX_SEEDS = 1000

K = TypeVar("K", bound=Hashable)
Group = TypeVar("Group", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Effort:
    """How much of a study is run.

    Attributes:
        variants: as published, flaws included; corrected; or both.
        seeds: random starts of every training; None: the study's own number.
        quick: fewer starts and epochs, to see the result within minutes; the published figures need the whole study.
    """

    variants: tuple[Variant, ...] = VARIANTS
    seeds: int | None = None
    quick: bool = False

    def __post_init__(self) -> None:
        if self.seeds is not None and not 1 <= self.seeds <= MAX_SEEDS:
            raise ConfigError(f"seeds must be from 1 to {MAX_SEEDS}, got {self.seeds}")

    def starts(self, usual: int = 5, quick: int = 2) -> range:
        """The seeds of a training that usually has `usual` random starts, and `quick` of them in a quick run."""
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
class Training(Generic[K]):
    """One training of a study.

    Attributes:
        key: a frozen dataclass of the study (model, variant, seed …), unique in it; its text names the folder.
        config: its settings.
        rows: makes the data set; sent to another process, so a function of a module or a `functools.partial` of one.
        seconds: estimated time on one core, for the order of work and the progress bar.
    """

    key: K
    config: FitConfig
    rows: Callable[[], Dataset]
    seconds: float = 1.0

    @property
    def folder(self) -> str:
        """A folder name that depends on the settings, so that a run with other settings is never taken for this one."""
        digest = hashlib.sha256(to_json(self.config.settings).encode()).hexdigest()[:6]
        return f"{re.sub(r'[^a-z0-9.]+', '-', str(self.key).lower()).strip('-')}-{digest}"


def grouped(runs: Mapping[K, Value], by: Callable[[K], Group]) -> dict[Group, list[Value]]:
    """Runs whose keys have something in common, in the order of the trainings.

    Args:
        runs: key → run.
        by: what the keys of a group share.
    """
    groups: dict[Group, list[Value]] = {}
    for key, run in runs.items():
        groups.setdefault(by(key), []).append(run)
    return groups


NEEDS_WHOLE = "not compared: needs the whole study"
MIN_STARTS = 3
"""Fewest starts from which a ratio to a published figure is given."""


@dataclass(frozen=True)
class Compared:
    """A published figure beside ours.

    Attributes:
        what: the training or method it belongs to.
        figure: its name, with a unit where it has one.
        published: as printed; None for a figure that nobody has published.
        ours: one value for each random start, or several where it varies within one.
        explained: where the published figure is outside our range: the reason, and the experiment that shows it.
        starts: one value for each random start, for the ratio to the published figure; None: those of `ours`.
        not_compared: why the two must not be compared; empty where they may.
    """

    what: str
    figure: str
    published: float | None
    ours: tuple[float, ...]
    explained: str = ""
    starts: tuple[float, ...] | None = None
    not_compared: str = ""

    @property
    def median(self) -> float:
        """The median of our values."""
        return statistics.median(self.ours)

    @property
    def place(self) -> str:
        """Whether the published figure is "inside" or "outside" our range, widened by half of its last printed digit.

        Empty for a figure that nobody has published, or that is not compared.
        """
        if self.published is None or self.not_compared:
            return ""
        slack = 0.5 * 10.0 ** -_decimals(self.published)
        return "inside" if min(self.ours) - slack <= self.published <= max(self.ours) + slack else "outside"

    @property
    def ratio(self) -> PairedRatio | None:
        """Ours over the published figure, with the interval of one more run; None where it says nothing.

        That is where nothing is compared, there are fewer than `MIN_STARTS` starts, or a figure is not positive.
        """
        starts = self.ours if self.starts is None else self.starts
        if not self.place or self.published is None or len(starts) < MIN_STARTS or min(self.published, *starts) <= 0.0:
            return None
        return paired_ratio(starts, self.published)

    @property
    def difference(self) -> str:
        """Whether ours is clearly higher or lower, or "no clear difference"; empty where there is no ratio."""
        return "" if self.ratio is None else self.ratio.words("ours is higher", "ours is lower")

    def explain(self, why: str) -> Compared:
        """The same with a reason, where the published figure is outside our range."""
        return replace(self, explained=why) if self.place == "outside" else self

    def unless(self, quick: bool) -> Compared:
        """The same, but not compared in a quick run, whose starts and epochs are too few."""
        return replace(self, not_compared=NEEDS_WHOLE, explained="") if quick and self.published is not None else self


def _decimals(value: float) -> int:
    """Decimals that a figure is printed with, at least two."""
    text = repr(value)
    if "e" in text:
        mantissa, exponent = text.split("e")
        return len(mantissa.partition(".")[2]) - int(exponent)
    return max(len(text.partition(".")[2]), 2)


@dataclass(frozen=True, eq=False)
class Conclusion:
    """The result of a study, as it is printed and written to its page.

    Attributes:
        sentences: chosen by the numbers that were measured, the most important first.
        compared: published figures beside ours.
        tables: further tables.
        figures: pictures with captions.
        settings: name → value of what it was made with, for the page.
        caution: what the reader must know about the published figures, under their table.
    """

    sentences: Sequence[str]
    compared: Sequence[Compared] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[PageFigure] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    caution: str = ""

    @property
    def all_tables(self) -> list[Table]:
        """Published figures beside ours first, then the study's own tables."""
        return [*([compared_table(self.compared, self.caution)] if self.compared else []), *self.tables]


def compared_table(compared: Sequence[Compared], note: str = "") -> Table:
    """The table published | ours | range | ratio."""
    rows: list[tuple[Cell, ...]] = []
    for item in compared:
        ours = (item.median, min(item.ours), max(item.ours))
        ratio = None if item.ratio is None else f"{item.ratio}, {item.difference}"
        place = item.not_compared or item.place or None
        rows.append((item.what, item.figure, item.published, *ours, place, ratio, item.explained))
    columns = [
        "", "figure", "published", "ours, median", "min", "max", "published is", "ours / published (95 %)", "why",
    ]  # fmt: skip
    empty = [i for i in (7, 8) if not any(row[i] for row in rows)]
    rows = [tuple(cell for i, cell in enumerate(row) if i not in empty) for row in rows]
    return Table("Published and ours", [c for i, c in enumerate(columns) if i not in empty], rows, note)
