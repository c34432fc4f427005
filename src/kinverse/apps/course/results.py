"""`Submission`: one exercise file to check; `CheckReport`: a result for every check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "not run"]
FILE_CHECK, FILE_TITLE = "file", "The file can be read and run."
"""The check before all others: a file that does not run fails here."""
SECONDS = 10.0
MEMORY = 1 << 30


@dataclass(frozen=True)
class Submission:
    """One exercise file to be checked.

    Attributes:
        lesson: slug of the lesson.
        source: content of the file.
        name: how messages name the file.
        seed: seed of the checks' random inputs; the same seed gives the same report.
        seconds: computing time for all checks together [s].
        memory: memory for the learner's code, on top of what the loaded libraries use [bytes].
    """

    lesson: str
    source: bytes
    name: str
    seed: int = 0
    seconds: float = SECONDS
    memory: int = MEMORY


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: name of the check.
        title: what the check tests, in one sentence.
        status: passed, failed, or not run because an earlier check ended the process.
        message: what was observed and what was expected; empty if the check passed.
    """

    name: str
    title: str
    status: Status
    message: str = ""


@dataclass(frozen=True)
class CheckReport:
    """The results of all checks of an exercise.

    Attributes:
        lesson: slug of the lesson.
        results: one for each check, in the lesson's order.
        output: what the learner's code printed, cut to a few thousand characters.
        seed: seed of the random inputs.
        seconds: time that the checks took [s].
    """

    lesson: str
    results: tuple[CheckResult, ...]
    output: str = ""
    seed: int = 0
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(result.status == "passed" for result in self.results)

    @property
    def first_failed(self) -> CheckResult | None:
        """The check to look at first; None if all passed."""
        return next((result for result in self.results if result.status == "failed"), None)

    def __str__(self) -> str:
        from kinverse.apps.course.text import report_text

        return report_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the text in a notebook."""
        printer.text(str(self))


def rejected(lesson: str, checks: dict[str, str], message: str, seed: int = 0) -> CheckReport:
    """The report on a file that could not be run at all."""
    first = CheckResult(FILE_CHECK, FILE_TITLE, "failed", message)
    rest = (CheckResult(name, title, "not run") for name, title in checks.items())
    return CheckReport(lesson, (first, *rest), seed=seed)
