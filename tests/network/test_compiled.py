"""The compiled forward pass against torch, and one row against the same row among others."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kinverse as kv
from kinverse.errors import ConfigError, RunError, ShapeError
from kinverse.learning.model.inverse import InverseModel, save_network
from kinverse.network import kernels
from kinverse.network.compiled import CompiledNetwork
from kinverse.network.names import Activation, OutputActivation
from kinverse.network.spec import NetworkSpec
from kinverse.robot.encodings import encoding_named
from tests.support.network_specs import make_spec

RNG = np.random.default_rng(7)


def random_model(network: NetworkSpec, size: float, bounds: np.ndarray | None, heads: int = 1) -> InverseModel:
    """A model in evaluation mode; a large `size` drives every unit into its flat ends."""
    model = InverseModel(make_spec(network, bounds, heads=heads), torch.Generator().manual_seed(3)).eval()
    generator = torch.Generator().manual_seed(5)
    for name, tensor in model.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.3, 3.0, generator=generator)
        elif tensor.is_floating_point():
            tensor.mul_(size).add_(torch.randn(tensor.shape, generator=generator), alpha=0.1 * size)
    return model


def compiled(model: InverseModel) -> CompiledNetwork:
    return CompiledNetwork.from_tensors(model.spec, {n: t.numpy() for n, t in model.state_dict().items()})


def limits(outputs: int, kind: str) -> np.ndarray | None:
    if kind == "none":
        return None
    lower, upper = -RNG.uniform(0.1, 3.0, outputs), RNG.uniform(0.1, 3.0, outputs)
    if kind == "some":
        lower[::2], upper[::2] = -np.inf, np.inf
    return np.array([lower, upper])


@pytest.mark.parametrize("size", [1.0, 300.0], ids=["ordinary", "saturated"])
@pytest.mark.parametrize("heads", [1, 3])
@pytest.mark.parametrize("kind", ["none", "all", "some"])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", get_args(Activation))
def test_the_same_numbers_as_torch(activation: str, batch_norm: bool, kind: str, heads: int, size: float) -> None:
    network = NetworkSpec((5, 19, 34, 2 * heads), activation=activation, batch_norm=batch_norm, dropout=0.2)
    model = random_model(network, size, limits(2 * heads, kind), heads)
    x = RNG.normal(size=(200, 5))
    wanted = model.double().unscale(model.scaled(torch.as_tensor(model.spec.features.transform(x)))).detach().numpy()
    q = compiled(model.float()).predict(x)
    assert q.shape == (200, heads, 2)
    scale = np.abs(wanted).max() if kind != "all" else 1.0
    error = np.abs(q.reshape(200, -1) - wanted)
    # Far in the flat ends a rounding of the sum decides between two of them, in a row of a hundred.
    assert (error.max() if size == 1.0 else np.quantile(error, 0.98)) < 1e-5 * scale
    if kind != "none":
        lower, upper = model.spec.bounds.reshape(2, heads, 2)  # type: ignore[union-attr]
        assert ((q >= lower) & (q <= upper)).all()


@pytest.mark.parametrize("name", get_args(OutputActivation))
@pytest.mark.parametrize("size", [1.0, 30.0])
def test_every_output_activation(name: str, size: float) -> None:
    model = random_model(NetworkSpec((4, 11, 7), activation="tanh", output_activation=name), size, None)
    x = RNG.normal(size=(130, 4))
    assert np.allclose(compiled(model).predict(x)[:, 0], model.predict(x), atol=2e-5 * size, rtol=1e-5)


def test_a_network_without_hidden_layers() -> None:
    model = random_model(NetworkSpec((1, 1)), 1.0, None)
    x = RNG.normal(size=(3, 1))
    assert np.allclose(compiled(model).predict(x)[:, 0], model.predict(x), atol=1e-6)


@pytest.mark.parametrize("name", kernels.ACTIVATIONS)
def test_a_row_has_the_same_bits_in_any_company(name: str) -> None:
    hidden = name if name in get_args(Activation) else "silu"
    bounds = None if name == "softmax" else limits(14, "some")
    output = name if bounds is None else "linear"
    spec = NetworkSpec((12, 37, 64, 14), activation=hidden, output_activation=output)
    network = compiled(random_model(spec, 1.5, bounds, heads=2))
    x = RNG.normal(size=(1000, 12))
    whole = network.predict(x)
    for count in (1, 7, kernels.MIN_ROWS_OF_BLOCK, kernels.LANES - 1, kernels.LANES + 1):
        parts = [network.predict(x[i : i + count]) for i in range(0, len(x), count)]
        assert np.array_equal(np.concatenate(parts), whole), count
    written = np.zeros((1000, 14))
    network.write(x[100:300], written[100:300])
    assert np.array_equal(written[100:300], whole[100:300].reshape(200, 14))
    assert not written[:100].any()
    assert not written[300:].any()


@given(st.floats(-(2.0**100), 2.0**100, width=32))
def test_activations_of_any_number_are_finite_and_close(x: float) -> None:
    for name in get_args(Activation):
        values = np.array([x], dtype=np.float32)
        kernels.activate(values, kernels.ACTIVATIONS.index(name))
        wanted = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}.get(name) or getattr(
            torch.nn.functional, name
        )
        assert values[0] == pytest.approx(wanted(torch.tensor([x], dtype=torch.float64)).item(), rel=1e-6, abs=2e-7)


def test_the_exponential_is_good_to_a_rounding() -> None:
    x = np.linspace(-86.9, 87.9, 20_001, dtype=np.float32)
    got = np.array([kernels.exponential(value) for value in x], dtype=np.float64)
    assert np.abs(got / np.exp(x.astype(np.float64)) - 1.0).max() < 2e-7


def test_limits_hold_to_the_last_bit() -> None:
    bounds = np.array([[-0.1, -2.8973, 0.3], [0.7, 2.8973, 0.3]])  # the last joint has no room at all
    model = random_model(NetworkSpec((3, 8, 3)), 1000.0, bounds)
    q = compiled(model).predict(RNG.normal(size=(500, 3)))[:, 0]
    assert ((q >= bounds[0]) & (q <= bounds[1])).all()
    assert (q[:, :2] == bounds[0, :2]).any()
    assert (q[:, :2] == bounds[1, :2]).any()


def test_targets_become_inputs_without_a_detour() -> None:
    arm = kv.load_arm("panda")
    T = arm.forward_kinematics(arm.sample(20))
    pose = make_spec(NetworkSpec((12, 4, 7)), encoding="pose", inputs="pose").inputs_of(T)
    assert np.array_equal(pose, np.hstack([T[:, :3, 3], T[:, :3, :3].reshape(-1, 9)]))
    columns = make_spec(NetworkSpec((6, 4, 7)), encoding="pose").inputs_of(T)
    assert np.array_equal(columns, encoding_named("pose").encode(T))
    for inputs in ("columns", "pose"):
        spec = make_spec(NetworkSpec((3, 4, 7)), encoding="xyz", inputs=inputs)
        assert np.array_equal(spec.inputs_of(T[:, :3, 3]), T[:, :3, 3])
        assert np.array_equal(spec.inputs_of(T), T[:, :3, 3])
        with pytest.raises(ShapeError, match=r"takes targets of shape \(n, 3\), got \(20, 2\)"):
            spec.inputs_of(T[:, :2, 3])
    with pytest.raises(ShapeError, match=r"takes targets of shape \(n, 4, 4\), got \(20, 3\)"):
        make_spec(NetworkSpec((12, 4, 7)), encoding="pose", inputs="pose").inputs_of(T[:, :3, 3])
    with pytest.raises(ConfigError, match="do not encode a pose"):
        make_spec(NetworkSpec((12, 4, 7))).inputs_of(T)


def test_wrong_inputs_are_named() -> None:
    network = compiled(random_model(NetworkSpec((3, 4, 2)), 1.0, None))
    with pytest.raises(ShapeError, match=r"takes inputs \(n, 3\), got \(2, 4\)"):
        network.predict(np.zeros((2, 4)))
    assert network.predict(np.zeros((0, 3))).shape == (0, 1, 2)
    for count, row, wrong in itertools.product((1, 5, 300), (0, 4, 299), (np.nan, np.inf)):
        x = np.zeros((count, 3))
        x[row % count, 1] = wrong
        with pytest.raises(ShapeError, match=f"row {row % count} is not finite"):
            network.predict(x)


def test_loading_and_proposing_never_import_torch(tmp_path: Path) -> None:
    model = random_model(NetworkSpec((12, 16, 14), activation="silu"), 1.0, None, heads=2)
    save_network(model, tmp_path / "m.safetensors")
    script = (
        "import sys, pathlib, numpy; from kinverse.network.compiled import CompiledNetwork; "
        "network = CompiledNetwork.load(pathlib.Path('m.safetensors')); "
        "numpy.save('q.npy', network.predict(numpy.load('x.npy'))); print('torch' in sys.modules)"
    )
    x = RNG.normal(size=(5, 12))
    np.save(tmp_path / "x.npy", x)
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert np.array_equal(np.load(tmp_path / "q.npy"), compiled(model).predict(x))
    with pytest.raises(RunError, match="no such file"):
        CompiledNetwork.load(tmp_path / "n.safetensors")
