"""`fit`, `resume`, `evaluate`, `diagnose`: a training from the data to the report.

`fit` with a run folder is:

source = open_source("planar3", config.data.rows, config.seed)   # rows and arm
model = train(source, config, out=None)                          # the network
model = measured(model)                                          # report, diagnosis, benchmark of seeds
model.report("report.html")                                      # the page
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from kinverse.arguments import as_path, require_instance
from kinverse.errors import ConfigError, RunError
from kinverse.files import free_path
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.scores import Report
from kinverse.learning.trained import Model, Results, require_report_libraries
from kinverse.learning.training import session
from kinverse.learning.training.config import FitConfig, FitSettings, default_config
from kinverse.learning.training.loop import TrainingState
from kinverse.learning.training.progress import training_bar
from kinverse.learning.training.run_folder import load_model, write_card
from kinverse.learning.training.session import OnEpoch, train
from kinverse.learning.training.source import Source, arm_if_named, open_source
from kinverse.options import shows_options
from kinverse.robot.arm import Arm
from kinverse.text import quoted

RUNS = Path("runs")


@shows_options(FitSettings, FitConfig().settings)
def fit(
    what: Arm | Dataset | Source | str | Path,
    config: FitConfig | None = None,
    *,
    out: str | Path | None = None,
    arm: Arm | str | None = None,
    progress: bool = False,
    on_epoch: OnEpoch | None = None,
    **settings: Unpack[FitSettings],
) -> Model:
    """Train a network for the inverse kinematics of an arm, or on any rows of numbers.

    Args:
        what: an arm or its name (rows are drawn from it), a data set, or the folder of one.
        config: the settings; default: `default_config` for the arm or the data.
        out: run folder to write, with checkpoints, results and the report page; default: nothing is written. A folder
            that already holds this training is loaded if the training has ended, and resumed if not.
        arm: the arm of a data set that names none.
        progress: show a bar with loss and time left.
        on_epoch: called at the start of every epoch with the state of the training; a returned
            text stops the training and is kept as the reason.
        settings: single settings in place of the config's; `FitConfig` documents them.

    Returns:
        The model. After Ctrl-C its status is "interrupted"; one with a folder can be resumed.

    Raises:
        ConfigError, UnknownNameError: a setting is unknown, out of its range or does not fit the data.
        DataError: the data is malformed or was made for another arm.
        RunError: `out` holds something other than this training.
        TrainingError: a loss became NaN or inf; its `model` has the last good weights.
        MissingExtraError: a library is not installed.

    Example:
        >>> model = kv.fit("planar3", hidden=(24, 24), epochs=300)
        >>> model.predict([[1.2, 0.8]]).shape
        (1, 3)
    """
    if out is not None:
        require_report_libraries()
    what = what if isinstance(what, Source) else arm_if_named(what)
    config = default_config(what) if config is None else require_instance(config, FitConfig, "config")
    config = config.replace(**settings)
    source = open_source(what, config.data.rows, config.seed, arm)
    out = None if out is None else as_path(out, "out")
    if out is not None and out.resolve() == Path.cwd():
        raise ConfigError(f"{out}: is the current folder, which cannot be replaced; give the name of a new one")
    with _watching(config, progress, on_epoch) as watch:
        model = train(source, config, out, watch)
    if out is None:
        return model
    model = measured(model)
    model.report()
    return model


def resume(
    folder: str | Path, dataset: Dataset | None = None, *, progress: bool = False, on_epoch: OnEpoch | None = None
) -> Model:
    """Resume an unfinished training; the result is bit-identical to that of an uninterrupted one.

    Args:
        folder: the run folder.
        dataset: the training rows, needed only if they were given as a `Dataset`.
        progress: show a bar with loss and time left.
        on_epoch: as for `fit`.

    Raises:
        RunError: there is nothing to resume, or the data has changed.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    require_report_libraries()
    folder = as_path(folder, "folder", RunError)
    config = load_model(folder).config
    with _watching(config, progress, on_epoch) as watch:
        model = measured(session.resume(folder, dataset, watch))
    model.report()
    return model


def measured(model: Model) -> Model:
    """The model with its results: evaluation, diagnosis and, for several heads, the benchmark of seeds.

    A model in a run folder keeps them in its card; a model that has results is returned unchanged.
    """
    if model.results is not None:
        return model
    report = model.evaluate()
    model = replace(model, results=Results(report, model.diagnose(report=report), model.benchmark_seeds()))
    if model.folder is not None:
        write_card(model)
    return model


def evaluate(model: Model | str | Path, dataset: Dataset | None = None) -> Report:
    """Measure a model on the training data, or on another data set with the same columns: `Model.evaluate`.

    Args:
        model: a model or its run folder.
        dataset: other data; default: the training data, generated or read again.
    """
    return _opened(model).evaluate(dataset)


def diagnose(model: Model | str | Path, dataset: Dataset | None = None, *, counterfactuals: bool = False) -> Diagnosis:
    """Find out what went wrong in a training, with the evidence and a remedy: `Model.diagnose`.

    Args:
        model: a model or its run folder, however its training ended.
        dataset: the training rows, needed only if they were given as a `Dataset`.
        counterfactuals: also train short copies with one setting changed each, for a minute at most in all.
    """
    return _opened(model).diagnose(dataset, counterfactuals=counterfactuals)


def new_run_folder(source: Source) -> Path:
    """`runs/NAME` for the arm or the data of a source, with a number appended if that is taken."""
    name = source.arm.name if source.arm is not None else source.dataset.manifest.name
    return free_path(RUNS / ("".join(c if c.isalnum() or c in "-_" else "-" for c in name) or "run"))


def _opened(model: Model | str | Path) -> Model:
    return model if isinstance(model, Model) else load_model(model)


@contextmanager
def _watching(config: FitConfig, progress: bool, on_epoch: OnEpoch | None) -> Iterator[OnEpoch]:
    """The function to call at every epoch: `on_epoch`, and the progress bar if `progress`."""
    if on_epoch is not None and not callable(on_epoch):
        raise ConfigError(f"on_epoch must be a function of the state of the training, got {quoted(on_epoch)}")
    own = on_epoch or (lambda state: None)
    if not require_instance(progress, bool, "progress"):
        yield own
        return
    with training_bar(config.epochs) as show:

        def both(state: TrainingState) -> str | None:
            show(state)
            return own(state)

        yield both
