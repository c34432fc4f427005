"""Every verb as a person and as a machine uses it."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_type_hints

import docstring_parser
import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.cli import demo, main
from kinverse.apps.cli.verbs import GROUPS as VERB_GROUPS
from kinverse.apps.cli.verbs import VERBS
from kinverse.apps.studies.nao.runs import NAO_BETTER, NAO_PUBLISHED
from kinverse.apps.studies.planar.runs import PLANAR
from kinverse.columns import read_matrix
from kinverse.files import to_plain
from kinverse.learning.training.config import SEED_NETWORK, FitConfig, default_config
from kinverse.learning.training.run_folder import load_model
from kinverse.robot.urdf import read_urdf
from tests.support.cli import TINY, Cli, is_picture, joint, urdf

TWO_JOINTS = urdf(joint("shoulder", 0, 1), joint("elbow", 1, 2))
VERB_NAMES = sorted(VERBS)


@pytest.mark.parametrize("name", VERB_NAMES)
def test_help_describes_a_verb_before_its_flags(cli: Cli, name: str) -> None:
    outcome = cli.run(*name.split(), "--help")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 80
    description, example, usage, *_ = outcome.out.split("\n\n")
    assert 1 <= len(description.splitlines()) <= 3 and description.endswith(".")
    assert example.startswith(f"example: kinverse {name}")
    assert usage.startswith(f"usage: kinverse {name} [-h]")
    assert "--json" in outcome.out
    assert cli.listing() == {}


@pytest.mark.parametrize("name", VERB_NAMES)
def test_help_explains_every_argument(name: str) -> None:
    """In the docstring of the verb, or in the type of an argument that several verbs share."""
    run = VERBS[name].run
    explained = {parameter.arg_name for parameter in docstring_parser.parse(run.__doc__ or "").params}
    for parameter, hint in get_type_hints(run, include_extras=True).items():
        in_type = any(getattr(part, "help", None) for part in getattr(hint, "__metadata__", ()))
        assert in_type != (parameter in explained) or parameter == "return", parameter


@pytest.mark.parametrize("name", VERB_NAMES)
def test_examples_in_help_are_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    @functools.wraps(VERBS[name].run)
    def record(*arguments: object, **settings: object) -> int:
        called.append(name)
        return 0

    monkeypatch.setitem(VERBS, name, replace(VERBS[name], run=record))
    program, *arguments = shlex.split(VERBS[name].example)
    assert program == "kinverse"
    assert main(arguments) == 0 and called == [name]


def test_overview_lists_every_verb_in_its_group(cli: Cli) -> None:
    outcome = cli.run("--help")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 80
    listed = [line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert listed == [word for words in VERB_GROUPS.values() for word in words]
    assert {name.split()[0] for name in VERBS} == set(listed)


@pytest.mark.parametrize("family", ["data", "course"])
def test_overview_of_a_family_lists_its_verbs(cli: Cli, family: str) -> None:
    outcome = cli.run(family, "--help")
    assert outcome.code == 0 and max(map(len, outcome.out.splitlines())) <= 80
    for name in VERBS:
        if name.startswith(f"{family} "):
            assert f"\n  {name.split()[1]} " in outcome.out


def test_version(cli: Cli) -> None:
    assert cli.run("--version").out == f"kinverse {kv.__version__}\n"


def test_learn_is_the_old_name_of_course(cli: Cli) -> None:
    old, new = cli.run("learn", "list"), cli.run("course", "list")
    assert (old.code, old.out) == (0, new.out)
    assert old.err == "kinverse: 'kinverse learn' is now 'kinverse course'\n"
    assert new.err == ""


def test_help_of_fit_names_every_setting_and_its_defaults(cli: Cli) -> None:
    text = " ".join(cli.run("fit", "--help").out.partition("training options")[2].split())
    proposer = SEED_NETWORK.settings
    for name, value in FitConfig().settings.items():
        described = text[text.index(f"--{name.replace('_', '-')}") :]
        described = described[: described.index(")", described.index("(default: ")) + 1]
        words = "64 64" if name == "hidden" else "default" if name == "initialisers" else str(value or "none")
        if isinstance(value, bool | int | float):
            words = str(value)
        assert f"(default: {words}" in described, name
        assert ("for an arm's poses: " in described) == (proposer[name] != value or name == "rotation_weight"), name


def test_a_flag_that_repeats_a_default_counts_where_another_one_holds(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = record_fits(monkeypatch)
    plain = FitConfig()
    flags = ("--hidden", "64", "64", "--epochs", str(plain.epochs), "--batch-size", "none", "--no-resample")
    for arguments in ((), flags, ("--goal", "position")):
        assert cli.run("fit", "panda", *arguments).err == STOPPED
    whole = default_config(kv.load_arm("panda"))
    assert asked[0] == whole
    assert asked[1] == whole.replace(hidden=(64, 64), epochs=plain.epochs, batch_size=None, resample=False)
    assert asked[2] == plain
    wrong = cli.run("fit", "panda", "--loss-space", "joints")
    assert wrong.code == 2
    assert f"heads={whole.model.heads} needs loss_space=tool, got 'joints'" in wrong.err


STOPPED = "kinverse: seen enough\n"


def record_fits(monkeypatch: pytest.MonkeyPatch) -> list[FitConfig]:
    """The configurations that `kinverse fit` asks for, without a training."""
    asked: list[FitConfig] = []

    def fit(what: object, config: FitConfig, **rest: object) -> None:
        asked.append(config)
        raise kv.KinverseError("seen enough")

    monkeypatch.setattr("kinverse.learning.workflow.fit", fit)
    return asked


def test_arms_lists_the_catalog(cli: Cli) -> None:
    outcome = cli.run("arms")
    assert outcome.code == 0
    for name in kv.arm_names():
        assert name in outcome.out
    assert re.search(r"panda +7 +pose +1\.19", outcome.out)
    assert cli.run("arms", "--json").json == {
        "arms": [
            {"name": n, "dof": kv.load_arm(n).dof, "goal": kv.Goal.default(kv.load_arm(n)).kind} for n in kv.arm_names()
        ]
    }
    assert cli.listing() == {}


def test_arms_shows_one_and_draws_it(cli: Cli) -> None:
    outcome = cli.run("arms", "nao-right")
    assert outcome.code == 0
    assert re.search(r"RElbowRoll +revolute +0\.0349 +1\.5446 +rad +2\.00 +88\.50", outcome.out)
    assert "torso → RHand" in outcome.out
    assert kv.load_arm("nao-right").fingerprint in outcome.out
    assert "picture: nao-right.png" in outcome.out
    assert list(cli.listing()) == ["nao-right.png"]
    assert is_picture(Path("nao-right.png"))


def test_a_picture_never_replaces_one_of_the_users(cli: Cli) -> None:
    Path("panda.png").write_bytes(b"my holidays")
    for _ in range(2):  # the second time finds its own picture and leaves it
        assert "picture: panda-2.png" in cli.run("arms", "panda").out
    assert sorted(cli.listing()) == ["panda-2.png", "panda.png"]
    assert Path("panda.png").read_bytes() == b"my holidays"
    assert cli.run("arms", "panda", "--picture", "panda.png").code == 0  # unless it is named
    assert is_picture(Path("panda.png"))


def test_arms_as_json(cli: Cli) -> None:
    shown = cli.run("arms", "panda", "--json").json
    arm = kv.load_arm("panda")
    assert shown["fingerprint"] == arm.fingerprint
    assert shown["joint_names"] == list(arm.joint_names)
    assert shown["upper"] == arm.upper.tolist()
    assert shown["reach"] == pytest.approx(1.19, abs=0.01)
    assert cli.listing() == {}  # a machine asks for its picture
    assert cli.run("arms", "panda", "--json", "--picture", "p.png").json["picture"] == "p.png"
    assert is_picture(Path("p.png"))


def test_arms_of_a_urdf_file(cli: Cli) -> None:
    path = cli.text("two.urdf", TWO_JOINTS)
    shown = cli.run("arms", path, "--json").json
    assert shown["name"] == "two"
    assert shown["joint_names"] == ["shoulder", "elbow"]
    part = cli.run("arms", path, "--base", "link1", "--tool", "link2", "--json").json
    assert part["joint_names"] == ["elbow"]
    assert part["frames"] == ["link1", "link2"]
    assert cli.run("arms", path, "--picture", "two.PNG").code == 0
    assert is_picture(Path("two.PNG"))


SPLIT_300, SPLIT_200 = {"train": 180, "validation": 60, "test": 60}, {"train": 120, "validation": 40, "test": 40}


@pytest.mark.parametrize(
    ("arguments", "rows", "files"),
    [
        (("nao-right", "--rows", "300"), SPLIT_300, "RTrain_x.csv"),
        (("nao-right", "--rows", "300", "--test-rows", "uniform"), SPLIT_300, "RTest_y.csv"),
        (("nao-right", "--rows", "300", "--draw", "normal"), SPLIT_300, "RTest_y.csv"),
        (("nao-right", "--rows", "300", "--encoding", "pose"), SPLIT_300, "train_y.csv"),
        (("planar3", "--rows", "400"), {"train": 320, "validation": 80}, "train_x.csv"),
        (("panda", "--rows", "200", "--encoding", "xyz"), SPLIT_200, "test_y.csv"),
        (("panda", "--rows", "200", "--encoding", "arkoma"), SPLIT_200, "test_y.csv"),
        (("two.urdf", "--rows", "200", "--tool", "link1"), SPLIT_200, "test_y.csv"),
    ],
)
def test_data_make_gives_the_same_bytes_for_the_same_seed(
    cli: Cli, arguments: tuple[str, ...], rows: dict[str, int], files: str
) -> None:
    cli.text("two.urdf", TWO_JOINTS)
    outcome = cli.run("data", "make", *arguments, "--seed", "5", "--out", "data", "--json")
    assert outcome.code == 0
    assert outcome.json == {"folder": "data", "rows": rows}
    first = {p.name: p.read_bytes() for p in Path("data").rglob("*") if p.is_file()}
    assert files in first
    said = cli.run("data", "make", *arguments, "--seed", "5", "--out", "data", "--overwrite")
    assert said.out == f"data: {', '.join(f'{n} {split}' for split, n in rows.items())} rows\n"
    again = {p.name: p.read_bytes() for p in Path("data").rglob("*") if p.is_file()}
    assert again == first
    assert cli.run("data", "make", *arguments, "--seed", "6", "--out", "other").code == 0
    other = {p.name: p.read_bytes() for p in Path("other").rglob("*") if p.is_file()}
    is_grid = arguments[0] == "planar3"  # nothing is drawn for a grid
    assert (other == first) == is_grid
    check = cli.run("data", "check", "data", *(("--arm", "nao-right") if "nao-right" in arguments else ()))
    assert check.code == 0
    assert "data: no errors" in check.out


def test_data_make_gives_arkomas_published_layout(cli: Cli) -> None:
    outcome = cli.run("data", "make", "nao-right", "--rows", "10000", "--out", "ARKOMA")
    assert outcome.out == "ARKOMA: 6000 train, 2000 validation, 2000 test rows\n"
    folder = Path("ARKOMA/Right Arm Dataset")
    for split, rows in (("Train", 6000), ("Val", 2000), ("Test", 2000)):
        names, x = read_matrix(folder / f"R{split}_x.csv")
        assert names == ("Px", "Py", "Pz", "Rx", "Ry", "Rz")
        assert x.shape == (rows, 6)
        assert read_matrix(folder / f"R{split}_y.csv")[1].shape == (rows, 5)


def test_data_import_check_and_fit_go_together(cli: Cli) -> None:
    outcome = cli.run("data", "import", *cli.pair(), "--out", "data", "--json")
    assert outcome.json == {"folder": "data", "rows": {"train": 6, "validation": 2, "test": 2}}
    values = np.vstack([read_matrix(Path("data") / f"{split}_x.csv")[1] for split in ("train", "validation", "test")])
    assert sorted(values[:, 0]) == list(np.arange(0.0, 20.0, 2.0))
    check = cli.run("data", "check", "data", "--json").json
    assert check["ok"]
    assert check["summary"]["rows"] == {"train": 6, "validation": 2, "test": 2}
    assert check["summary"]["targets"] == ["c"]
    assert cli.run("fit", "data", "--hidden", "4", "--epochs", "2", "--out", "run").code == 0
    assert load_model("run").arm is None


def test_data_import_for_an_arm(cli: Cli) -> None:
    folder = cli.plain()
    files = folder / "train_x.csv", folder / "train_y.csv"
    assert cli.run("data", "import", *files, "--arm", "nao-right", "--out", "data").code == 0
    manifest = json.loads(Path("data/manifest.json").read_text())
    assert manifest["arm_fingerprint"] == kv.load_arm("nao-right").fingerprint
    assert manifest["encoding"] is None
    # With the encoding the rows are poses, and the tip error can be measured.
    assert cli.run("data", "import", *files, "--arm", "nao-right", "--encoding", "pose", "--out", "poses").code == 0
    assert cli.run("data", "check", "poses").code == 0
    fitted = cli.run("fit", "poses", "--hidden", "8", "--epochs", "2", "--out", "run")
    assert "Tool error through the forward kinematics" in fitted.out


def test_data_check_lists_every_fault_and_fails(cli: Cli) -> None:
    folder = cli.plain()
    path = folder / "train_y.csv"
    lines = path.read_text().splitlines()
    lines[3] = lines[3].replace(",", ",far,", 1)
    lines[5] = "nan," + lines[5].split(",", 1)[1]
    path.write_text("\n".join(lines))
    (folder / "test_x.csv").write_text("")
    outcome = cli.run("data", "check", folder)
    assert outcome.code == 1
    assert outcome.err == ""
    text = " ".join(outcome.out.split())
    for words in ("row 3 (line 4)", "6 cells", "row 5 (line 6)", "'nan'", "empty file", "plain: errors found"):
        assert words in text, words
    as_json = cli.run("data", "check", folder, "--json")
    assert as_json.code == 1
    assert not as_json.json["ok"]
    assert len([p for p in as_json.json["problems"] if p["severity"] == "error"]) == 3
    assert cli.run("data", "check", "nowhere").code == 1


def test_fit_an_arm_by_name(cli: Cli) -> None:
    outcome = cli.run("fit", "planar3", *TINY)
    assert outcome.code == 0
    assert outcome.err == ""  # no bar where nobody watches
    assert "best reachable: no training gets below" in outcome.out
    assert "run: runs/planar3 (finished: all epochs done, 3 epochs" in outcome.out
    assert "report: runs/planar3/report.html" in outcome.out
    assert "resume with" not in outcome.out
    files = {"card.json", "config.json", "history.csv", "model.safetensors", "report.html"}
    assert {path.name for path in Path("runs/planar3").iterdir()} == files
    assert load_model("runs/planar3").results is not None
    assert cli.run("fit", "planar3", *TINY, "--json").json["run"] == str(
        cli.folder / "runs/planar3-2"
    )  # nothing is written over


FLAGS = {
    "hidden": ("--hidden 5 6", (5, 6)),
    "no hidden layer": ("--hidden", ()),
    "activation": ("--activation tanh", "tanh"),
    "output_activation": ("--output-activation tanh", "tanh"),
    "bounds": ("--bounds limits", "limits"),
    "initialisers": ("--initialisers he_uniform zeros", ("he_uniform", "zeros")),
    "heads": ("--heads 3", 3),
    "resample": ("--resample", True),
    "bias_initialiser": ("--bias-initialiser zeros", "zeros"),
    "batch_norm": ("--batch-norm", True),
    "dropout": ("--dropout 0.25", 0.25),
    "loss": ("--loss huber", "huber"),
    "loss_space": ("--loss-space tool", "tool"),
    "rotation_weight": ("--rotation-weight 0.2", 0.2),
    "optimiser": ("--optimiser rmsprop", "rmsprop"),
    "learning_rate": ("--learning-rate 3e-3", 0.003),
    "momentum": ("--momentum 0.9", 0.9),
    "weight_decay": ("--weight-decay 1e-4", 1e-4),
    "schedule": ("--schedule step", "step"),
    "gamma": ("--gamma 0.5", 0.5),
    "schedule_step": ("--schedule-step 2", 2),
    "batch_size": ("--batch-size 50", 50),
    "patience": ("--patience 2", 2),
    "keep_best": ("--no-keep-best", False),
    "clip_gradient": ("--clip-gradient 1", 1.0),
    "inputs": ("--inputs pose", "pose"),
    "scale_features": ("--scale-features standard", "standard"),
    "scale_targets": ("--scale-targets none", "none"),
    "seed": ("--seed 7", 7),
    "device": ("--device cpu", "cpu"),
    "max_angle": ("--max-angle 2.5", 2.5),
    "double_softmax": ("--double-softmax", True),
    "threads": ("--threads 2", 2),
}


def test_every_setting_has_a_row_above() -> None:
    shown = {name for name in FLAGS if " " not in name} | {"epochs", "rows"}
    assert shown == set(FitConfig().settings)


@pytest.mark.parametrize(("name", "flag", "value"), [(n, *f) for n, f in FLAGS.items()], ids=FLAGS.keys())
def test_flags_reach_the_configuration(
    cli: Cli, name: str, flag: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = record_fits(monkeypatch)
    more: tuple[str, ...] = ("--hidden", "8") if name == "initialisers" else ()
    more = ("--loss-space", "tool") if name in ("heads", "resample") else more
    others = {"initialisers": {"hidden": (8,)}, "heads": {"loss_space": "tool"}, "resample": {"loss_space": "tool"}}
    assert cli.run("fit", "planar3", *more, *flag.split(), "--epochs", "2", "--rows", "99").err == STOPPED
    field = "hidden" if " " in name else name
    expected = FitConfig.of(epochs=2, rows=99).replace(**others.get(name, {}), **{field: value})  # type: ignore[arg-type]
    assert asked == [expected]
    assert expected != expected.replace(**{field: FitConfig().settings[field]}) or field == "device"


def test_fit_a_folder(cli: Cli) -> None:
    folder = cli.take("data")
    outcome = cli.run("fit", folder, "--hidden", "8", "--epochs", "2", "--out", "run", "--seed", "3", "--json")
    assert outcome.code == 0
    assert outcome.err == ""
    assert set(outcome.json) == {"run", "status", "stopped", "epochs", "best_epoch", "results"}
    assert (outcome.json["run"], outcome.json["status"], outcome.json["epochs"]) == (
        str(cli.folder / "run"),
        "finished",
        2,
    )
    run = load_model("run", kv.load_arm("nao-right"))
    assert run.config == FitConfig.of(hidden=(8,), epochs=2, seed=3)
    assert run.manifest.rows == {"train": 180, "validation": 60, "test": 60}


def test_fit_plain_csv_files_with_an_arm(cli: Cli) -> None:
    outcome = cli.run("fit", cli.plain(), "--arm", "nao-right", "--hidden", "8", "--epochs", "2", "--out", "run")
    assert outcome.code == 0
    assert load_model("run").arm is not None


def test_fit_a_urdf_file(cli: Cli) -> None:
    path = cli.text("two.urdf", TWO_JOINTS)
    assert cli.run("fit", path, *TINY, "--json").json["run"] == str(cli.folder / "runs/two")
    assert cli.run("fit", path, *TINY, "--base", "link1", "--tool", "link2", "--out", "elbow").code == 0
    arm = load_model("elbow").arm
    assert arm is not None
    assert arm.fingerprint == read_urdf(path, "link1", "link2").fingerprint
    # A file may be called anything, also like an arm of the catalog.
    path = cli.text("nao-left.urdf", TWO_JOINTS)
    assert cli.run("fit", path, *TINY, "--out", "namesake").code == 0


def test_fit_resume_evaluate_report(cli: Cli) -> None:
    folder = cli.take("interrupted")
    assert load_model(folder).epochs == 0
    unfinished = cli.run("evaluate", folder)
    assert unfinished.code == 0
    assert "warning: the training is not finished (interrupted" in unfinished.out
    outcome = cli.run("fit", "--resume", folder, "--json")
    assert outcome.code == 0
    assert (outcome.json["status"], outcome.json["epochs"]) == ("finished", 6)
    assert (folder / "report.html").exists()
    evaluated = cli.run("evaluate", folder)
    assert evaluated.code == 0
    assert "Tool error through the forward kinematics" in evaluated.out
    assert "not finished" not in evaluated.out
    report = cli.run("evaluate", folder, "--json").json
    diagnosis = cli.run("diagnose", folder, "--json").json
    assert {"report": report, "diagnosis": diagnosis, "seeds": None} == to_plain(load_model(folder).results)
    (folder / "report.html").unlink()
    assert cli.run("report", folder).out == f"report: {folder}/report.html\n"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert cli.run("report", folder, "--out", "page.html", "--json").json == {"report": "page.html"}
    assert Path("page.html").read_text() == (folder / "report.html").read_text()


def test_diagnose_lists_its_findings_or_the_causes_it_checked(cli: Cli) -> None:
    folder = cli.take("finished")
    outcome = cli.run("diagnose", folder)
    assert outcome.code == 0
    assert outcome.out.startswith("diagnosis: the tool misses its target by ")
    assert "no known fault explains it" in outcome.out
    assert "checked: diverging, leak, sorted split" in outcome.out
    assert "Not checked: no signal" in outcome.out  # too few epochs
    assert cli.run("diagnose", folder, "--json").json["findings"] == []
    assert cli.run("diagnose", folder, "--data", cli.take("data")).out == outcome.out
    cli.run("data", "make", "nao-right", "--rows", "100", "--seed", "9", "--out", "other")
    other = cli.run("diagnose", folder, "--data", "other")
    assert other.code == 2
    assert other.err.endswith("a diagnosis needs the rows of the training, and other rows were given\n")


def test_diagnose_tables_cause_evidence_and_remedy(cli: Cli) -> None:
    flags = ("--rows", "400", "--epochs", "30", "--learning-rate", "1e-3", "--hidden", "16", "16", "--seed", "1")
    trained = cli.run("fit", "planar3", *flags, "--out", "slow")
    assert trained.code == 0
    outcome = cli.run("diagnose", "slow")
    assert outcome.out in trained.out  # the same table stands at the end of a fit
    words = outcome.out.split()
    for word in ("cause", "evidence", "remedy", "still", "falling", "epochs=90", "learning_rate=0.01"):
        assert word in words, word
    assert [finding["cause"] for finding in cli.run("diagnose", "slow", "--json").json["findings"]] == ["still falling"]


def test_evaluate_and_report_on_other_data(cli: Cli) -> None:
    folder = cli.take("finished")
    cli.run("data", "make", "nao-right", "--encoding", "pose", "--rows", "100", "--seed", "9", "--out", "other")
    report = cli.run("evaluate", folder, "--data", "other", "--json").json
    assert {s["split"]: s["rows"] for s in report["scores"]} == {"train": 60, "validation": 20, "test": 20}
    before = (folder / "report.html").read_bytes()
    assert cli.run("report", folder, "--data", "other", "--out", "other.html").code == 0
    assert (folder / "report.html").read_bytes() == before


def test_tables_on_eighty_columns_break_no_word(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinverse.apps.cli.terminal.width", lambda: 80)
    text = cli.run("evaluate", cli.take("finished")).out
    assert max(map(len, text.splitlines())) <= 80
    words = set(text.split())
    assert {"network", "validation", "neighbour", "constant", "median", "outside", "limits", "RShoulderPitch"} <= words


def test_a_training_that_diverges_says_when_and_why(cli: Cli) -> None:
    command = ("fit", cli.take("data"), "--optimiser", "sgd", "--epochs", "500", "--learning-rate", "1e8")
    outcome = cli.run(*command, "--out", "run")
    assert outcome.code == 1, outcome
    (message,) = outcome.err.splitlines()
    assert re.match(
        r"kinverse: epoch \d+: train loss (nan|inf).*learning_rate 1e\+08 is too large, try 1e\+07", message
    )
    run = load_model("run")
    assert run.status == "failed"
    assert "the training is not finished (failed" in cli.run("evaluate", "run").out
    again = cli.run("fit", "--resume", "run")
    assert again.code == 2
    assert "failed" in again.err
    as_json = cli.run(*command, "--json")
    assert (as_json.code, as_json.json["kind"]) == (1, "TrainingError")


def test_demo_with_tiny_recipes(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    recipes = (NAO_PUBLISHED, NAO_BETTER, PLANAR[2])
    tiny = tuple(replace(recipe, config=replace(recipe.config, epochs=2)) for recipe in recipes)
    monkeypatch.setattr(demo, "run_demo", functools.partial(demo.run_demo, recipes=tiny, rows=400))
    outcome = cli.run("demo")
    assert outcome.code == 0
    assert "Published and ours" in outcome.out
    assert re.search(r"NAO right arm, 6-16-5 +scaled test MSE +0\.0185 +\d", outcome.out)
    assert re.search(r"planar model 2 +final validation loss +0\.0003 +\d", outcome.out)
    assert "report: kinverse-demo/report.html" in outcome.out
    runs = ("nao-right-published", "nao-right-better", "planar-model-2")
    made = {path.name for path in Path("kinverse-demo").iterdir()}
    assert made == {*runs, "nao-right-data", "planar-data", "report.html"}
    for name in runs:
        assert load_model(Path("kinverse-demo") / name).status == "finished"
        assert (Path("kinverse-demo") / name / "report.html").exists()
    page = Path("kinverse-demo/report.html").read_text()
    assert page.count("<img") == 5
    assert "0.7178" in page


def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    def kinverse(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kinverse.apps.cli", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    listed = kinverse("arms", "--json")
    assert listed.returncode == 0
    assert "planar3" in listed.stdout
    wrong = kinverse("fit", "planar3", "--activation", "swish")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert wrong.stderr == (
        "kinverse: unknown value of --activation 'swish': available: relu, leaky_relu, sigmoid, tanh, silu; "
        "see kinverse fit --help\n"
    )
    assert list(tmp_path.iterdir()) == []
