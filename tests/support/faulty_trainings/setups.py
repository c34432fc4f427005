"""Trainings that were set up badly: scaling, schedule, softmax, rows."""

from __future__ import annotations

import kinverse as kv
from tests.support.faulty_trainings.case import DOUBLE, Case, classes, nao, plain, planar, sines
from tests.support.faulty_trainings.rows import blobs, bump, grid, joints, phase, repeated, sine, with_answer

SETUPS = (
    # Inputs as they come.
    Case("unscaled: phase", phase(600, 300), classes(scale_features="none"), ("unscaled inputs",), ("underfitting",)),
    Case(
        "unscaled: ARKOMA",
        lambda seed: kv.make_arkoma("nao-right", 4000, seed),
        nao(scale_features="none"),
        ("unscaled inputs",),
        ("underfitting", "overfitting", "dead units"),
    ),
    Case(
        "unscaled: sine at 1000",
        sine(300, 300, low=1000.0),
        plain(scale_features="none", schedule="cosine"),
        ("unscaled inputs",),
        ("underfitting", "constant output", "dead units", "oscillating"),
    ),
    # Schedules that do nothing.
    Case(
        "schedule: planar step",
        grid(40),
        planar(schedule="step", gamma=0.995, schedule_step=100),
        ("schedule never moves",),
        ("oscillating",),
    ),
    Case(
        "schedule: NAO step 1000",
        joints(6000),
        nao(schedule="step", gamma=0.1, schedule_step=1000, learning_rate=1e-3),
        ("schedule never moves",),
        ("oscillating", "still falling"),
    ),
    Case(
        "schedule: sine",
        sine(300, 300),
        plain(schedule="exponential", gamma=0.9999),
        ("schedule never moves",),
        ("oscillating",),
    ),
    # Softmax twice.
    Case("double softmax: blobs", blobs(600, 300), classes(**DOUBLE), ("double softmax",)),
    Case(
        "double softmax: phase",
        phase(600, 300),
        classes(**DOUBLE, scale_features="none"),
        ("double softmax", "unscaled inputs"),
    ),
    # Leaks.
    Case("leak: NAO repeats", repeated(joints(6000), 0.1), nao(), ("leak",)),
    Case("leak: blobs repeats", repeated(blobs(600, 300), 0.3), classes(), ("leak",)),
    Case(
        "leak: bump answer",
        with_answer(bump(2000, 500)),
        plain(schedule="cosine", batch_size=256, epochs=40),
        ("leak",),
    ),
    # Too few validation rows.
    Case("small: sine 5", sine(200, 5), sines(schedule="cosine"), ("small validation set",)),
    Case("small: blobs 8", blobs(600, 8), classes(), ("small validation set",)),
    Case(
        "small: NAO 20",
        lambda seed: kv.joint_dataset("nao-right", 4000, seed, None, (0.995, 0.005, 0.0)),
        nao(),
        ("small validation set",),
    ),
)
