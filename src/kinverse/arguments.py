"""Checks of the arguments of public functions: whatever was given, one line says what it was and what would do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kinverse.errors import ConfigError, KinverseError, ShapeError
from kinverse.text import quoted

if TYPE_CHECKING:
    import numpy as np

Kind = TypeVar("Kind")
LONGEST_NAME = 255
"""Bytes of the name of a file, as file systems allow."""
MOST_FOLDERS = 1000
MOST_ITEMS = 10**6
"""Items of a sequence: an endless one must not hang."""


def as_floats(value: Any, what: str, *, shape: str = "", error: type[KinverseError] = ShapeError) -> np.ndarray:
    """Real numbers as a float64 array; shape and values are for the caller to check.

    Args:
        value: an array of real numbers, nested lists of them, or a number. Booleans and text are not numbers.
        what: name of the argument, for the message.
        shape: the shape that is expected, for the message.
        error: the type of error to raise.

    Raises:
        KinverseError: of the type `error`; the value is something else.
    """
    import numpy as np  # not above: the help of the command line reads this module, and must be quick

    try:
        numbers = np.asarray(value)
    except Exception:  # objects of strangers raise anything; a torch tensor on a GPU raises TypeError
        numbers = np.empty((), dtype=object)
    if numbers.size == 0 and numbers.dtype == object and isinstance(value, list | tuple):
        numbers = numbers.astype(np.float64)
    if numbers.dtype.kind not in "fiu":
        wanted = f" of shape {shape}" if shape else ""
        held = "" if numbers.dtype == object else f" of {numbers.dtype}"
        raise error(f"{what} must be real numbers{wanted}, got {type(value).__name__}{held}")
    return numbers.astype(np.float64, copy=False)


def as_number(value: Any, what: str, error: type[KinverseError] = ConfigError) -> float:
    """A real number as a float; NaN and infinities are for the caller to refuse.

    Raises:
        KinverseError: of the type `error`; the value is not a number, or is too large for a float.
    """
    if isinstance(value, Real) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise error(f"{what} must be a number, got {quoted(value)}")


def as_whole(value: Any, what: str, lower: int, upper: int | None = None) -> int:
    """A whole number of Python or NumPy in [`lower`, `upper`], as an int.

    Raises:
        ConfigError: it is not a whole number, or out of range.
    """
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not is_whole or int(value) < lower or (upper is not None and int(value) > upper):
        wanted = f"≥ {lower}" if upper is None else f"from {lower} to {upper}"
        raise ConfigError(
            f"{what} must be a whole number {wanted}, got {quoted(value)}", value=value, lower=lower, upper=upper
        )  # fmt: skip
    return int(value)


def as_path(value: Any, what: str, error: type[KinverseError] = ConfigError) -> Path:
    """The path of a file or folder.

    Raises:
        KinverseError: of the type `error`; the value is not a path, or no file can have such a name.
    """
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str):
        raise error(f"{what} must be a path, got {quoted(value)}")
    path = Path(value)
    try:
        names = [os.fsencode(name) for name in path.parts]
    except UnicodeEncodeError:
        names = [b"\0"]
    if any(b"\0" in name for name in names):
        raise error(f"{quoted(str(value))}: not the name of a file")
    if len(names) > MOST_FOLDERS or any(len(name) > LONGEST_NAME for name in names):
        raise error(f"{quoted(str(value))}: file name too long")
    return path


def as_items(value: Any, what: str) -> tuple[Any, ...]:
    """The items of a sequence, or of anything that can be run through once; text is not a sequence.

    Raises:
        ConfigError: the value has no items.
    """
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        try:
            items = tuple(islice(value, MOST_ITEMS + 1))
        except Exception:  # an array without axes, or anything that an iterator of a stranger raises
            items = None
        if items is not None and len(items) <= MOST_ITEMS:
            return items
    raise ConfigError(f"{what} must be a sequence, got {quoted(value)}")


def require_instance(value: Any, kind: type[Kind], what: str, other: str = "") -> Kind:
    """`value`, which must be a `kind`; `other` says what else would do.

    Raises:
        ConfigError: it is something else.
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOaeio" else "a"
        wanted = f"{article} {kind.__name__}" + (f" or {other}" if other else "")
        raise ConfigError(f"{what} must be {wanted}, got {quoted(value)}")
    return value
