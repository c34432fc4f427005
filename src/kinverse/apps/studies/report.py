"""The files of a study: its page, its machine-readable results, and the index of all studies."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kinverse import __version__
from kinverse.apps.report.page import Page, render
from kinverse.apps.studies.registry import STUDIES, Study
from kinverse.apps.studies.study import Conclusion, Effort
from kinverse.errors import RunError
from kinverse.files import read_json, to_json, write_atomic
from kinverse.tables import Cell, Table

PAGE, RESULTS, INDEX = "report.html", "results.json", "index.html"
QUICK = (
    "A quick run: fewer starts or epochs than the published figures need. What it has not run for is not compared: "
    "run without --quick."
)


def write_study(study: Study, effort: Effort, conclusion: Conclusion, folder: Path, seconds: float) -> dict[str, Any]:
    """Write page and results of a study.

    Args:
        study: which one.
        effort: how much of it was run.
        conclusion: its result.
        folder: created if it does not exist.
        seconds: the time it took.

    Returns:
        The content of the results file, whose names are those of version 0.1.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"time": f"{seconds:.0f} s"}
    if study.has_variants:
        settings["variants"] = ", ".join(effort.variants)
    page = Page(
        title=study.title,
        subtitle=study.question,
        settings=settings | dict(conclusion.settings),
        summary=tuple(conclusion.sentences),
        tables=conclusion.all_tables,
        figures=conclusion.figures,
        warnings=(QUICK,) if effort.quick and study.quick_is_less else (),
        footer=f"kinverse {__version__}, kinverse study {study.name}",
    )
    write_atomic(folder / PAGE, render(page))
    results = to_json(
        {
            "study": study.name,
            "effort": {"ways": effort.variants, "seeds": effort.seeds, "quick": effort.quick},
            "seconds": round(seconds, 1),
            "verdicts": conclusion.sentences,
            "compared": [  # without the values that only a ratio needs, up to a thousand
                {
                    **asdict(replace(item, starts=())),
                    "median": item.median,
                    "place": item.place,
                    "difference": item.difference,
                }
                for item in conclusion.compared
            ],
            "tables": conclusion.tables,
            "version": __version__,
        }
    )
    write_atomic(folder / RESULTS, results)
    return dict(json.loads(results))


@dataclass(frozen=True)
class _Effort:
    quick: bool


@dataclass(frozen=True)
class _Figure:
    place: str


@dataclass(frozen=True)
class _Results:
    """The part of a results file that the index shows."""

    effort: _Effort
    seconds: float
    verdicts: list[str]
    compared: list[_Figure]


def write_index(folder: Path) -> Path:
    """Write the page that lists every study whose results lie in the folder.

    Raises:
        RunError: a results file is damaged.
    """
    rows: list[tuple[Cell, ...]] = []
    links, summary = {}, []
    for study in STUDIES.values():
        path = folder / study.name / RESULTS
        if not path.is_file():
            continue
        results = read_json(path, _Results, RunError)
        places = [figure.place for figure in results.compared if figure.place]
        inside = f"{places.count('inside')} of {len(places)}" if places else None
        effort = "quick" if results.effort.quick else "whole"
        rows.append((study.title, study.question, inside, effort, results.seconds))
        summary += [f"{study.title}: {sentence}" for sentence in results.verdicts[:1]]
        links[study.title] = f"{study.name}/{PAGE}"
    columns = ("study", "question", "published figures inside our range", "effort", "time [s]")
    page = Page(
        title="Studies",
        subtitle="Published results run again, corrected and diagnosed",
        summary=tuple(summary),
        tables=(Table("Studies", columns, rows),),
        links=links,
        footer=f"kinverse {__version__}, kinverse study",
    )
    write_atomic(folder / INDEX, render(page))
    return folder / INDEX
