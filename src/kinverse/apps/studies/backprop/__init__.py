"""Study 1, backprop by hand: four methods of computing a gradient, compared with published digits."""

from collections.abc import Sequence

from kinverse.apps.studies.backprop.findings import find
from kinverse.apps.studies.backprop.report import report
from kinverse.apps.studies.study import Effort, Training

__all__ = ["find", "report", "trainings"]


def trainings(effort: Effort) -> Sequence[Training[str]]:
    """None: this study trains nothing."""
    return ()
