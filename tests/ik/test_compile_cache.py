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


SOLVE = """
import kinverse as kv
arm = kv.load_arm("planar3")
print(kv.Solver(arm).solve([1.0, 0.5]).converged)
"""


def _solve(package: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", SOLVE],
        env=os.environ | {"PYTHONPATH": str(package)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_without_a_place_for_a_cache_it_compiles_in_every_run_and_says_so_once(tmp_path: Path) -> None:
    source = Path(kinverse.__file__).parent
    shutil.copytree(source, tmp_path / "kinverse", ignore=shutil.ignore_patterns("__pycache__", "apps", "learning"))
    for folder in (tmp_path / "kinverse").rglob("*"):
        if folder.is_dir() and any(folder.glob("*.py")):
            (folder / "__pycache__").touch()  # a file there is as good as a folder that is read-only, also for root
    done = _solve(tmp_path, HOME="/dev/null", XDG_CACHE_HOME="/dev/null", NUMBA_CACHE_DIR="")
    assert done.stdout == "True\n"
    (notice,) = done.stderr.splitlines()
    assert notice.startswith("kinverse: compiling in every run")
    assert "NUMBA_CACHE_DIR" in notice


def test_a_disk_that_fails_is_no_reason_to_stop(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    done = subprocess.run(
        [sys.executable, "-B", "-c", limit + SOLVE],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "True\n"
    assert "Traceback" not in done.stderr
