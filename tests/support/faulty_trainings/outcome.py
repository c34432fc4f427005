"""Train a case, diagnose it, and compare what was found with the fault that was put in."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from kinverse.errors import TrainingError
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.report import evaluate
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source
from tests.support.faulty_trainings import CASES, Case

HEALTHY, MISSED = "healthy", "missed"
BY_NAME = {case.name: case for case in CASES}


@dataclass(frozen=True)
class Outcome:
    """One case and what the diagnosis found in it.

    Attributes:
        case: the training and its fault.
        seed: of rows and initial weights.
        diagnosis: what was found.
    """

    case: Case
    seed: int
    diagnosis: Diagnosis

    @property
    def expected(self) -> list[str]:
        """The causes that had to be found; of alternatives the one that was found, else the first."""
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


def train_and_diagnose(name: str, seed: int) -> Diagnosis:
    """Train the case of this name, measure it and diagnose it."""
    case = BY_NAME[name]
    torch.set_num_threads(1)
    data = case.rows(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        with suppress(TrainingError):  # the run is kept, and is what is diagnosed
            train(open_source(data, 1, 0), case.with_seed(seed), path)
        run = load_model(path)
        return diagnose(run, evaluate(run, data), data)


def confusion(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """Pairs of what was expected and what was found.

    A false alarm stands in the row of the first cause that the training had; findings that are allowed besides are not
    counted, for they are true.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for item in outcomes:
        first = (item.expected or [HEALTHY])[0]
        counts.update((cause, MISSED if cause in item.missing else cause) for cause in item.expected)
        counts.update((first, cause) for cause in item.wrong)
        if not item.expected and not item.wrong:
            counts[HEALTHY, HEALTHY] += 1
    return counts
