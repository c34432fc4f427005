"""What a network can be made of, by name. Imports nothing, so that a command line that only names them starts quickly.

What stands behind each name in torch lies in `kinverse.learning.model.registry`; a test holds the two together.
"""

from __future__ import annotations

from typing import Literal

Activation = Literal["relu", "leaky_relu", "sigmoid", "tanh", "silu"]
OutputActivation = Literal["linear", "relu", "leaky_relu", "sigmoid", "tanh", "silu", "softmax"]
Initialiser = Literal["default", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "zeros", "uniform"]
BiasInitialiser = Literal["default", "zeros"]
Inputs = Literal["columns", "pose"]
