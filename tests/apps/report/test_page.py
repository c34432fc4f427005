"""The report page: all that was given is on it, it asks nothing of a network, and hostile text stays text."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import numpy as np

from kinverse.apps.report.page import TEMPLATES, Page, PageFigure, render
from kinverse.plotting.parity import parity
from kinverse.tables import Table

HOSTILE = """<script>alert("1")</script><img src=http://evil.example/x onerror='alert(2)'>{{ 7 * 7 }}"&amp;"""
VOID = {"meta", "img", "path"}


class Reader(HTMLParser):
    """Collects elements, attributes and visible text, and holds that every element that opens also closes."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.open = [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.text.append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def picture(n=2000):
    rng = np.random.default_rng(0)
    actual = rng.normal(size=(n, 2))
    return parity(actual, actual + 0.1 * rng.normal(size=actual.shape), ["a", "b"], "rad")


def example():
    return Page(
        title="NAO right arm",
        subtitle="a run",
        settings={"arm": "nao-right", "epochs": "300"},
        summary=("It is still falling.",),
        tables=(
            Table("Accuracy", ("model", "R²", "max [mm]"), (("network", 0.71784, 12), ("mean", -0.5, None)), "Note."),
        ),
        figures=(PageFigure("Predicted against actual", picture()),),
        warnings=("The R² is negative.",),
        footer="kinverse 0.1.0",
    )


def test_everything_given_is_on_the_page():
    read = Reader(render(example()))
    said = " | ".join(read.text)
    words = ["NAO right arm", "a run", "nao-right", "300", "Accuracy", "R²", "max [mm]", "network", "Note.", "0.7178"]
    words += ["Findings", "It is still falling."]
    words += ["−0.5", "–", "Predicted against actual", "Warning", "The R² is negative.", "kinverse 0.1.0"]
    for word in words:
        assert word in said, word
    assert read.all("html") == [{"lang": "en"}]
    assert "title" in [tag for tag, _ in read.elements]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in read.all("meta")


def test_numbers_stand_right_and_words_left():
    read = Reader(render(example()))
    assert [item.get("class") for item in read.all("td")] == ["number"] * 4
    headings = [item.get("class") for item in read.all("th") if item["scope"] == "col"]
    assert headings == [None, "number", "number"]
    assert "tabular-nums" in render(example())


def test_the_page_asks_nothing_of_a_network():
    html = render(example())
    assert "://" not in html
    assert "@import" not in html
    assert "url(" not in html
    read = Reader(html)
    assert {tag for tag, _ in read.elements}.isdisjoint({"script", "link", "iframe", "object", "base"})
    for tag, attributes in read.elements:
        assert not any(name in ("href", "srcset", "action", "poster") for name in attributes), (tag, attributes)
        assert attributes.get("src", "data:").startswith("data:")
    policy = next(item for item in read.all("meta") if item.get("http-equiv"))
    assert policy["content"].startswith("default-src 'none'")


def test_pictures_are_inside_as_png_with_their_caption_for_those_who_cannot_see_them():
    (image,) = Reader(render(example())).all("img")
    assert image["alt"] == "Predicted against actual"
    kind, data = image["src"].split(",")
    assert kind == "data:image/png;base64"
    content = base64.b64decode(data, validate=True)
    assert content.startswith(b"\x89PNG")
    pixels = int.from_bytes(content[16:20], "big")
    assert 1.5 <= pixels / int(image["width"]) <= 2.0  # sharp on a fine screen, and no larger than that needs


def test_a_page_of_many_points_stays_small():
    page = Page(title="many", figures=[PageFigure(str(i), picture(20_000)) for i in range(3)])
    assert len(render(page)) < 1_500_000


def test_pages_built_alike_give_equal_text():
    assert render(example()) == render(example())


def test_hostile_text_stays_text_wherever_it_stands():
    page = Page(
        title=HOSTILE,
        subtitle=HOSTILE,
        settings={HOSTILE: HOSTILE},
        tables=[Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, HOSTILE),), HOSTILE)],
        figures=[PageFigure(HOSTILE, picture(5))],
        warnings=(HOSTILE,),
        footer=HOSTILE,
    )
    html = render(page)
    read = Reader(html)
    assert {tag for tag, _ in read.elements}.isdisjoint({"script"})
    (image,) = read.all("img")
    assert image["alt"] == HOSTILE
    assert image["src"].startswith("data:")
    assert not any(name.startswith("on") for _, attributes in read.elements for name in attributes)
    # title, h1, subtitle, setting twice, table heading, two columns, two cells, note, caption, warning, footer
    assert read.text.count(HOSTILE) == 14
    assert not re.search(r"<(script|img src=http)", html)


def test_an_empty_page_leaves_its_parts_out():
    read = Reader(render(Page(title="only a title")))
    assert [tag for tag, _ in read.elements if tag in ("section", "table", "figure", "dl", "footer", "img")] == []


def test_warnings_say_so_in_words():
    assert "Warnings" in " ".join(Reader(render(Page(title="t", warnings=("a", "b")))).text)
    assert "Warning" not in " ".join(Reader(render(Page(title="t"))).text)
    assert "Findings" not in " ".join(Reader(render(Page(title="t"))).text)


def test_the_page_prints_and_does_not_turn_dark():
    source = (TEMPLATES / "page.html").read_text(encoding="utf-8")
    assert "@media print" in source
    assert 'name="color-scheme" content="light only"' in source
