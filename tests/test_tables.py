"""`Table`: how values are written and aligned, and its HTML."""

from __future__ import annotations

import pytest

from kinverse.errors import ShapeError
from kinverse.tables import Table, format_cell, is_number


def test_html_has_headings_rows_and_alignment():
    html = Table("T", ("model", "R²"), (("network", 0.71784), ("mean", None))).to_html()
    assert html.count("<tr>") == 3
    assert '<th scope="col" style="text-align:left">model</th>' in html
    assert '<th scope="col" class="number" style="text-align:right">R²</th>' in html
    assert '<th scope="row" style="text-align:left">network</th>' in html
    assert '<td class="number" style="text-align:right">0.7178</td>' in html
    assert '<td class="number" style="text-align:right">–</td>' in html


def test_html_escapes_every_text():
    hostile = "<b>&\"'"
    table = Table(hostile, (hostile, hostile), ((hostile, hostile),), hostile)
    for html in (table.to_html({hostile: hostile}), table._repr_html_()):
        assert hostile not in html


def test_html_links_the_first_value_of_a_row():
    html = Table("T", ("study", "time"), (("planar", 1.0), ("nao", 2.0))).to_html({"planar": "planar/report.html"})
    assert '<a href="planar/report.html">planar</a>' in html
    assert html.count("<a ") == 1


def test_notebooks_show_title_rows_and_note():
    shown = Table("Losses", ("", "MSE"), (("best", 0.5),), "A note.")._repr_html_()
    assert shown.index("Losses") < shown.index("0.5") < shown.index("A note.")
    assert "<table>" not in Table("Losses", ("", "MSE"), (), "Nothing found.")._repr_html_()


def test_a_column_without_rows_is_not_numeric():
    assert Table("T", ("a",), ()).is_numeric == [False]


def test_a_table_row_of_another_length_is_named():
    with pytest.raises(ShapeError, match="table 'T': row 1 must have 2 values, one per column, got 3"):
        Table("T", ("a", "b"), ((1, 2), (1, 2, 3)))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123456, "0.1235"), (-2.0, "−2"), (1e-7, "1e−07"), (12, "12"), ("a", "a"), (None, "–"), (float("nan"), "–")],
)
def test_cells(value, text):
    assert format_cell(value) == text


@pytest.mark.parametrize(
    "text", ["12", "-0.5", "−0.5", "1e-7", "3.1 mm", "95 %", "0.01 ± 0.002", "< 0.1", "–", "1,000"]
)
def test_number_texts(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["network", "2 hidden layers of 48", "planar3", "", "6-16-5"])
def test_word_texts(text):
    assert not is_number(text)
