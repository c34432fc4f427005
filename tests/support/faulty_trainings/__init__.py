"""Trainings whose fault is known because it was put in: what the diagnosis is measured on."""

from tests.support.faulty_trainings.case import Case
from tests.support.faulty_trainings.healthy import HEALTHY
from tests.support.faulty_trainings.learning import LEARNING
from tests.support.faulty_trainings.published import PUBLISHED
from tests.support.faulty_trainings.settings import DATA, SETTINGS
from tests.support.faulty_trainings.setups import SETUPS

CASES: tuple[Case, ...] = (*HEALTHY, *LEARNING, *SETUPS, *SETTINGS, *DATA, *PUBLISHED)

__all__ = ["CASES", "Case"]
