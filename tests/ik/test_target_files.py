"""Files of targets: every format in and out, every row accounted for, nothing half written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet
from scipy.spatial.transform import Rotation

import kinverse as kv
from kinverse import columns
from kinverse.errors import ConfigError, DataError, TargetError
from kinverse.geometry import position_error, rotation_error
from kinverse.ik.files import solve_file
from kinverse.robot.encodings import ARKOMA, POSE


@pytest.fixture(scope="module")
def solver() -> kv.Solver:
    return kv.Solver("ur5", network=None, threads=1)


@pytest.fixture
def poses(solver: kv.Solver) -> np.ndarray:
    return solver.arm.forward_kinematics(solver.arm.sample(300, 4))


def write(path: Path, names: tuple[str, ...], values: np.ndarray) -> Path:
    table = pa.table({name: values[:, i] for i, name in enumerate(names)})
    (csv.write_csv if path.suffix == ".csv" else parquet.write_table)(table, path)
    return path


def columns_of(kind: str, T: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Poses as columns, by SciPy and not by our own functions."""
    rotation = Rotation.from_matrix(T[:, :3, :3])
    position = T[:, :3, 3]
    if kind == "vector":
        return POSE.names, np.hstack([position, rotation.as_rotvec()])
    if kind == "quaternion":
        return ("px", "py", "pz", "qx", "qy", "qz", "qw"), np.hstack([position, rotation.as_quat()])
    if kind == "matrix":
        return tuple(f"m{i}{j}" for i in range(3) for j in range(4)), T[:, :3].reshape(-1, 12)
    return ARKOMA.names, np.hstack([1000 * position, rotation.as_rotvec(degrees=True)])


def read(path: Path) -> dict[str, np.ndarray]:
    table = csv.read_csv(path) if path.suffix == ".csv" else parquet.read_table(path)
    return {name: table.column(name).to_numpy() for name in table.column_names}


