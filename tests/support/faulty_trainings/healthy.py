"""Trainings with nothing wrong."""

from __future__ import annotations

from tests.support.faulty_trainings.case import Case, classes, nao, plain, planar, proposer, sines
from tests.support.faulty_trainings.rows import blobs, bump, grid, joints, phase, ring, sine, without_joints

HEALTHY = (
    # Nothing wrong.
    Case("planar", grid(40), planar()),
    Case("planar, cosine", grid(40), planar(schedule="cosine", hidden=(48, 48))),
    Case(
        "planar, three heads", grid(40), planar(heads=3, loss_space="tool", bounds="limits", scale_features="standard")
    ),
    Case("NAO joints", joints(6000), nao()),
    Case("NAO joints, batch norm", joints(6000), nao(batch_norm=True, activation="relu")),
    Case("NAO joints, MAE", joints(6000), nao(loss="mae")),
    Case("NAO positions, heads", without_joints(4000), proposer()),
    Case("NAO positions, heads, distance", without_joints(4000), proposer(loss="distance", schedule="cosine")),
    Case("NAO poses, heads", joints(4000), proposer(inputs="pose", loss="distance", bounds="limits")),
    Case("sine", sine(300, 300), sines(schedule="cosine")),
    Case("sine, Huber", sine(300, 300), sines(loss="huber", schedule="one_cycle")),
    Case("sine, constant rate", sine(300, 300), sines(learning_rate=3e-3, epochs=2500)),
    Case("bump", bump(2000, 500), plain(schedule="cosine", batch_size=256, epochs=60), (), ("schedule ends too soon",)),
    Case(
        "bump, dropout",
        bump(2000, 500),
        plain(hidden=(64, 64), dropout=0.05, schedule="cosine", batch_size=256, epochs=60),
    ),
    Case(
        "bump, early stopping",
        bump(2000, 500),
        plain(schedule="constant", learning_rate=3e-3, patience=15, batch_size=256),
    ),
    Case("blobs", blobs(600, 300), classes()),
    Case("blobs, dropout", blobs(600, 300), classes(dropout=0.1)),
    Case("ring", ring(600, 300), classes()),
    Case("phase, logits and scaled", phase(600, 300), classes()),
)
