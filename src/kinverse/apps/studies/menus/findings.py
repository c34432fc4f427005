"""What the options of the menus give, in tables, figures and sentences."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kinverse.apps.studies.menus.tasks import rings
from kinverse.learning.evaluation.scores import NETWORK, Report
from kinverse.learning.training.run import Run
from kinverse.plotting.dot_plot import strips
from kinverse.plotting.panels import LossPanel, loss_panels
from kinverse.tables import Cell, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Tried:
    """One option, over its random starts.

    Attributes:
        option: its name.
        validation_mm: root mean square tip error on the validation rows, one for each start [mm].
        test_mm: on the test rows [mm].
        failed: starts whose loss became NaN.
    """

    option: str
    validation_mm: tuple[float, ...]
    test_mm: tuple[float, ...]
    failed: int

    @classmethod
    def of(cls, option: str, runs: Sequence[Run]) -> Tried:
        """Read from the runs' cards."""
        errors = [tuple(_root_mean_square(run, split) for run in runs) for split in ("validation", "test")]
        return cls(option, errors[0], errors[1], sum(run.card.status == "failed" for run in runs))

    @property
    def median(self) -> float:
        """On the validation rows [mm]."""
        return statistics.median(self.validation_mm)


def _root_mean_square(run: Run, split: str) -> float:
    """Tip error from the mean square of its two coordinates [mm]."""
    tip = Report.from_dict(run.card.metrics or {}).of(NETWORK, split).tip
    assert tip is not None
    return 1e3 * float(np.sqrt(2.0 * tip.mse))


def accuracy_of(run: Run) -> float:
    """Share of the test rows whose ring the network names; ring 0 or not, where the loss knows only two classes."""
    points, number = (getattr(rings().test, name) for name in ("features", "targets"))
    outputs = run.load_model().predict(points)
    if outputs.shape[1] == 1:  # the embedding hinge: small for +1, which is ring 0
        return float(np.mean((outputs[:, 0] < 0.5) == (number[:, 0] == 0)))
    return float(np.mean(outputs.argmax(axis=1) == number[:, 0]))


def plural(menu: str) -> str:
    """A menu's name, for many options of it."""
    return {"loss": "losses", "layers": "layers"}.get(menu, f"{menu}s")


def menu_figure(menu: str, options: Sequence[Tried]) -> Figure:
    """One line for each option, one dot for each start."""
    groups = {tried.option: {"validation rows": tried.validation_mm, "test rows": tried.test_mm} for tried in options}
    return strips(groups, "root mean square tip error [mm]", title=plural(menu))


def class_figure(classes: Mapping[str, Sequence[float]]) -> Figure:
    """Share of right test rows for every loss for classes."""
    groups = {name: {"test rows": [100.0 * value for value in values]} for name, values in classes.items()}
    return strips(groups, "right test rows [%]", log=False)


def rate_figure(rates: Mapping[str, Run]) -> Figure:
    """Losses at three learning rates."""
    return loss_panels([_panel(f"{name}: {run.config.learning_rate:g}", run) for name, run in rates.items()],
                       ylabel="MSE loss [m²]")  # fmt: skip


def capacity_figure(capacities: Mapping[str, Run]) -> Figure:
    """Losses of three sizes on few, noisy rows, with the epoch at which to stop."""
    panels = [_panel(f"{name}: {'-'.join(map(str, run.config.hidden))}", run) for name, run in capacities.items()]
    return loss_panels(panels, ylabel="MSE loss [m²]")


def _panel(title: str, run: Run) -> LossPanel:
    epochs, train, validation = (
        np.array([getattr(row, name) for row in run.history]) for name in ("epoch", "train_loss", "validation_loss")
    )
    return LossPanel(title, epochs, train, validation, best_epoch=int(epochs[np.argmin(validation)]))


