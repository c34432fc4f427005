"""Study 7: thirteen claims of the teaching material, each with an experiment that can refute it."""

from kinverse.apps.studies.errata.findings import find
from kinverse.apps.studies.errata.report import report
from kinverse.apps.studies.errata.runs import trainings

__all__ = ["find", "report", "trainings"]
