"""Names of activations, initialisers and inputs. Light to import, for the command line.

`kinverse.learning.model.registry` maps them to torch; a test checks that both agree.
"""

from __future__ import annotations

from typing import Literal

Activation = Literal["relu", "leaky_relu", "sigmoid", "tanh", "silu"]
OutputActivation = Literal["linear", "relu", "leaky_relu", "sigmoid", "tanh", "silu", "softmax"]
Initialiser = Literal["default", "xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "zeros", "uniform"]
BiasInitialiser = Literal["default", "zeros"]
Inputs = Literal["columns", "pose"]
