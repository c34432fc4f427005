"""The published trainings, flaws included, and corrected."""

from __future__ import annotations

from typing import Any

import kinverse as kv
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.learning.training.config import FitConfig
from tests.support.faulty_trainings.case import DOUBLE, Case, classes, plain
from tests.support.faulty_trainings.rows import complexity, grid, phase


def published(number: int, **settings: Any) -> FitConfig:
    """A published planar model with other settings."""
    return PLANAR[number].config.replace(**settings)


PUBLISHED = (
    # As published.
    *(
        Case(f"published: planar {n}", grid(100), published(n), ("schedule never moves",), ("oscillating",), slow=True)
        for n in (1, 2, 3)
    ),
    *(
        Case(
            f"corrected: planar {n}",
            grid(100),
            published(n, schedule="exponential"),
            (),
            ("underfitting",) if n == 1 else (),
            slow=True,
        )
        for n in (1, 2, 3)
    ),
    Case(
        "published: planar 4",
        grid(100),
        published(4),
        ("reachability floor", "schedule never moves"),
        ("oscillating",),
        slow=True,
    ),
    Case(
        "published: planar 5",
        grid(100),
        published(5),
        ("constant output|dead units|oscillating|diverging",),
        slow=True,
    ),
    Case("published: planar 6", grid(100), published(6), ("still falling",), slow=True),
    Case(
        "published: complexity 4",
        complexity,
        plain(
            hidden=(4,), learning_rate=1e-4, epochs=10_000, scale_features="none", scale_targets="none", keep_best=False
        ),
        ("underfitting|still falling", "small validation set"),
        slow=True,
    ),
    *(
        Case(
            f"published: complexity {h}",
            complexity,
            plain(
                hidden=h,
                learning_rate=1e-4,
                epochs=10_000,
                scale_features="none",
                scale_targets="none",
                keep_best=False,
            ),
            ("overfitting|still falling" if len(h) == 2 else "overfitting", "small validation set"),
            slow=True,
        )
        for h in ((16, 16), (128, 128, 128))
    ),
    Case(
        "published: phase",
        phase(28, 8),
        classes(**DOUBLE, scale_features="none", schedule="constant", learning_rate=1e-3, epochs=1001, keep_best=False),
        ("double softmax", "unscaled inputs", "small validation set"),
    ),
    Case(
        "corrected: phase",
        phase(28, 8),
        classes(schedule="constant", learning_rate=1e-3, epochs=1001),
        ("small validation set",),
        ("overfitting", "still falling"),
    ),
    Case(
        "published: NAO",
        lambda seed: kv.make_arkoma("nao-right", seed=seed),
        NAO_PUBLISHED.config,
        (),
        ("underfitting",),
        slow=True,
    ),
    Case("better: NAO", lambda seed: kv.make_arkoma("nao-right", seed=seed), NAO_BETTER.config, (), slow=True),
)
