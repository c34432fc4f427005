"""What can go wrong, as types. Every message is one line: what was got, and what would do.

Errors about a value are `ValueError` too, and carry the value as data, so that a program need not read the message:

    try:
        solver.solve(targets)
    except kv.KinverseError as error:
        print(error, error.row)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinverse.learning.trained import Model

MAX_LISTED = 60
"""Names in one message: a humanoid has some fifty links, and a file from anywhere may have a million."""
MAX_COMPARED = 1000
"""Names that are searched for a similar one."""


class KinverseError(Exception):
    """Base of every error that kinverse raises on purpose.

    Attributes:
        exit_code: what the command line returns for it (1: the work failed, 2: wrong use).
    """

    exit_code = 2


class InvalidValueError(KinverseError, ValueError):
    """Base of the errors about a value.

    Attributes:
        row: the first row at fault, counted from 0; None where there are no rows.
        joint: name of the joint at fault, or None.
        value: what was got, or None.
        lower: the lowest value allowed, or None.
        upper: the highest value allowed, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        row: int | None = None,
        joint: str | None = None,
        value: object = None,
        lower: float | None = None,
        upper: float | None = None,
    ) -> None:
        super().__init__(message)
        self.row, self.joint, self.value, self.lower, self.upper = row, joint, value, lower, upper


class UnknownNameError(InvalidValueError):
    """A name that is not in its registry: an arm, an activation, a link, a loss.

    Attributes:
        kind: what the name should be the name of.
        available: the names that there are.
    """

    def __init__(self, kind: str, got: object, available: Iterable[str]) -> None:
        self.kind, self.available = kind, tuple(available)
        close = difflib.get_close_matches(str(got), self.available[:MAX_COMPARED], n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown {kind} {_quoted(got)}: {hint}available: {listed(self.available)}", value=got)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.kind, self.value, self.available)


class ConfigError(InvalidValueError):
    """A setting that is out of its range or contradicts another one."""


class ArmError(InvalidValueError):
    """A robot description that cannot be read as a serial arm."""


class ShapeError(InvalidValueError):
    """An array of the wrong shape, type or with non-finite values."""


class TargetError(InvalidValueError):
    """An invalid target, or joint positions that the arm cannot take; the message names the row."""


class DataError(InvalidValueError):
    """A data set that is incomplete, malformed or does not fit the arm; the message names file, row, column."""


class RunError(KinverseError):
    """A run folder that is missing, half written, truncated, changed or made for another arm."""


class MissingExtraError(KinverseError):
    """An optional library that is not installed.

    Attributes:
        extra: the extra of kinverse that installs it.
        library: its name.
    """

    def __init__(self, extra: str, library: str) -> None:
        self.extra, self.library = extra, library
        super().__init__(f"this needs {library}, which is not installed: pip install 'kinverse[{extra}]'")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.extra, self.library)


class TrainingError(KinverseError):
    """The loss became non-finite or diverged.

    Attributes:
        model: the `Model` with the last good weights and the history so far; None where the training cannot give one.
    """

    exit_code = 1

    def __init__(self, message: str, *, model: Model | None = None) -> None:
        super().__init__(message)
        self.model = model


def require_positive(name: str, value: float) -> None:
    """Raise ConfigError unless `value` is finite and > 0."""
    if not (value > 0 and value < float("inf")):
        raise ConfigError(f"{name} must be > 0, got {value!r}", value=value, lower=0.0)


def require_choice(kind: str, got: str, available: Iterable[str]) -> None:
    """Raise UnknownNameError unless `got` is one of the names."""
    names = list(available)
    if got not in names:
        raise UnknownNameError(kind, got, names)


def require_known(kind: str, got: Iterable[str], available: Iterable[str]) -> None:
    """Raise UnknownNameError for the first name that is not one of the names."""
    for name in got:
        require_choice(kind, name, available)


def listed(names: Iterable[str], limit: int = MAX_LISTED) -> str:
    """Names with commas between them, cut after `limit` with their number; "none" for none."""
    names = list(names)
    more = f", … ({len(names)} in all)" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "none") + more


def _quoted(got: object, longest: int = 80) -> str:
    text = str(got)
    return repr(text if len(text) <= longest else text[:longest] + "…") if isinstance(got, str) else repr(got)
