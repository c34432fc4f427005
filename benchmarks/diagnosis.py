"""The diagnosis on trainings whose fault is known: which causes are found, missed and named by mistake.

    python -m benchmarks.diagnosis [--seeds 100 101 102] [--quick]

Thresholds were chosen on seeds 0, 1 and 2, so these say nothing; the seeds from 100 on were not looked at before. The
seed draws rows and initial weights (the planar grid and the published rows are always the same).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from benchmarks.diagnosis_bank import CASES, Case

from kinverse.errors import TrainingError
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.finding import CAUSES, Diagnosis
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.training.run import Run
from kinverse.learning.training.session import train_run
from kinverse.learning.training.source import open_source

HEALTHY, MISSED = "healthy", "missed"


@dataclass(frozen=True)
class Judged:
    """One training of the bank and what was found in it.

    Attributes:
        case: the training.
        seed: what it was drawn with.
        diagnosis: what was found.
    """

    case: Case
    seed: int
    diagnosis: Diagnosis

    @property
    def expected(self) -> list[str]:
        """The causes that had to be found; of alternatives the one that was, else the first."""
        alternatives = [text.split("|") for text in self.case.causes]
        return [next((c for c in names if c in self.diagnosis.names), names[0]) for names in alternatives]

    @property
    def missing(self) -> list[str]:
        """Causes that had to be found and were not."""
        return [cause for cause in self.expected if cause not in self.diagnosis.names]

    @property
    def wrong(self) -> list[str]:
        """Causes that were found and are not true."""
        allowed = {name for text in (*self.case.causes, *self.case.also) for name in text.split("|")}
        return sorted(self.diagnosis.names - allowed)


BY_NAME = {case.name: case for case in CASES}


def train_and_diagnose(name: str, seed: int) -> Diagnosis:
    """Train the case of this name, measure it and diagnose it."""
    case = BY_NAME[name]
    torch.set_num_threads(1)
    data = case.rows(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        with suppress(TrainingError):  # the run is kept, and is what is diagnosed
            train_run(open_source(data, 1, 0), case.with_seed(seed), path)
        run = Run.load(path)
        return diagnose(run, evaluate(run, data), data)


def confusion(judged: Sequence[Judged]) -> Counter[tuple[str, str]]:
    """Pairs of what was expected and what was found.

    A false alarm stands in the row of the first cause that the training had; findings that are allowed besides are not
    counted, for they are true.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for item in judged:
        first = (item.expected or [HEALTHY])[0]
        counts.update((cause, MISSED if cause in item.missing else cause) for cause in item.expected)
        counts.update((first, cause) for cause in item.wrong)
        if not item.expected and not item.wrong:
            counts[HEALTHY, HEALTHY] += 1
    return counts


def print_confusion(judged: Sequence[Judged]) -> None:
    """The confusion table and a line for every training that was judged wrongly."""
    counts = confusion(judged)
    rows = [cause for cause in (*CAUSES, HEALTHY) if any(row == cause for row, _ in counts)]
    print(f"| put in ↓, found → | {' | '.join(rows)} | {MISSED} |")
    print(f"|---|{'---|' * (len(rows) + 1)}")
    for row in rows:
        cells = [str(counts[row, column] or "") for column in (*rows, MISSED)]
        print(f"| {row} | {' | '.join(cells)} |")
    bad = [item for item in judged if item.missing or item.wrong]
    print(f"\n{len(judged) - len(bad)} of {len(judged)} trainings are judged without a miss or a false alarm.\n")
    for item in bad:
        found = ", ".join(sorted(item.diagnosis.names)) or "nothing"
        print(f"- {item.case.name}, seed {item.seed}: {', '.join(item.missing) or 'nothing'} missed; found {found}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[100, 101, 102])
    parser.add_argument("--quick", action="store_true", help="leave out trainings of more than a few seconds")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    jobs = [(case, seed) for seed in arguments.seeds for case in CASES if not (arguments.quick and case.slow)]
    with ProcessPoolExecutor(max_workers=arguments.workers) as pool:
        found = pool.map(train_and_diagnose, *zip(*((case.name, seed) for case, seed in jobs), strict=True))
        judged = [Judged(case, seed, diagnosis) for (case, seed), diagnosis in zip(jobs, found, strict=True)]
    print_confusion(judged)


if __name__ == "__main__":
    main()
