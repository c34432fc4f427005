"""Applications can be deleted: without one and its file of verbs the other verbs work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kinverse


@pytest.mark.parametrize(
    ("app", "verb"),
    [
        ("viewer", "view"),
        ("studies", "study"),
        ("course", "course"),
        ("benchmark", "bench"),
    ],
)
def test_the_other_verbs_work_without_an_app(app: str, verb: str, tmp_path: Path) -> None:
    copy = shutil.copytree(
        Path(kinverse.__file__).parent, tmp_path / "kinverse", ignore=shutil.ignore_patterns("*.nb?")
    )
    shutil.rmtree(copy / "apps" / app)
    (copy / "apps" / "cli" / f"{verb}.py").unlink()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "kinverse.apps.cli"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    overview = run("--help")
    assert overview.returncode == 0 and f"\n  {verb} " not in overview.stdout and "\n  solve " in overview.stdout
    gone = run(verb, "--help")
    assert (gone.returncode, gone.stdout) == (2, "")
    assert f"unknown verb {verb!r}" in gone.stderr and gone.stderr.count("\n") == 1
    assert run("fit", "--help").returncode == 0
