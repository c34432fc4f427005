"""A bench as tables and as a picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from matplotlib.image import imread

from kinverse.apps.benchmark.bench import ArmResult, BenchResult, Effort, Measured
from kinverse.apps.benchmark.plot import bench_figure, save_bench_plot
from kinverse.apps.benchmark.registry import LeftOut
from kinverse.apps.benchmark.table import bench_tables, plain
from kinverse.apps.benchmark.timing import Ratio
from kinverse.apps.cli import terminal
from kinverse.apps.cli.terminal import print_table


def solver(name: str, batch: float, single: float, solved: float = 100.0, ratio: float | None = None) -> Measured:
    times = None if ratio is None else Ratio(ratio, 0.9 * ratio, 1.1 * ratio, 9)
    size = 1 if batch == single else 100
    return Measured(name, "1.0", "numerical", "solve", 100, solved, 50.0, batch, single, size, times, times)


def result() -> BenchResult:
    ours = solver("kinverse", 0.004, 0.03)
    slow, fast = solver("pytorch_kinematics", 20.0, 20.0, 97.5, 5000.0), solver("fast", 0.01, 0.012, 99.96, 2.5)
    missing = LeftOut("missing", "missing is not installed: pip install 'kinverse[bench]'", installed=False)
    unable = LeftOut("fast", "no closed form for 7 joints")
    arms = (
        ArmResult("ur5", "f1", 6, ours, (slow, fast), (missing,)),
        ArmResult("panda", "f2", 7, ours, (slow,), (missing, unable)),
    )
    return BenchResult(arms, Effort(), 12.0)


def test_tables_name_ratios_and_reasons() -> None:
    ur5, ur5_single, panda, _, left_out, methods = bench_tables(result())
    assert (ur5.title, panda.title) == ("ur5, 6 joints: in a batch", "panda, 7 joints: in a batch")
    assert ur5.rows == [
        ("kinverse", 100, "100", "50.0", "0.004", None, None),
        ("fast", 100, "99.9", "50.0", "0.01", "2.50", "2.25–2.75"),
        ("pytorch_kinematics", 100, "97.5", "50.0", "20", "5000", "4500–5500"),
    ]
    assert ur5_single.title == "ur5: single calls"
    assert ur5_single.rows[:2] == [("kinverse", "0.03", None, None), ("fast", "0.012", "2.50", "2.25–2.75")]
    assert left_out.rows == [
        ("fast", "panda", "no closed form for 7 joints"),
        ("missing", "ur5, panda", "missing is not installed: pip install 'kinverse[bench]'"),
    ]
    assert [row[0] for row in methods.rows] == ["kinverse", "pytorch_kinematics", "fast"]
    assert "Pinocchio" in methods.note


def test_without_skipped_libraries_there_is_no_table_of_them() -> None:
    one = result().arms[0]
    alone = BenchResult((ArmResult(one.arm, "f", 6, one.ours, one.peers, ()),), Effort(), 1.0)
    assert "Skipped" not in [table.title for table in bench_tables(alone)]


def test_the_tables_fit_a_narrow_terminal_without_breaking_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "width", lambda: 80)
    for table in bench_tables(result())[:4]:
        print_table(table)
    shown = capsys.readouterr().out
    for word in ("kinverse", "targets", "solved", "1e-6", "4500–5500", "pytorch_kinematics"):
        assert re.search(rf"(^|\s){word}(\s|$)", shown, re.MULTILINE), word


@pytest.mark.parametrize(("value", "text"), [(0.253, "0.25"), (9.96, "9.96"), (47.21, "47.2"), (1234.5, "1234")])
def test_ratios_are_written_plainly(value: float, text: str) -> None:
    assert plain(value) == text


def test_the_picture_has_a_row_for_each_and_marks_ours(tmp_path: Path) -> None:
    figure = bench_figure(result())
    ur5, panda = figure.axes
    labels = [label.get_text() for label in ur5.get_yticklabels()]
    assert labels == ["kinverse", "fast", "pytorch_kinematics", "missing"]
    assert ur5.get_xscale() == "log" and "[ms]" in ur5.get_xlabel()
    ours, *others = ur5.get_yticklabels()
    assert ours.get_color() != others[0].get_color()
    written = [text.get_text() for text in panda.texts]
    assert "no closed form for 7 joints" in written and "97.5 %" in written and "100 %" in written
    assert "99.9 %" in [text.get_text() for text in ur5.texts]  # never rounded up to all
    assert ur5.get_xlim()[0] < 0.004 and ur5.get_xlim()[1] > 20.0
    pixels = imread(save_bench_plot(result(), tmp_path / "bench.png"))
    assert 0.01 < (pixels[..., :3] < 0.9).any(axis=-1).mean() < 0.5
