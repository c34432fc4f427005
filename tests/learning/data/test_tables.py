"""Strict CSV reading: what is taken, what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import kinverse as kv
from kinverse.columns import csv_bytes, find_faults, read_matrix
from kinverse.errors import ConfigError, DataError, UnknownNameError
from kinverse.learning.data.check import check_dataset
from kinverse.learning.data.csv_pair import read_csv_pair
from kinverse.learning.data.folder import read_dataset, write_dataset
from kinverse.robot.encodings import POSE


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables") / "table.csv"


@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_written_tables_read_back_bit_for_bit(scratch: Path, values: np.ndarray) -> None:
    names = tuple(f"column {i}" for i in range(values.shape[1]))
    scratch.write_bytes(csv_bytes(names, values))
    read_names, read = read_matrix(scratch)
    assert read_names == names
    np.testing.assert_array_equal(read.view(np.uint64), np.ascontiguousarray(values).view(np.uint64))


def test_random_bit_patterns_read_back(scratch: Path) -> None:
    values = np.random.default_rng(0).integers(0, 2**64, size=(20_000, 3), dtype=np.uint64).view(np.float64)
    values[~np.isfinite(values)] = -0.0
    scratch.write_bytes(csv_bytes("abc", values))
    np.testing.assert_array_equal(read_matrix(scratch)[1].view(np.uint64), values.view(np.uint64))


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,2\n3,4\n",
        "a,b\r\n1,2\r\n3,4\r\n",
        "a,b\n1,2\n3,4",
        "\ufeffa,b\n1,2\n3,4\n",
        " a , b\n 1 , 2\n3,4 \n",
        "a,b\n1,2\n\n3,4\n\n\n",
        '"a","b"\n"1",2\n3,"4"\n',
        "a,b\n1.0,+2\n3e0,.4e1\n",
    ],
)
def test_ordinary_variants_are_taken(scratch: Path, content: str) -> None:
    scratch.write_bytes(content.encode())
    names, values = read_matrix(scratch, ("a", "b"))
    assert names == ("a", "b")
    assert values.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert list(find_faults(scratch, names)) == []


BAD_CELLS = [
    ("a,b\n1,2\n3,x\n", "row 2 (line 3), column 'b': got 'x'; expected a finite number"),
    ("a,b\n1,\n3,4\n", "row 1 (line 2), column 'b': an empty cell; expected a finite number"),
    ("a,b\n1,2\n\n  ,4\n", "row 2 (line 4), column 'a': an empty cell"),
    ("a,b\n1,2\n3,nan\n", "row 2 (line 3), column 'b': got 'nan'"),
    ("a,b\n1,2\nNaN,4\n", "row 2 (line 3), column 'a': got 'NaN'"),
    ("a,b\n1,2\n3,inf\n", "row 2 (line 3), column 'b': got 'inf'"),
    ("a,b\n1,2\n3,-Infinity\n", "column 'b': got '-Infinity'"),
    ("a,b\n1,1e999\n", "row 1 (line 2), column 'b': got '1e999'"),
    ("a,b\n1,1_000\n", "column 'b': got '1_000'"),
    ("a,b\n1,0x10\n", "column 'b': got '0x10'"),
    ("a,b\n1,２\n", "column 'b': got '２'"),
    ('a,b\n1,"2,5"\n', "column 'b': got '2,5'"),
    ("a,b\n1," + "z" * 100 + "\n", "column 'b': got '" + "z" * 40 + "…'"),
    ("a,b\n1,2\n3\n", "row 2 (line 3): 1 cells, expected 2: a,b"),
    ("a,b\n1,2\n3,4,5\n", "row 2 (line 3): 3 cells, expected 2: a,b"),
    ("a,b\n1,2\n3,4,\n", "row 2 (line 3): 3 cells, expected 2: a,b"),
    ("a,b\n1,2\n3,\0\n", "row 2 (line 3), column 'b': got '\\x00'"),
]
BAD_FILES = [
    ("", "empty file; expected a line of column names"),
    ("a,b\n", "column names but no rows"),
    ("a,b", "column names but no rows"),
    ("a,b\n\n\n", "column names but no rows"),
    ("a,a\n1,2\n", "column 'a' appears more than once"),
    ("a, a\n1,2\n", "column 'a' appears more than once"),
    ("a,\n1,2\n", "column 2 has no name in line 1"),
    ("\n1,2\n", "column 1 has no name in line 1"),
    ("1,2\n3,4\n", "line 1 holds numbers, not column names; expected a,b"),
    ("a\n1\n", "columns: missing 'b'; expected a,b"),
    ("a,b,c\n1,2,3\n", "columns: unexpected 'c'; expected a,b"),
    ("a,B\n1,2\n", "columns: missing 'b', unexpected 'B'; expected a,b"),
    ("b,a\n1,2\n", "columns in the order 'b', 'a'; expected a,b"),
    ("a;b\n1;2\n", "cells must be separated by commas"),
    ('"a\n1,2\n', "line 1 is not a line of column names"),
]


@pytest.mark.parametrize(("content", "message"), BAD_CELLS + BAD_FILES)
def test_malformed_files_are_one_clear_line(scratch: Path, content: str, message: str) -> None:
    scratch.write_bytes(content.encode())
    with pytest.raises(DataError) as caught:
        read_matrix(scratch, ("a", "b"))
    assert str(caught.value).startswith(f"{scratch}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\0\0",
        b"PK\x03\x04\x14\x00\x06\x00",
        "a,b\n1,2\n".encode("utf-16"),
        b"a,\xff\n1,2\n",
        b"a,b\n1,2\n3,\xff\xfe\n",
        b"\0" * 100,
    ],
)
def test_binary_content(scratch: Path, content: bytes) -> None:
    scratch.write_bytes(content)
    with pytest.raises(DataError, match="not a CSV file"):
        read_matrix(scratch)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_table_or_a_data_error(scratch: Path, content: bytes) -> None:
    scratch.write_bytes(content)
    for columns in (None, ("a", "b")):
        try:
            names, values = read_matrix(scratch, columns)
        except DataError as problem:
            assert "\n" not in str(problem)
        else:
            assert values.shape[1] == len(names) and np.isfinite(values).all()


@given(st.text(alphabet='ab01.,-+eE \n\r"nif_\0', max_size=40))
def test_any_near_csv_is_a_table_or_a_data_error(scratch: Path, rest: str) -> None:
    scratch.write_bytes(("a,b\n1,2\n" + rest).encode())
    try:
        _, values = read_matrix(scratch, ("a", "b"))
    except DataError as problem:
        assert "\n" not in str(problem)
    else:
        assert np.isfinite(values).all() and values[0].tolist() == [1.0, 2.0]


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_matrix(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_matrix(tmp_path)


def test_all_faults_are_found(scratch: Path) -> None:
    scratch.write_text("a,b\n1,x\n2\n3,4\n,nan\n")
    faults = [fault.split(": ", 1)[1] for fault in find_faults(scratch, ("a", "b"))]
    assert [fault.split(":")[0] for fault in faults] == [
        "row 1 (line 2), column 'b'",
        "row 2 (line 3)",
        "row 4 (line 5), column 'a'",
        "row 4 (line 5), column 'b'",
    ]


def test_column_names_are_written_so_that_they_read_back(scratch: Path) -> None:
    names = ("joint,1", 'the "second"', "θ [rad]")
    scratch.write_bytes(csv_bytes(names, np.ones((2, 3))))
    assert read_matrix(scratch, names)[0] == names
    with pytest.raises(DataError, match="must fit on one line"):
        csv_bytes(("a\nb",), np.ones((1, 1)))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_csv_pair(tmp_path: Path) -> None:
    x = write(tmp_path / "x.csv", "u,v\n" + "".join(f"{i},{i / 7!r}\n" for i in range(10)))
    y = write(tmp_path / "y.csv", "w\n" + "".join(f"{10 * i}\n" for i in range(10)))
    dataset = read_csv_pair(x, y, seed=3)
    assert dataset.manifest.rows == {"train": 6, "validation": 2, "test": 2}
    assert (dataset.manifest.feature_names, dataset.manifest.target_names) == (("u", "v"), ("w",))
    for table in dataset.splits.values():
        np.testing.assert_array_equal(table.targets[:, 0], 10.0 * table.features[:, 0])
    assert read_csv_pair(x, y, seed=3).digest == dataset.digest != read_csv_pair(x, y, seed=4).digest
    assert read_csv_pair(x, y, fractions=(0.5, 0.5, 0.0)).test is None


def test_csv_pair_of_logged_poses(tmp_path: Path) -> None:
    arm = kv.load_arm("panda")
    q = arm.sample(50, seed=2)
    names = ("a", "b", "c", "d", "e", "f")
    (tmp_path / "x.csv").write_bytes(csv_bytes(names, POSE.encode(arm.forward_kinematics(q))))
    (tmp_path / "y.csv").write_bytes(csv_bytes(arm.joint_names, q))
    dataset = read_csv_pair(tmp_path / "x.csv", tmp_path / "y.csv", arm="panda", encoding="pose")
    assert (dataset.manifest.feature_names, dataset.manifest.feature_units) == (names, POSE.units)
    write_dataset(dataset, tmp_path / "data")
    assert read_dataset(tmp_path / "data").manifest.encoding == "pose"
    assert check_dataset(tmp_path / "data").problems == ()
    wrong = read_csv_pair(tmp_path / "x.csv", tmp_path / "y.csv", arm="panda", encoding="arkoma")  # mm and degrees
    write_dataset(wrong, tmp_path / "wrong")
    assert not check_dataset(tmp_path / "wrong").ok


def test_csv_pair_of_another_encoding(tmp_path: Path) -> None:
    x = write(tmp_path / "x.csv", "u\n1\n2\n3\n")
    with pytest.raises(DataError, match=r"x\.csv: 1 columns, but encoding 'xy' has 2: x \[m\], y \[m\]"):
        read_csv_pair(x, x, encoding="xy")
    with pytest.raises(UnknownNameError, match="unknown encoding 'poes': did you mean 'pose'"):
        read_csv_pair(x, x, encoding="poes")


def test_csv_pair_that_does_not_fit(tmp_path: Path) -> None:
    x = write(tmp_path / "x.csv", "u\n1\n2\n3\n")
    y = write(tmp_path / "y.csv", "w\n1\n2\n")
    with pytest.raises(DataError, match=r"x\.csv has 3 rows but .*y\.csv has 2"):
        read_csv_pair(x, y)
    with pytest.raises(DataError, match="1 columns, but 'planar3' has 3 joints"):
        read_csv_pair(x, x, arm="planar3")
    with pytest.raises(ConfigError, match="2 rows are too few"):
        read_csv_pair(y, y)
