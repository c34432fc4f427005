"""What is handed in, and what the checks say about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from kinverse.errors import DataError

Status = Literal["passed", "failed", "not run"]
FILE_CHECK, FILE_TITLE = "file", "The file can be read and run."
"""The check before all others: a file that does not run fails here."""
SECONDS = 10.0
MEMORY = 1 << 30


@dataclass(frozen=True)
class Submission:
    """One exercise file, to be checked.

    Attributes:
        lesson: slug of the lesson.
        source: content of the file.
        name: what messages call the file.
        seed: of the inputs that are drawn; the same seed gives the same verdict.
        seconds: time that all checks together may take [s].
        memory: what the learner's code may take on top of what is loaded anyway [bytes].
    """

    lesson: str
    source: bytes
    name: str
    seed: int = 0
    seconds: float = SECONDS
    memory: int = MEMORY


@dataclass(frozen=True)
class CheckResult:
    """What one check says.

    Attributes:
        name: of the check.
        title: what it looks at.
        status: passed, failed, or not run because of what came before.
        message: what was seen against what was expected; empty for a check that passed.
    """

    name: str
    title: str
    status: Status
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """What all checks of an exercise say.

    Attributes:
        lesson: slug of the lesson.
        results: of the checks, in their order.
        output: what the learner's code printed, cut.
        seed: of the inputs.
        seconds: what it took [s].
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

    def to_dict(self) -> dict[str, Any]:
        """The verdict as JSON-ready data."""
        return {**asdict(self), "passed": self.passed}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """Read back what `to_dict` wrote.

        Raises:
            DataError: something is missing or of the wrong kind.
        """
        try:
            results = tuple(CheckResult(**entry) for entry in data["results"])
            return cls(str(data["lesson"]), results, str(data["output"]), int(data["seed"]), float(data["seconds"]))
        except (KeyError, TypeError, ValueError) as problem:
            raise DataError(f"not a verdict: {type(problem).__name__} {problem}") from None

    def __str__(self) -> str:
        from kinverse.apps.course.text import verdict_text

        return verdict_text(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What a notebook shows."""
        printer.text(str(self))


def rejected(lesson: str, checks: dict[str, str], message: str, seed: int = 0) -> Verdict:
    """The verdict on a file that could not be run at all."""
    first = CheckResult(FILE_CHECK, FILE_TITLE, "failed", message)
    rest = (CheckResult(name, title, "not run") for name, title in checks.items())
    return Verdict(lesson, (first, *rest), seed=seed)
