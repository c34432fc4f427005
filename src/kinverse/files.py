"""Writing files so that a reader never sees half of one, and reading JSON that may not be JSON."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from pathlib import Path
from typing import Any

from kinverse.errors import KinverseError


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write `content` beside `path`, flush it to the disk, then move it into place in one step.

    A crash or `kill -9` at any moment leaves the old file or the new one, never a mixture.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def to_json(value: Any) -> str:
    """JSON with sorted keys and a final newline, so that equal content gives equal bytes."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read_json(path: Path, error: type[KinverseError]) -> dict[str, Any]:
    """Read a JSON object, or raise `error` with one line that names the file and the place.

    Raises:
        KinverseError: of the type `error`; the file is missing, unreadable, not UTF-8, not JSON or no object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise error(f"{path}: cannot be read ({problem})") from None
    except (ValueError, RecursionError) as problem:  # no JSON, a number of thousands of digits, a deep nest
        raise error(f"{path}: not valid JSON ({problem}); it may be half written") from None
    if not isinstance(content, dict):
        raise error(f"{path}: expected a JSON object, got {type(content).__name__}")
    return content


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
