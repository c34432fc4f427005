"""Trainings whose fault is known because it was put in: what the diagnosis is measured on."""

from benchmarks.diagnosis_bank.case import Case
from benchmarks.diagnosis_bank.healthy import HEALTHY
from benchmarks.diagnosis_bank.learning import LEARNING
from benchmarks.diagnosis_bank.published import PUBLISHED
from benchmarks.diagnosis_bank.setups import SETUPS

CASES: tuple[Case, ...] = (*HEALTHY, *LEARNING, *SETUPS, *PUBLISHED)

__all__ = ["CASES", "Case"]
