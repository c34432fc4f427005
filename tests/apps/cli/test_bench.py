"""`kinverse bench` as a person and as a machine uses it, with two peers that every test environment has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.cli import Cli, is_picture, on_a_terminal, without

QUICK = ("--quick", "--targets", "12", "--peers", "eaik", "pinocchio")
pytest.importorskip("kinverse.ik.solver", reason="the solver is not there")


def test_bench_prints_tables_and_leaves_a_picture(cli: Cli) -> None:
    outcome = cli.run("bench", "ur5", *QUICK)
    assert (outcome.code, outcome.err) == (0, "")
    for words in ("ur5, 6 joints", "kinverse", "eaik", "pinocchio", "ratio", "Calls"):
        assert words in outcome.out
    assert "Skipped" not in outcome.out
    assert "picture: kinverse-bench/bench.png" in outcome.out
    assert list(cli.listing()) == ["kinverse-bench", "kinverse-bench/bench.json", "kinverse-bench/bench.png"]
    assert is_picture(Path("kinverse-bench/bench.png"))
    cli.run("bench", "ur5", *QUICK)
    assert Path("kinverse-bench-2/bench.png").exists()


def test_bench_as_json_is_one_object(cli: Cli) -> None:
    shown = cli.run("bench", "panda", *QUICK, "--json").json
    (arm,) = shown["arms"]
    assert (arm["arm"], arm["dof"], arm["ours"]["solved"]) == ("panda", 7, 100.0)
    assert [peer["name"] for peer in arm["peers"]] == ["pinocchio"]
    assert arm["left_out"] == [{"name": "eaik", "reason": "no closed form for 7 joints", "installed": True}]
    assert cli.listing() == {}
    asked = cli.run("bench", "ur5", *QUICK, "--json", "--out", "results").json
    assert asked["folder"] == "results"
    assert json.loads(Path("results/bench.json").read_text())["arms"] == asked["arms"]


def test_bench_of_a_urdf_file(cli: Cli) -> None:
    from kinverse.robot.catalog import ASSETS

    path = cli.text("mine.urdf", (ASSETS / "ur5.urdf").read_text())
    shown = cli.run("bench", path, "--tool", "wrist_3_link", *QUICK, "--json").json
    (arm,) = shown["arms"]
    assert arm["arm"] == "mine"
    assert [(peer["name"], peer["solved_strictly"]) for peer in arm["peers"]] == [("eaik", 100.0), ("pinocchio", 100.0)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("planar3",), "'planar3' has no URDF file to give to other libraries; bench takes "),
        (("ur6",), "unknown arm 'ur6': did you mean 'ur5'? "),
        (("ur5", "--peers", "aeik"), "unknown peer 'aeik': did you mean 'eaik'? "),
        (("ur5", "--targets", "0"), "targets must be from 1 to 100000, got 0"),
        (("ur5", "--seed", "-1"), "seed must be a whole number ≥ 0, got -1"),
        (("ur5", "--tool", "tool0"), "base and tool choose a chain in a URDF file; "),
        (("--tool", "tool0"), "--base and --tool choose a chain of a URDF file: name the file"),
        (("none.urdf",), "none.urdf: cannot be read (No such file or directory)"),
    ],
)
def test_wrong_use_is_one_line(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    outcome = cli.run("bench", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"kinverse: {said}")
    assert outcome.err.count("\n") == 1
    assert cli.listing() == {}


def test_help_names_every_flag(cli: Cli) -> None:
    text = cli.run("bench", "--help").out
    for name in ("ARM", "--base", "--tool", "--targets", "--peers", "--quick", "--seed", "--out", "--json"):
        assert name in text


def test_without_the_judge_or_a_library(tmp_path: Path) -> None:
    refused = without(("pinocchio",), tmp_path, "bench", "ur5", *QUICK)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "kinverse: this needs pin, which is not installed: pip install 'kinverse[bench]'\n"
    outcome = without(("eaik",), tmp_path, "bench", "ur5", *QUICK, "--json")
    assert outcome.returncode == 0
    (left_out,) = json.loads(outcome.stdout)["arms"][0]["left_out"]
    assert (left_out["name"], left_out["reason"]) == (
        "eaik",
        "does not import here (ModuleNotFoundError: No module named 'eaik')",
    )


def test_a_person_sees_a_bar(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, "bench", "ur5", *QUICK)
    assert code == 0
    assert "ur5: kinverse" in shown and "ur5: pinocchio" in shown
