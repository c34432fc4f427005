"""The network, the inverse model around it, and its file."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file

import kinverse as kv
from kinverse.errors import ConfigError, RunError, ShapeError, UnknownNameError
from kinverse.files import to_plain
from kinverse.learning.model.inverse import InverseModel, TanhBounds, load_network, save_network
from kinverse.learning.model.mlp import MLP, weight_statistics
from kinverse.network.spec import NetworkSpec, network_inputs
from kinverse.robot.encodings import ARKOMA, encoding_named
from tests.support.network_specs import make_spec


@given(
    hidden=st.lists(st.integers(1, 9), max_size=4),
    ends=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    batch_norm=st.booleans(),
)
def test_an_mlp_has_the_layers_of_its_spec(hidden: list[int], ends: tuple[int, int], batch_norm: bool) -> None:
    sizes = (ends[0], *hidden, ends[1])
    network = MLP(NetworkSpec(sizes, activation="tanh", batch_norm=batch_norm), torch.Generator())
    linear = [module for module in network if isinstance(module, torch.nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == list(pairwise(sizes))
    assert sum(isinstance(m, torch.nn.Tanh) for m in network) == len(hidden)
    assert network.eval()(torch.zeros(4, ends[0])).shape == (4, ends[1])
    count = sum(a * b + b for a, b in pairwise(sizes)) + 2 * sum(hidden) * batch_norm
    assert sum(p.numel() for p in network.parameters()) == count


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sizes": (3,)}, ConfigError),
        ({"sizes": (3, 0, 2)}, ConfigError),
        ({"activation": "softmax"}, UnknownNameError),  # an output activation only
        ({"output_activation": "step"}, UnknownNameError),
        ({"initialisers": ("he",)}, UnknownNameError),
        ({"initialisers": ("zeros", "zeros", "zeros")}, ConfigError),
        ({"bias_initialiser": "ones"}, UnknownNameError),
        ({"dropout": 1.0}, ConfigError),
    ],
)
def test_a_wrong_spec_is_refused(changes: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        NetworkSpec(**({"sizes": (3, 4, 2)} | changes))  # type: ignore[arg-type]


def test_weight_statistics_of_known_weights() -> None:
    layer = torch.nn.Linear(2, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 6.0]]))
        layer.bias.zero_()
    weight, bias = weight_statistics(layer)
    assert (weight.name, weight.shape, weight.mean, weight.smallest, weight.largest) == (
        "weight",
        (2, 2),
        3.0,
        1.0,
        6.0,
    )
    assert weight.std == pytest.approx(np.std([1, 2, 3, 6], ddof=1))
    assert (bias.mean, bias.std) == (0.0, 0.0)


def test_the_inverse_model_scales_in_and_out() -> None:
    spec = make_spec(NetworkSpec((3, 5, 2), activation="tanh"))
    model = InverseModel(spec)
    x = np.random.default_rng(0).normal(size=(7, 3))
    weights = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    h = np.tanh(
        (x - spec.features.shift) / spec.features.scale @ weights["network.0.weight"].T + weights["network.0.bias"]
    )
    q = (h @ weights["network.2.weight"].T + weights["network.2.bias"]) * spec.targets.scale + spec.targets.shift
    assert np.allclose(model.predict(x), q, atol=1e-6)
    assert np.allclose(model(torch.tensor(x, dtype=torch.float32)).detach().numpy(), q, atol=1e-5)


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3))
def test_tanh_bounds_hold_and_leave_unbounded_outputs_alone(raw: list[float]) -> None:
    lower, upper = torch.tensor([-1.0, 0.5, -torch.inf]), torch.tensor([2.0, 0.5, torch.inf])
    out = TanhBounds(lower, upper)(torch.tensor(raw))
    assert -1.0 <= out[0] <= 2.0
    assert out[1] == 0.5
    assert out[2] == torch.tensor(raw)[2]


def test_bounds_are_in_joint_units_whatever_the_scaling() -> None:
    bounds = np.array([[-0.2, 1.0], [0.3, 1.5]])
    model = InverseModel(make_spec(NetworkSpec((3, 4, 2)), bounds))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(100.0)
    q = model.predict(np.random.default_rng(2).normal(size=(200, 3)))
    assert (q >= bounds[0]).all()
    assert (q <= bounds[1]).all()
    assert np.ptp(q[:, 0]) > 0.4


def test_pose_inputs_are_continuous_where_the_rotation_vector_jumps() -> None:
    T = np.tile(np.eye(4), (2, 1, 1))
    for i, angle in enumerate((np.pi - 1e-6, -np.pi + 1e-6)):  # two poses 2e-6 rad apart
        T[i, :2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    vectors = encoding_named("pose").encode(T)
    assert np.abs(vectors[0] - vectors[1]).max() > 6.0
    inputs = network_inputs(vectors, "pose", "pose")
    assert inputs.shape == (2, 12)
    assert np.abs(inputs[0] - inputs[1]).max() < 1e-5
    arm = kv.load_arm("nao-right")
    features = ARKOMA.encode(arm.forward_kinematics(arm.sample(5)))
    assert np.array_equal(network_inputs(features, "columns", "arkoma"), features)
    assert network_inputs(np.zeros((4, 2)), "pose", "xy").shape == (4, 2)


def test_wrong_columns_are_named() -> None:
    model = InverseModel(make_spec(NetworkSpec((3, 4, 2))))
    with pytest.raises(ShapeError, match=r"takes 3 feature columns \(x0, x1, x2\), got an array of shape \(5, 4\)"):
        model.predict(np.zeros((5, 4)))


def test_a_model_comes_back_from_its_file(tmp_path: Path) -> None:
    bounds = np.array([[-0.2, -np.inf], [0.3, np.inf]])
    spec = make_spec(NetworkSpec((12, 4, 2), batch_norm=True), bounds, "pose", "pose")
    model = InverseModel(spec, torch.Generator().manual_seed(5)).eval()
    save_network(model, tmp_path / "m.safetensors")
    again = load_network(tmp_path / "m.safetensors")
    x = np.random.default_rng(0).normal(size=(9, 6))
    assert np.array_equal(again.predict(x), model.predict(x))
    assert to_plain(again.spec) == to_plain(spec)
    assert not again.training
    # The file opens without torch, which is what an exact solver needs.
    assert set(load_file(tmp_path / "m.safetensors")) == set(model.state_dict())
    with safe_open(tmp_path / "m.safetensors", "numpy") as file:
        assert json.loads(json.loads(file.metadata()["kinverse"])["header"])["encoding"] == "pose"


def test_equal_models_give_equal_files(tmp_path: Path) -> None:
    for i in range(6):
        save_network(InverseModel(make_spec(NetworkSpec((3, 4, 2)))), tmp_path / f"{i}.safetensors")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    model = InverseModel(make_spec(NetworkSpec((3, 4, 2))))
    other = InverseModel(make_spec(NetworkSpec((3, 5, 2))))
    save_network(model, tmp_path / "m.safetensors", other.state_dict())
    with pytest.raises(RunError, match="weights do not fit"):
        load_network(tmp_path / "m.safetensors")
    state = {name: torch.full_like(tensor, torch.nan) for name, tensor in model.state_dict().items()}
    save_network(model, tmp_path / "n.safetensors", state)
    with pytest.raises(RunError, match="NaN"):
        load_network(tmp_path / "n.safetensors")


def test_a_part_of_a_network_is_plain_layers() -> None:
    network = MLP(NetworkSpec((2, 4, 3)), torch.Generator().manual_seed(0))
    x = torch.randn(5, 2)
    assert type(network[:2]) is torch.nn.Sequential
    torch.testing.assert_close(network[2](network[:2](x)), network(x))
