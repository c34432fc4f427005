"""Atomic writing, stable JSON and reading what may be broken."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jaxtyping import Float

from kinverse.errors import DataError
from kinverse.files import read_json, sha256, to_json, write_atomic


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("content", ["q₁ = π\n", b"\x00\xff\r\n", "", b""])
def test_what_is_written_is_read(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "file"
    write_atomic(path, "old")
    write_atomic(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert names(tmp_path) == ["file"]


def test_a_crash_before_the_move_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomic(path, "old")

    def crash(descriptor: int) -> None:
        # The new content is on its way, and the old file is still whole.
        assert len(names(tmp_path)) == 2
        assert path.read_text() == "old"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_writing_into_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "none" / "file", "new")


def test_equal_content_gives_equal_json() -> None:
    assert to_json({"b": 1, "a": "π"}) == to_json({"a": "π", "b": 1}) == '{\n  "a": "π",\n  "b": 1\n}\n'


def test_json_there_and_back(tmp_path: Path) -> None:
    value = {"x": [0.1, 1e-300, -0.0], "name": "π", "none": None}
    write_atomic(tmp_path / "a.json", to_json(value))
    assert read_json(tmp_path / "a.json", dict[str, Any], DataError) == value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"", "not valid JSON"),
        (b'{"a": 1', "not valid JSON .* it may be half written"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[1, 2]", "expected `object`, got `array`"),
        (b"3", "expected `object`, got `int`"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_json_that_is_none(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=f"a.json: {message}") as caught:
        read_json(path, dict[str, Any], DataError)
    assert "\n" not in str(caught.value)


@dataclass(frozen=True, eq=False)
class Sample:
    name: str
    values: Float[np.ndarray, " n"]
    count: int = 1


def test_dataclasses_with_arrays_keep_every_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=50) * 10.0 ** np.arange(-25, 25)
    write_atomic(tmp_path / "a.json", to_json(Sample("π", values)))
    sample = read_json(tmp_path / "a.json", Sample, DataError)
    assert sample.name == "π"
    assert sample.values.tobytes() == values.tobytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"name": 3, "values": [1]}', "name: expected `str`, got `int`"),
        ('{"name": "a"}', "missing required field `values`"),
        ('{"name": "a", "values": ["x"]}', "values: expected an array of numbers"),
        ('{"name": "a", "values": [1], "count": 1.5}', "count: expected `int`, got `float`"),
    ],
)
def test_a_field_that_does_not_fit_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError, match=f"a.json: .*{message}"):
        read_json(tmp_path / "a.json", Sample, DataError)


def test_a_folder_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_json(tmp_path, dict[str, Any], DataError)


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc" * 100_000)
    assert sha256(tmp_path / "file") == hashlib.sha256(b"abc" * 100_000).hexdigest()
