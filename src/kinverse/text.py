"""Text from users and their files: numbers in it, and how messages show it."""

from __future__ import annotations

import re

MAX_SHOWN = 80
"""Characters of a value that a message shows."""
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def is_number(text: str) -> bool:
    """Whether a text is a decimal number: no `1_0`, no digits of other scripts, no `nan`, no `inf`."""
    return _NUMBER.fullmatch(text) is not None


def one_line(text: object, longest: int = MAX_SHOWN) -> str:
    """Text on one line of at most `longest` characters; what cannot be printed is escaped."""
    line = " ".join(str(text)[: 4 * longest].split())
    if not line.isprintable():
        line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return line if len(line) <= longest else line[: longest - 1] + "…"


def quoted(got: object, longest: int = MAX_SHOWN) -> str:
    """A value as a message shows it: text in quotes, and never long."""
    text = repr(got[:longest] + "…" if isinstance(got, str) and len(got) > longest else got)
    return text if isinstance(got, str) else one_line(text)
