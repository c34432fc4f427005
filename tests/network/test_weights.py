"""The model's file without torch: what it holds, what it refuses, and that no torch is needed to read it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from kinverse.errors import ConfigError, RunError
from kinverse.files import to_plain
from kinverse.learning.model.inverse import InverseModel, as_arrays, load_network, save_network
from kinverse.learning.model.mlp import MLP
from kinverse.network.file import read_model, read_spec, read_tensors, write_tensors
from kinverse.network.spec import NetworkSpec
from tests.support.network_specs import make_spec


@given(cut=st.integers(0, 2000), flip=st.integers(0, 7))
def test_no_damaged_file_is_read(tmp_path_factory: pytest.TempPathFactory, cut: int, flip: int) -> None:
    path = tmp_path_factory.mktemp("damaged") / "t.safetensors"
    write_tensors(path, {"a": np.arange(40.0), "b": np.array(3)}, {"note": "x" * 50})
    content = bytearray(path.read_bytes())
    place = cut % len(content)
    content[place] ^= 1 << flip
    path.write_bytes(bytes(content))
    try:
        tensors, header = read_tensors(path)
    except RunError as error:
        assert "\n" not in str(error)
    else:  # a flip in the padding or in the order of equal keys changes nothing that is read
        assert np.array_equal(tensors["a"], np.arange(40.0))
        assert header == {"note": "x" * 50}
    path.write_bytes(bytes(content[:place]))
    with pytest.raises(RunError):
        read_tensors(path)


def test_torch_tensors_of_every_type_come_back(tmp_path: Path) -> None:
    tensors = {
        "single": torch.randn(3, 4).T,  # not contiguous
        "double": torch.randn(2, dtype=torch.float64),
        "bytes": torch.arange(5, dtype=torch.uint8),
        "count": torch.tensor(7),
        "empty": torch.empty(0, 3),
    }
    write_tensors(tmp_path / "t.safetensors", as_arrays(tensors), {"note": 1})
    arrays, header = read_tensors(tmp_path / "t.safetensors")
    again = {name: torch.from_numpy(array) for name, array in arrays.items()}
    assert header == {"note": 1}
    assert {name: (t.dtype, t.shape) for name, t in again.items()} == {
        n: (t.dtype, t.shape) for n, t in tensors.items()
    }
    assert all(torch.equal(again[name], tensor) for name, tensor in tensors.items())
    again["count"].add_(1)  # owned memory: an optimiser goes on with it


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    """Once the file was written through torch, the digest named torch's types, and nothing was said of heads."""
    header = {key: value for key, value in to_plain(make_spec(NetworkSpec((3, 4, 2)))).items() if key != "heads"}
    text = json.dumps(header, sort_keys=True)
    tensors = InverseModel(make_spec(NetworkSpec((3, 4, 2)))).state_dict()
    content = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        content.update(f"{name}|{tensors[name].dtype}|{tuple(tensors[name].shape)}".encode())
        content.update(tensors[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    entry = json.dumps({"sha256": content.hexdigest(), "header": text})
    save_file(tensors, tmp_path / "old.safetensors", metadata={"kinverse": entry})
    model = load_network(tmp_path / "old.safetensors")
    assert model.spec.heads == 1
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in tensors.items())


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("hidden", [(), (4,), (4, 5, 6)])
def test_the_spec_knows_the_tensors_of_its_network(batch_norm: bool, dropout: float, hidden: tuple[int, ...]) -> None:
    spec = NetworkSpec((3, *hidden, 2), batch_norm=batch_norm, dropout=dropout, output_activation="tanh")
    state = MLP(spec).state_dict(prefix="network.")
    assert spec.shapes == {name: tuple(tensor.shape) for name, tensor in state.items()}


def test_heads_need_an_output_for_each_joint() -> None:
    spec = make_spec(NetworkSpec((3, 4, 6)), heads=3)
    assert spec.target_names == ("q0", "q1")
    assert read_spec(to_plain(spec), "a model").heads == 3
    for heads in (2, 0, -1, 1.0, "3"):
        with pytest.raises(RunError, match="heads"):
            read_spec({**to_plain(spec), "heads": heads}, "a model")
    with pytest.raises(ConfigError, match="layer sizes"):
        NetworkSpec((3, 4.0, 2))  # type: ignore[arg-type]


def test_reading_a_model_never_imports_torch(tmp_path: Path) -> None:
    save_network(InverseModel(make_spec(NetworkSpec((3, 4, 2), batch_norm=True))), tmp_path / "m.safetensors")
    script = (
        "import sys, pathlib; from kinverse.network.file import read_model; "
        "spec, tensors = read_model(pathlib.Path('m.safetensors')); "
        "print(spec.network.sizes, len(tensors), 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "(3, 4, 2) 9 False\n"
    spec, tensors = read_model(tmp_path / "m.safetensors")
    assert spec.network.shapes == {name: tensor.shape for name, tensor in tensors.items()}
