"""The prose of a study: macros of the template `report.md.j2` in its package, called with numbers.

A macro gives one paragraph, or a list of items that begin with "- ". Lines may be broken anywhere. The filters are
`fmt` (a format specification of Python: `{{ loss | fmt(".4f") }}`), `span` (smallest and largest of several values),
`median`, and `typeset` (a true minus sign).
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATE = "report.md.j2"


class Texts:
    """Texts of one study.

    Args:
        study: the name of its package.
        constants: values that its texts use by these names.
    """

    def __init__(self, study: str, **constants: object) -> None:
        self._macros = _environment().get_template(f"{study}/{TEMPLATE}").make_module(constants)

    def paragraph(self, macro: str, *values: Any) -> str:
        """The text of a macro, on one line."""
        return _one_line(str(getattr(self._macros, macro)(*values)))

    def items(self, macro: str, *values: Any) -> list[str]:
        """The items of a macro's list, each on one line."""
        text = "\n" + str(getattr(self._macros, macro)(*values))
        return [_one_line(item) for item in text.split("\n- ")[1:]]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # plain text, for terminals too; a page escapes it
        undefined=StrictUndefined,
    )
    environment.filters |= {"fmt": format, "median": statistics.median, "span": span, "typeset": typeset}
    return environment


def span(values: Sequence[float], spec: str = ".4f") -> str:
    """Smallest and largest value, or the one value that all have when printed.

    >>> span([0.25, 0.125, 0.5], ".2f"), span([1.0, 1.0], ".0f")
    ('0.12 … 0.50', '1')
    """
    low, high = format(min(values), spec), format(max(values), spec)
    return low if low == high else f"{low} … {high}"


def typeset(text: str) -> str:
    """A true minus sign in place of every hyphen of a number.

    >>> typeset("-1e-05")
    '−1e−05'
    """
    return text.replace("-", "−")


def _one_line(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text).strip()
