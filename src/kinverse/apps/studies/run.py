"""Running studies from the trainings to the pages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kinverse.apps.studies.registry import Study
from kinverse.apps.studies.report import write_index, write_study
from kinverse.apps.studies.runner import Watch, train_all
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.errors import RunError
from kinverse.learning.training.run_folder import load_model

RUNS = "runs"
LOCK = ".lock"


@dataclass(frozen=True, eq=False)
class Finished:
    """A study that has been run.

    Attributes:
        study: which one.
        conclusion: its result.
        folder: of its page, results and runs.
        results: the content of its results file.
    """

    study: Study
    conclusion: Conclusion
    folder: Path
    results: dict[str, Any]


def run_studies(
    studies: Sequence[Study],
    effort: Effort,
    out: Path,
    workers: int | None = None,
    watch: Watch = lambda doing, share: None,
) -> Iterator[Finished]:
    """Run studies and write their pages and the index; yields each as it is finished.

    Every training is a run folder below `out`. Finished trainings are not repeated; unfinished ones are resumed.

    Args:
        studies: which.
        effort: how much of each.
        out: folder; created if it does not exist.
        workers: processes; None: one for each core.
        watch: called several times a second with the trainings under way and the share of all work that is done.

    Raises:
        RunError: another process is running studies in the folder, or a run in it is damaged.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"{out}: another process is running studies here; choose another folder with --out") from None
    try:
        yield from _run(studies, effort, out.absolute(), workers, watch)
    finally:
        (out / LOCK).unlink(missing_ok=True)
        lock.release()


def _run(studies: Sequence[Study], effort: Effort, out: Path, workers: int | None, watch: Watch) -> Iterator[Finished]:
    plans = {study: {out / study.name / RUNS / t.folder: t for t in study.trainings(effort)} for study in studies}
    # Long studies first, so that no core waits at the end for one long training.
    order = sorted(studies, key=lambda study: -max((t.seconds for t in plans[study].values()), default=0.0))
    trainings = {folder: training for study in order for folder, training in plans[study].items()}
    for study in studies:
        (out / study.name / RUNS).mkdir(parents=True, exist_ok=True)
    done: set[Path] = set()

    def conclude_finished() -> Iterator[Finished]:
        for study in [s for s in order if done.issuperset(plans[s])]:
            order.remove(study)
            watch(f"{study.name}: pages", len(done) / max(len(trainings), 1))
            yield _conclude(study, effort, plans[study], out / study.name)
            write_index(out)

    yield from conclude_finished()
    for folder in train_all(trainings, workers, watch):
        done.add(folder)
        yield from conclude_finished()


def _conclude(study: Study, effort: Effort, plan: Mapping[Path, Training[Any]], folder: Path) -> Finished:
    """Find what follows from the runs of a study, and write its page."""
    runs = {training.key: load_model(run) for run, training in plan.items()}
    began = time.monotonic()
    conclusion = study.conclude(effort, runs)
    seconds = sum(run.seconds for run in runs.values()) + time.monotonic() - began
    return Finished(study, conclusion, folder, write_study(study, effort, conclusion, folder, seconds))
