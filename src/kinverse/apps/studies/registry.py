"""The list of studies; the files behind it, and torch with them, are loaded when a study is run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinverse.errors import require_choice

if TYPE_CHECKING:
    from kinverse.apps.studies.study import Conclusion, Effort, Training
    from kinverse.learning.training.run import Run


@dataclass(frozen=True)
class Study:
    """One study.

    Attributes:
        name: as typed, and the file that holds it.
        title: as read.
        question: what it answers, in one line.
        has_ways: whether it is run as published and corrected; some have only one way.
    """

    name: str
    title: str
    question: str
    has_ways: bool = True

    def trainings(self, effort: Effort) -> Sequence[Training]:
        """What must be trained."""
        found: Sequence[Training] = importlib.import_module(f"kinverse.apps.studies.{self.name}.study").trainings(
            effort
        )
        return found

    def conclude(self, effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
        """What follows from the runs, which come by the names of their trainings."""
        found: Conclusion = importlib.import_module(f"kinverse.apps.studies.{self.name}.study").conclude(effort, runs)
        return found


STUDIES = {
    study.name: study
    for study in (
        Study(
            "backprop", "Backprop by hand", "Do four ways of computing a gradient agree, to every printed digit?", False
        ),
        Study(
            "complexity", "Model complexity", "Which of three networks fits a noisy sine best, and how would one know?"
        ),
        Study("phase", "Material phase", "What do softmax before cross-entropy and unscaled inputs cost a classifier?"),
        Study(
            "planar",
            "Three-link planar arm",
            "What can six networks learn through the kinematics, and what stopped three?",
        ),
        Study("nao", "NAO's arms on ARKOMA", "How far do the published network, better networks and the solver get?"),
        Study(
            "menus",
            "The menus of the workflow",
            "What does each activation, loss, optimiser, schedule … do on one small task?",
            has_ways=False,
        ),
        Study("errata", "Claims put to the test", "Which claims of the workflow's teaching material are wrong?", False),
    )
}
ALL = "all"


def chosen(names: Sequence[str]) -> list[Study]:
    """The studies of these names, each once, in the order of the menu; "all" stands for every one.

    Raises:
        UnknownNameError: no such study.
    """
    for name in names:
        require_choice("study", name, [*STUDIES, ALL])
    return [study for study in STUDIES.values() if ALL in names or study.name in names]
