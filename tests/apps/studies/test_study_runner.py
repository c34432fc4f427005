"""Trainings of studies: in several processes, kept when they are finished, resumed when they are not."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest
import torch

from kinverse.apps.studies import run as running
from kinverse.apps.studies.registry import Study
from kinverse.apps.studies.run import run_studies, train_all, train_once
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.trained import Model
from kinverse.learning.training.run_folder import HISTORY, MODEL, load_model
from tests.support.studies import SmallKey, small_training


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_processes_give_the_bits_of_one(tmp_path: Path) -> None:
    jobs = [small_training("few points", seed=seed) for seed in range(3)]
    seen: list[tuple[str, float]] = []
    for folder, workers in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        plan = {tmp_path / folder / job.folder: job for job in jobs}
        assert set(train_all(plan, workers, lambda doing, share: seen.append((doing, share)))) == set(plan)
    for job in jobs:
        for name in (MODEL, HISTORY):
            one, two = ((tmp_path / folder / job.folder / name).read_bytes() for folder in ("one", "two"))
            assert one == two
    assert all(0.0 <= share <= 1.0 + 1e-9 for _, share in seen)
    assert seen[-1][1] == pytest.approx(1.0)


def test_what_is_finished_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_training("once")
    first = train_once(job, tmp_path / "run")
    assert first.results is not None
    written = (tmp_path / "run" / MODEL).stat().st_mtime_ns
    monkeypatch.setattr("kinverse.learning.training.session.run_epochs", None)  # calling it would be an error
    assert train_once(job, tmp_path / "run").results == first.results
    assert (tmp_path / "run" / MODEL).stat().st_mtime_ns == written


def test_an_interrupted_training_is_resumed_to_the_same_bits(tmp_path: Path) -> None:
    job = small_training("long", epochs=8)
    whole = train_once(job, tmp_path / "whole")

    def stop(share: float) -> None:
        if share == 0.5:
            signal.raise_signal(signal.SIGINT)

    half = train_once(job, tmp_path / "half", stop)
    assert half.status == "interrupted" and half.epochs < 8
    resumed = train_once(job, tmp_path / "half")
    assert resumed.status == "finished"
    assert resumed.results is not None and whole.results is not None
    assert resumed.results.report.scores == whole.results.report.scores  # not of its first half
    assert (tmp_path / "half" / MODEL).read_bytes() == (tmp_path / "whole" / MODEL).read_bytes()


def test_a_failed_training_is_a_result(tmp_path: Path) -> None:
    job = small_training("hopeless", epochs=50, rate=1e30)
    run = train_once(job, tmp_path / "run")
    assert run.status == "failed"
    assert run.results is not None
    assert train_once(job, tmp_path / "run").results == run.results


def _endless(folder: str) -> None:
    plan = {Path(folder) / f"{i}": small_training("endless", epochs=10_000_000, seed=i) for i in range(4)}
    try:
        list(train_all(plan, 2))
    except KeyboardInterrupt:
        os._exit(7)


def test_interrupting_keeps_what_is_under_way(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_endless, args=(str(tmp_path),))
    process.start()
    while not all((tmp_path / name / HISTORY).exists() for name in "01"):
        assert process.is_alive()
        time.sleep(0.05)
    time.sleep(0.5)  # some epochs more
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)  # to this process alone: it must tell its workers
    process.join()
    assert process.exitcode == 7
    assert {path.name for path in tmp_path.iterdir()} == {"0", "1"}  # those that were waiting have not started
    for name in ("0", "1"):
        run = load_model(tmp_path / name)
        assert run.status == "interrupted" and run.epochs > 0


def test_a_study_is_concluded_when_its_trainings_are_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def trainings(study: Study, effort: Effort) -> list[Training[SmallKey]]:
        return [small_training("few points", seed=seed) for seed in effort.starts(2)]

    def conclude(study: Study, effort: Effort, runs: dict[SmallKey, Model]) -> Conclusion:
        return Conclusion([f"{len(runs)} runs, {key} has {runs[key].epochs} epochs" for key in runs])

    monkeypatch.setattr(Study, "trainings", trainings)
    monkeypatch.setattr(Study, "conclude", conclude)
    studies = [Study("phase", "Phase", "?"), Study("planar", "Planar", "?")]
    finished = list(run_studies(studies, Effort(seeds=1), tmp_path / "out", workers=1))
    assert {f.study.name for f in finished} == {"phase", "planar"}
    assert all(f.conclusion.sentences == ["1 runs, few points, seed 0 has 3 epochs"] for f in finished)
    assert (tmp_path / "out" / "index.html").exists() and (tmp_path / "out" / "phase" / "report.html").exists()
    assert not (tmp_path / "out" / running.LOCK).exists()
