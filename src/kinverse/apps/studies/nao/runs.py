"""Trainings of the NAO study: the published network and better ones."""

from __future__ import annotations

from kinverse.apps.studies.study import Recipe
from kinverse.learning.training.config import FitConfig

NAO_PUBLISHED = Recipe(
    "NAO right arm, 6-16-5",
    FitConfig(
        hidden=(16,),
        initialisers=("he_normal", "xavier_normal"),
        bias_initialiser="zeros",
        learning_rate=0.01,
        epochs=300,
        keep_best=False,  # the published script keeps the last weights
    ),
    {"scaled test MSE": 0.0185, "R², global mean": 0.7178},
)

NAO_BETTER = Recipe(
    "NAO right arm, better network",
    FitConfig(
        hidden=(128, 128, 128),
        activation="silu",
        inputs="pose",
        scale_features="standard",
        scale_targets="standard",
        learning_rate=3e-3,
        schedule="one_cycle",
        batch_size=128,
        epochs=150,
    ),
)
