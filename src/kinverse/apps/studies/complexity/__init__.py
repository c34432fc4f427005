"""Study 2, model complexity: three networks on a noisy sine, compared on five points and on ten thousand."""

from kinverse.apps.studies.complexity.findings import find
from kinverse.apps.studies.complexity.report import report
from kinverse.apps.studies.complexity.runs import trainings

__all__ = ["find", "report", "trainings"]
