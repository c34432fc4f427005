"""kinverse study."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kinverse.apps.studies.options.runs import BASE, grid
from kinverse.apps.studies.registry import STUDIES, Study
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.trained import Model
from tests.support.cli import Cli


class Small:
    """A study of two trainings of a moment."""

    @staticmethod
    def trainings(effort: Effort) -> list[Training[str]]:
        config = BASE.replace(hidden=(4,), epochs=2)
        return [Training(variant, config.replace(seed=i), grid) for i, variant in enumerate(effort.variants)]

    @staticmethod
    def conclude(effort: Effort, runs: dict[str, Model]) -> Conclusion:
        return Conclusion([f"trained: {', '.join(sorted(runs))}; seeds {effort.seeds}; quick {effort.quick}"])


@pytest.fixture(autouse=True)
def small_studies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Study, "trainings", lambda self, effort: Small.trainings(effort))
    monkeypatch.setattr(Study, "conclude", lambda self, effort, runs: Small.conclude(effort, runs))


def test_without_a_name_it_lists_what_there_is(cli: Cli) -> None:
    shown = cli.run("study")
    assert shown.code == 0
    assert all(name in shown.out for name in STUDIES)
    listed = cli.run("study", "--json").json["studies"]
    assert [study["name"] for study in listed] == list(STUDIES)
    assert list(cli.folder.iterdir()) == []


def test_listing_loads_no_torch(tmp_path: Path) -> None:
    code = "import sys; from kinverse.apps.cli import main; main(['study']); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_a_study_leaves_pages_results_and_runs(cli: Cli) -> None:
    shown = cli.run("study", "phase", "planar", "--corrected", "--seeds", "2", "--quick", "--workers", "1")
    assert shown.code == 0, shown.err
    assert shown.out.count("trained: corrected; seeds 2; quick True") == 2
    assert "report: studies/phase/report.html" in shown.out
    assert "index: studies/index.html" in shown.out
    results = json.loads((cli.folder / "studies/planar/results.json").read_text())
    assert results["effort"] == {"ways": ["corrected"], "seeds": 2, "quick": True}
    again = cli.run("study", "phase", "--workers", "1", "--json").json
    assert again["studies"][0]["verdicts"] == ["trained: as published, corrected; seeds None; quick False"]
    assert len(list((cli.folder / "studies/phase/runs").iterdir())) == 3  # seed 0 for published, 0 and 1 for corrected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["planer"], "unknown study 'planer': did you mean 'planar'?"),
        (["--quick"], "name a study, or all: backprop, complexity"),
        (["phase", "--seeds", "0"], "seeds must be from 1 to 1000, got 0"),
        (["phase", "--workers", "0"], "workers must be ≥ 1, got 0"),
        (["phase", "--out", "file"], "file: is a file; give a folder"),
        (["phase", "--seeds", "many"], "seeds"),
    ],
)
def test_wrong_use_is_one_line(cli: Cli, arguments: list[str], said: str) -> None:
    (cli.folder / "file").write_text("mine")
    shown = cli.run("study", *arguments)
    assert shown.code == 2
    assert said in shown.err and shown.err.count("\n") == 1
    assert (cli.folder / "file").read_text() == "mine"


def test_a_damaged_run_is_named(cli: Cli) -> None:
    assert cli.run("study", "phase", "--as-published", "--workers", "1").code == 0
    (run,) = (cli.folder / "studies/phase/runs").iterdir()
    (run / "card.json").write_text("{")
    shown = cli.run("study", "phase", "--as-published", "--workers", "1")
    assert shown.code == 2
    assert "card.json: not valid JSON" in shown.err and shown.err.count("\n") == 1
