"""An empty current folder for each test, and trained runs made once."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import kinverse as kv
from kinverse.learning.data.folder import write_dataset
from kinverse.learning.data.sampling import joint_dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.session import INTERRUPTED, train
from kinverse.learning.training.source import open_source
from tests.support.cli import Cli, Prepared


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small tensors gain nothing from threads."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    torch.set_num_threads(1)
    data = write_dataset(joint_dataset(kv.load_arm("nao-right"), rows=300, seed=1), folder / "data")
    config = FitConfig.of(hidden=(8,), epochs=3)
    finished = kv.fit(data, config, out=folder / "finished").folder

    def stop_at_once(state: object) -> None:
        signal.raise_signal(signal.SIGINT)

    source = open_source("planar3", 300, 0)
    run = train(source, FitConfig.of(hidden=(8,), epochs=6, rows=300), folder / "interrupted", stop_at_once)
    assert run.stopped == INTERRUPTED
    return Prepared(data, finished, run.folder)


@pytest.fixture
def cli(
    tmp_path: Path, prepared: Prepared, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Cli]:
    """An empty folder, made the current one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.setenv("COLUMNS", "80")
    with contextlib.chdir(folder):
        yield Cli(folder, prepared, capsys)
