"""Runs that are trained once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from kinverse.errors import TrainingError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run
from kinverse.learning.training.session import train_run
from kinverse.learning.training.source import open_source

Trained = Callable[..., Run]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small tensors gain nothing from threads, and the tests themselves run in parallel."""
    torch.set_num_threads(1)


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    """Train on a data set; a run that failed is given too."""

    def train(data: Dataset, **settings: object) -> Run:
        config = FitConfig(**({"hidden": (8,), "epochs": 12} | settings))  # type: ignore[arg-type]
        folder = tmp_path / f"run {len(list(tmp_path.iterdir()))}"
        with suppress(TrainingError):
            train_run(open_source(data, 1, 0), config, folder)
        return Run.load(folder)

    return train
