"""`kinverse study`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import (
    Flag,
    Json,
    Workers,
    argument,
    default,
    print_json,
    require_folder,
    require_workers,
    short,
)
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

if TYPE_CHECKING:
    from kinverse.apps.studies.run import Finished
    from kinverse.apps.studies.study import Variant
    from kinverse.tables import Table


@verb("study", example="kinverse study planar --quick")
def study(
    names: Annotated[Positional[tuple[str, ...]], argument("[NAME …]|all"), default("list the studies")] = (),
    as_published: Flag = False,
    corrected: Flag = False,
    seeds: Annotated[int | None, default("as many as each study takes")] = None,
    quick: Flag = False,
    out: Path = Path("studies"),
    workers: Workers = None,
    json: Json = False,
) -> int:
    """Repeat published results, correct and diagnose them.

    Without a name the studies are listed. An interrupted study continues where it stopped, and finished trainings are
    not repeated.

    Args:
        names: names of studies, or all
        as_published: run only the published variant, flaws included
        corrected: run only the corrected variant
        seeds: number of random starts of every training
        quick: fewer starts and epochs; what they are too few for is not compared
        out: folder for runs, pages and index
    """
    from kinverse.apps.studies.registry import STUDIES, chosen

    if not names:
        if as_published or corrected or quick or seeds is not None or workers is not None:
            raise ConfigError(f"name a study, or all: {', '.join(STUDIES)}")
        return _list(json)
    studies = chosen(names)
    require_workers(workers)
    require_folder(out)

    from kinverse.apps.cli.terminal import progress_bar, show
    from kinverse.apps.studies.report import INDEX
    from kinverse.apps.studies.run import run_studies
    from kinverse.apps.studies.study import VARIANTS, Effort

    asked = zip(VARIANTS, (as_published, corrected), strict=True)
    variants: tuple[Variant, ...] = tuple(variant for variant, is_asked in asked if is_asked) or VARIANTS
    effort = Effort(variants, seeds, quick)
    results = []
    with progress_bar("studying", shown=not json) as watch:
        for finished in run_studies(studies, effort, out, workers, watch):
            results.append(finished.results)
            if not json:
                show(*_conclusion(finished, whole=len(studies) == 1))
    if json:
        return print_json({"studies": results, "index": str(out / INDEX)})
    return show(f"index: {short(out.absolute() / INDEX)}")


def _list(as_json: bool) -> int:
    from kinverse.apps.cli.terminal import show
    from kinverse.apps.studies.registry import STUDIES
    from kinverse.tables import Table

    if as_json:
        return print_json({"studies": [vars(study) for study in STUDIES.values()]})
    rows = [(study.name, study.question) for study in STUDIES.values()]
    note = "kinverse study NAME … runs the named ones, kinverse study all runs every one"
    return show(Table("Studies", ("name", "question"), rows, note))


def _conclusion(finished: Finished, whole: bool) -> list[Table | str]:
    """The sentences of a study, and its tables where it is the only one."""
    from kinverse.apps.studies.report import PAGE

    head: Sequence[Table | str] = finished.conclusion.all_tables if whole else [f"\n{finished.study.title}"]
    sentences = (f"• {sentence}" for sentence in finished.conclusion.sentences)
    seconds = finished.results["seconds"]
    return [*head, *sentences, f"report: {short(finished.folder / PAGE)} ({seconds:.0f} s of work)"]
