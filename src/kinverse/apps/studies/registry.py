"""The list of studies. A study's package, and torch with it, is imported when the study is run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinverse.errors import require_choice

if TYPE_CHECKING:
    from kinverse.apps.studies.study import Conclusion, Effort, Training
    from kinverse.learning.trained import Model


@dataclass(frozen=True)
class Study:
    """One study.

    Attributes:
        name: as typed; also its package in `kinverse.apps.studies`.
        title: the heading of its page.
        question: what it answers, in one line.
        has_variants: whether it is run both as published and corrected.
        quick_is_less: whether a quick run leaves out something that its findings need.
    """

    name: str
    title: str
    question: str
    has_variants: bool = True
    quick_is_less: bool = True

    def trainings(self, effort: Effort) -> Sequence[Training[Any]]:
        """What must be trained."""
        found: Sequence[Training[Any]] = self._module("runs").trainings(effort)
        return found

    def conclude(self, effort: Effort, runs: Mapping[Any, Model]) -> Conclusion:
        """What follows from the runs, which come by the keys of their trainings."""
        conclusion: Conclusion = self._module("report").report(self._module("findings").find(effort, runs))
        return conclusion

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"kinverse.apps.studies.{self.name}.{name}")


STUDIES = {
    study.name: study
    for study in (
        Study(
            "backprop",
            "Backprop by hand",
            "Do four methods of computing a gradient agree, to every printed digit?",
            has_variants=False,
            quick_is_less=False,
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
            "options",
            "The options of the workflow",
            "What does each activation, loss, optimiser, schedule … do on one small task?",
            has_variants=False,
        ),
        Study(
            "errata",
            "Claims put to the test",
            "Which claims of the teaching material are right, partly right or wrong?",
            has_variants=False,
            quick_is_less=False,
        ),
    )
}
ALL = "all"
ALIASES = {"menus": "options"}
"""Names of version 0.1, accepted for one more version."""


def chosen(names: Sequence[str]) -> list[Study]:
    """The studies of these names, each once, in the order of the registry; "all" stands for every one.

    Raises:
        UnknownNameError: no such study.
    """
    names = [ALIASES.get(name, name) for name in names]
    for name in names:
        require_choice("study", name, [*STUDIES, ALL])
    return [study for study in STUDIES.values() if ALL in names or study.name in names]
