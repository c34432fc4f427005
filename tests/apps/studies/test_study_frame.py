"""What studies are made of: published figures beside ours, effort, pages and the index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinverse.apps.studies.registry import STUDIES, chosen
from kinverse.apps.studies.report import INDEX, PAGE, RESULTS, write_index, write_study
from kinverse.apps.studies.study import Compared, Conclusion, Effort, compared_table, grouped
from kinverse.errors import ConfigError, RunError, UnknownNameError
from kinverse.tables import Table
from tests.support.studies import SmallKey, small_training


@pytest.mark.parametrize(
    ("published", "ours", "place"),
    [
        (0.0185, (0.0172, 0.0340), "inside"),
        (0.0185, (0.01853,), "inside"),  # printed with four decimals, so up to 0.01855
        (0.0185, (0.01856,), "outside"),
        (0.0185, (0.0172, 0.0184), "outside"),
        (2.0, (2.0,), "inside"),
        (2.652, (2.6524, 2.7), "inside"),
        (2.652, (2.6526, 2.7), "outside"),
        (1.04899215e-08, (1.048992150001e-08,), "inside"),
        (1.04899215e-08, (1.0489922e-08,), "outside"),
        (None, (1.0,), ""),
    ],
)
def test_where_a_published_figure_lies(published: float | None, ours: tuple[float, ...], place: str) -> None:
    assert Compared("x", "loss", published, ours).place == place


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=9), st.floats(0.0, 1.0))
def test_a_figure_is_inside_where_rounding_could_put_it(ours: list[float], true: float) -> None:
    printed = round(true, 4)
    if min(ours) <= true <= max(ours):
        assert Compared("x", "loss", printed, tuple(ours)).place == "inside"
    if printed < min(ours) - 0.011 or printed > max(ours) + 0.011:
        assert Compared("x", "loss", printed, tuple(ours)).place == "outside"


def test_the_table_gives_median_range_and_reason() -> None:
    table = compared_table(
        [Compared("net", "loss", 0.5, (0.1, 0.2, 0.4), "because"), Compared("net", "R²", None, (0.9,))]
    )
    ratio = "ours / published (95 %)"
    assert table.columns[2:] == ["published", "ours, median", "min", "max", "published is", ratio, "why"]
    assert table.rows[0][:7] == ("net", "loss", 0.5, 0.2, 0.1, 0.4, "outside") and table.rows[0][8] == "because"
    assert compared_table([Compared("net", "loss", 0.5, (0.5,))]).columns[-1] == "published is"


def test_ours_is_called_lower_only_where_the_interval_excludes_one() -> None:
    scattered, close = (0.2, 0.45, 0.3, 0.6, 0.25), (0.2, 0.21, 0.19, 0.2, 0.21)  # five starts, all but one below 0.5
    assert Compared("net", "loss", 0.5, scattered).difference == "no clear difference"
    assert Compared("net", "loss", 0.5, close).difference == "ours is lower"
    assert Compared("net", "loss", 0.05, close).difference == "ours is higher"
    for silent in (
        Compared("net", "loss", 0.5, close[:2]),  # too few starts
        Compared("net", "loss", None, close),
        Compared("net", "R²", 0.5, (-0.1, *close)),
        Compared("net", "loss", 0.5, close, starts=()),
        Compared("net", "loss", 0.5, close).unless(quick=True),
    ):
        assert silent.ratio is None and silent.difference == ""


def test_what_a_quick_run_cannot_support_is_not_compared() -> None:
    item = Compared("net", "loss", 0.5, (0.1, 0.2, 0.3), "because").unless(quick=True)
    assert item.place == "" and item.explained == ""
    assert compared_table([item], "caution").rows[0][6] == "not compared: needs the whole study"
    assert compared_table([item], "caution").note == "caution"
    assert Compared("net", "loss", 0.5, (0.5,)).unless(quick=False).place == "inside"
    assert Compared("net", "loss", None, (0.5,)).unless(quick=True).not_compared == ""


def test_effort_gives_seeds_and_rejects_invalid_ones() -> None:
    assert list(Effort().starts()) == [0, 1, 2, 3, 4]
    assert list(Effort(quick=True).starts(5, quick=1)) == [0]
    assert list(Effort(seeds=3, quick=True).starts()) == [0, 1, 2]
    for seeds in (0, -1, 1001):
        with pytest.raises(ConfigError, match=r"seeds must be from 1 to 1000, got"):
            Effort(seeds=seeds)


def test_a_training_with_other_settings_has_another_folder() -> None:
    one = small_training("model 1, as published")
    assert one.folder.startswith("model-1-as-published-seed-0-")
    assert one.folder == small_training("model 1, as published").folder
    assert one.folder != replace(one, config=one.config.replace(epochs=4)).folder


def test_runs_are_grouped_by_a_part_of_their_keys() -> None:
    runs = {SmallKey("a", 0): 1, SmallKey("b", 0): 2, SmallKey("a", 1): 3}
    assert grouped(runs, lambda key: key.name) == {"a": [1, 3], "b": [2]}


def test_studies_are_chosen_by_name() -> None:
    assert [study.name for study in chosen(["nao", "backprop", "nao"])] == ["backprop", "nao"]
    assert len(chosen(["all"])) == len(STUDIES) == 7
    assert [study.name for study in chosen(["menus", "options"])] == ["options"]  # its name in version 0.1
    with pytest.raises(UnknownNameError, match=r"unknown study 'planer': did you mean 'planar'"):
        chosen(["planer"])


def test_page_results_and_index(tmp_path: Path) -> None:
    conclusion = Conclusion(
        sentences=["The <best> is 3"],
        compared=[
            Compared("net", "loss", 0.5, (0.4, 0.6)),
            Compared("net", "R²", 0.9, (0.1,)),
            Compared("net", "x", None, (1.0,)),
        ],
        tables=[Table("Own", ("a",), [(1,)])],
    )
    for name in ("planar", "phase"):
        results = write_study(STUDIES[name], Effort(quick=True), conclusion, tmp_path / name, 1.23)
        assert results["verdicts"] == conclusion.sentences and results["effort"]["ways"] == [
            "as published",
            "corrected",
        ]
        assert results == json.loads((tmp_path / name / RESULTS).read_text())
        page = (tmp_path / name / PAGE).read_text()
        assert "The &lt;best&gt; is 3" in page and "quick" in page
    assert [item["place"] for item in results["compared"]] == ["inside", "outside", ""]
    index = write_index(tmp_path).read_text()  # in the order of the registry
    assert index == (tmp_path / INDEX).read_text()
    assert index.index('href="phase/report.html"') < index.index('href="planar/report.html"')
    assert index.count("1 of 2") == 2
    (tmp_path / "planar" / RESULTS).write_text("{}")
    with pytest.raises(RunError, match=r"planar/results.json: .*required field"):
        write_index(tmp_path)
