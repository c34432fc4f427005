"""The whole way in one call: rows → network → training → evaluation → report, as `kinverse fit` and `kv.fit` go it."""

from __future__ import annotations

import importlib.util
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from kinverse.errors import ConfigError, MissingExtraError, RunError
from kinverse.files import free_path
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.diagnosis.diagnose import diagnose as look_into
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.report import evaluate as measure
from kinverse.learning.evaluation.scores import Report
from kinverse.learning.evaluation.seed_benchmark import Ablation, measure_ablation
from kinverse.learning.training.config import FitConfig, default_config
from kinverse.learning.training.run import CARD, MODEL, Run
from kinverse.learning.training.session import Watch, resume_run, train_run
from kinverse.learning.training.source import Source, arm_if_named, open_source, reopen_source
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm

RUNS = Path("runs")
PAGES = (".html", ".htm")
REPORT_LIBRARIES = ("matplotlib", "jinja2")
ABLATION_TARGETS, ABLATION_ROUNDS = 2000, 7
"""After a training: some seconds."""


def fit(
    what: Arm | Dataset | str | Path,
    config: FitConfig | None = None,
    *,
    out: str | Path | None = None,
    arm: Arm | str | None = None,
    progress: bool = False,
) -> Run:
    """Train a network, measure it and write its report.

    Args:
        what: an arm or its name (rows are drawn from it), a data set, or the folder of one.
        config: every choice; None: those that suit an arm or data (`training.recipes.default_config`).
        out: the run folder to make; None: a new one under `runs/`.
        arm: the arm of a data set that names none.
        progress: show a bar with loss and time left.

    Returns:
        The run. After Ctrl-C it is kept and its card says "interrupted"; `resume` goes on.

    Raises:
        KinverseError: the input does not fit, or the training failed; the message says what would do.
    """
    _require_report_libraries()
    what = arm_if_named(what)
    config = config or default_config(what)
    source = open_source(what, config.data.rows, config.seed, arm)
    folder = Path(out) if out is not None else _new_folder(source)
    if folder.resolve() == Path.cwd():
        raise ConfigError(f"{folder}: is the current folder, which cannot be replaced; give the name of a new one")
    with _bar(progress, config) as watch:
        run = train_and_measure(source, config, folder, watch)
    _write_page(run, source.dataset)
    return run


def train_and_measure(source: Source, config: FitConfig, folder: Path, watch: Watch = lambda state: None) -> Run:
    """Train a network and measure it, without a page: what studies do many times.

    A folder that already holds a run of the same training is taken as it is if it has ended, and gone on with if not.

    Args:
        source: rows and arm.
        config: every choice.
        folder: of the run.
        watch: called at the start of every epoch.

    Raises:
        RunError: the folder holds something else.
        TrainingError: a loss became NaN or inf.
    """
    if not (folder / CARD).exists():
        return measured(train_run(source, config, folder, watch), source.dataset)
    run = Run.load(folder)
    if run.config != config or run.card.data_digest != source.dataset.digest:
        raise RunError(f"{folder}: holds another training; choose another folder or remove it")
    if run.card.status in ("running", "interrupted"):
        return measured(resume_run(folder, source.dataset, watch), source.dataset)
    return run if run.card.metrics is not None else measured(run, source.dataset)


def measured(run: Run, dataset: Dataset) -> Run:
    """The run with what an evaluation on its own rows gives and a diagnosis, also written to its card."""
    report = measure(run, dataset)
    bought = what_it_buys(run)
    metrics = report.to_dict() | {"diagnosis": look_into(run, report, dataset).to_dict()}
    return run.with_metrics(metrics | ({} if bought is None else {"solver": bought.to_dict()}))


