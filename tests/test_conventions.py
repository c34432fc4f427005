"""What holds for all tests: folders mirror the package, no import of a benchmark or a private name, no stopwatch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "src" / "kinverse"
NO_MIRROR = {"data", "support"}
FILES = [path for path in TESTS.rglob("*.py") if path.relative_to(TESTS).parts[0] != "data"]


def test_each_folder_of_tests_has_its_package() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    mirrored = {folder for folder in folders if not NO_MIRROR & set(folder.parts)}
    assert sorted(folder for folder in mirrored if not (PACKAGE / folder).is_dir()) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_no_benchmark_no_private_import_and_no_stopwatch(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(from|import) benchmarks\b", text, re.MULTILINE)
    assert not re.search(r"^\s*from [\w.]+ import .*\b_[a-z]", text, re.MULTILINE)  # ruff's SLF001 sees the others
    # A deadline in time.monotonic() ends a test that hangs; how long something takes is for benchmarks/ to measure.
    assert not re.search(r"\b(perf_counter|process_time|timeit)\(", text)
