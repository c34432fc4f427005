"""Texts of studies: one line for a paragraph, one line for each item, numbers as they are asked for."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from kinverse.apps.studies.registry import STUDIES
from kinverse.apps.studies.texts import Texts, span, typeset


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_a_template(study: str) -> None:
    assert Texts(study)


def test_a_paragraph_is_one_line() -> None:
    text = Texts("phase", uninformed=1.09861, floor=0.55144).paragraph("variants_note")
    assert "\n" not in text and "  " not in text
    assert text.startswith("A network that has learned nothing has a loss of log 3 = 1.0986; the floor")


def test_a_list_has_one_line_for_each_item() -> None:
    texts = Texts("errata")
    assert texts.paragraph("summary", ["wrong", "right", "wrong"]) == (
        "Of 3 claims of the two documents, 1 is right, 0 partly right and 2 wrong, each by its own experiment."
    )


def test_a_missing_number_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        Texts("errata").paragraph("summary")


def test_ranges_and_minus_signs() -> None:
    assert span([3.0, 1.0, 2.0], ".1f") == "1.0 … 3.0"
    assert span([1.0]) == "1.0000"
    assert typeset("-2.4e-24") == "−2.4e−24"
