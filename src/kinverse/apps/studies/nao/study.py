"""Study 5: NAO's arms on ARKOMA: the published network, better ones, and the exact solver behind them.

ARKOMA's rows are generated, anew for every seed (`kinverse.learning.data.arkoma`): the published files cannot be had
everywhere.
Besides the published network there are three tracks:

    a   only the 6,000 training rows, no kinematics
    b   200,000 generated rows, printed with the data's own rounding
    c   what network b proposes, finished by the exact solver

Their settings, the epoch that is kept and the solver's weight of rotations are chosen on validation rows only.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import kinverse as kv
from kinverse.apps.studies.nao.findings import figures, tables, verdicts
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.nao.tracks import Track, compared, finish
from kinverse.apps.studies.study import Conclusion, Effort, Training
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run import Run

ARMS = ("nao-right", "nao-left")
GENERATED_ROWS = 200_000
GENERATED_SEED = 1000
"""Added to the seed: the generated rows of track b are none of the data set's own."""
TRACK_A = NAO_BETTER.config.replace(hidden=(128,) * 4, learning_rate=1e-2, epochs=500)
TRACK_B = NAO_BETTER.config.replace(learning_rate=5e-3, batch_size=512, epochs=51)
SECONDS = {"published": 1.5, "a": 45.0, "b": 80.0}
QUICK = {"published": 300, "a": 30, "b": 4}
"""Epochs of a quick look."""
LONG_STARTS = 3


@functools.lru_cache(maxsize=4)
def rows(arm: str, seed: int) -> Dataset:
    """ARKOMA's 6,000, 2,000 and 2,000 rows; the test rows along a joint trajectory, as published."""
    return kv.make_arkoma(arm, seed=seed)


@functools.lru_cache(maxsize=2)
def generated_rows(arm: str, seed: int) -> Dataset:
    """Many generated training rows; validation and test rows are those of the data set itself."""
    own = rows(arm, seed)
    more = kv.make_arkoma(arm, rows=GENERATED_ROWS * 10 // 6, seed=GENERATED_SEED + seed).train
    manifest = replace(own.manifest, source=f"{len(more)} generated training rows; {own.manifest.source}")
    assert own.test is not None
    return Dataset.from_tables({"train": more, "validation": own.validation, "test": own.test}, manifest)


def recipes(effort: Effort) -> dict[str, FitConfig]:
    """Track → settings, for the ways asked for."""
    found = {}
    if "as published" in effort.ways:
        found["published"] = NAO_PUBLISHED.config
    if "corrected" in effort.ways:
        found |= {"a": TRACK_A, "b": TRACK_B}
    return {track: c.replace(epochs=QUICK[track]) if effort.quick else c for track, c in found.items()}


def starts(track: str, effort: Effort) -> range:
    """The seeds of a track: the long trainings have fewer."""
    return effort.starts(usual=LONG_STARTS if track == "b" else 5, quick=1)


def trainings(effort: Effort) -> Sequence[Training]:
    """Every track, both arms, for every seed."""
    found = []
    for track, config in recipes(effort).items():
        make = generated_rows if track == "b" else rows
        for arm in ARMS:
            for seed in starts(track, effort):
                share = config.epochs / {"published": 300, "a": TRACK_A.epochs, "b": TRACK_B.epochs}[track]
                settings = config.replace(seed=seed)
                data = functools.partial(make, arm, seed)
                found.append(Training(f"{arm}, {track}, seed {seed}", settings, data, SECONDS[track] * share))
    return found


def conclude(effort: Effort, runs: Mapping[str, Run]) -> Conclusion:
    """R² and tip errors of every track, on held-out rows of both kinds."""
    found: list[Track] = []
    for arm in ARMS:
        for name in recipes(effort):
            for seed in starts(name, effort):
                run = runs[f"{arm}, {name}, seed {seed}"]
                found.append(Track.of_network(arm, name, seed, rows(arm, seed), run))
                if name == "b":
                    found.append(finish(arm, seed, rows(arm, seed), run))
    return Conclusion(
        verdicts=verdicts(found),
        compared=compared(found, runs, quick=effort.quick),
        tables=tables(found),
        figures=figures(found, runs),
        settings={"data": rows(ARMS[0], 0).manifest.source},
    )
