"""Files of targets as users bring them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

import kinverse as kv
from kinverse.errors import DataError, KinverseError
from kinverse.ik.files import read_targets, solve_file

PLANAR, POSE = kv.Goal.planar(), kv.Goal.pose()
FACING = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]


def targets(path: Path, content: str | bytes, goal: kv.Goal) -> np.ndarray:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return np.concatenate([block.values for block in read_targets(path, goal)])


@pytest.mark.parametrize(
    "content",
    [
        "x,y\n1.2,0.9\n", "x;y\n1.2;0.9\n", "x;y\n1,2;0,9\n", "x\ty\n1.2\t0.9\n", "x [m],y [m]\n1.2,0.9\n",
        "x (m),y (m)\n1.2,0.9\n", " x , y \n 1.2 , 0.9 \n", "id,y,x,note\n7,0.9,1.2,first\n",
        "\ufeffx,y\r\n1.2,0.9\r\n",
    ],
)  # fmt: skip
def test_separators_units_and_other_columns(tmp_path: Path, content: str) -> None:
    np.testing.assert_allclose(targets(tmp_path / "t.csv", content, PLANAR), [[1.2, 0.9]])


@pytest.mark.parametrize(
    "content",
    [
        "px,py,pz,qx,qy,qz,qw\n0.4,0.1,0.5,1,0,0,0\n", "x,y,z,qx,qy,qz,qw\n0.4,0.1,0.5,1,0,0,0\n",
        "px,py,pz,qx,qy,qz,qw\n0.4,0.1,0.5,0.99,0,0,0\n", "px,py,pz,qx,qy,qz,qw\n0.4,0.1,0.5,-2,0,0,0\n",
        "position_x,position_y,position_z,orientation_x,orientation_y,orientation_z,orientation_w,sec\n"
        "0.4,0.1,0.5,1,0,0,0,12\n",
        "px,py,pz,roll,pitch,yaw\n0.4,0.1,0.5,3.141592653589793,0,0\n",
        "px,py,pz,rx,ry,rz\n0.4,0.1,0.5,3.141592653589793,0,0\n",
    ],
)  # fmt: skip
def test_names_of_poses(tmp_path: Path, content: str) -> None:
    T = targets(tmp_path / "t.csv", content, POSE)
    np.testing.assert_allclose(T[0, :3, 3], [0.4, 0.1, 0.5])
    np.testing.assert_allclose(T[0, :3, :3], FACING, atol=1e-12)


def test_rotations_of_three_decimals_are_solved(tmp_path: Path) -> None:
    solver = kv.Solver("panda", threads=1)
    T = np.round(solver.arm.forward_kinematics(solver.arm.sample(300, seed=3)), 3)
    names = [f"m{i}{j}" for i in range(3) for j in range(4)]
    csv.write_csv(pa.table(dict(zip(names, T[:, :3].reshape(-1, 12).T, strict=True))), tmp_path / "t.csv")
    summary = solve_file(solver, tmp_path / "t.csv", tmp_path / "a.csv")
    assert summary.invalid == 0 and summary.solved >= 290


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "x,y,x\n1,2,3\n", "column 'x' appears more than once"),
        ("t.csv", "x,y,x \n1,2,3\n", "column 'x' appears more than once"),
        ("t.csv", "x,y,x [m]\n1,2,3\n", "column 'x' appears more than once"),
        ("t.csv", "1.2,0.9\n0.5,1.1\n", "line 1 holds numbers, not column names; put x,y above them"),
        ("t.csv", "x,y,gr\xf6sse\n1,2,3\n".encode("latin-1"), "not UTF-8"),
        ("t.csv", "a,b\n1,2\n", "no targets of a planar goal in columns a,b; expected x,y"),
        ("t.csv", "x,y\n1,2,3\n", "not a CSV table"),
        ("t.csv", b"\x00\x01", "t.csv"),
        ("t.npy", b"\x93NUMPY", "not an .npy file of numbers"),
        ("t.npy", b"", "not an .npy file of numbers"),
        ("t.parquet", b"PAR1", "not a Parquet table of numbers"),
    ],
)
def test_what_cannot_be_read_is_one_error(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        targets(tmp_path / name, content, PLANAR)
    assert str(caught.value).isprintable()


def test_repeated_columns_of_parquet(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1.0]), pa.array([2.0]), pa.array([3.0])], names=["x", "y", "x"])
    parquet.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(DataError, match="column 'x' appears more than once"):
        list(read_targets(tmp_path / "t.parquet", PLANAR))


@pytest.mark.parametrize("cell", ["1_0", "١", "nan", "inf", "", "x", "1e999", "0x10"])
def test_cells_that_are_no_numbers_make_an_invalid_row(tmp_path: Path, cell: str) -> None:
    solver = kv.Solver("planar3", threads=1)
    (tmp_path / "t.csv").write_text(f"x,y\n{cell},1\n1,1\n", encoding="utf-8")
    summary = solve_file(solver, tmp_path / "t.csv", tmp_path / "a.csv")
    assert (summary.targets, summary.solved, summary.invalid) == (2, 1, 1)


def test_damaged_arrays_are_one_error(tmp_path: Path) -> None:
    np.save(tmp_path / "good.npy", np.zeros((3, 2)))
    good = (tmp_path / "good.npy").read_bytes()
    random = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(good)
        for place in random.integers(0, len(damaged), random.integers(1, 6)):
            damaged[place] = random.integers(0, 256)
        try:
            targets(tmp_path / "t.npy", bytes(damaged[: random.integers(1, len(damaged) + 1)]), PLANAR)
        except KinverseError as problem:
            assert str(problem).isprintable()


def test_misses_say_what_may_help(tmp_path: Path) -> None:
    solver = kv.Solver("nao-left", threads=1)
    T = np.round(solver.arm.forward_kinematics(solver.arm.sample(50, seed=3)), 5)
    T[:, :3, :3] = solver.arm.forward_kinematics(solver.arm.sample(50, seed=3))[:, :3, :3]
    np.save(tmp_path / "t.npy", T)
    misses = solve_file(solver, tmp_path / "t.npy", tmp_path / "a.csv").misses
    assert misses is not None and misses.near == 50 and misses.far == 0
    loose = kv.Goal.pose(
        position_tolerance=1.001 * misses.near_position_m, rotation_tolerance=1.001 * misses.near_rotation_rad
    )
    assert solve_file(kv.Solver("nao-left", loose), tmp_path / "t.npy", tmp_path / "b.csv").solved == 50
    T[:, :3, 3] *= 1000.0
    np.save(tmp_path / "mm.npy", T)
    misses = solve_file(solver, tmp_path / "mm.npy", tmp_path / "c.csv").misses
    assert misses is not None and misses.far == 50
