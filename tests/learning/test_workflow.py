"""`kv.fit`, `kv.resume`, `kv.evaluate` and the methods of a model."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

import kinverse as kv
from kinverse.errors import ConfigError, DataError, MissingExtraError, RunError
from kinverse.learning import workflow
from kinverse.learning.data.csv_pair import read_csv_pair
from kinverse.learning.data.folder import write_dataset
from kinverse.learning.data.sampling import joint_dataset
from kinverse.learning.evaluation import report
from kinverse.learning.trained import REPORT, Model, Results
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source

TINY = FitConfig.of(hidden=(8,), epochs=3, rows=300)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tensors gain nothing from threads; runs go below the current folder."""
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)


def interrupted(source: object, folder: str) -> Model:
    def stop(state: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    return train(open_source(source, 300, 0), TINY, Path(folder), stop)  # type: ignore[arg-type]


def test_fit_measures_and_writes_its_report() -> None:
    run = kv.fit("planar3", TINY, out="run")
    assert run.status == "finished"
    assert run.results == Results(kv.evaluate(run), kv.diagnose(run))
    assert (run.folder / REPORT).read_text().startswith("<!DOCTYPE html>")
    assert load_model("run").results == run.results


def test_the_results_are_measured_with_one_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate, calls = report.evaluate, []
    monkeypatch.setattr(report, "evaluate", lambda *given: calls.append(given) or evaluate(*given))
    model = workflow.measured(kv.fit("planar3", TINY))
    assert len(calls) == 1
    assert model.results is not None
    assert model.results.report == model.evaluate()


def test_fit_takes_an_arm_a_name_a_data_set_or_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "report", lambda self: None)  # drawing takes longer than all the rest
    data = joint_dataset("nao-right", rows=300, seed=1)
    folder = write_dataset(data, "data")
    models = [kv.fit(what, TINY) for what in (kv.load_arm("planar3"), "planar3", data, folder, str(folder))]
    assert [model.name for model in models] == ["planar3", "planar3", *["nao-right"] * 3]
    # The same rows give the same network, wherever they come from, in memory and in a folder.
    kept = kv.fit(data, TINY, out="run")
    weights = [{name: w.tobytes() for name, w in model.network.tensors().items()} for model in [*models, kept]]
    assert weights[0] == weights[1]
    assert weights[2] == weights[3] == weights[4] == weights[5]
    assert sorted(path.name for path in Path().iterdir()) == ["data", "run"]


def test_a_run_folder_is_named_after_what_was_trained() -> None:
    x, y = Path("my rows.csv"), Path("y.csv")
    x.write_text("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(20)))
    y.write_text("c\n" + "".join(f"{i % 3}\n" for i in range(20)))
    source = open_source(read_csv_pair(x, y), 1, 0)
    assert workflow.new_run_folder(source) == Path("runs/my-rows")
    Path("runs/my-rows").mkdir(parents=True)
    assert workflow.new_run_folder(source) == Path("runs/my-rows-2")


def test_resume_ends_like_a_run_that_was_not_stopped() -> None:
    whole = kv.fit("planar3", TINY, out="whole")
    assert interrupted("planar3", "parts").status == "interrupted"
    run = kv.resume("parts")
    assert run.status == "finished"
    for name in ("model.safetensors", "history.csv"):
        assert (run.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    assert run.results is not None and whole.results is not None
    assert run.results.report.floors == whole.results.report.floors
    assert (run.folder / REPORT).exists()


def test_rows_in_memory_must_be_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "report", lambda self: None)
    data = joint_dataset("nao-right", rows=300, seed=1)
    interrupted(data, "run")
    with pytest.raises(RunError, match="give the data set again"):
        kv.resume("run")
    with pytest.raises(RunError, match="give the data set again"):
        kv.evaluate("run")
    with pytest.raises(RunError, match="other rows"):
        kv.resume("run", joint_dataset("nao-right", rows=300, seed=2))
    assert kv.resume("run", data).status == "finished"
    assert kv.evaluate("run", data).split == "test"


def test_evaluate_on_other_rows() -> None:
    run = kv.fit("planar3", TINY, out="run")
    other = kv.grid_dataset("planar3", 10)
    assert [s.rows for s in kv.evaluate(run, other).scores] == [80, 20]
    with pytest.raises(DataError, match="made for arm 'nao-right'"):
        kv.evaluate(run, joint_dataset("nao-right", rows=300, seed=1))


def test_a_report_somewhere_else() -> None:
    kv.fit("planar3", TINY, out="run")
    before = Path("run/report.html").read_bytes()
    assert kv.load_model("run").report("page.HTML") == Path("page.HTML")
    assert Path("page.HTML").read_bytes() == before  # the same run gives the same page
    with pytest.raises(ConfigError, match=r"model.safetensors: .* ends in .html or .htm"):
        kv.load_model("run").report("run/model.safetensors")
    load_model("run")


@pytest.mark.parametrize("library", ["matplotlib", "jinja2"])
def test_a_missing_library_is_noticed_before_the_training(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == library else find(name))
    with pytest.raises(MissingExtraError, match=rf"needs {library}.*pip install 'kinverse\[train\]'"):
        kv.fit("planar3", TINY, out="run")
    assert not Path("run").exists()


def test_what_is_refused_leaves_nothing_behind() -> None:
    with pytest.raises(ConfigError, match="expected an arm, a data set or the path of one, got int"):
        kv.fit(3, TINY)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="bounds=limits needs an arm"):
        x = Path("x.csv")
        x.write_text("a\n" + "".join(f"{i}\n" for i in range(20)))
        kv.fit(read_csv_pair(x, x), FitConfig.of(bounds="limits"))
    assert [path.name for path in Path().iterdir()] == ["x.csv"]
