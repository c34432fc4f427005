"""The report page of a model: complete, self-contained, and with the measured numbers, for every kind of model."""

from __future__ import annotations

import base64
import io
import os
import re
import signal
from html.parser import HTMLParser
from pathlib import Path
from typing import Unpack

import numpy as np
import pytest
import torch
from matplotlib.image import imread

import kinverse as kv
from kinverse.apps.report.model_report import model_page, write_model_report
from kinverse.apps.report.page import render
from kinverse.errors import ConfigError
from kinverse.learning.data.dataset import Dataset, Manifest, Table
from kinverse.learning.data.sampling import grid_dataset, joint_dataset
from kinverse.learning.diagnosis.diagnose import diagnose
from kinverse.learning.evaluation.scores import Report
from kinverse.learning.trained import Model
from kinverse.learning.training.config import FitSettings

Trained = tuple[Model, Report, Dataset]


class Reader(HTMLParser):
    """Elements with their attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def pictures(self) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == "img"]


def trained(data: Dataset, **settings: Unpack[FitSettings]) -> Trained:
    torch.set_num_threads(1)
    model = kv.fit(data, **({"hidden": (8,), "epochs": 3} | settings))  # type: ignore[arg-type]
    return model, model.evaluate(), data


def sectors() -> Dataset:
    """Three classes in the plane, by angle."""
    points = np.random.default_rng(0).normal(size=(100, 2))
    kind = np.digitize(np.arctan2(points[:, 1], points[:, 0]), [-1.0, 1.0]).astype(float)[:, None]
    manifest = Manifest(
        "sectors",
        "drawn",
        feature_names=("x", "y"),
        feature_units=("", ""),
        target_names=("sector",),
        target_units=("",),
    )
    cut = {"train": slice(0, 60), "validation": slice(60, 100)}
    return Dataset.from_tables({name: Table(points[rows], kind[rows]) for name, rows in cut.items()}, manifest)


@pytest.fixture(scope="module")
def nao() -> Trained:
    return trained(joint_dataset("nao-right", rows=300, seed=1), learning_rate=1.0, keep_best=False)


@pytest.fixture(scope="module")
def planar() -> Trained:
    return trained(grid_dataset("planar3", 20), max_angle=1.5)


@pytest.fixture(scope="module")
def classes() -> Trained:
    return trained(sectors(), loss="cross_entropy", batch_norm=True)


KINDS = {
    "nao": (
        ["Training and validation loss", "Predicted over actual values, test", "Position error of", "Three targets"],
        ["Losses and floors", "Predicted against known targets", "R² of each joint, test", "Tool error", "Weights"],
    ),
    "planar": (
        ["Training and validation loss", "Targets on a grid", "Position error of the tool", "Three targets"],
        ["Losses and floors", "Tool error through", "Weights after initialisation", "Try it interactively"],
    ),
    "classes": (["Training and validation loss"], ["Losses and floors", "Classes", "Weights after initialisation"]),
}  # fmt: skip


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> tuple[str, Trained]:
    return request.param, request.getfixturevalue(request.param)


def test_the_page_is_complete_and_self_contained(kind: tuple[str, Trained]) -> None:
    name, (model, report, data) = kind
    figures, tables = KINDS[name]
    html = render(model_page(model, report, data))
    read = Reader(html)
    # Nothing is fetched; the name of SVG looks like an address, and is none.
    assert "://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert {tag for tag, _ in read.elements}.isdisjoint({"link", "iframe", "object", "base", "a"})
    # Only the arm in the plane runs in the page: its data, and the one script that the page's policy lets run.
    assert sum(tag == "script" for tag, _ in read.elements) == (2 if name == "planar" else 0)
    assert not any("src" in attributes for tag, attributes in read.elements if tag == "script")
    # One figure of each kind, each a picture with something on it.
    alts = [str(picture["alt"]) for picture in read.pictures]
    assert len(alts) == len(figures)
    for alt, beginning in zip(alts, figures, strict=True):
        assert alt.startswith(beginning)
    for picture in read.pictures:
        pixels = imread(io.BytesIO(base64.b64decode(str(picture["src"]).split(",")[1])))
        assert (pixels[..., :3] < 0.9).any(axis=-1).mean() > 0.005
    headings = re.findall(r"<h2>(?!<)([^<]+)</h2>", html)
    assert [h for h in headings if h not in ("Settings", "Figures")] == [
        next(h for h in headings if h.startswith(table)) for table in tables
    ]
    for setting, value in model.config.settings.items():
        if value is not None and setting != "rows":
            assert f"<dt>{setting.replace('_', ' ')}</dt>" in html
    for warning in report.warnings:
        assert warning in read.text
    assert f"Report: {model.name}" in read.text
    assert "True" not in read.text
    assert "None" not in read.text
    assert "nan" not in read.text.lower().split()


def test_the_diagnosis_is_the_first_table(planar: Trained) -> None:
    model, report, data = planar
    found = diagnose(model, report, data)
    page = model_page(model, report, data, found)
    assert page.tables[0].title == "Diagnosis"
    text = Reader(render(page)).text
    assert "misses its target" in text
    assert "checked: diverging, leak" in text
    assert "Not checked: no signal" in text
    assert found.notes[0] in text  # a floor that is not the cause
    assert not any("can be reached" in figure.caption for figure in page.figures)
    assert "Diagnosis" not in Reader(render(model_page(model, report, data))).text


def test_a_reachability_floor_is_drawn_with_the_joint_bounds() -> None:
    model, report, data = trained(
        grid_dataset("planar3", 20), max_angle=1.2, hidden=(48, 48), epochs=300, learning_rate=0.01,
        schedule="cosine",
    )  # fmt: skip
    found = diagnose(model, report, data)
    assert found.names == {"reachability floor"}
    page = model_page(model, report, data, found)
    assert page.figures[0].caption == "Reachable and unreachable targets with angles within ±1.2 rad"
    text = Reader(render(page)).text
    for word in (*found.findings[0].evidence.split(), *found.findings[0].remedy.split()):
        assert word in text
    table = page.tables[0]
    assert (table.columns, len(table.rows)) == (("cause", "evidence", "remedy"), 1)


def test_numbers_on_the_page_are_those_of_the_report(nao: Trained) -> None:
    model, report, data = nao
    text = Reader(render(model_page(model, report, data))).text
    scores = report.of("network")
    assert scores.targets is not None
    assert scores.tool is not None
    values = [scores.targets.mse, scores.targets.r2_mean, *scores.targets.r2.values(), scores.tool.position_mm.p95]
    for value in (*values, report.floors["constant answer"], model.history.validation_loss[-1]):
        assert f"{value:.4g}".replace("-", "−") in text, value
    assert "outside the joint limits" in text


def test_settings_name_data_arm_and_training(nao: Trained, classes: Trained) -> None:
    page = model_page(*nao)
    assert page.settings["data"] == "nao-right-joints (180 train, 60 validation, 60 test)"
    assert page.settings["arm"] == f"nao-right (5 joints, fingerprint {kv.load_arm('nao-right').fingerprint})"
    assert page.settings["training"] == "finished: all epochs done"
    assert page.settings["keep best"] == "no"
    assert "rows" not in page.settings  # the setting for rows drawn from an arm, and these were not
    page = model_page(*classes)
    assert page.settings["loss"] == "cross_entropy"
    assert page.settings["batch norm"] == "yes"
    assert "arm" not in page.settings


def test_columns_have_units(nao: Trained, planar: Trained, classes: Trained) -> None:
    headings = {name: [table.columns for table in model_page(*run).tables] for name, run in
                (("nao", nao), ("planar", planar), ("classes", classes))}  # fmt: skip
    assert headings["nao"][0] == ("", "MSE loss")  # scaled joints have no unit
    assert headings["nao"][1][3:6] == ("MSE scaled", "MSE [rad²]", "MAE [rad]")
    assert "median [°]" in headings["nao"][3]
    assert headings["planar"][0] == ("", "MSE loss [m²]")
    assert "median [mm]" in headings["planar"][1]
    assert "median [°]" not in headings["planar"][1]  # a position has no rotation error
    assert headings["classes"][0] == ("", "cross entropy loss")
    assert headings["classes"][1][-1] == "correct [%]"


def test_a_training_interrupted_before_its_first_epoch() -> None:
    def stop(state: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    data = joint_dataset("nao-right", rows=300, seed=1)
    model = kv.fit(data, hidden=(8,), epochs=3, on_epoch=stop)
    assert len(model.history) == 0
    page = model_page(model, model.evaluate(), data)
    assert page.settings["training"] == "interrupted"
    assert "the training is not finished (interrupted)" in page.warnings
    assert not any("loss" in figure.caption for figure in page.figures)
    assert "Losses and floors" not in [table.title for table in page.tables]
    render(page)


def test_one_row_of_history_draws_no_curve() -> None:
    def stop_later(state: object) -> None:
        if state.epoch == 1:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGINT)

    data = grid_dataset("planar3", 10)
    model = kv.fit(data, hidden=(8,), epochs=3, on_epoch=stop_later)
    assert len(model.history) == 1
    page = model_page(model, model.evaluate(), data)
    assert not any("loss" in figure.caption for figure in page.figures)
    render(page)


def test_a_single_validation_row_has_no_parity_figure() -> None:
    data = joint_dataset("panda", rows=5, seed=1)
    model, report, _ = trained(data, epochs=1)
    text = Reader(render(model_page(model, report, data))).text
    assert "Predicted over actual" not in text  # of one row
    assert "Tool error" in text


def test_targets_without_an_arm_are_called_columns() -> None:
    model, report, data = trained(sectors())
    text = Reader(render(model_page(model, report, data))).text
    assert "R² of each column, validation rows" in text
    assert "joint" not in text.replace("loss space joints", "")


def test_the_page_is_written_where_asked(classes: Trained, tmp_path: Path) -> None:
    page = write_model_report(*classes, tmp_path / "p.html")
    assert page.read_text(encoding="utf-8") == render(model_page(*classes))
    with pytest.raises(ConfigError, match=r"no/p.html: cannot be written \(No such file or directory\)"):
        write_model_report(*classes, tmp_path / "no" / "p.html")
