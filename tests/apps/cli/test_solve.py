"""`kinverse solve` as a user types it."""

from __future__ import annotations

import numpy as np
import pytest

import kinverse as kv
from tests.support.cli import Cli, joint, urdf


def targets(cli: Cli, arm: kv.Arm, count: int = 40, name: str = "targets.npy") -> np.ndarray:
    rows = arm.forward_kinematics(arm.sample(count, 0))
    np.save(cli.folder / name, rows)
    return rows


def test_an_arm_of_the_catalog(cli: Cli) -> None:
    targets(cli, kv.load_arm("panda"))
    done = cli.run("solve", "panda", "targets.npy", "-o", "answers.csv")
    assert done.code == 0 and done.err == ""
    assert "40 targets: 40 solved, 0 not solved, 0 invalid" in done.out
    again = cli.run("solve", "panda", "targets.npy", "--out", "answers.csv")
    assert again.code == 2 and "--overwrite" in again.err
    summary = cli.run("solve", "panda", "targets.npy", "-o", "answers.csv", "--overwrite", "--json").json
    assert summary["targets"] == summary["solved"] == summary["rows"] == 40


def test_a_urdf_with_start_and_posture(cli: Cli) -> None:
    path = cli.text("r.urdf", urdf(joint("a", 0, 1), joint("b", 1, 2)))
    arm = kv.load_arm(path)
    np.save("targets.npy", arm.forward_kinematics(arm.sample(40, 0))[:, :3, 3])
    for flags in (["--start", "0.1,0.2"], ["--nearest-to", "0.1,-0.2"], ["--track"], ["--all", "2"]):
        done = cli.run("solve", path, "targets.npy", "--goal", "position", "-o", f"{flags[0][2:]}.npy", *flags)
        assert done.code == 0, done
    near = np.load("nearest-to.npy")[:, :2]
    assert np.abs(arm.forward_kinematics(near)[:, :3, 3] - np.load("targets.npy")).max() < 1e-8


@pytest.mark.parametrize(
    ("flags", "counted"),
    [
        (["--goal", "axis-z", "--position-tolerance", "1e-6"], [(slice(None, 3), 3), (slice(None, 3), 2)]),
        (["--goal", "pose", "--free", "x"], [(slice(1, 3), 3), (slice(None, 3), slice(None, 3))]),
    ],
)
def test_goals_of_poses(cli: Cli, flags: list[str], counted: list[tuple[slice, int]]) -> None:
    arm = kv.load_arm("panda")
    targets(cli, arm, 10)
    assert cli.run("solve", "panda", "targets.npy", *flags, "-o", "q.npy").code == 0
    reached = arm.forward_kinematics(np.load("q.npy")[:, :7])
    for rows, columns in counted:
        assert np.abs(reached[:, rows, columns] - np.load("targets.npy")[:, rows, columns]).max() < 2e-6


def test_a_trained_run_proposes(cli: Cli) -> None:
    run = cli.take("finished")
    arm = kv.load_arm("nao-right")
    targets(cli, arm)
    assert cli.run("solve", run, "targets.npy", "-o", "answers.npy").code == 0
    assert np.load("answers.npy")[:, 5].all()


WRONG: dict[str, tuple[list[object], str]] = {
    "no out": (["panda", "targets.npy"], "--out"),
    "no file": (["panda", "none.npy", "-o", "a.csv"], "no such file"),
    "arm": (["pandas", "targets.npy", "-o", "a.csv"], "panda"),
    "task": (["planar3", "targets.npy", "-o", "a.csv"], "(n, 2)"),
    "ending": (["panda", "targets.npy", "-o", "a.txt"], ".csv"),
    "start": (["panda", "targets.npy", "-o", "a.csv", "--start", "1,2"], "7 numbers"),
    "start text": (["panda", "targets.npy", "-o", "a.csv", "--start", "here"], "7 numbers"),
    "start outside": (["panda", "targets.npy", "-o", "a.csv", "--start", "9,0,0,-1,0,1,0"], "outside its limits"),
    "both": (["panda", "targets.npy", "-o", "a.csv", "--all", "3", "--track"], "choose one"),
    "goal": (["panda", "targets.npy", "-o", "a.csv", "--goal", "axis-w"], "did you mean 'axis-"),
    "nothing to reach": (["planar3", "targets.npy", "-o", "a.csv", "--free", "x", "y"], "nothing to reach"),
    "tolerance": (["panda", "targets.npy", "-o", "a.csv", "--position-tolerance", "-1"], "> 0"),
    "chain of a run": (["finished", "targets.npy", "-o", "a.csv", "--tool", "x"], "is a run"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("as_json", [False, True])
def test_wrong_use(cli: Cli, case: str, as_json: bool) -> None:
    targets(cli, kv.load_arm("panda"), 4)
    cli.take("finished")
    arguments, words = WRONG[case]
    before = cli.listing()
    done = cli.run("solve", *arguments, *(["--json"] if as_json else []))
    assert done.code == 2
    said = done.json["error"] if as_json else done.err
    assert words in said and said.strip().count("\n") == 0
    assert cli.listing() == before
