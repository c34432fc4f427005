"""The errors that kinverse raises. Every message is one line: the value that was given, and what is expected.

Errors about a value are `ValueError` too, and carry the value as data, so that a program need not parse the message:

    try:
        solver.solve(targets)
    except kv.KinverseError as error:
        print(error, error.row)
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING

from kinverse.text import one_line, quoted

if TYPE_CHECKING:
    from kinverse.learning.trained import Model

MAX_LISTED = 60
"""Names listed in one message: a humanoid has about fifty links, and a malformed file may have a million."""
MAX_COMPARED = 1000
"""Names that are compared to suggest a similar one."""


MAX_MESSAGE = 1000


class KinverseError(Exception):
    """Base of every error that kinverse raises on purpose.

    The message is one printable line: it may hold text of a file from anywhere.

    Attributes:
        exit_code: exit code of the command line (1: the work failed, 2: wrong use).
    """

    exit_code = 2

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message, MAX_MESSAGE))


class InputWarning(UserWarning):
    """Base of the warnings about input that was corrected: the command line shows them as notes."""


class RobotWarning(InputWarning):
    """A robot description is incomplete, and a default was used."""


class LimitWarning(InputWarning):
    """Joint positions were outside a limit by a rounding error, and were moved to it."""


class InvalidValueError(KinverseError, ValueError):
    """Base of the errors about a value.

    Attributes:
        row: the first invalid row, counted from 0, or None.
        joint: name of the joint, or None.
        value: the value that was given, or None.
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
        kind: what is named, such as "arm" or "loss".
        available: the known names.
    """

    def __init__(self, kind: str, got: object, available: Iterable[str]) -> None:
        self.kind, self.available = kind, tuple(available)
        close = difflib.get_close_matches(str(got), self.available[:MAX_COMPARED], n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown {kind} {quoted(got)}: {hint}available: {listed(self.available)}", value=got)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.kind, self.value, self.available)


class ConfigError(InvalidValueError):
    """A setting that is out of its range or contradicts another one."""


class ArmError(InvalidValueError):
    """A robot description that cannot be read as a serial arm."""


class ShapeError(InvalidValueError):
    """An array of the wrong shape or type, or with non-finite values."""


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
        package: the name of the library.
    """

    def __init__(self, extra: str, library: str) -> None:
        self.extra, self.package = extra, library
        super().__init__(f"this needs {library}, which is not installed: pip install 'kinverse[{extra}]'")

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.extra, self.package)


class TrainingError(KinverseError):
    """The loss became non-finite or diverged.

    Attributes:
        model: the `Model` with the last good weights and the history so far, or None.
    """

    exit_code = 1

    def __init__(self, message: str, *, model: Model | None = None) -> None:
        super().__init__(message)
        self.model = model


DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)
"""Errors of a disk that is full or fails, which is no wrong use."""


def cannot_write(place: object, problem: OSError) -> ConfigError:
    """The error for a file or folder that cannot be written: exit code 1 if the disk is full or fails, else 2."""
    error = ConfigError(f"{place}: cannot be written ({problem.strerror or problem})")
    error.exit_code = 1 if problem.errno in DISK_FAULTS else 2
    return error


def require_positive(name: str, value: float) -> None:
    """Raise ConfigError unless `value` is a finite number > 0."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ConfigError(f"{name} must be > 0, got {quoted(value)}", value=value, lower=0.0)


def require_choice(kind: str, got: str, available: Iterable[str]) -> None:
    """Raise UnknownNameError unless `got` is one of the names."""
    names = list(available)
    if not isinstance(got, str) or got not in names:
        raise UnknownNameError(kind, got, names)


def require_known(kind: str, got: Iterable[str], available: Iterable[str]) -> None:
    """Raise UnknownNameError for the first name that is not one of the names."""
    for name in got:
        require_choice(kind, name, available)


def listed(names: Iterable[str], limit: int = MAX_LISTED) -> str:
    """Names separated by commas, at most `limit` of them, then the total; "none" if there are none."""
    names = list(names)
    more = f", … ({len(names)} in all)" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "none") + more
