"""Tables and warnings on terminals of any width."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from kinverse.apps.cli import terminal
from kinverse.learning.training.progress import training_bar
from kinverse.tables import Table, format_cell

WIDE = Table(
    "Tip error",
    ("", "rows of", "count", *(f"{name} [{unit}]" for unit in "m°" for name in ("mean", "median", "p95", "max"))),
    [
        ("network", "train", 6000, *[1.2345] * 8),
        ("constant (train mean)", "test", 2000, *[167.8] * 7, None),
        ("nearest neighbour in train", "test", 2000, *[-20.38] * 8),
    ],
    "A note.",
)  # fmt: skip
NARROW = Table("Losses", ("", "MSE loss"), [("best", 0.5), ("last", 1e-7)])
Show = Callable[..., str]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    def shown(table: Table, width: int) -> str:
        monkeypatch.setattr(terminal, "width", lambda: width)
        terminal.print_table(table)
        return capsys.readouterr().out

    return shown


def test_a_table_that_fits_stands_as_it_is(show: Show) -> None:
    lines = [line.rstrip() for line in show(WIDE, 160).splitlines()]
    assert lines[0] == "Tip error"
    assert re.fullmatch(r" +rows of +count +mean \[m\] +median \[m\] .* max \[°\]", lines[2])
    assert re.fullmatch(r" network +train +6000( +1\.234){8}", lines[4])
    assert lines[-1] == "A note."


@pytest.mark.parametrize("width", [200, 120, 100, 80, 60])
@pytest.mark.parametrize("table", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_is_cut_and_no_word_is_broken(show: Show, table: Table, width: int) -> None:
    text = show(table, width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    words = set(text.split())
    for row in table.rows:
        for value in row:
            for word in str(value).split() if isinstance(value, str) else [format_cell(value)]:
                assert word in words, word
    for column in table.columns:
        assert set(column.split()) <= words, column


def test_a_table_that_is_too_wide_is_turned(show: Show) -> None:
    text = show(WIDE, 80)
    assert re.search(r"^ p95 \[m\] +1\.234 +167\.8 +−20\.38 *$", text, re.MULTILINE)
    assert re.search(r"^ count +6000 +2000 +2000 *$", text, re.MULTILINE)
    assert text.rstrip().endswith("A note.")


@pytest.mark.parametrize("width", [30, 12, 3])
def test_on_the_narrowest_terminal_every_character_is_still_there(show: Show, width: int) -> None:
    text = show(NARROW, width)
    assert max(map(len, text.splitlines())) <= width
    if width > 3:
        assert re.sub(r"\s", "", text).replace("─", "") >= ""
        for part in ("best", "last", "0.5"):
            assert part in text


def test_a_table_without_rows(show: Show) -> None:
    assert "Losses" in show(Table("Losses", ("", "MSE loss"), []), 80)


def test_square_brackets_and_colours_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_line("[red]a[/red] [mm]")
    terminal.print_warnings(["[bold]b[/bold]"])
    terminal.print_table(Table("[i]t[/i]", ("x [°]",), [("[b]c[/b]",)]))
    out = capsys.readouterr().out
    for text in ("[red]a[/red] [mm]", "warning: [bold]b[/bold]", "[b]c[/b]", "x [°]"):
        assert text in out
    assert "\x1b" not in out


def test_a_pipe_has_no_width_to_keep_to(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal.print_table(WIDE)
    assert re.search(r"constant \(train mean\) +test +2000", capsys.readouterr().out)


def test_the_bar_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with training_bar(3) as watch:
        for _ in range(4):
            watch(SimpleNamespace(epoch=3, history=[]))  # type: ignore[arg-type]
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


def test_the_bar_shows_epochs_and_losses_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes stderr for a terminal
    with training_bar(3):
        pass
    assert capsys.readouterr().err == ""  # what is refused before the first epoch shows no bar
    row = SimpleNamespace(train_loss=0.125, validation_loss=0.25)
    with training_bar(3) as watch:
        watch(SimpleNamespace(epoch=3, history=[row]))  # type: ignore[arg-type]
    said = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert "3/3 loss 0.125 · val 0.25" in said
