"""The demo's table: what was published beside what was measured, each figure from its own run."""

from __future__ import annotations

import pytest
import torch

import kinverse as kv
from kinverse.apps.cli.demo import comparison, figures_of_merit
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitConfig


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Model]:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("runs")
    config = FitConfig.of(hidden=(8,), epochs=3)
    nao = kv.fit(joint_dataset("nao-right", rows=300, seed=1), config, out=folder / "nao")
    planar = kv.fit(grid_dataset("planar3", 20), config, out=folder / "planar")
    return nao, planar


def test_figures_of_a_run_on_joints(runs: tuple[Model, Model]) -> None:
    nao = runs[0]
    test = kv.evaluate(nao, joint_dataset("nao-right", rows=300, seed=1)).of("network", "test")
    assert test.targets is not None
    assert test.tool is not None
    assert figures_of_merit(nao) == {
        "scaled test MSE": test.targets.mse_scaled,
        "R², global mean": test.targets.r2_global_mean,
        "R², mean of the joints": test.targets.r2_mean,
        "tool error, median [mm]": test.tool.position_mm.median,
    }


def test_figures_of_a_run_on_tool_positions(runs: tuple[Model, Model]) -> None:
    history = runs[1].history
    assert list(figures_of_merit(runs[1]).values()) == [
        history.train_loss[0],
        history.validation_loss[1],  # the published script measures it after the first step
        history.train_loss[-1],
        history.validation_loss[-1],
    ]


def test_every_published_figure_has_ours_beside_it(runs: tuple[Model, Model]) -> None:
    nao, planar = runs
    table = comparison(((NAO_PUBLISHED, nao), (NAO_BETTER, nao), (PLANAR[2], planar)))
    shown = {(row[0], row[1]): row[2:] for row in table.rows}
    for recipe in (NAO_PUBLISHED, PLANAR[2]):
        for name, value in recipe.published.items():
            published, ours = shown[recipe.title, name]
            assert published == value
            assert isinstance(ours, float)
    assert shown[NAO_BETTER.title, "scaled test MSE"][0] is None  # nobody published it
