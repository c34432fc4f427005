"""Study 3, material phase: what a second softmax and unscaled inputs cost a classifier of 36 points."""

from kinverse.apps.studies.phase.findings import find
from kinverse.apps.studies.phase.report import report
from kinverse.apps.studies.phase.runs import trainings

__all__ = ["find", "report", "trainings"]
