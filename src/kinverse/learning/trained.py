"""`Model`: a trained network with its settings, data and history. Imports torch only when it computes."""

from __future__ import annotations

import html
import importlib.util
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float

from kinverse.arguments import as_path, require_instance
from kinverse.errors import ConfigError, MissingExtraError, RunError, ShapeError
from kinverse.ik.goal import Goal
from kinverse.ik.targets import target_rows
from kinverse.learning.diagnosis.finding import Diagnosis
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER, Report
from kinverse.learning.evaluation.seed_benchmark import SeedBenchmark
from kinverse.learning.training.history import History
from kinverse.network.heads import closest
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from kinverse.ik.solver import Solver
    from kinverse.learning.data.dataset import Dataset, Manifest
    from kinverse.learning.model.inverse import InverseModel
    from kinverse.learning.model.mlp import WeightStatistics
    from kinverse.learning.training.config import FitConfig, Space
    from kinverse.learning.training.source import Origin
    from kinverse.robot.arm import Arm

Status = Literal["running", "interrupted", "failed", "finished"]
PAGES = (".html", ".htm")
REPORT = "report.html"
REPORT_LIBRARIES = ("matplotlib", "jinja2")


@dataclass(frozen=True)
class Results:
    """The measurements after a training.

    Attributes:
        report: the evaluation on the training's own data.
        diagnosis: what went wrong in the training.
        seeds: the benchmark of seeds, or None if the network has a single head.
    """

    report: Report
    diagnosis: Diagnosis
    seeds: SeedBenchmark | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A trained network, as `kv.fit` and `kv.load_model` give it.

    Attributes:
        config: the settings.
        arm: the arm, or None if the data belongs to no arm.
        network: the torch module with the kept weights, on the CPU, in evaluation mode.
        history: both losses after every epoch.
        manifest: description of the training data.
        data_digest: `Dataset.digest` of the training data.
        origin: how to recreate the training data.
        space: what the loss compares, "joints" or "tool".
        weights_at_start: statistics of every parameter after initialisation.
        status: finished, interrupted, failed, or running (also after a crash).
        stopped: why the training ended, in words.
        best_epoch: epoch with the best validation loss.
        seconds: training time [s], over all sessions.
        folder: the run folder, or None for a model in memory.
        results: the measurements after the training, or None.

    Example:
        >>> model = kv.fit("planar3", hidden=(24, 24), epochs=100)
        >>> q = model.predict([[1.2, 0.8]])
        >>> model.evaluate().of("network").tool.position_mm.median
    """

    config: FitConfig
    arm: Arm | None
    network: InverseModel
    history: History
    manifest: Manifest
    data_digest: str
    origin: Origin
    space: Space
    weights_at_start: tuple[WeightStatistics, ...]
    status: Status
    stopped: str
    best_epoch: int
    seconds: float
    folder: Path | None = None
    results: Results | None = None
    _rows: Dataset | None = field(default=None, repr=False)

    @property
    def epochs(self) -> int:
        """Passes over the training rows."""
        return max(len(self.history) - 1, 0)

    @property
    def name(self) -> str:
        """Name of the run folder; for a model in memory, the name of the arm or else of the data."""
        if self.folder is not None:
            return self.folder.resolve().name
        return self.manifest.name if self.arm is None else self.arm.name

    @property
    def goal(self) -> Goal | None:
        """The goal that the features encode, or None if they encode no pose."""
        return self.manifest.goal

    @cached_property
    def dataset(self) -> Dataset:
        """The training data, generated or read again if it is not in memory.

        Raises:
            RunError: the data was given in memory, or has changed.
        """
        if self._rows is not None:
            return self._rows
        from kinverse.learning.training.source import reopen_source

        return reopen_source(self.origin, self.arm, self.manifest.encoding, self.data_digest).dataset

    def predict(self, targets: Float[np.ndarray, ...]) -> Float[np.ndarray, "*batch dof"]:
        """Predict joint positions for targets; they may lie outside the limits unless the outputs are bounded.

        Of several heads, the one whose tool comes closest is taken.

        Args:
            targets: as in the goal: (..., 2), (..., 3) positions [m] or (..., 4, 4) poses T_base_target.

        Returns:
            (..., dof) joint positions [rad or m].

        Raises:
            RunError: the model has no arm, or its features encode no pose: use `network.predict`.
            ShapeError: `targets` does not fit the goal, or is not finite.
        """
        if self.arm is None or self.goal is None:
            raise RunError(f"{self._place}: not about an arm's poses; use network.predict(features)")
        rows, batch = target_rows(self.goal, targets)
        if not np.isfinite(rows).all():
            row = int(np.argwhere(~np.isfinite(rows))[0, 0])
            raise ShapeError(f"targets: row {row} is not finite", row=row)
        spec = self.network.spec
        q = closest(self.arm, self.network.predict_heads(spec.inputs_of(rows)), rows, spec.rotation_weight)
        return q.reshape(*batch, self.arm.dof)

    def evaluate(self, dataset: Dataset | None = None) -> Report:
        """Measure the network on the training data, or on another data set with the same columns.

        Args:
            dataset: other data; default: the training data.

        Raises:
            DataError: the data was made for another arm, or has other columns.
            RunError: the training data is gone.
        """
        from kinverse.learning.data.dataset import require_dataset
        from kinverse.learning.evaluation.report import evaluate

        return evaluate(self, self.dataset if dataset is None else require_dataset(dataset))

    def diagnose(
        self, dataset: Dataset | None = None, report: Report | None = None, *, counterfactuals: bool = False
    ) -> Diagnosis:
        """Find out what went wrong in the training, with the evidence and a remedy.

        Args:
            dataset: the training rows. Only a loaded model whose rows were in memory needs them; without them the
                checks that need rows are skipped, and the diagnosis lists them.
            report: the evaluation on these rows; default: it is computed.
            counterfactuals: also train short copies with one setting changed each, for a minute at most in all, to see
                which setting holds the training back. They need the rows.

        Raises:
            RunError: the data has changed or is gone, or other rows were given.
        """
        from kinverse.learning.data.dataset import require_dataset
        from kinverse.learning.diagnosis.diagnose import diagnose

        if dataset is not None and require_dataset(dataset).digest != self.data_digest:
            raise RunError(f"{self._place}: a diagnosis needs the rows of the training, and other rows were given")
        if dataset is None and (self._rows is not None or self.origin.kind != "memory"):
            dataset = self.dataset
        if dataset is None and counterfactuals:
            raise RunError(f"{self._place}: trainings with a setting changed need the rows: give the data set again")
        if dataset is None:
            return diagnose(self, None if self.results is None else self.results.report, None)
        found = diagnose(self, report or self.evaluate(dataset), dataset)
        if not require_instance(counterfactuals, bool, "counterfactuals"):
            return found
        from kinverse.learning.diagnosis.counterfactuals import counterfactuals as trained_differently

        return replace(found, counterfactuals=trained_differently(self, dataset))

    def benchmark_seeds(self, targets: int = 2000, rounds: int = 7) -> SeedBenchmark | None:
        """Measure whether the network speeds up the solver; None for a network with a single head.

        Args:
            targets: number of new targets to solve.
            rounds: number of repetitions.
        """
        if self.arm is None or self.config.model.heads == 1:
            return None
        from kinverse.learning.evaluation.seed_benchmark import benchmark_seeds

        return benchmark_seeds(self.arm, self.network.compiled(), self.goal, targets=targets, rounds=rounds)

    def solver(self) -> Solver:
        """A solver whose seeds are the network's predictions.

        Raises:
            RunError: the model has no arm, or its features encode no pose.
        """
        from kinverse.ik.solver import Solver

        if self.arm is None or self.goal is None:
            raise RunError(f"{self._place}: not about an arm's poses, so there is nothing to solve")
        return Solver(self.arm, self.goal, network=self.network.compiled())

    def report(self, path: str | Path | None = None, dataset: Dataset | None = None) -> Path:
        """Write the report page: settings, losses, scores, figures, diagnosis.

        Args:
            path: the HTML file; default: report.html in the run folder.
            dataset: other data to evaluate on; default: the training data.

        Returns:
            The file.

        Raises:
            ConfigError: a model in memory or other data without a path, or a path that does not end in .html.
            MissingExtraError: matplotlib or jinja2 is not installed.
        """
        require_report_libraries()
        path = None if path is None else as_path(path, "path")
        if path is None and dataset is not None:
            raise ConfigError("a report on other rows needs a file of its own, or it would replace the run's: give one")
        if path is None and self.folder is None:
            raise ConfigError("a model in memory has no folder for its report: give the name of a file")
        if path is not None and path.suffix.lower() not in PAGES:
            raise ConfigError(f"{path}: the report is an HTML page, give a name that ends in {' or '.join(PAGES)}")
        from kinverse.apps.report.model_report import write_model_report
        from kinverse.learning.data.dataset import require_dataset

        rows = self.dataset if dataset is None else require_dataset(dataset)
        is_own, known = rows.digest == self.data_digest, self.results
        report = known.report if is_own and known else self.evaluate(rows)
        diagnosis = known.diagnosis if known else self.diagnose(rows, report) if is_own else None
        path = path or Path(self.folder or "") / REPORT
        return write_model_report(self, report, rows, path, diagnosis)

    def save(self, folder: str | Path) -> Model:
        """Write a run folder atomically; `kv.load_model` reads it back.

        Args:
            folder: must not exist, or be empty.

        Returns:
            The model with its folder.

        Raises:
            RunError: the folder is not empty.
        """
        from kinverse.learning.training.run_folder import create_folder

        return create_folder(self, as_path(folder, "folder"))

    @property
    def loss_label(self) -> str:
        """The loss with its unit, for figures and tables; joints are compared scaled, without a unit."""
        loss = self.config.loss
        name = loss.replace("_", " ") if len(loss) > 3 else loss.upper()
        units = {"mse": " [m²]", "mae": " [m]", "distance": " [m]"} if self.space == "tool" else {}
        return f"{name} loss{units.get(loss, '')}"

    def tables(self, report: Report) -> list[Table]:
        """Losses and floors, the scores of a report, and the benchmark of seeds, if any."""
        unit = next(iter(self.manifest.target_units), "") or "unit"
        scores = report.tables(unit, "column" if self.arm is None else "joint")
        seeds = [self.results.seeds.table] if self.results is not None and self.results.seeds is not None else []
        return [*([self._losses_table(report.floors)] if len(self.history) else []), *scores, *seeds]

    def _losses_table(self, floors: dict[str, float]) -> Table:
        """The final losses, the loss that no training gets below, and the one that needs no training."""
        epoch, validation = self.history.epoch, self.history.validation_loss
        best = int(validation.argmin())
        levels = {
            BEST_REACHABLE: "best reachable: no training gets below",
            CONSTANT_ANSWER: "constant answer: needs no training",
        }
        rows: list[tuple[Cell, ...]] = [
            (f"validation loss, best (epoch {epoch[best]})", float(validation[best])),
            (f"validation loss, last (epoch {epoch[-1]})", float(validation[-1])),
            (f"training loss, last (epoch {epoch[-1]})", float(self.history.train_loss[-1])),
            *((levels.get(name, name), value) for name, value in floors.items()),
        ]
        return Table("Losses and floors", ("", self.loss_label), rows)

    @property
    def weights_table(self) -> Table:
        """Statistics of every parameter after initialisation."""
        rows = [
            (w.name, " × ".join(map(str, w.shape)), w.mean, w.std, w.smallest, w.largest) for w in self.weights_at_start
        ]
        return Table("Weights after initialisation", ("parameter", "shape", "mean", "std", "min", "max"), rows)

    @property
    def how_it_ended(self) -> str:
        """The status of the training and why it stopped, in words."""
        why = "no end was written" if self.status == "running" else self.stopped
        return self.status if why in ("", self.status) else f"{self.status}: {why}"

    @property
    def _place(self) -> str:
        return self.name if self.folder is None else str(self.folder)

    def __repr__(self) -> str:
        layers = "-".join(map(str, self.network.spec.network.sizes))
        loss = f", validation loss {self.history.validation_loss[-1]:.4g}" if len(self.history) else ""
        place = "" if self.folder is None else f", {self.folder}"
        return f"Model({self.name}, {layers}, {self.epochs} epochs, {self.how_it_ended}{loss}{place})"

    def _repr_html_(self) -> str:
        if self.results is not None:
            return "\n".join(table._repr_html_() for table in self.tables(self.results.report))
        return self._losses_table({})._repr_html_() if len(self.history) else html.escape(repr(self))


def require_report_libraries() -> None:
    """Raise MissingExtraError if a library of the report is not installed; called before a training starts."""
    for library in REPORT_LIBRARIES:
        if importlib.util.find_spec(library) is None:
            raise MissingExtraError("train", library)
