"""Trainings that one setting spoils, and trainings on spoiled rows."""

from __future__ import annotations

from tests.support.faulty_trainings.case import Case, classes, nao, plain, planar, sines
from tests.support.faulty_trainings.rows import blobs, bump, grid, joints, ring, sine, wave
from tests.support.faulty_trainings.spoiled import (
    constant_target,
    near_copies,
    noisy_answer,
    scaled_targets,
    shuffled,
    sorted_split,
    unrelated,
)

BATCHES = {"schedule": "cosine", "batch_size": 256, "epochs": 60}

SETTINGS = (
    Case("decay: sine Adam 0.1", sine(300, 300), sines(schedule="cosine", weight_decay=0.1), ("weight decay",)),
    Case(
        "decay: wave AdamW 5", wave(2000, 500), plain(optimiser="adamw", weight_decay=5.0, **BATCHES), ("weight decay",)
    ),
    Case("decay: NAO Adam 0.03", joints(6000), nao(weight_decay=0.03), ("weight decay",)),
    Case("decay: planar Adam 0.3", grid(40), planar(weight_decay=0.3), ("weight decay",)),
    Case("decay: ring Adam 0.3", ring(600, 300), classes(weight_decay=0.3), ("weight decay",)),
    Case(
        "decay: bump SGD 0.1",
        bump(2000, 500),
        plain(optimiser="sgd", momentum=0.9, learning_rate=0.1, keep_best=False, weight_decay=0.1, **BATCHES),
        ("weight decay",),
    ),
    Case("dropout: wave 0.6", wave(2000, 500), plain(dropout=0.6, **BATCHES), ("dropout",)),
    Case("dropout: NAO 0.5", joints(6000), nao(dropout=0.5), ("dropout",)),
    Case("dropout: planar 0.5", grid(40), planar(dropout=0.5), ("dropout",)),
    Case("dropout: sine 0.7", sine(300, 300), sines(dropout=0.7, schedule="cosine"), ("dropout",)),
    Case("ends: sine 0.9", sine(300, 300), sines(schedule="exponential", gamma=0.95), ("schedule ends too soon",)),
    Case(
        "ends: NAO 0.6",
        joints(6000),
        nao(schedule="exponential", gamma=0.6, learning_rate=3e-3),
        ("schedule ends too soon",),
    ),
    Case(
        "ends: planar step",
        grid(40),
        planar(schedule="step", gamma=0.1, schedule_step=10, learning_rate=3e-3),
        ("schedule ends too soon",),
    ),
    Case("ends: ring", ring(600, 300), classes(schedule="exponential", gamma=0.8), ("schedule ends too soon",)),
    Case("linear: wave", wave(2000, 500), plain(hidden=(), **BATCHES), ("no hidden layer",)),
    Case("linear: NAO", joints(6000), nao(hidden=()), ("no hidden layer",)),
    Case("linear: planar", grid(40), planar(hidden=()), ("no hidden layer",), ("schedule ends too soon",)),
    Case(
        "output: sine relu",
        sine(300, 300),
        sines(schedule="cosine", output_activation="relu", scale_targets="standard"),
        ("output range",),
    ),
    Case("output: NAO relu", joints(6000), nao(output_activation="relu"), ("output range",)),
    Case(
        "output: wave sigmoid",
        wave(2000, 500),
        plain(output_activation="sigmoid", scale_targets="none", **BATCHES),
        ("output range",),
    ),
    Case(
        "output: wave tanh",
        wave(2000, 500),
        plain(output_activation="tanh", scale_targets="standard", **BATCHES),
        ("output range",),
    ),
    Case(
        "vanishing: wave sigmoid 8",
        wave(2000, 500),
        plain(hidden=(24,) * 8, activation="sigmoid", **BATCHES),
        ("vanishing gradients",),
    ),
    Case(
        "vanishing: sine sigmoid 6",
        sine(300, 300),
        plain(hidden=(24,) * 6, activation="sigmoid", epochs=300),
        ("vanishing gradients",),
    ),
    Case(
        "vanishing: NAO sigmoid 7",
        joints(6000),
        nao(hidden=(32,) * 7, activation="sigmoid", optimiser="sgd", learning_rate=0.1),
        ("vanishing gradients",),
    ),
    Case(
        "vanishing: ring sigmoid 12",
        ring(600, 300),
        classes(hidden=(16,) * 12, activation="sigmoid", epochs=100),
        ("vanishing gradients",),
    ),
)

DATA = (
    Case("no signal: wave", unrelated(wave(2000, 500)), plain(**BATCHES), ("no signal",)),
    Case("no signal: sine", unrelated(sine(300, 300)), sines(schedule="cosine"), ("no signal",)),
    Case("no signal: ring", unrelated(ring(600, 300)), classes(), ("no signal",)),
    Case("shuffled: wave", shuffled(wave(2000, 500)), plain(**BATCHES), ("no signal",)),
    Case("shuffled: NAO", shuffled(joints(6000)), nao(), ("shuffled pairs",)),
    Case("shuffled: NAO, a third", shuffled(joints(6000), 0.3), nao(), ("shuffled pairs",)),
    Case(
        "constant target: NAO", constant_target(joints(6000), 2, 0.3), nao(), ("constant target",), ("shuffled pairs",)
    ),
    Case("constant target: wave", constant_target(wave(2000, 500), 0, 2.0), plain(**BATCHES), ("constant target",)),
    Case(
        "targets: wave 100",
        scaled_targets(wave(2000, 500), 100.0),
        plain(scale_targets="none", **BATCHES),
        ("unscaled targets",),
    ),
    Case(
        "targets: NAO mm",
        scaled_targets(wave(2000, 500), 1.0, 500.0),
        plain(scale_targets="none", **BATCHES),
        ("unscaled targets",),
    ),
    Case(
        "targets: sine 1e-3",
        scaled_targets(sine(300, 300), 1e-3),
        sines(scale_targets="none", schedule="cosine"),
        ("unscaled targets",),
    ),
    Case("copies: NAO 1e-9", near_copies(joints(6000), 0.2, 1e-9), nao(), ("leak",)),
    Case(
        "copies: bump 0.1 %",
        near_copies(bump(2000, 500), 0.3, 1e-3),
        plain(**BATCHES),
        ("leak",),
        ("schedule ends too soon",),
    ),
    Case("copies: blobs 1e-6", near_copies(blobs(600, 300), 0.2, 1e-6), classes(), ("leak",)),
    Case("answer: wave 0.1 %", noisy_answer(wave(2000, 500), 1e-3), plain(**BATCHES), ("leak",)),
    Case("answer: bump cubed", noisy_answer(bump(2000, 500), 0.0, 3), plain(**BATCHES), ("leak",)),
    Case("sorted: wave", sorted_split(wave(2000, 500)), plain(**BATCHES), ("sorted split",)),
    Case("sorted: NAO by joint", sorted_split(joints(6000), 1, by_target=True), nao(), ("sorted split",)),
    Case("sorted: sine", sorted_split(sine(300, 300)), sines(schedule="cosine"), ("sorted split",)),
    Case("sorted: blobs by class", sorted_split(blobs(600, 300), by_target=True), classes(), ("sorted split",)),
)
