"""Trainings that learn badly: out of reach, constant, too short, too fast, too large, too small."""

from __future__ import annotations

import numpy as np

from tests.support.faulty_trainings.case import Case, classes, floor, nao, plain, planar, proposer
from tests.support.faulty_trainings.rows import blobs, bump, grid, joints, ring, sine, wave, without_joints

LEARNING = (
    # Out of reach.
    Case("floor: planar π/2", grid(40), floor(np.pi / 2), ("reachability floor",)),
    Case("floor: planar 1.2", grid(40), floor(1.2), ("reachability floor",)),
    Case(
        "floor: NAO ±0.4",
        without_joints(3000),
        proposer(heads=1, bounds="none", max_angle=0.4),
        ("reachability floor",),
    ),
    Case(
        "floor: NAO ±0.4, distance",
        without_joints(3000),
        proposer(loss="distance", bounds="none", max_angle=0.4),
        ("reachability floor",),
    ),
    # A constant.
    Case(
        "constant: planar zeros",
        grid(40),
        planar(initialisers=("zeros",), bias_initialiser="zeros"),
        ("constant output", "dead units"),
    ),
    Case(
        "constant: planar rate 1",
        grid(40),
        planar(learning_rate=1.0, schedule="constant", hidden=(48, 48)),
        ("constant output|dead units|oscillating|diverging",),
    ),
    Case(
        "constant: NAO zeros",
        joints(3000),
        nao(activation="relu", initialisers=("zeros",), bias_initialiser="zeros", epochs=20),
        ("constant output", "dead units"),
    ),
    Case(
        "constant: NAO rate 0.3",
        joints(3000),
        nao(learning_rate=0.3, schedule="constant"),
        ("constant output|dead units|oscillating|diverging",),
    ),
    Case(
        "constant: sine rate 3",
        sine(300, 300),
        plain(learning_rate=3.0),
        ("constant output|dead units|oscillating|diverging",),
    ),
    Case(
        "constant: blobs zeros",
        blobs(600, 300),
        classes(initialisers=("zeros",), bias_initialiser="zeros"),
        ("constant output", "dead units"),
    ),
    Case(
        "dead: bump rate 0.2",
        bump(2000, 500),
        plain(learning_rate=0.2, hidden=(64, 64), batch_size=256, epochs=40, schedule="cosine"),
        ("dead units",),
        ("constant output", "underfitting", "oscillating"),
    ),
    # Too short.
    Case(
        "falling: planar 1e-4",
        grid(40),
        planar(hidden=(48, 48), max_angle=2.0, learning_rate=1e-4, schedule="constant", epochs=300),
        ("still falling",),
    ),
    Case("falling: NAO 1e-5", joints(6000), nao(learning_rate=3e-5, schedule="constant"), ("still falling",)),
    Case("falling: sine 1e-4", sine(300, 300), plain(learning_rate=2e-4), ("still falling",)),
    Case(
        "falling: blobs 1e-4",
        blobs(600, 300),
        classes(learning_rate=2e-4, schedule="constant", epochs=150),
        ("still falling",),
    ),
    Case(
        "falling: NAO positions",
        without_joints(4000),
        proposer(learning_rate=1e-4, schedule="constant", epochs=15),
        ("still falling",),
    ),
    # Too fast.
    Case(
        "diverging: sine SGD",
        sine(300, 300),
        plain(optimiser="sgd", learning_rate=20.0, momentum=0.9, activation="leaky_relu"),
        ("diverging",),
    ),
    Case(
        "diverging: NAO SGD",
        joints(3000),
        nao(optimiser="sgd", learning_rate=30.0, schedule="constant", activation="leaky_relu"),
        ("diverging",),
    ),
    Case(
        "diverging: bump RMSprop",
        bump(2000, 500),
        plain(optimiser="rmsprop", activation="leaky_relu", learning_rate=3.0, batch_size=256, epochs=40),
        ("diverging|oscillating",),
        ("diverging", "oscillating"),
    ),
    Case(
        "oscillating: planar, batches",
        grid(40),
        planar(learning_rate=0.03, activation="tanh", schedule="constant", batch_size=64, epochs=60),
        ("oscillating",),
    ),
    Case(
        "oscillating: bump, batches",
        bump(2000, 500),
        plain(learning_rate=0.1, activation="tanh", batch_size=64, epochs=50),
        ("oscillating",),
    ),
    Case(
        "oscillating: wave SGD",
        wave(1000, 300),
        plain(optimiser="sgd", momentum=0.9, learning_rate=0.3, activation="tanh", batch_size=32, epochs=60),
        ("oscillating",),
    ),
    Case(
        "oscillating: wave 0.1",
        wave(1000, 300),
        plain(learning_rate=0.1, activation="tanh", batch_size=32, epochs=60),
        ("oscillating",),
        ("dead units", "underfitting"),
    ),
    # Too big for its rows.
    Case(
        "overfitting: sine 20",
        sine(20, 200, 0.3),
        plain(hidden=(128, 128), activation="silu", scale_features="standard", epochs=1000),
        ("overfitting",),
        ("oscillating",),
    ),
    Case(
        "overfitting: NAO 120",
        joints(800),
        nao(hidden=(128, 128), learning_rate=3e-3, schedule="constant", batch_size=32, epochs=150),
        ("overfitting",),
    ),
    Case(
        "overfitting: blobs 40",
        blobs(40, 300, 0.8),
        classes(hidden=(64, 64), epochs=400, schedule="constant"),
        ("overfitting",),
    ),
    Case(
        "overfitting: bump noise",
        bump(100, 400, 0.3),
        plain(hidden=(64, 64), epochs=400, learning_rate=3e-3),
        ("overfitting",),
    ),
    # Too small for its task.
    Case("underfitting: NAO 1 unit", joints(6000), nao(hidden=(1,)), ("underfitting",)),
    Case("linear: sine", sine(300, 300), plain(hidden=(), schedule="cosine"), ("no hidden layer",)),
    Case("linear: ring", ring(600, 300), classes(hidden=()), ("no hidden layer",)),
    Case(
        "underfitting: wave 1 unit",
        wave(2000, 500),
        plain(hidden=(1,), activation="tanh", schedule="cosine", batch_size=256, epochs=60),
        ("underfitting",),
    ),
    Case(
        "underfitting: planar 1 unit",
        grid(40),
        planar(hidden=(1,), activation="tanh"),
        ("underfitting|schedule ends too soon",),
    ),
)
