"""Running studies from the trainings to the pages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from kinverse.apps.studies.registry import Study
from kinverse.apps.studies.report import write_index, write_study
from kinverse.apps.studies.runner import Watch, train_all
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.errors import RunError
from kinverse.learning.training.run import Run

RUNS = "runs"
LOCK = ".lock"


@dataclass(frozen=True, eq=False)
class Finished:
    """A study that has been run.

    Attributes:
        study: which one.
        conclusion: what it says.
        folder: with its page, results and runs.
        results: what the results file holds.
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
    """Run studies and write their pages and the index; gives each as it is finished.

    Every training is a run folder below `out`. Trainings that are there already are not repeated, and one that was
    interrupted goes on where it stopped.

    Args:
        studies: which.
        effort: how much of each.
        out: folder; made if it is not there.
        workers: processes; None: one for each core.
        watch: called several times a second with what is being trained and the share of all trainings that is done.

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
    plans = {
        study: {t.name: (out / study.name / RUNS / t.folder, t) for t in study.trainings(effort)} for study in studies
    }
    # Long studies first, so that no core waits at the end for one long training.
    order = sorted(studies, key=lambda study: -max((t.seconds for _, t in plans[study].values()), default=0.0))
    trainings: dict[Path, Training] = {folder: t for study in order for folder, t in plans[study].values()}
    for study in studies:
        (out / study.name / RUNS).mkdir(parents=True, exist_ok=True)
    done: set[Path] = set()
    left = list(order)

    def conclude_what_can_be() -> Iterator[Finished]:
        for study in [s for s in left if all(folder in done for folder, _ in plans[s].values())]:
            left.remove(study)
            watch(f"{study.name}: pages", len(done) / max(len(trainings), 1))
            runs = {name: Run.load(folder) for name, (folder, _) in plans[study].items()}
            began = time.monotonic()
            conclusion = study.conclude(effort, runs)
            seconds = sum(run.card.seconds for run in runs.values()) + time.monotonic() - began
            folder = out / study.name
            yield Finished(study, conclusion, folder, write_study(study, effort, conclusion, folder, seconds))
            write_index(out)

    yield from conclude_what_can_be()
    for folder in train_all(trainings, workers, watch):
        done.add(folder)
        yield from conclude_what_can_be()