def menu_table(tried: Mapping[str, Sequence[Tried]]) -> Table:
    """Every option with its errors."""
    rows: list[tuple[Cell, ...]] = []
    for menu, options in tried.items():
        for one in options:
            several = len(one.validation_mm) > 1
            spread = f"{min(one.validation_mm):.3g} … {max(one.validation_mm):.3g}" if several else None
            failed = f"{one.failed} of {len(one.validation_mm)}" if one.failed else None
            rows.append((menu, one.option, one.median, spread, statistics.median(one.test_mm), failed))
    columns = ("menu", "option", "validation, median [mm]", "min … max", "test, median [mm]", "failed with NaN")
    note = (
        "Root mean square tip error, with the weights of the epoch that has the lowest validation loss. One setting is "
        "changed at a time."
    )
    return Table("Every option on the same task", columns, rows, note)


def splits_table(tried: Mapping[str, Sequence[Tried]]) -> Table:
    """What each split is for, and what happens to the error of what was chosen on one of them."""
    every = [
        (validation, test, f"{menu} {one.option}")
        for menu, options in tried.items()
        for one in options
        for validation, test in zip(one.validation_mm, one.test_mm, strict=True)
    ]
    validation, test, name = min(every)
    rows: list[tuple[Cell, ...]] = [
        ("train", "weights and scalers are fitted on it", None, None),
        (
            "validation",
            f"epoch, settings and network are chosen on it: here {name!r} of {len(every)}",
            validation,
            None,
        ),
        ("test", "looked at once, at the end; nothing is chosen on it", None, test),
    ]
    columns = ("split", "what it is for", "error of the chosen one on it [mm]", "error nothing was chosen on [mm]")
    side = "flatters the chosen one" if validation < test else "does not flatter the chosen one this time"
    return Table(
        "Three splits", columns, rows, f"The validation error {side}: {validation:.3g} mm against {test:.3g} mm."
    )


def verdicts(
    tried: Mapping[str, Sequence[Tried]],
    classes: Mapping[str, Sequence[float]],
    rates: Mapping[str, Run],
    capacities: Mapping[str, Run],
) -> list[str]:
    """The best and the worst of each menu, and what the three special figures show."""
    said = []
    for menu, options in tried.items():
        ordered = sorted(options, key=lambda one: one.median)
        best, worst = ordered[0], ordered[-1]
        close = [one.option for one in ordered[1:] if min(one.validation_mm) <= max(best.validation_mm)]
        apart = f"; within its spread lie {', '.join(close)}" if close else ""
        said.append(
            f"{menu}: best {best.option} ({best.median:.0f} mm), worst {worst.option} ({worst.median:.0f} mm){apart}"
        )
    shares = {name: statistics.median(values) for name, values in classes.items()}
    once, twice = shares["cross_entropy on logits"], shares["cross_entropy after softmax"]
    cost = "costs" if twice < once else "does not cost"
    said.append(
        f"A softmax before cross-entropy {cost} accuracy here: {100 * twice:.0f} % of the test rows right, "
        f"{100 * once:.0f} % without"
    )
    ends = {name: run.history[-1].validation_loss for name, run in rates.items()}
    said.append("Learning rate, validation loss at the end: " + ", ".join(f"{k} {v:.3g} m²" for k, v in ends.items()))
    for name, run in capacities.items():
        lowest, last = min(run.history, key=lambda row: row.validation_loss), run.history[-1]
        rise = last.validation_loss / lowest.validation_loss - 1.0
        if rise > 0.1:
            lower = 100.0 * rise / (1.0 + rise)
            text = f"overfits: stop at epoch {lowest.epoch}, where the validation loss is {lower:.0f} % lower"
        elif last.train_loss > 2.0 * min(r.history[-1].train_loss for r in capacities.values()):
            text = "does not overfit, and its training loss stays high"
        else:
            text = "does not overfit"
        said.append(
            f"Capacity {name}: {text} (training {last.train_loss:.3g}, validation {last.validation_loss:.3g} m²)"
        )
    return said
