"""The panel that trains a network: settings, buttons to start, pause, stop and save, and the equivalent code."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from kinverse.apps.viewer.code import as_command, as_python
from kinverse.apps.viewer.prediction_map import PredictionMap
from kinverse.apps.viewer.view_model import view_model_of
from kinverse.errors import ConfigError, KinverseError, MissingExtraError
from kinverse.files import free_path
from kinverse.learning.evaluation.scores import BEST_REACHABLE, CONSTANT_ANSWER
from kinverse.learning.training.config import FitConfig, OptimiserName, default_config
from kinverse.network.names import Activation
from kinverse.plotting import colours

if TYPE_CHECKING:
    from kinverse.apps.viewer.arm_panel import ArmPanel
    from kinverse.learning.trained import Model
    from kinverse.learning.training.loop import TrainingState

SECONDS_BETWEEN_UPDATES = 0.25
MAX_POINTS = 400
"""Largest number of points of a loss curve; longer curves are thinned."""
MIN_FLOOR = 1e-6
"""Lower floors are numerically zero and are not shown."""
RUNS = Path("runs")
"""Parent folder of saved models."""


class TrainingPanel:
    """Trains a network for one arm, in memory.

    Attributes:
        trained: the model of the last completed training run, or None.
        hidden: text field for the widths of the hidden layers; the other settings have controls of their own name.
    """

    def __init__(self, server: Any, panel: ArmPanel) -> None:
        """Add the controls to the current tab; the network is trained for the arm of `panel`."""
        self._panel = panel
        self.trained: Model | None = None
        self._thread: threading.Thread | None = None
        self._go, self._stop = threading.Event(), threading.Event()
        self._go.set()
        self._map = PredictionMap(server, panel.root, panel.model.arm.is_planar)
        self._default = default_config(panel.model.arm)
        self._add_controls(server.gui)
        self._show_code()
        threading.Thread(target=_load_torch, daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether a training run is in progress or paused."""
        return self._thread is not None and self._thread.is_alive()

    def config(self) -> FitConfig:
        """The settings of the controls.

        Raises:
            ConfigError: a setting is invalid; the message names it.
        """
        words = self.hidden.value.replace(",", " ").split()
        if not all(word.isdigit() for word in words):
            raise ConfigError(f"hidden layers must be widths such as 24, 24, got {self.hidden.value!r}")
        return self._default.replace(
            hidden=tuple(map(int, words)),
            activation=self.activation.value,
            optimiser=self.optimiser.value,
            learning_rate=float(self.learning_rate.value),
            epochs=int(self.epochs.value),
        )

    def start(self) -> None:
        """Start a training run in the background.

        Raises:
            ConfigError: a training run is in progress, or a setting is invalid.
        """
        if self.is_running:
            raise ConfigError("a training run is in progress: stop it first")
        config = self.config()
        self._stop.clear()
        self._go.set()
        self.trained = None
        self._thread = threading.Thread(target=self._train, args=(config,), daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Pause or resume the training run."""
        if not self.is_running:
            raise ConfigError("no training run is in progress")
        if self._go.is_set():
            self._go.clear()
        else:
            self._go.set()

    def stop(self) -> None:
        """Stop the training run; the model keeps the best weights so far."""
        self._stop.set()
        self._go.set()
        if self._thread is not None:
            self._thread.join(timeout=30.0)

    def save(self) -> Path:
        """Save the last trained model in a new folder under `runs/`.

        Raises:
            ConfigError: no training run has been completed.
        """
        if self.trained is None:
            raise ConfigError("no training run has been completed yet")
        RUNS.mkdir(exist_ok=True)
        folder = free_path(RUNS / self._panel.model.arm.name)
        self.trained.save(folder)
        return folder

    def _add_controls(self, gui: Any) -> None:
        default = self._default
        widths = ", ".join(map(str, default.model.hidden))
        self.hidden = gui.add_text("hidden layers", widths, hint="widths, such as 24, 24")
        self.activation = gui.add_dropdown("activation", get_args(Activation), initial_value=default.model.activation)
        self.optimiser = gui.add_dropdown("optimiser", get_args(OptimiserName), initial_value=default.optimiser.name)
        self.learning_rate = gui.add_number("learning rate", default.optimiser.learning_rate, min=1e-8, step=1e-5)
        self.epochs = gui.add_number("epochs", default.epochs, min=1, step=1)
        self._buttons = gui.add_button_group("training", ("start", "pause", "stop", "save"))
        self._buttons.on_click(lambda event: self._pressed(str(self._buttons.value)))
        self._status = gui.add_markdown("")
        self._plot = gui.add_uplot(
            data=(np.array([0.0, 1.0]), *(np.full(2, np.nan) for _ in range(4))),
            series=(
                {"label": "epoch"},
                {"label": "training", "stroke": colours.BLUE, "width": 2},
                {"label": "validation", "stroke": colours.VERMILLION, "width": 2, "dash": [6, 3]},
                {"label": CONSTANT_ANSWER, "stroke": colours.GREY, "width": 1, "dash": [2, 3]},
                {"label": BEST_REACHABLE, "stroke": colours.BLACK, "width": 1, "dash": [8, 3, 2, 3]},
            ),
            scales={"x": {"time": False}, "y": {"distr": 3}},
            title="loss",
            aspect=1.6,
        )
        with gui.add_folder("equivalent code"):
            self._python = gui.add_markdown("")
            self._command = gui.add_markdown("")
        for control in (self.hidden, self.activation, self.optimiser, self.learning_rate, self.epochs):
            control.on_update(lambda event: self._show_code())

    def _pressed(self, button: str) -> None:
        try:
            if button == "save":
                self._status.content = f"saved as `{self.save()}`; open it with `kinverse view`"
            else:
                {"start": self.start, "pause": self.pause, "stop": self.stop}[button]()
        except KinverseError as error:
            self._status.content = f"**{error}**"

    def _train(self, config: FitConfig) -> None:
        from kinverse.learning.training.source import open_source
        from kinverse.learning.workflow import fit

        shown = 0.0

        def on_epoch(state: TrainingState) -> str | None:
            nonlocal shown
            if not self._go.is_set():  # set in this thread, so that its progress message cannot overwrite it
                self._status.content = f"paused at epoch {state.epoch}"
                self._go.wait()
            if self._stop.is_set():
                return "stopped in the viewer"
            if time.monotonic() - shown > SECONDS_BETWEEN_UPDATES or state.epoch == config.epochs:
                shown = time.monotonic()
                self._show_progress(state, config)
            return None

        try:
            self._status.content = "sampling rows …"
            source = open_source(self._panel.model.arm, config.data.rows, config.seed)
            self._map.begin(source.dataset, self._panel.model.arm, config)
            model = fit(source, config, on_epoch=on_epoch)
            self._status.content = _summary(model)
            self.trained = model
            self._panel.show_model(replace(view_model_of(model), title=self._panel.model.title))
        except KinverseError as error:
            self._status.content = f"**{error}**"
        except ModuleNotFoundError as error:
            self._status.content = f"**{MissingExtraError('train', error.name or 'torch')}**"

    def _show_progress(self, state: TrainingState, config: FitConfig) -> None:
        rows = state.history[:: max(1, len(state.history) // MAX_POINTS)]
        if len(rows) < 2:
            return
        epochs, train, validation, _ = np.array(rows, dtype=np.float64).T
        # A floor of 1e-20 would flatten the curves on the logarithmic axis.
        floors = [self._map.floors.get(name, math.nan) for name in (CONSTANT_ANSWER, BEST_REACHABLE)]
        floors = [floor if floor > MIN_FLOOR else math.nan for floor in floors]
        self._plot.data = (epochs, train, validation, *(np.full(len(epochs), floor) for floor in floors))
        median, last = self._map.draw(state), state.history[-1]
        self._status.content = (
            f"epoch {state.epoch} of {config.epochs}: training {last.train_loss:.4g}, validation "
            f"{last.validation_loss:.4g}, median position error {1e3 * median:.1f} mm"
        )

    def _show_code(self) -> None:
        try:
            config = self.config()
        except KinverseError as error:
            self._python.content = f"**{error}**"
            self._command.content = ""
            return
        source = self._panel.model.source
        self._python.content = f"```python\n{as_python(source, config, self._default)}\n```"
        self._command.content = f"```sh\n{as_command(source, config, self._default)}\n```"


def _summary(model: Model) -> str:
    """Reason for the end of the training run, findings of the diagnosis, and floors."""
    from kinverse.learning.diagnosis.diagnose import diagnose

    report = model.evaluate()
    diagnosis = diagnose(model, report, model.dataset)
    lines = [f"{model.stopped}: epoch {model.epochs}, best {model.best_epoch}"]
    lines += [f"**{finding.cause}**: {finding.evidence} {finding.remedy}" for finding in diagnosis.findings]
    if not diagnosis.findings:
        lines.append(diagnosis.unexplained or "the diagnosis found no fault")
    floors = ", ".join(f"{name} {value:.4g}" for name, value in report.floors.items() if value > MIN_FLOOR)
    return "\n\n".join([*lines, *([f"floors: {floors}"] if floors else [])])


def _load_torch() -> None:
    """Import torch and the training code, so that the first training run starts without delay."""
    with contextlib.suppress(ImportError):
        import kinverse.learning.diagnosis.diagnose
        import kinverse.learning.workflow  # noqa: F401
