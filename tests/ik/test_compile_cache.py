"""Compiled kernels on disk: those of another version of the sources are neither loaded nor an error."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import kinverse

CALLEE = """
from typing import NamedTuple
from kinverse.ik.kernels.residual import compiled

class {record}(NamedTuple):
    value: float

@compiled
def add(record):
    return record.value + {term}
"""
ENTRY = """
from kinverse.ik.kernels import callee
from kinverse.ik.kernels.residual import compiled_entry_point

@compiled_entry_point
def entry(record):
    return callee.add(record)

print(entry(callee.{record}(1.0)), sum(entry.stats.cache_hits.values()))
"""


def test_kernels_of_other_sources_are_compiled_again(tmp_path: Path) -> None:
    package = tmp_path / "kinverse"
    shutil.copytree(Path(kinverse.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "apps"))
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}

    def run(record: str, term: str) -> str:
        for name, text in (("callee", CALLEE), ("entry", ENTRY)):
            path = package / "ik" / "kernels" / f"{name}.py"
            path.write_text(text.format(record=record, term=term), encoding="utf-8")
            os.utime(path, (1e9, 1e9))  # Numba compares the size and the time of a file; here both stay the same
        command = [sys.executable, "-B", "-c", "import kinverse.ik.kernels.entry"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert run("Record", "1.0") == "2.0 0\n"
    assert run("Record", "1.0") == "2.0 1\n"
    assert run("Record", "2.0") == "3.0 0\n"  # another callee
    assert run("Values", "2.0") == "3.0 0\n"  # a record class under another name
