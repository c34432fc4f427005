"""The page of the NAO study."""

from __future__ import annotations

import statistics

import numpy as np

from kinverse.apps.report.page import PageFigure
from kinverse.apps.studies.nao.findings import (
    LAYERS,
    REQUIRED,
    ROTATION_WEIGHTS,
    STRAIGHT,
    Findings,
    constant_r2,
)
from kinverse.apps.studies.nao.runs import ARMS, CONFIGS, KINDS, NAO_PUBLISHED, QUICK, rows
from kinverse.apps.studies.study import Compared, Conclusion
from kinverse.apps.studies.texts import Texts, span
from kinverse.learning.data.arkoma import Draw
from kinverse.plotting.dot_plot import dot_plot
from kinverse.plotting.error_distribution import error_distribution
from kinverse.plotting.losses import LossPanel, loss_curves
from kinverse.plotting.parity import parity
from kinverse.tables import Cell, Table

TEXTS = Texts(
    "nao",
    requirements=REQUIRED,
    straight=STRAIGHT,
    weights=ROTATION_WEIGHTS,
    quick_epochs=QUICK,
    all_epochs={network: config.epochs for network, config in CONFIGS.items()},
)
JOINTS = [f"joint{i}" for i in range(1, 6)]
PUBLISHED_STD = {"fc1": 0.6009, "fc2": 0.3267}
"""Standard deviations of the initial weights, printed beside the other figures."""
CONSTANT = "column means"
DRAW_NAMES: dict[Draw, str] = {"uniform": "uniform", "normal": "normal (closest match)"}


def report(found: Findings) -> Conclusion:
    """R² and errors of the tool for every track, on held-out rows of both kinds."""
    return Conclusion(
        sentences=TEXTS.items("findings", found),
        compared=compared(found),
        tables=[*draws_tables(found), scores_table(found), joints_table(found), *choices_tables(found)],
        figures=figures(found),
        settings={"data": rows(ARMS[0], 0).manifest.source},
        caution=TEXTS.paragraph("caution"),
    )


def compared(found: Findings) -> list[Compared]:
    """The published figures of the right arm beside ours."""
    tracks = [track for track in found.named("published") if track.arm == "nao-right"]
    if not tracks:
        return []
    published, what = NAO_PUBLISHED.published, TEXTS.paragraph("track", "published")
    errors = tuple(track.scaled_mse for track in tracks if track.scaled_mse is not None)
    flattering = tuple(track.flattering_r2("trajectory") for track in tracks)
    items = [
        Compared(what, "scaled test MSE", published["scaled test MSE"], errors),
        Compared(what, "R², global mean", published["R², global mean"], flattering),
        Compared(CONSTANT, "R², global mean", None, tuple(constant_r2(track) for track in tracks)),
        *(
            Compared(what, f"std of the initial weights, {layer}", PUBLISHED_STD[layer],
                     tuple(track.initial_std[layer] for track in tracks))
            for layer in LAYERS
        ),
        Compared(what, "R², mean of the joints", None, tuple(track.r2("trajectory") for track in tracks)),
    ]  # fmt: skip
    return [item.explain(TEXTS.paragraph("outside")).unless(found.quick) for item in items]


def draws_tables(found: Findings) -> list[Table]:
    """How the published network's figures move with the draw of training and test rows; no table where not run."""
    if not found.drawn:
        return []
    lines: list[tuple[Cell, ...]] = []
    for drawn in found.drawn:
        low, high = drawn.test.spacing
        spacing = f"{low}" if low == high else f"{low} to {high}"
        figures = (statistics.median(drawn.mse), span(drawn.mse), statistics.median(drawn.r2), span(drawn.r2, ".3f"))
        lines.append((DRAW_NAMES[drawn.training], DRAW_NAMES[drawn.test.waypoints], spacing, *figures))
    published = NAO_PUBLISHED.published
    lines.append(
        ("published", "not known", "6 to 11", published["scaled test MSE"], None, published["R², global mean"], None)
    )
    columns = (
        "training rows", "waypoints of the test rows", "rows between them", "scaled test MSE, median", "min … max",
        "R² global mean, median", "min … max",
    )  # fmt: skip
    title = "The published network on other plausible rows, right arm"
    return [Table(title, columns, lines, TEXTS.paragraph("draws_note", found.ends))]


