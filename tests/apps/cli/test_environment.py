"""Terminals, pipes, missing libraries: what stands around a command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.cli import on_a_terminal, without, without_notes


@pytest.mark.parametrize("library", ["torch", "matplotlib"])
def test_fit_names_the_extra_that_is_missing(library: str, tmp_path: Path) -> None:
    outcome = without((library,), tmp_path, "fit", "planar3", "--rows", "100", "--epochs", "2")
    assert outcome.returncode == 2, outcome
    assert outcome.stdout == ""
    assert outcome.stderr == (
        f"kinverse: this needs {library}, which is not installed: pip install 'kinverse[train]'\n"
    )
    assert list(tmp_path.iterdir()) == []


LEARN = ("torch", "matplotlib", "sklearn", "pandas", "pyarrow", "jinja2")


@pytest.mark.parametrize("arguments", [("arms",), ("arms", "panda", "--json"), ("--help",), ("fit", "--help")])
def test_what_needs_no_extra(arguments: tuple[str, ...], tmp_path: Path) -> None:
    outcome = without(LEARN, tmp_path, *arguments)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "planar3" in outcome.stdout or "panda" in outcome.stdout or "fit" in outcome.stdout


def test_an_arm_without_matplotlib_has_its_table_and_no_picture(tmp_path: Path) -> None:
    outcome = without(LEARN, tmp_path, "arms", "panda")
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "panda_joint7" in outcome.stdout
    assert (
        "picture: none; this needs matplotlib, which is not installed: pip install 'kinverse[train]'" in outcome.stdout
    )
    asked = without(LEARN, tmp_path, "arms", "panda", "--picture", "p.png")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert "kinverse[train]" in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_is_not_an_extra_is_a_fault_of_ours(tmp_path: Path) -> None:
    outcome = without(("numba",), tmp_path, "arms")
    assert outcome.returncode == 1
    assert "ModuleNotFoundError" in outcome.stderr


def test_an_error_on_a_coloured_terminal_is_one_plain_line(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, "fit", "planar3", "--epoch", "3")
    assert code == 2
    assert shown.startswith("kinverse: unknown option '--epoch' (did you mean '--epochs'?)")
    assert shown.endswith("; see kinverse fit --help\r\n")
    assert shown.count("\n") == 1
    assert "\x1b" not in shown
    assert not set("│─╭╮╰╯") & set(shown)


def test_a_terminal_that_knows_only_ascii(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for arguments, code in ((("arms", "panda"), 0), (("fit", "planar3", "--activation", "swish"), 2)):
        command = [sys.executable, "-m", "kinverse.apps.cli", *arguments]
        outcome = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment, timeout=120, check=False)
        assert outcome.returncode == code, outcome
        said = without_notes(outcome.stderr.decode())
        assert said.count("\n") == (code == 2)
        assert b"?" not in outcome.stdout and (code == 2 or b"-2.897" in outcome.stdout)
        assert "---" not in said


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "kinverse.apps.cli", "arms"]
    outcome = subprocess.run(command, cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, timeout=120, check=False)
    os.close(write)
    assert outcome.returncode == 1
    assert without_notes(outcome.stderr.decode()) == ""


@pytest.mark.parametrize("arguments", [["--help"], ["fit", "--help"], ["solve", "--help"], ["bench", "--help"]])
def test_help_loads_nothing_that_is_heavy(arguments: list[str]) -> None:
    """What help takes is what a shell's completion and every wrong flag take."""
    script = (
        "import sys, contextlib, io; from kinverse.apps.cli import main\n"
        f"with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main({arguments})\n"
        "print([name for name in ('numpy', 'numba', 'torch', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [("--help",), ("arms",), ("arms", "panda", "--json"), ("course", "list")])
def test_an_output_that_cannot_be_written_is_one_line_and_exit_code_1(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "kinverse.apps.cli", *arguments]
    with Path("/dev/full").open("w") as full:
        outcome = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
    said = without_notes(outcome.stderr.decode())
    assert (outcome.returncode, said) == (1, "kinverse: cannot be read or written (No space left on device)\n")


@pytest.mark.parametrize("name", ["out.csv", "out.npy", "out.parquet"])
def test_a_table_that_does_not_fit_on_the_disk_is_named_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    np.save(tmp_path / "xy.npy", np.random.default_rng(0).uniform(0.5, 1.5, (2000, 2)))
    code = (
        "import resource, signal, sys; from kinverse.apps.cli import main; import kinverse as kv; import pyarrow.csv\n"
        "kv.Solver('planar3').solve([1.0, 0.5])  # compiled before the limit\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        f"sys.exit(main(['solve', 'planar3', 'xy.npy', '--out', {name!r}]))"
    )
    outcome = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    said = without_notes(outcome.stderr)
    assert (outcome.returncode, said) == (1, f"kinverse: {name}: cannot be read or written (File too large)\n")
    assert [path.name for path in tmp_path.iterdir()] == ["xy.npy"]
