"""Training from the viewer: choose, watch, pause, stop, keep; and the code that does the same."""

from __future__ import annotations

import contextlib
import math
import shutil
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from kinverse.apps.viewer.code import as_command, as_python
from kinverse.apps.viewer.map import PredictionMap
from kinverse.apps.viewer.subject import open_subject
from kinverse.errors import ConfigError, KinverseError, MissingExtraError
from kinverse.files import free_path
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.learning.training.config import FitConfig, OptimiserName, default_config
from kinverse.network.names import Activation

if TYPE_CHECKING:
    from kinverse.apps.viewer.desk import Desk
    from kinverse.learning.training.loop import TrainingState
    from kinverse.learning.training.run import Run

SECONDS_BETWEEN_UPDATES = 0.25
MOST_POINTS = 400
"""Points of a loss curve that are sent; a long training is thinned."""
LOWEST_FLOOR = 1e-6
RUNS = Path("runs")


class TrainingTab:
    """The controls of a training of the first arm on the table.

    Attributes:
        run: the last training that has ended, or None.
    """

    def __init__(self, server: Any, desk: Desk) -> None:
        """Add the controls to the panel that is open."""
        self._server, self._desk = server, desk
        self.run: Run | None = None
        self._thread: threading.Thread | None = None
        self._go, self._stop = threading.Event(), threading.Event()
        self._go.set()
        self._folder: Path | None = None
        arm = desk.subject.arm
        self._map = PredictionMap(server, desk.root, desk.subject.is_planar)
        self._base = default_config(arm).replace(epochs=60) if arm.task == "pose" else _planar_base()
        gui, base = server.gui, self._base
        self._hidden = gui.add_text("hidden layers", ", ".join(map(str, base.hidden)), hint="widths, as 24, 24")
        self._activation = gui.add_dropdown("activation", get_args(Activation), initial_value=base.activation)
        self._optimiser = gui.add_dropdown("optimiser", get_args(OptimiserName), initial_value=base.optimiser.name)
        self._rate = gui.add_number("learning rate", base.learning_rate, min=1e-8, step=1e-5)
        self._epochs = gui.add_number("epochs", base.epochs, min=1, step=1)
        self._buttons = gui.add_button_group("training", ("start", "pause", "stop", "keep"))
        self._said = gui.add_markdown("")
        self._plot = gui.add_uplot(
            data=(np.array([0.0, 1.0]), *(np.full(2, np.nan) for _ in range(4))),
            series=(
                {"label": "epoch"},
                {"label": "training", "stroke": "#0072B2", "width": 2},
                {"label": "validation", "stroke": "#D55E00", "width": 2, "dash": [6, 3]},
                {"label": CONSTANT_ANSWER, "stroke": "#6B6B6B", "width": 1, "dash": [2, 3]},
                {"label": BEST_REACHABLE, "stroke": "#000000", "width": 1, "dash": [8, 3, 2, 3]},
            ),
            scales={"x": {"time": False}, "y": {"distr": 3}},
            title="loss",
            aspect=1.6,
        )
        with gui.add_folder("the same as code"):
            self._python = gui.add_markdown("")
            self._command = gui.add_markdown("")
        for control in (self._hidden, self._activation, self._optimiser, self._rate, self._epochs):
            control.on_update(lambda event: self._show_code())
        self._buttons.on_click(lambda event: self._pressed(str(self._buttons.value)))
        self._show_code()
        threading.Thread(target=_load_torch, daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether a training is under way, paused or not."""
        return self._thread is not None and self._thread.is_alive()

    def config(self) -> FitConfig:
        """The settings as chosen.

        Raises:
            ConfigError: one of them cannot be; the message says which.
        """
        words = self._hidden.value.replace(",", " ").split()
        if not all(word.isdigit() for word in words):
            raise ConfigError(f"hidden layers must be widths such as 24, 24, got {self._hidden.value!r}")
        return self._base.replace(
            hidden=tuple(map(int, words)),
            activation=self._activation.value,
            optimiser=self._optimiser.value,
            learning_rate=float(self._rate.value),
            epochs=int(self._epochs.value),
        )

    def start(self) -> None:
        """Begin a training in the background.

        Raises:
            ConfigError: one is under way already, or a setting cannot be.
        """
        if self.is_running:
            raise ConfigError("a training is under way: stop it first")
        config = self.config()
        self._stop.clear()
        self._go.set()
        self.run = None
        self._thread = threading.Thread(target=self._train, args=(config,), daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Hold the training, or go on with it."""
        if not self.is_running:
            raise ConfigError("no training is under way")
        if self._go.is_set():
            self._go.clear()
        else:
            self._go.set()

    def stop(self) -> None:
        """End the training; its best weights so far are kept in it."""
        self._stop.set()
        self._go.set()
        if self._thread is not None:
            self._thread.join(timeout=30.0)

    def keep(self) -> Path:
        """Move the last training to a folder of its own under `runs/`.

        Raises:
            ConfigError: there is none that has ended.
        """
        if self.run is None:
            raise ConfigError("no training has ended yet")
        RUNS.mkdir(exist_ok=True)
        folder = free_path(RUNS / self._desk.subject.arm.name)
        shutil.move(self.run.folder, folder)
        self.run = None
        return folder

    def _pressed(self, button: str) -> None:
        try:
            if button == "keep":
                self._said.content = f"kept as `{self.keep()}`: open it with `kinverse view`"
            else:
                {"start": self.start, "pause": self.pause, "stop": self.stop}[button]()
        except KinverseError as error:
            self._said.content = f"**{error}**"

    def _train(self, config: FitConfig) -> None:
        from kinverse.learning.training.session import train_run
        from kinverse.learning.training.source import open_source

        shown = 0.0

        def watch(state: TrainingState) -> str | None:
            nonlocal shown
            if not self._go.is_set():  # said here, where no later word of this thread can cover it
                self._said.content = f"paused at epoch {state.epoch}"
                self._go.wait()
            if self._stop.is_set():
                return "stopped in the viewer"
            if time.monotonic() - shown > SECONDS_BETWEEN_UPDATES or state.epoch == config.epochs:
                shown = time.monotonic()
                self._show_progress(state, config)
            return None

        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder = Path(tempfile.mkdtemp(prefix="kinverse-view-"))
        try:
            self._said.content = "drawing rows …"
            source = open_source(self._desk.subject.arm, config.rows, config.seed)
            self._map.begin(source.dataset, self._desk.subject.arm, config)
            run = train_run(source, config, self._folder / "run", watch)
            self.run = run
            self._said.content = self._verdict(run, source.dataset)
            self._desk.learn(replace(open_subject(run), title=self._desk.subject.title))
        except KinverseError as error:
            self._said.content = f"**{error}**"
        except ModuleNotFoundError as error:
            self._said.content = f"**{MissingExtraError('train', error.name or 'torch')}**"

    def _show_progress(self, state: TrainingState, config: FitConfig) -> None:
        rows = state.history[:: max(1, len(state.history) // MOST_POINTS)]
        if len(rows) < 2:
            return
        epochs, train, validation = (
            np.array([getattr(row, name) for row in rows], dtype=np.float64)
            for name in ("epoch", "train_loss", "validation_loss")
        )
        levels = [self._map.floors.get(name, math.nan) for name in (CONSTANT_ANSWER, BEST_REACHABLE)]
        # A logarithmic axis that reaches down to a floor of 1e-20 would show nothing else.
        levels = [level if level > LOWEST_FLOOR else math.nan for level in levels]
        self._plot.data = (epochs, train, validation, *(np.full(len(epochs), level) for level in levels))
        median, last = self._map.draw(state), state.history[-1]
        self._said.content = (
            f"epoch {state.epoch} of {config.epochs}: training {last.train_loss:.4g}, validation "
            f"{last.validation_loss:.4g}; on the map the tool is {1e3 * median:.1f} mm off (median)"
        )

    def _verdict(self, run: Run, dataset: Any) -> str:
        from kinverse.learning.diagnosis.diagnose import diagnose
        from kinverse.learning.evaluation.report import evaluate

        report = evaluate(run, dataset)
        found = diagnose(run, report, dataset)
        lines = [f"{run.card.stopped}: epoch {run.card.epochs}, best {run.card.best_epoch}"]
        lines += [f"**{finding.cause}**: {finding.evidence} {finding.remedy}" for finding in found.findings]
        if found.healthy:
            lines.append("the diagnosis finds nothing wrong")
        floors = ", ".join(f"{name} {value:.4g}" for name, value in report.floors.items() if math.isfinite(value))
        if floors:
            lines.append(f"floors: {floors}")
        return "\n\n".join(lines)

    def _show_code(self) -> None:
        try:
            config = self.config()
        except KinverseError as error:
            self._python.content = f"**{error}**"
            self._command.content = ""
            return
        source = self._desk.subject.arm.name
        base = default_config(self._desk.subject.arm)
        self._python.content = f"```python\n{as_python(source, config)}\n```"
        self._command.content = f"```sh\n{as_command(source, config, base)}\n```"


def _planar_base() -> FitConfig:
    return FitConfig(hidden=(24, 24), learning_rate=0.01, epochs=300, scale_features="none", rows=2500)


def _load_torch() -> None:
    """Load what a training needs while nobody waits for it."""
    with contextlib.suppress(ImportError):
        import kinverse.learning.diagnosis.diagnose
        import kinverse.learning.training.session  # noqa: F401