def resume(folder: str | Path, dataset: Dataset | None = None, *, progress: bool = False) -> Run:
    """Go on with an unfinished run; it ends with the same bits as if it had not been stopped.

    Args:
        folder: the run.
        dataset: its rows, needed only where they were given as a `Dataset`.
        progress: show a bar with loss and time left.

    Raises:
        RunError: there is nothing to resume, or the data is not the same.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    _require_report_libraries()
    folder = Path(folder)
    config = Run.load(folder).config
    with _bar(progress, config) as watch:
        run = resume_run(folder, dataset, watch)
    source = _source_of(run, dataset)
    run = measured(run, source.dataset)
    _write_page(run, source.dataset)
    return run


def evaluate(run: Run | str | Path, dataset: Dataset | None = None) -> Report:
    """Measure a run on its own data, or on another data set with the same columns.

    Args:
        run: a run or its folder.
        dataset: other rows; None: those the run was trained on, made or read again.
    """
    run = run if isinstance(run, Run) else Run.load(run)
    return measure(run, dataset or _source_of(run, None).dataset)


def diagnose(run: Run | str | Path, dataset: Dataset | None = None) -> Diagnosis:
    """Name what went wrong in a training, with the evidence and the remedy, from the run alone.

    Args:
        run: a run or its folder, however its training ended.
        dataset: the run's own rows, needed only where they were given as a `Dataset`; without them, what needs rows is
            skipped, and the diagnosis says so.

    Raises:
        RunError: the run is damaged, its data has changed or is gone, or other rows were given.
    """
    run = run if isinstance(run, Run) else Run.load(run)
    if dataset is not None and dataset.digest != run.card.data_digest:
        raise RunError(f"{run.folder}: a diagnosis is about the training: give the rows it was trained on, not others")
    if dataset is None and run.card.origin.get("kind") != "memory":
        dataset = _source_of(run, None).dataset
    if dataset is None:
        known = run.card.metrics
        return look_into(run, None if known is None else Report.from_dict(known), None)
    return look_into(run, measure(run, dataset), dataset)


def write_report(run: Run | str | Path, dataset: Dataset | None = None, out: str | Path | None = None) -> Path:
    """Measure a run and write its report page.

    Args:
        run: a run or its folder.
        dataset: other rows; None: the run's own.
        out: the HTML file; None: `report.html` in the run's folder.

    Returns:
        The file.

    Raises:
        ConfigError: `out` does not end in .html or .htm, or cannot be written.
        MissingExtraError: matplotlib or jinja2 is not installed.
    """
    _require_report_libraries()
    out = None if out is None else Path(out)
    if dataset is not None and out is None:
        raise ConfigError("a report on other rows needs a file of its own, or it would replace the run's: give out")
    if out is not None and out.suffix.lower() not in PAGES:
        raise ConfigError(f"{out}: the report is an HTML page, give a name that ends in {' or '.join(PAGES)}")
    run = run if isinstance(run, Run) else Run.load(run)
    dataset = dataset or _source_of(run, None).dataset
    report = measure(run, dataset)
    is_own = dataset.digest == run.card.data_digest
    diagnosis = look_into(run, report, dataset) if is_own else _known_diagnosis(run)
    return _write_report(run, report, dataset, diagnosis, out)


def _write_report(
    run: Run, report: Report, dataset: Dataset, diagnosis: Diagnosis | None, out: Path | None = None
) -> Path:
    from kinverse.apps.report.run_report import write_run_report

    return write_run_report(run, report, dataset, out, diagnosis)


def _known_diagnosis(run: Run) -> Diagnosis | None:
    """What the run's card says, or None where it says nothing: runs of older versions, and runs not yet measured."""
    known = (run.card.metrics or {}).get("diagnosis")
    return None if known is None else Diagnosis.from_dict(known)


def _require_report_libraries() -> None:
    """Refuse before the training what would fail after it."""
    for library in REPORT_LIBRARIES:
        if importlib.util.find_spec(library) is None:
            raise MissingExtraError("train", library)


def what_it_buys(run: Run) -> Ablation | None:
    """What a run's network saves the solver, if it was trained to propose: several answers to a pose."""
    if run.arm is None or run.config.model.heads == 1:
        return None
    return measure_ablation(run.arm, CompiledNetwork.load(run.folder / MODEL), ABLATION_TARGETS, ABLATION_ROUNDS)


def _write_page(run: Run, dataset: Dataset) -> None:
    _write_report(run, Report.from_dict(run.card.metrics or {}), dataset, _known_diagnosis(run))


def _source_of(run: Run, dataset: Dataset | None) -> Source:
    if dataset is not None:
        return open_source(dataset, 1, 0, run.arm)
    return reopen_source(run.card.origin, run.arm, run.card.data_digest)


def _bar(progress: bool, config: FitConfig) -> AbstractContextManager[Watch]:
    if not progress:
        return nullcontext(lambda state: None)
    from kinverse.apps.report.progress import training_bar

    return training_bar(config.epochs)


def _new_folder(source: Source) -> Path:
    """`runs/NAME`, with a number behind if that is taken."""
    name = source.arm.name if source.arm is not None else source.dataset.manifest.name
    return free_path(RUNS / ("".join(c if c.isalnum() or c in "-_" else "-" for c in name) or "run"))
