"""The interactive arm of a report; its network and forward kinematics run in the page, without a server."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.report.page import TEMPLATES, InteractiveArm
from kinverse.ik.reach import farthest_reach
from kinverse.learning.trained import Model
from kinverse.network.compiled import CompiledNetwork, folded_layer
from kinverse.robot.arm import Arm


def interactive_arm(model: Model, square: tuple[float, float]) -> InteractiveArm | None:
    """The interactive arm of a model trained on positions in the plane; None for other models.

    Args:
        model: the trained model.
        square: lower and upper edge of the training square on both axes [m].
    """
    arm = model.arm
    if arm is None or not arm.is_planar:
        return None
    spec, tensors = model.network.spec, model.network.tensors()
    if spec.encoding != "xy":
        return None
    network, count = spec.network, len(spec.network.layers)
    layers = []
    for i, (linear, norm) in enumerate(network.layers):
        weight, bias = folded_layer(tensors, linear, norm)
        activation = network.output_activation if i == count - 1 else network.activation
        layers.append(
            {"inputs": weight.shape[1], "outputs": weight.shape[0], "activation": activation,
             "weight": _float32(weight), "bias": _float32(bias)}
        )  # fmt: skip
    ending = CompiledNetwork.from_tensors(spec, tensors).ending
    reach, hole = farthest_reach(arm), _hole(arm)
    edge = max(reach, *map(abs, square)) * 1.05
    data = {
        "layers": layers,
        "inputs": {"shift": spec.features.shift.tolist(), "scale": spec.features.scale.tolist()},
        "outputs": [_output(*column) for column in ending.T],
        "heads": spec.heads,
        "offsets": [_planar(T) for T in arm.T_offsets],
        "square": list(square),
        "reach": reach,
        "hole": hole,
        "low": -edge,
        "high": edge,
        "target": [square[0] + 0.7 * (square[1] - square[0]), square[0] + 0.4 * (square[1] - square[0])],
    }
    script = (TEMPLATES / "arm.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return InteractiveArm(json.dumps(data).replace("<", "\\u003c"), script, f"sha256-{digest}")


def _float32(values: Float[np.ndarray, ...]) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()


def _output(middle: float, half: float, lower: float, upper: float, bounded: float) -> dict[str, Any]:
    """One output of the network; a missing limit is null, since JSON has no infinity."""
    low, high = (limit if np.isfinite(limit) else None for limit in (lower, upper))
    return {"middle": middle, "half": half, "lower": low, "upper": high, "bounded": bool(bounded)}


def _planar(T: Float[np.ndarray, "4 4"]) -> list[float]:
    """The 2 × 2 matrix and the translation of a transform that maps the plane z = 0 onto itself."""
    return [*T[:2, :2].ravel().tolist(), *T[:2, 3].tolist()]


def _hole(arm: Arm) -> float:
    """Radius of the unreachable disc around the base [m], by the triangle inequality of the link lengths.

    Joint limits are ignored, so the unreachable region may be larger.
    """
    lengths = np.linalg.norm(arm.T_offsets[1:, :2, 3], axis=1)
    return float(max(0.0, 2.0 * lengths.max() - lengths.sum()))
