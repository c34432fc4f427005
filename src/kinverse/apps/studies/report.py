"""What a study leaves behind: a page, a file for machines, and an index of all studies."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kinverse import __version__
from kinverse.apps.report.page import Page, render
from kinverse.apps.studies.registry import STUDIES, Study
from kinverse.apps.studies.study import Compared, Conclusion, Effort, compared_table
from kinverse.errors import RunError
from kinverse.files import read_json, to_json, write_atomic
from kinverse.tables import Cell, Table

PAGE, RESULTS, INDEX = "report.html", "results.json", "index.html"
QUICK = "A quick run: fewer starts and epochs than the published figures need. Leave out --quick to hold against them."


def tables_of(conclusion: Conclusion) -> list[Table]:
    """Published and ours first, then the study's own tables."""
    first = [compared_table(conclusion.compared)] if conclusion.compared else []
    return [*first, *conclusion.tables]


def write_study(study: Study, effort: Effort, conclusion: Conclusion, folder: Path, seconds: float) -> dict[str, Any]:
    """Write page and results of a study.

    Args:
        study: which one.
        effort: how much of it was run.
        conclusion: what it says.
        folder: where; made if it is not there.
        seconds: what it took.

    Returns:
        What the results file holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"time": f"{seconds:.0f} s"}
    if study.has_ways:
        settings["ways"] = ", ".join(effort.ways)
    page = Page(
        title=study.title,
        subtitle=study.question,
        settings=settings | dict(conclusion.settings),
        summary=tuple(conclusion.verdicts),
        tables=tables_of(conclusion),
        figures=conclusion.figures,
        warnings=(QUICK,) if effort.quick else (),
        footer=f"kinverse {__version__}, kinverse study {study.name}",
    )
    write_atomic(folder / PAGE, render(page))
    results = {
        "study": study.name,
        "effort": asdict(effort),
        "seconds": round(seconds, 1),
        "verdicts": list(conclusion.verdicts),
        "compared": [_as_data(item) for item in conclusion.compared],
        "tables": [asdict(table) for table in conclusion.tables],
        "version": __version__,
    }
    write_atomic(folder / RESULTS, to_json(results))
    return dict(json.loads(to_json(results)))


def _as_data(item: Compared) -> dict[str, Any]:
    return {**asdict(item), "median": item.median, "place": item.place}


def write_index(folder: Path) -> Path:
    """Write the page that lists every study whose results lie in the folder.

    Raises:
        RunError: a results file is damaged.
    """
    rows: list[tuple[Cell, ...]] = []
    links = {}
    said = []
    for study in STUDIES.values():
        if not (folder / study.name / RESULTS).is_file():
            continue
        results = read_json(folder / study.name / RESULTS, dict[str, Any], RunError)
        try:
            places = [item["place"] for item in results["compared"]]
            inside, published = places.count("inside"), len(places) - places.count("")
            effort = "quick" if results["effort"]["quick"] else "whole"
            rows.append(
                (
                    study.title,
                    study.question,
                    f"{inside} of {published}" if published else None,
                    effort,
                    results["seconds"],
                )
            )
            said.append(f"{study.title}: {results['verdicts'][0]}")
        except (KeyError, TypeError, IndexError):
            raise RunError(f"{folder / study.name / RESULTS}: not the results of a study") from None
        links[study.title] = f"{study.name}/{PAGE}"
    columns = ("study", "question", "published figures inside our range", "effort", "time [s]")
    page = Page(
        title="Studies",
        subtitle="Published results run again, corrected and diagnosed",
        summary=tuple(said),
        tables=(Table("Studies", columns, rows),),
        links=links,
        footer=f"kinverse {__version__}, kinverse study",
    )
    write_atomic(folder / INDEX, render(page))
    return folder / INDEX
