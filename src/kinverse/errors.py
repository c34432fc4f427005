"""What can go wrong, as types: every message is one line that says what was got and what would do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_LISTED = 60
"""Names in one message: a humanoid has some fifty links, and a file from anywhere may have a million."""
MOST_COMPARED = 1000


class KinverseError(Exception):
    """Base of every error that kinverse raises on purpose.

    Attributes:
        exit_code: what the command line returns for it (1: the work failed, 2: wrong use).
    """

    exit_code = 2


class UnknownNameError(KinverseError):
    """A name that is on no list: an arm, an activation, a link, a loss."""

    def __init__(self, kind: str, got: object, available: Iterable[str]) -> None:
        names = list(available)
        close = difflib.get_close_matches(str(got), names[:MOST_COMPARED], n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        super().__init__(f"unknown {kind} {_quoted(got)}: {hint}available: {listed(names)}")


class ConfigError(KinverseError):
    """A setting that is out of its range or contradicts another one."""


class ArmError(KinverseError):
    """A robot description that cannot be read as a serial arm."""


class ShapeError(KinverseError):
    """An array of the wrong shape, type or with non-finite values."""


class TargetError(KinverseError):
    """A target that is no pose, or joint positions that the arm cannot take; the message names the row."""


class DataError(KinverseError):
    """A data set that is incomplete, malformed or does not fit the arm; the message names file, row, column."""


class RunError(KinverseError):
    """A run folder that is missing, half written, truncated, tampered with or made for another arm."""


class MissingExtraError(KinverseError):
    """A verb whose optional libraries are not installed."""

    def __init__(self, extra: str, library: str) -> None:
        super().__init__(f"this needs {library}, which is not installed: pip install 'kinverse[{extra}]'")


class TrainingError(KinverseError):
    """Training stopped because the numbers stopped making sense; the last good checkpoint is kept."""

    exit_code = 1


def require_positive(name: str, value: float) -> None:
    """Raise ConfigError unless `value` is finite and > 0."""
    if not (value > 0 and value < float("inf")):
        raise ConfigError(f"{name} must be > 0, got {value!r}")


def require_choice(kind: str, got: str, available: Iterable[str]) -> None:
    """Raise UnknownNameError unless `got` is on the list."""
    names = list(available)
    if got not in names:
        raise UnknownNameError(kind, got, names)


def require_known(kind: str, got: Iterable[str], available: Iterable[str]) -> None:
    """Raise UnknownNameError for the first name that is not on the list."""
    for name in got:
        require_choice(kind, name, available)


def listed(names: Iterable[str], limit: int = MOST_LISTED) -> str:
    """Names with commas between them, cut after `limit` with their number; "none" for none."""
    names = list(names)
    more = f", … ({len(names)} in all)" if len(names) > limit else ""
    return (", ".join(names[:limit]) or "none") + more


def _quoted(got: object, longest: int = 80) -> str:
    text = str(got)
    return repr(text if len(text) <= longest else text[:longest] + "…") if isinstance(got, str) else repr(got)
