"""What the tracks of the NAO study say, in tables, figures and sentences."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.nao.tracks import DRAWN, NAMES, ROTATION_WEIGHTS, TRAJECTORY, Track
from kinverse.learning.evaluation.metrics import r2_global_mean, r2_per_column
from kinverse.learning.training.run import Run
from kinverse.plotting.dot_plot import strips
from kinverse.plotting.panels import LossPanel, loss_panels
from kinverse.plotting.plots import error_distribution, parity
from kinverse.tables import Cell, Table

ASKED = {"a": 0.995, "b": 0.999, "c": 0.9997}
"""R², mean of the joints, that a track is meant to reach."""
ASKED_TIP_MM = 0.05
STRAIGHT = 0.2
"""Elbow angles [rad] that count as nearly straight; the limit is at 0.0349."""


def tables(found: Sequence[Track]) -> list[Table]:
    """R² and tip errors of every track, and R² of every joint."""
    groups = _groups(found)
    rows: list[tuple[Cell, ...]] = []
    joints: list[tuple[Cell, ...]] = []
    for (arm, name), tracks in groups.items():
        for kind in (DRAWN, TRAJECTORY):
            means = [t.r2(kind) for t in tracks]
            flattering = statistics.median(r2_global_mean(t.actual[kind], t.predicted[kind]) for t in tracks)
            tip = np.concatenate([t.tip_mm[kind] for t in tracks])
            spread = f"{min(means):.5f} … {max(means):.5f}"
            middle = statistics.median(means)
            rows.append(
                (
                    arm,
                    NAMES[name],
                    kind,
                    len(tracks),
                    f"{middle:.5f}",
                    spread,
                    flattering,
                    float(np.median(tip)),
                    tip.max(),
                )
            )
            columns = np.median([r2_per_column(t.actual[kind], t.predicted[kind]) for t in tracks], axis=0)
            joints.append((arm, NAMES[name], kind, *(f"{value:.5f}" for value in columns), f"{columns.mean():.5f}"))
    first = Table(
        "R² and tip error on held-out rows",
        (
            "arm",
            "track",
            "test rows",
            "starts",
            "R² mean of joints",
            "min … max",
            "R² global mean",
            "tip median [mm]",
            "max",
        ),
        rows,
        "Tip errors are distances from where the true joints put the tool. Drawn: test rows drawn like the training "
        "rows; trajectory: along a joint trajectory, as the published ones.",
    )
    names = (f"joint{i}" for i in range(1, 6))
    second = Table("R² of every joint, median of the starts", ("arm", "track", "test rows", *names, "mean"), joints)
    chosen = [(t.arm, NAMES[t.name], t.seed, f"{t.validation_r2:.5f}", t.note) for t in found if t.name != "published"]
    third = Table(
        "What was chosen on the validation rows", ("arm", "track", "seed", "R² on them", "choice"), chosen,
        "The last epoch is kept as published; tracks a and b keep the epoch with the lowest validation loss; c takes "
        f"the best of the weights {', '.join(f'{w:g}' for w in ROTATION_WEIGHTS)} m/rad.",
    )  # fmt: skip
    return [first, second, *([third] if chosen else [])]


def _groups(found: Sequence[Track]) -> dict[tuple[str, str], list[Track]]:
    groups: dict[tuple[str, str], list[Track]] = {}
    for track in found:
        groups.setdefault((track.arm, track.name), []).append(track)
    return groups


def figures(found: Sequence[Track], runs: Mapping[str, Run]) -> list[PageFigure]:
    """Losses, actual against predicted for every arm and track, R² over the starts, tip errors."""
    panels = []
    for name, run in runs.items():
        if name.endswith("seed 0"):
            epochs, train, validation = (
                np.array([getattr(row, key) for row in run.history])
                for key in ("epoch", "train_loss", "validation_loss")
            )
            title = name.removesuffix(", seed 0")
            panels.append(LossPanel(title, epochs, train, validation, {}, int(epochs[np.argmin(validation)])))
    drawn = [PageFigure("Losses of seed 0, in the scaling of each training", loss_panels(panels, ylabel="MSE loss"))]
    for track in found:
        if track.seed == 0 and track.name != "b":
            caption = f"{track.arm}, {NAMES[track.name]}: actual against predicted, trajectory rows, seed 0"
            names = [f"joint{i}" for i in range(1, 6)]
            drawn.append(
                PageFigure(caption, parity(track.actual[TRAJECTORY], track.predicted[TRAJECTORY], names, "rad"))
            )
    groups: dict[str, dict[str, list[float]]] = {}
    for track in found:
        line = groups.setdefault(f"{track.arm}, {track.name}", {})
        for kind in (DRAWN, TRAJECTORY):
            line.setdefault(f"{kind} test rows", []).append(1.0 - track.r2(kind))
    asked = {line: 1.0 - ASKED[line.split(", ")[1]] for line in groups if line.split(", ")[1] in ASKED}
    spread = strips(groups, "1 − R², mean of the joints", marks={"asked for": asked} if asked else None)
    drawn.append(PageFigure("What R² leaves to 1, for every start", spread))
    tips = {NAMES[t.name]: t.tip_mm[DRAWN] for t in found if t.arm == "nao-right" and t.seed == 0}
    first, *others = tips.items()
    distribution = error_distribution(first[1], first[0], others=dict(others), xlabel="tip error [mm]")
    drawn.append(PageFigure("Share of drawn test rows below each tip error, right arm, seed 0", distribution))
    return drawn


def _straight_elbow(tracks: Sequence[Track]) -> str:
    """How much of what is left comes from rows where joints 3 and 5 turn about nearly the same line."""
    actual, predicted = (np.concatenate([getattr(t, name)[DRAWN] for t in tracks]) for name in ("actual", "predicted"))
    error = ((actual - predicted)[:, [2, 4]] ** 2).sum(axis=1)
    straight = np.abs(actual[:, 3]) < STRAIGHT
    return (
        f"What is left to 1 is joints 3 and 5, which turn about the same line when the elbow is straight: the "
        f"{100 * straight.mean():.0f} % of the rows with the elbow within {STRAIGHT} rad of straight hold "
        f"{100 * error[straight].sum() / error.sum():.0f} % of their squared error"
    )


def verdicts(found: Sequence[Track]) -> list[str]:
    """Whether each track reaches what it is meant to, and what the published formula hides."""
    said = []
    for name, asked in ASKED.items():
        tracks = [track for track in found if track.name == name]
        if not tracks:
            continue
        worst, middle = (f([track.r2(DRAWN) for track in tracks]) for f in (min, statistics.median))
        reaches = "reached by every start" if worst >= asked else f"not reached by every start (worst {worst:.4f})"
        text = f"{NAMES[name]}: R² {middle:.5f} (median of {len(tracks)}) on drawn test rows; {asked} is {reaches}"
        along = [track.r2(TRAJECTORY) for track in tracks]
        below = sum(value < asked for value in along)
        text += f"; on trajectory rows {statistics.median(along):.5f}" + (f", {below} below {asked}" if below else "")
        if name == "c":
            tip = max(float(track.tip_mm[kind].max()) for track in tracks for kind in track.tip_mm)
            text += f"; largest tip error {tip:.3f} mm, " + (
                f"within {ASKED_TIP_MM} mm" if tip <= ASKED_TIP_MM else f"above {ASKED_TIP_MM} mm"
            )
            said += [text, _straight_elbow(tracks)]
            continue
        said.append(text)
    published = [track for track in found if track.name == "published"]
    if published:
        flattering = statistics.median(r2_global_mean(t.actual[TRAJECTORY], t.predicted[TRAJECTORY]) for t in published)
        honest = statistics.median(t.r2(TRAJECTORY) for t in published)
        more = f"flatters by {flattering - honest:.2f}" if flattering > honest + 0.01 else "does not flatter here"
        said.append(
            f"Published network: R² over one global mean is {flattering:.3f}, the mean of the joints' R² {honest:.3f}: "
            f"the published formula {more}"
        )
    return said