@pytest.mark.parametrize("kind", ["vector", "quaternion", "matrix", "arkoma"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables(tmp_path: Path, solver: kv.Solver, poses: np.ndarray, kind: str, suffix: str) -> None:
    source = write(tmp_path / f"targets{suffix}", *columns_of(kind, poses))
    summary = solve_file(solver, source, tmp_path / f"answers{suffix}")
    assert (summary.targets, summary.solved, summary.missed, summary.invalid, summary.rows) == (300, 300, 0, 0, 300)
    answers = read(tmp_path / f"answers{suffix}")
    assert list(answers) == [
        *solver.arm.joint_names, "converged", "position_error_m", "rotation_error_rad", "iterations", "status",
    ]  # fmt: skip
    q = np.column_stack([answers[name] for name in solver.arm.joint_names])
    reached = solver.arm.forward_kinematics(q)
    assert position_error(reached, poses).max() < 1e-8 and rotation_error(reached, poses).max() < 1e-7
    assert set(answers["status"]) == {"solved"} and (answers["converged"] == 1).all()


def test_npy_in_and_out(tmp_path: Path, solver: kv.Solver, poses: np.ndarray) -> None:
    np.save(tmp_path / "t.npy", poses)
    solve_file(solver, tmp_path / "t.npy", tmp_path / "a.npy")
    answers = np.load(tmp_path / "a.npy")
    found = solver.solve(poses)
    assert answers.shape == (300, 10)
    assert np.array_equal(answers[:, :6], found.q) and np.array_equal(answers[:, 9], found.iterations)


def test_blocks_change_nothing(
    tmp_path: Path, solver: kv.Solver, poses: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of many blocks, the last one short, gives the same bytes as one block, and reports its progress."""
    for source in (write(tmp_path / "t.csv", *columns_of("vector", poses)), tmp_path / "t.npy"):
        np.save(tmp_path / "t.npy", poses)
        solve_file(solver, source, tmp_path / "one.csv")
        shares: list[float] = []
        monkeypatch.setattr(columns, "BLOCK", 7)
        solve_file(solver, source, tmp_path / "many.csv", progress=shares.append)
        monkeypatch.undo()
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "many.csv").read_bytes()
        assert len(shares) > 3 and shares == sorted(shares) and shares[-1] == 1.0


def test_no_row_is_dropped(tmp_path: Path, solver: kv.Solver, poses: np.ndarray) -> None:
    source = write(tmp_path / "t.csv", *columns_of("quaternion", poses[:8]))
    lines = source.read_text().splitlines()
    lines[2] = ",".join(["x", *lines[2].split(",")[1:]])
    lines[3] = ",".join(["", *lines[3].split(",")[1:]])
    lines[4] = ",".join([*lines[4].split(",")[:3], "0", "0", "0", "0"])
    lines[5] = ",".join(["9.0", *lines[5].split(",")[1:]])
    lines[6] = ",".join(["inf", *lines[6].split(",")[1:]])
    source.write_text("\n".join(lines) + "\n")
    summary = solve_file(solver, source, tmp_path / "a.csv")
    assert (summary.targets, summary.solved, summary.missed, summary.invalid, summary.rows) == (8, 3, 1, 4, 8)
    status = read(tmp_path / "a.csv")["status"]
    assert status[0] == "solved" and status[4] == "unreachable"
    assert (
        "not a finite number" in status[1] and "not a finite number" in status[2] and "not a finite number" in status[5]
    )
    assert "not a finite number" in status[3]
    solve_file(solver, source, tmp_path / "a.npy")
    assert np.isnan(np.load(tmp_path / "a.npy")[[1, 2, 3, 5], :6]).all()


def test_names_with_spaces_other_columns_and_any_order(tmp_path: Path) -> None:
    planar = kv.Solver("planar3")
    (tmp_path / "t.csv").write_text("id, y ,x\na,0.5,1.0\nb,-1.5,0.25\n")
    solve_file(planar, tmp_path / "t.csv", tmp_path / "a.csv")
    answers = read(tmp_path / "a.csv")
    q = np.column_stack([answers[name] for name in planar.arm.joint_names])
    assert np.abs(planar.arm.forward_kinematics(q)[:, :2, 3] - [[1.0, 0.5], [0.25, -1.5]]).max() < 1e-8


def test_all_solutions_of_every_target(tmp_path: Path, solver: kv.Solver, poses: np.ndarray) -> None:
    poses = poses[:6].copy()
    poses[2, :3, 3] = 9.0
    poses[4, 0, 0] = np.nan
    np.save(tmp_path / "t.npy", poses)
    summary = solve_file(solver, tmp_path / "t.npy", tmp_path / "a.csv", every=8)
    answers = read(tmp_path / "a.csv")
    assert summary.solved == 4 and summary.missed == 1 and summary.invalid == 1 and summary.rows > 12
    for row, pose in enumerate(poses):
        mine = answers["target"] == row
        expected = len(solver.all_solutions(pose, 8)) if row not in (2, 4) else 1
        assert mine.sum() == expected
        assert (answers["status"][mine] == "solved").all() == (row not in (2, 4))


def test_a_path(tmp_path: Path) -> None:
    arm = kv.planar_arm([1.0], max_angle=2.0)
    angle = np.concatenate([np.linspace(0.0, 1.9, 50), np.linspace(-1.9, 0.0, 50)])
    path = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    path[10] = np.nan
    np.save(tmp_path / "t.npy", path)
    summary = solve_file(kv.Solver(arm), tmp_path / "t.npy", tmp_path / "a.csv", track=True)
    assert summary.jumps == 1 and summary.invalid == 1
    assert np.flatnonzero(read(tmp_path / "a.csv")["jump"]).tolist() == [50]


def test_empty_files(tmp_path: Path, solver: kv.Solver) -> None:
    np.save(tmp_path / "t.npy", np.empty((0, 4, 4)))
    (tmp_path / "t.csv").write_text(",".join(POSE.names) + "\n")
    for source in ("t.npy", "t.csv"):
        for every in (None, 3):
            summary = solve_file(solver, tmp_path / source, tmp_path / "a.csv", every=every)
            assert summary.targets == summary.rows == 0
            assert len(read(tmp_path / "a.csv")["status"]) == 0


BAD = {
    "missing": ("none.csv", None, DataError, "no such file"),
    "ending": ("t.txt", "x,y\n1,2\n", DataError, ".csv, .npy, .parquet"),
    "columns": ("t.csv", "a,b\n1,2\n", DataError, "px,py,pz,rx,ry,rz"),
    "short row": ("t.csv", "px,py,pz,rx,ry,rz\n1,2,3,4,5,6\n1,2\n", DataError, "CSV"),
    "empty": ("t.csv", "", DataError, "CSV"),
    "no npy": ("t.npy", "hello", DataError, "not an .npy file"),
    "no parquet": ("t.parquet", "hello", DataError, "Parquet"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused_files(tmp_path: Path, solver: kv.Solver, case: str) -> None:
    name, content, error, words = BAD[case]
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(error) as caught:
        solve_file(solver, tmp_path / name, tmp_path / "a.csv")
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} <= {name}


def test_nothing_is_left_after_an_error(tmp_path: Path, solver: kv.Solver, poses: np.ndarray) -> None:
    np.save(tmp_path / "t.npy", poses)
    (tmp_path / "a.csv").write_text("before")
    for out in ("a.csv", "a.npy"):
        with pytest.raises(TargetError):
            solve_file(solver, tmp_path / "t.npy", tmp_path / out, start=np.full(6, 99.0))
    with pytest.raises(DataError):
        solve_file(solver, tmp_path / "t.npy", tmp_path / "a.txt")
    for settings in ({"every": 2, "track": True}, {"track": True, "nearest_to": np.zeros(6)}):
        with pytest.raises(ConfigError):
            solve_file(solver, tmp_path / "t.npy", tmp_path / "a.csv", **settings)
    with pytest.raises(ConfigError, match="file of targets"):
        solve_file(solver, tmp_path / "t.npy", tmp_path / "t.npy")
    np.save(tmp_path / "t.npy", poses[:, :3])
    with pytest.raises(DataError, match=r"\(n, 4, 4\)"):
        solve_file(solver, tmp_path / "t.npy", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"t.npy", "a.csv"}
