"""A report as one HTML file: it holds its pictures, asks nothing of a network, prints, and fits a phone."""

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
"""Pixels per inch at which figures are shown; they hold more, so that lines stay sharp on a fine screen."""


@dataclass(frozen=True, eq=False)
class PageFigure:
    """A figure of a page.

    Attributes:
        caption: what it shows; also what a reader who cannot see it is told.
        figure: the picture.
    """

    caption: str
    figure: Figure


@dataclass(frozen=True)
class Live:
    """A figure that runs in the page, without a server.

    Attributes:
        caption: what to do with it.
        data: JSON for the script, with every "<" escaped, so that nothing in it can end its element.
        script: JavaScript.
        script_hash: of the script, for the page's security policy: this script may run, and no other.
    """

    caption: str
    data: str
    script: str
    script_hash: str


@dataclass(frozen=True, eq=False)
class Page:
    """All that a report page says, in the order in which it says it.

    Attributes:
        title: of the page and of its browser tab.
        subtitle: one line under the title.
        settings: name → value of what the result was made with.
        summary: what the result says, one sentence for each thing.
        tables: figures as numbers.
        figures: figures as pictures.
        live: a figure to touch, or None.
        warnings: what the reader must know before believing the rest; shown first.
        footer: where the page comes from.
        links: text of a row's heading → the file beside this page that it leads to.
    """

    title: str
    subtitle: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    summary: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[PageFigure] = ()
    live: Live | None = None
    warnings: tuple[str, ...] = ()
    footer: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


def render(page: Page) -> str:
    """The page as one self-contained HTML file; pages built alike give equal text.

    Every text is escaped, so names and captions may come from anywhere.

    Args:
        page: what to say.

    Returns:
        HTML 5 with its style and pictures (PNG) inside.
    """
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
    """A figure as PNG in base64, and the size to show it at.

    PNG and not SVG: a panel of 2,000 points would be 2,000 elements, and a picture cannot carry a script.
    """
    width, height = (round(float(inches) * SHOWN_DPI) for inches in item.figure.get_size_inches())
    data = base64.b64encode(to_png(item.figure)).decode("ascii")
    return {"caption": item.caption, "data": data, "width": width, "height": height}
