"""Experiments for the questions of lesson 16."""

import math

import kinverse as kv
from kinverse.learning.evaluation.floors import reachability_floor
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Table

BASE = FitConfig.of(hidden=(48, 48), scale_features="none", keep_best=False)
CONFIGS = {
    "within ±π/2": BASE.replace(max_angle=math.pi / 2, learning_rate=0.01, epochs=400),
    "learning rate 1": BASE.replace(learning_rate=1.0, epochs=300),
    "learning rate 0.0001": BASE.replace(max_angle=2.0, learning_rate=1e-4, epochs=150),
}


def three_arms() -> Table:
    """Three failing trainings on a coarse grid: last loss, variance of the targets, and diagnosis."""
    data = kv.grid_dataset("planar3", points_per_axis=20)
    variance = float(data.train.features.var(axis=0).mean())
    rows = []
    for name, config in CONFIGS.items():
        model = kv.fit(data, config)
        found = model.diagnose()
        rows.append((name, model.history.train_loss[-1], variance, ", ".join(sorted(found.names)) or "nothing found"))
    columns = ("training", "last training loss [m²]", "variance of the targets [m²]", "diagnosis")
    return Table("Three failing trainings", columns, rows)


def wider_bounds() -> Table:
    """Loss and floor with three bounds on the angles."""
    data, arm = kv.grid_dataset("planar3", points_per_axis=20), kv.load_arm("planar3")
    rows = []
    for bound in (math.pi / 2, 2.0, 2.4):
        config = FitConfig.of(hidden=(48, 48), learning_rate=0.01, epochs=400, max_angle=bound, scale_features="none")
        floor = reachability_floor(arm, data.train.features, lower=-bound, upper=bound)
        rows.append((f"±{bound:.3g}", kv.fit(data, config).history.train_loss[-1], floor))
    return Table("Bounds on the angles", ("bound [rad]", "training loss [m²]", "floor [m²]"), rows)