def scores_table(found: Findings) -> Table:
    """R² and errors of the tool for every track."""
    lines: list[tuple[Cell, ...]] = []
    for (arm, name), tracks in found.groups.items():
        for kind in KINDS:
            means = [track.r2(kind) for track in tracks]
            flattering = statistics.median(track.flattering_r2(kind) for track in tracks)
            errors = np.concatenate([track.tool_mm[kind] for track in tracks])
            spread = f"{min(means):.5f} … {max(means):.5f}"
            scores = (f"{statistics.median(means):.5f}", spread, flattering, float(np.median(errors)), errors.max())
            lines.append((arm, TEXTS.paragraph("track", name), kind, len(tracks), *scores))
    columns = (
        "arm", "track", "test rows", "starts", "R² mean of joints", "min … max", "R² global mean",
        "error of the tool, median [mm]", "max",
    )  # fmt: skip
    return Table("R² and error of the tool on held-out rows", columns, lines, TEXTS.paragraph("test_rows_note"))


def joints_table(found: Findings) -> Table:
    """R² of every joint."""
    lines: list[tuple[Cell, ...]] = []
    for (arm, name), tracks in found.groups.items():
        for kind in KINDS:
            r2 = np.median([track.r2_of_joints(kind) for track in tracks], axis=0)
            label = (arm, TEXTS.paragraph("track", name), kind)
            lines.append((*label, *(f"{value:.5f}" for value in r2), f"{r2.mean():.5f}"))
    return Table("R² of every joint, median of the starts", ("arm", "track", "test rows", *JOINTS, "mean"), lines)


def choices_tables(found: Findings) -> list[Table]:
    """What was chosen on the validation rows; no table where nothing was."""
    rows = [
        (track.arm, TEXTS.paragraph("track", track.name), track.seed, f"{track.validation_r2:.5f}",
         TEXTS.paragraph("choice", track))
        for track in found.tracks
        if track.name != "published"
    ]  # fmt: skip
    columns = ("arm", "track", "seed", "R² on them", "choice")
    note = TEXTS.paragraph("choices_note")
    return [Table("Choices made on the validation rows", columns, rows, note)] if rows else []


def figures(found: Findings) -> list[PageFigure]:
    """Losses, actual against predicted joints for every arm and track, R² over the starts, errors of the tool."""
    panels = [LossPanel.of(f"{key.arm}, {key.network}", history) for key, history in found.losses.items()]
    drawn = [PageFigure("Losses of seed 0, in the scaling of each training", loss_curves(panels, ylabel="MSE loss"))]
    for track in found.tracks:
        if track.seed == 0 and track.name != "b":
            name = TEXTS.paragraph("track", track.name)
            caption = f"{track.arm}, {name}: actual against predicted, trajectory rows, seed 0"
            figure = parity(track.actual["trajectory"], track.predicted["trajectory"], JOINTS, "rad")
            drawn.append(PageFigure(caption, figure))
    lines: dict[str, dict[str, list[float]]] = {}
    required: dict[str, float] = {}
    for (arm, name), tracks in found.groups.items():
        line = f"{arm}, {name}"
        lines[line] = {f"{kind} test rows": [1.0 - track.r2(kind) for track in tracks] for kind in KINDS}
        if tracks[0].name in REQUIRED and not found.quick:
            required[line] = 1.0 - REQUIRED[tracks[0].name]
    marks = {"required": required} if required else None
    drawn.append(PageFigure("1 − R² of every start", dot_plot(lines, "1 − R², mean of the joints", marks=marks)))
    first, *others = (
        (TEXTS.paragraph("track", track.name), track.tool_mm["drawn"])
        for track in found.tracks
        if track.arm == "nao-right" and track.seed == 0
    )
    distribution = error_distribution(first[1], first[0], others=dict(others), xlabel="error of the tool [mm]")
    caption = "Share of drawn test rows below each error of the tool, right arm, seed 0"
    return [*drawn, PageFigure(caption, distribution)]
