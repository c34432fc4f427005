"""Experiments for the questions of lesson 18."""

import numpy as np
import torch

from kinverse.apps.course.examples import nao_network
from kinverse.learning.evaluation.metrics import r2_mean
from kinverse.learning.training.config import FitConfig
from kinverse.tables import Table


def forgotten_scaler() -> Table:
    """R² of NAO's joints with scaled and with unscaled poses."""
    model, data = nao_network()
    rows = [
        ("scaled, as trained", r2_mean(data.validation.targets, model.predict(data.validation.features))),
        ("not scaled", r2_mean(data.validation.targets, _unscaled(model, data.validation.features))),
    ]
    return Table("NAO right arm, 400 validation rows", ("poses", "R², mean of the joints"), rows)


def forgotten_eval() -> Table:
    """Difference of two predictions for one input with dropout, in training and in evaluation mode."""
    model, data = nao_network(FitConfig.of(hidden=(32, 32), dropout=0.2, learning_rate=0.01, epochs=60))
    rows = []
    for name, training in (("training mode", True), ("evaluation mode", False)):
        model.train(training)
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            first, second = (model(torch.tensor(data.validation.features, dtype=torch.float32)) for _ in range(2))
        rows.append((name, float((first - second).abs().mean()), float((first - second).abs().max())))
    return Table("Two predictions for the same input", ("network", "mean difference [rad]", "largest [rad]"), rows)


def _unscaled(model: object, features: np.ndarray) -> np.ndarray:
    """The predictions for unscaled poses."""
    network, spec = model.network, model.spec  # type: ignore[attr-defined]
    with torch.no_grad():
        return np.asarray(spec.targets.inverse(network(torch.tensor(features, dtype=torch.float32)).double().numpy()))
