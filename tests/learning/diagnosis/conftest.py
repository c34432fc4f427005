"""Runs that are trained once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from kinverse.errors import TrainingError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source

Trained = Callable[..., Model]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small tensors gain nothing from threads, and the tests themselves run in parallel."""
    torch.set_num_threads(1)


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    """Train on a data set; a run that failed is given too."""

    def make(data: Dataset, **settings: object) -> Model:
        config = FitConfig.of(**({"hidden": (8,), "epochs": 12} | settings))  # type: ignore[arg-type]
        folder = tmp_path / f"run {len(list(tmp_path.iterdir()))}"
        with suppress(TrainingError):
            train(open_source(data, 1, 0), config, folder)
        return load_model(folder)

    return make
