"""Descriptions of models with scalings drawn at random."""

from __future__ import annotations

import numpy as np

from kinverse.network.scaling import Scaler
from kinverse.network.spec import ModelSpec, NetworkSpec
from kinverse.robot.encodings import encoding_named


def make_spec(
    network: NetworkSpec,
    bounds: np.ndarray | None = None,
    encoding: str | None = None,
    inputs: str = "columns",
    heads: int = 1,
) -> ModelSpec:
    rng = np.random.default_rng(1)
    n_in, n_out = network.sizes[0], network.sizes[-1]
    columns = len(encoding_named(encoding).names) if encoding else n_in
    return ModelSpec(
        network=network,
        features=Scaler("standard", rng.normal(size=n_in), rng.uniform(0.5, 2.0, n_in)),
        targets=Scaler("standard", rng.normal(size=n_out), rng.uniform(0.5, 2.0, n_out)),
        bounds=bounds,
        feature_names=tuple(f"x{i}" for i in range(columns)),
        target_names=tuple(f"q{i}" for i in range(n_out // heads)),
        encoding=encoding,
        inputs=inputs,  # type: ignore[arg-type]
        heads=heads,
    )
