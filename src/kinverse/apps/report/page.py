"""`Page`: a report as one self-contained HTML file with embedded figures, for screens, phones and paper."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from kinverse.plotting.style import to_png
from kinverse.tables import Table

TEMPLATES = Path(__file__).parent / "templates"
SHOWN_DPI = 100
"""Displayed resolution of figures [pixels per inch]; the files have more, to be sharp on high-resolution screens."""


@dataclass(frozen=True, eq=False)
class PageFigure:
    """A figure of a page; its caption is also its alternative text."""

    caption: str
    figure: Figure


@dataclass(frozen=True)
class InteractiveArm:
    """An arm that moves in the page, without a server.

    Attributes:
        data: JSON for the script; every "<" is escaped, so that the data cannot close its HTML element.
        script: JavaScript code.
        script_hash: hash of the script for the page's security policy, which allows no other script.
    """

    data: str
    script: str
    script_hash: str


@dataclass(frozen=True, eq=False)
class Page:
    """The content of a report page.

    Attributes:
        title: heading of the page and title of the browser tab.
        subtitle: one line under the title.
        settings: name → value of the settings behind the results.
        summary: findings, one sentence each.
        tables: tables of results.
        figures: figures of results.
        interactive: an interactive arm, or None.
        warnings: reasons to doubt the results; shown first.
        footer: origin of the page.
        links: first value of a table row → file beside this page to link to.
    """

    title: str
    subtitle: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    summary: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[PageFigure] = ()
    interactive: InteractiveArm | None = None
    warnings: tuple[str, ...] = ()
    footer: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


def render(page: Page) -> str:
    """The page as one self-contained HTML 5 file; equal pages give equal files. All text is escaped."""
    pictures = [_picture(item) for item in page.figures]
    return str(_environment().get_template("page.html").render(page=page, pictures=pictures))


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _picture(item: PageFigure) -> dict[str, Any]:
    """A figure as PNG in base64, with its displayed size.

    PNG is used instead of SVG because 2,000 points would be 2,000 elements, and because a PNG cannot contain scripts.
    """
    width, height = (round(float(inches) * SHOWN_DPI) for inches in item.figure.get_size_inches())
    data = base64.b64encode(to_png(item.figure)).decode("ascii")
    return {"caption": item.caption, "data": data, "width": width, "height": height}
