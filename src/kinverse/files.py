"""Atomic writing of files and folders, and JSON from dataclasses and back, with type checks.

msgspec checks every field against its type, names the field at fault, takes plain dataclasses and has no dependencies.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import GenericAlias
from typing import Any, TypeVar

import msgspec
import numpy as np

from kinverse.errors import KinverseError

T = TypeVar("T")


_HOST = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
_own: set[Path] = set()
"""Temporary names of this process whose files may be there."""


def temporary_beside(path: Path) -> Path:
    """A new name beside `path`, for what is moved there once it is whole.

    The name tells the process. What an earlier process on this machine was killed over, for the same path, is removed.
    """
    own = re.compile(rf"\.{re.escape(path.name)}\.{_HOST}-(\d+)-[0-9a-f]{{12}}\.tmp")
    with suppress(OSError):  # the folder may not exist yet, or not be readable
        for entry in list(os.scandir(path.parent)):
            writer = own.fullmatch(entry.name)
            if writer is not None and not _is_running(int(writer[1])):
                remove(Path(entry.path))
    temporary = path.with_name(f".{path.name}.{_HOST}-{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp")
    _own.add(temporary.absolute())  # the working folder may change
    return temporary


def remove_own_temporaries() -> None:
    """Delete the temporary files of this process, before it ends without ending what it does."""
    for path in list(_own):
        remove(path)


@contextmanager
def whole_or_absent(path: Path) -> Iterator[Path]:
    """A name to write a file or folder under; at the end it is moved to `path` in one step, or removed after an error.

    Raises:
        OSError: something cannot be written; the error names `path`.
    """
    temporary = temporary_beside(path)
    try:
        yield temporary
        temporary.replace(path)
        _own.discard(temporary.absolute())
    except BaseException as problem:
        remove(temporary)
        if isinstance(problem, OSError) and problem.errno is not None:
            problem.filename, problem.filename2 = str(path), None  # a full disk names no file, and this one is known
        raise


def remove(path: Path) -> None:
    """Delete a file or a whole folder, if it is there and can be deleted."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    _own.discard(path.absolute())


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's, or no number of a process
        return True
    return True


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write `content` beside `path`, flush it to the disk, then move it into place in one step.

    A crash or `kill -9` at any moment leaves the old file or the new one, never a mixture.

    Raises:
        OSError: the file cannot be written; it names the file.
    """
    data = content.encode() if isinstance(content, str) else content
    with whole_or_absent(path) as temporary, temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def to_json(value: Any) -> str:
    """JSON text of dataclasses, arrays and plain values, with sorted keys, so that equal content gives equal bytes.

    Arrays become nested lists, paths strings; NaN and ±inf become null. Floats keep every bit.
    """
    text = msgspec.json.encode(value, enc_hook=_plain, order="sorted")
    return msgspec.json.format(text, indent=2).decode() + "\n"


def to_plain(value: Any) -> Any:
    """Dataclasses and arrays as dicts, lists, numbers and strings, as `to_json` would write them."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=_plain, order="sorted"))


def from_plain(data: object, kind: type[T] | GenericAlias, place: object, error: type[KinverseError]) -> T:
    """Convert untrusted dicts, lists, numbers and strings to a dataclass or any other type.

    Args:
        data: the plain data.
        kind: the type to convert to; fields of array types take nested lists, in which null is NaN.
        place: name of the file, for the message.
        error: the type of error to raise.

    Raises:
        KinverseError: of the type `error`; a field is missing, of the wrong type or out of range; the message names the
            file and the field.
    """
    try:
        return msgspec.convert(data, kind, dec_hook=_array)
    except msgspec.ValidationError as problem:
        raise error(f"{place}: {_field_and_problem(str(problem))}") from None
    except KinverseError as problem:  # the type's own checks
        raise error(f"{place}: {problem}") from None


def read_json(path: Path, kind: type[T] | GenericAlias, error: type[KinverseError]) -> T:
    """Read a JSON file as a type; `dict[str, Any]` takes any JSON object.

    Raises:
        KinverseError: of the type `error`; the file is missing, unreadable, not JSON, or does not fit the type. One
            line that names the file and the field.
    """
    try:
        content = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise error(f"{path}: no such file") from None
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror or problem})") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise error(f"{path}: not valid JSON ({problem}); it may be half written") from None
    return from_plain(content, kind, path, error)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


def _array(kind: type, value: object) -> object:
    """Nested lists as an array of float64, for fields that jaxtyping annotates."""
    if not hasattr(kind, "array_type"):
        raise NotImplementedError(f"{kind} has no JSON form")
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"expected an array of numbers, got {str(value)[:60]!r}") from None


def _field_and_problem(text: str) -> str:
    """Msgspec's message with the field first: "seed: expected `int`, got `str`"."""
    problem, _, field = text.partition(" - at `$")
    problem = problem[:1].lower() + problem[1:]
    return f"{field.strip('`.')}: {problem}" if field else problem


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_path(path: Path) -> Path:
    """`path`, or the first of `path-2`, `path-3` … that does not exist."""
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate
