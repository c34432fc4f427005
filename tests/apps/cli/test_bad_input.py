"""Bad input, the whole list: exit code 2, one line that says what was got and what would do, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import kinverse as kv
from kinverse.columns import csv_bytes, read_matrix
from kinverse.files import to_plain
from tests.support.cli import Cli, joint, urdf

Case = tuple[Callable[[Cli], list[object]], tuple[str, ...]]
"""What fills the cli and gives the command line, and the words that the message must hold."""


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


def cell(path: Path, row: int, text: str) -> None:
    """Replace the first cell of a data row (1 is the first below the names)."""
    lines = path.read_text().splitlines()
    lines[row] = ",".join([text, *lines[row].split(",")[1:]])
    path.write_text("\n".join(lines) + "\n")


def plain(file: str, change: Callable[[Path], object], *more: str) -> Callable[[Cli], list[object]]:
    """`fit` on CSV files without a manifest, one of them changed."""

    def make(cli: Cli) -> list[object]:
        folder = cli.plain()
        change(folder / file)
        return ["fit", folder, "--out", "run", *more]

    return make


def published(file: str, change: Callable[[Path], object]) -> Callable[[Cli], list[object]]:
    """`fit` on ARKOMA's published files, one of them changed."""

    def make(cli: Cli) -> list[object]:
        folder = cli.published()
        change(folder / "Right Arm Dataset" / file)
        return ["fit", folder, "--out", "run"]

    return make


def imported(features: str | None = None, targets: str | None = None, *more: str) -> Callable[[Cli], list[object]]:
    return lambda cli: ["data", "import", *cli.pair(features, targets), "--out", "data", *more]


def on(content: str, *command: str) -> Callable[[Cli], list[object]]:
    """A command on a URDF file."""
    return lambda cli: [*(cli.text("r.urdf", content) if word == "URDF" else word for word in command)]


def rename(old: str, new: str) -> Callable[[Path], None]:
    return lambda path: edit(path, lambda text: text.replace(old, new, 1))


def columns(change: Callable[[np.ndarray, list[str]], tuple[np.ndarray, list[str]]]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        names, values = read_matrix(path)
        values, named = change(values, list(names))
        path.write_bytes(csv_bytes(named, values))

    return apply


def outside(path: Path) -> None:
    for row in (3, 5, 9):
        cell(path, row, "7.5")


COLUMNS: dict[str, Case] = {
    "missing feature column": (
        published("RTrain_x.csv", columns(lambda v, n: (v[:, 1:], n[1:]))),
        ("RTrain_x.csv", "missing 'Px'", "expected Px,Py"),
    ),
    "missing target column": (
        published("RVal_y.csv", columns(lambda v, n: (v[:, :-1], n[:-1]))),
        ("RVal_y.csv", "missing 'joint5'"),
    ),
    "extra column": (
        published("RTest_x.csv", columns(lambda v, n: (np.hstack([v, v[:, :1]]), [*n, "extra"]))),
        ("RTest_x.csv", "unexpected 'extra'"),
    ),
    "misnamed column": (
        published("RTrain_y.csv", rename("joint2", "elbow")),
        ("missing 'joint2'", "unexpected 'elbow'"),
    ),
    "columns in another order": (
        published("RTrain_y.csv", rename("joint1,joint2", "joint2,joint1")),
        ("in the order", "expected joint1,joint2"),
    ),
    "validation with other columns": (
        plain("validation_x.csv", rename("px", "qx")),
        ("validation_x.csv", "unexpected 'qx'"),
    ),
    "column twice": (imported("a,a\n1,2\n"), ("features.csv", "'a' appears more than once")),
    "no names": (imported("1,2\n3,4\n"), ("holds numbers, not column names",)),
    "too few columns for the arm": (imported(None, None, "--arm", "panda"), ("1 columns", "'panda' has 7 joints")),
    "a folder of another arm": (
        lambda cli: ["fit", cli.take("data"), "--arm", "panda", "--out", "run"],
        ("made for arm 'nao-right' with fingerprint", "'panda' has"),
    ),
    "evaluate on other columns": (
        lambda cli: ["evaluate", cli.take("interrupted"), "--data", cli.plain()],
        ("plain: 5 target columns", "'planar3' has 3 joints"),
    ),
}
CELLS: dict[str, Case] = {
    "text": (plain("train_x.csv", lambda p: cell(p, 7, "far")), ("train_x.csv: row 7 (line 8), column 'px'", "'far'")),
    "NaN": (plain("train_y.csv", lambda p: cell(p, 2, "nan")), ("train_y.csv: row 2", "'RShoulderPitch'", "'nan'")),
    "inf": (plain("test_x.csv", lambda p: cell(p, 1, "-inf")), ("test_x.csv: row 1", "'px'", "finite number")),
    "nothing": (plain("train_x.csv", lambda p: cell(p, 4, "")), ("row 4", "an empty cell")),
    "1e999": (imported("a,b\n1,2\n1e999,4\n"), ("row 2 (line 3), column 'a'", "'1e999'")),
    "long row": (imported("a,b\n1,2\n1,2,3\n"), ("row 2 (line 3)", "3 cells, expected 2")),
    "binary": (imported("a,b\n\0\1\n"), ("features.csv",)),
}
ROWS: dict[str, Case] = {
    "feature and target rows differ": (imported(None, "c\n1\n2\n"), ("features.csv has 10 rows", "targets.csv has 2")),
    "in a folder too": (
        plain("train_y.csv", lambda p: edit(p, lambda text: text.rsplit("\n", 2)[0] + "\n")),
        ("train_x.csv has 180 rows", "train_y.csv has 179"),
    ),
    "empty file": (imported("", None), ("features.csv: empty file", "column names")),
    "names only": (imported("a,b\n", None), ("column names but no rows",)),
    "empty file in a folder": (
        plain("validation_y.csv", lambda p: p.write_text("")),
        ("validation_y.csv: empty file",),
    ),
    "too few rows to split": (imported("a,b\n1,2\n", "c\n1\n"), ("1 row",)),
    "no such file": (lambda cli: ["data", "import", "x.csv", "y.csv", "--out", "data"], ("x.csv: no such file",)),
    "no data set": (lambda cli: ["fit", cli.folder, "--out", "run"], ("no data set here", "train_x.csv")),
    "changed since": (
        lambda cli: [edit(cli.take("data") / "train_x.csv", lambda t: t.replace("1", "2", 1)), "fit", "data"][1:],
        ("train_x.csv", "changed since the manifest"),
    ),
    "joints outside limits": (
        plain("train_y.csv", outside, "--arm", "nao-right"),
        ("train, column 'RShoulderPitch'", "3 of 180 rows outside the limits", "worst: row 3 with 7.5"),
    ),
}
NAMES: dict[str, Case] = {
    **{
        f"arm of {command[0]} {command[1] if command[0] == 'data' else ''}": (
            lambda cli, command=command: [*command],  # type: ignore[misc]
            ("'pandaa'", "did you mean 'panda'", "available: planar3, nao-left, nao-right, iiwa14, panda, ur5"),
        )
        for command in (("arms", "pandaa"), ("fit", "pandaa"), ("data", "make", "pandaa", "--out", "data"))
    },
    "a close arm": (lambda cli: ["fit", "planar4"], ("did you mean 'planar3'?",)),
    "no such URDF file": (lambda cli: ["fit", "robots/r.urdf"], ("robots/r.urdf: cannot be read (No such file",)),
    "arm of import": (imported(None, None, "--arm", "robo"), ("unknown arm 'robo'", "available: ")),
    "arm of check": (lambda cli: ["data", "check", cli.take("data"), "--arm", "robo"], ("unknown arm 'robo'",)),
    "activation": (
        lambda cli: ["fit", "planar3", "--activation", "swish"],
        ("--activation", "'swish'", "relu", "silu"),
    ),
    "output activation": (lambda cli: ["fit", "planar3", "--output-activation", "swish"], ("'swish'", "softmax")),
    "optimiser": (lambda cli: ["fit", "planar3", "--optimiser", "lion"], ("--optimiser", "'lion'", "adam", "sgd")),
    "loss": (lambda cli: ["fit", "planar3", "--loss", "rmse"], ("--loss", "'rmse'", "mse", "huber")),
    "schedule": (lambda cli: ["fit", "planar3", "--schedule", "linear"], ("--schedule", "'linear'", "cosine")),
    "initialiser": (
        lambda cli: ["fit", "planar3", "--initialisers", "glorot"],
        ("--initialisers", "'glorot'", "he_uniform"),
    ),
    "scaling": (lambda cli: ["fit", "planar3", "--scale-features", "robust"], ("'robust'", "minmax")),
    "goal": (lambda cli: ["fit", "panda", "--goal", "yz"], ("--goal", "'yz'", "pose")),
    "encoding": (
        lambda cli: ["data", "make", "panda", "--encoding", "euler", "--out", "data"],
        ("unknown encoding 'euler'", "available: xy, xyz, pose, quaternion, matrix, arkoma"),
    ),
    "base link": (
        on(urdf(joint("a", 0, 1), joint("b", 1, 2)), "arms", "URDF", "--base", "link9"),
        ("unknown link 'link9'", "link0, link1, link2"),
    ),
    "tool link": (
        on(urdf(joint("a", 0, 1), joint("b", 1, 2)), "fit", "URDF", "--tool", "hand"),
        ("unknown link 'hand'", "link0, link1, link2"),
    ),
    "device": (lambda cli: ["fit", "planar3", "--rows", "100", "--device", "abacus"], ("device 'abacus'", "cpu")),
}
SIZES: dict[str, Case] = {
    f"{' '.join(flags)}": (lambda cli, flags=flags: ["fit", "planar3", "--out", "run", *flags], says)  # type: ignore[misc]
    for flags, says in (
        (("--hidden", "0"), ("hidden", "> 0", "got 0")),
        (("--hidden", "16", "-4"), ("hidden", "-4")),
        (("--rows", "0"), ("rows must be > 0, got 0",)),
        (("--rows", "-7"), ("rows must be > 0, got -7",)),
        (("--rows", "3"), ("smallest grid has 4 rows", "got rows 3")),
        (("--batch-size", "0"), ("batch_size must be > 0, got 0",)),
        (("--epochs", "0"), ("epochs must be > 0, got 0",)),
        (("--epochs", "1.5"), ("--epochs", "1.5")),
        (("--patience", "0"), ("patience must be > 0, got 0",)),
        (("--learning-rate", "0"), ("learning_rate must be > 0, got 0",)),
        (("--learning-rate", "-1"), ("learning_rate must be > 0, got -1",)),
        (("--learning-rate", "nan"), ("learning_rate must be > 0, got nan",)),
        (("--learning-rate", "inf"), ("learning_rate must be > 0, got inf",)),
        (("--learning-rate", "quick"), ("--learning-rate", "quick")),
        (("--dropout", "1"), ("dropout must be in [0, 1), got 1",)),
        (("--momentum", "-0.1"), ("momentum must be in [0, 1)",)),
        (("--weight-decay", "-1"), ("weight_decay must be ≥ 0",)),
        (("--seed", "-1"), ("seed must be in [0, 2^32), got -1",)),
        (("--max-angle", "1", "--bounds", "limits"), ("max_angle and bounds=limits", "choose one")),
        (("--loss", "cross_entropy"), ("classes need one target column", "got 0")),
        (("--inputs", "poses"), ("'poses'", "did you mean 'pose'", "columns, pose")),
        (("--loss-space", "joints"), ("no joint columns", "loss_space=tool")),
        (("--initialisers", "zeros", "zeros"), ("one for each of the 3 layers, got 2",)),
    )
}
SIZES |= {
    "data make --rows 0": (lambda cli: ["data", "make", "panda", "--rows", "0", "--out", "data"], ("rows", "0")),
    "grid --rows 0": (lambda cli: ["data", "make", "planar3", "--rows", "0", "--out", "data"], ("rows", "0")),
    "grid --rows -9": (lambda cli: ["data", "make", "planar3", "--rows", "-9", "--out", "data"], ("rows", "-9")),
    "arkoma --rows -9": (lambda cli: ["data", "make", "nao-right", "--rows", "-9", "--out", "data"], ("rows", "-9")),
    "data make --seed": (lambda cli: ["data", "make", "panda", "--seed", "-1", "--out", "data"], ("seed", "-1")),
    "grid --seed": (lambda cli: ["data", "make", "nao-left", "--seed", "-1", "--out", "data"], ("seed", "-1")),
    "data import --seed": (imported(None, None, "--seed", "-1"), ("seed", "-1")),
}
BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    '<robot name="&c;"/>'
)


def large(cli: Cli) -> list[object]:
    path = Path("large.urdf")
    with path.open("wb") as file:
        file.truncate(100_000_000)  # sparse: costs no disk
    return ["fit", path, "--out", "run"]


URDFS: dict[str, Case] = {
    "no limit": (
        on(urdf(joint("a", 0, 1), joint("b", 1, 2, "")), "fit", "URDF", "--out", "run"),
        ("r.urdf", "revolute joint 'b' has no lower and upper limit"),
    ),
    "cycle": (
        on(urdf(joint("a", 0, 1), joint("b", 1, 2), joint("c", 2, 0)), "fit", "URDF", "--out", "run"),
        ("cycle through link",),
    ),
    "two roots": (
        on(urdf(joint("a", 0, 1)), "arms", "URDF"),
        ("2 root links, expected one: link0, link2",),
    ),
    "entity bomb": (on(BOMB, "arms", "URDF"), ("document type or entities", "remove them")),
    "100 MB": (large, ("large.urdf: 100 MB", "at most 17 MB")),
    "not XML": (on("robot: yes", "arms", "URDF"), ("not well-formed XML",)),
    "half a file": (
        on(urdf(joint("a", 0, 1))[:-20], "data", "make", "URDF", "--out", "data"),
        ("not well-formed XML",),
    ),
    "two tools": (
        on(urdf(joint("a", 0, 1), joint("b", 0, 2)), "arms", "URDF"),
        ("2 links could be the tool, choose one", "link1, link2"),
    ),
    "a folder": (lambda cli: ["arms", "."], ("unknown arm '.'", "path to a .urdf file")),
}


def card(cli: Cli, change: Callable[[dict], object], what: str = "finished") -> Path:  # type: ignore[type-arg]
    folder = cli.take(what)
    content = json.loads((folder / "card.json").read_text())
    change(content)
    (folder / "card.json").write_text(json.dumps(content))
    return folder


def other_arm(card: dict) -> None:  # type: ignore[type-arg]
    arm = kv.load_arm("nao-left")
    card.update(arm=to_plain(arm), arm_fingerprint=arm.fingerprint)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil(file: str, change: Callable[[Path], object], what: str = "finished") -> Callable[[Cli], Path]:
    def make(cli: Cli) -> Path:
        folder = cli.take(what)
        change(folder / file)
        return folder

    return make


SPOILED: dict[str, tuple[Callable[[Cli], Path], tuple[str, ...]]] = {
    "no such run": (lambda cli: Path("nowhere"), ("nowhere: no such run folder",)),
    "empty folder": (lambda cli: (Path("run").mkdir(), Path("run"))[1], ("not a whole run, missing config.json",)),
    "half written card": (spoil("card.json", halve, "interrupted"), ("card.json: not valid JSON", "half written")),
    "no model": (spoil("model.safetensors", Path.unlink, "interrupted"), ("missing model.safetensors",)),
    "truncated model": (spoil("model.safetensors", halve), ("model.safetensors", "checksum differs")),
    "truncated model of an unfinished run": (
        spoil("model.safetensors", halve, "interrupted"),
        ("model.safetensors", "truncated"),
    ),
    "tampered history": (spoil("history.csv", lambda p: edit(p, lambda t: t + "4,0,0,0\n")), ("history.csv: changed",)),
    "tampered config": (spoil("config.json", rename("mse", "mae"), "interrupted"), ("config.json: changed",)),
    "tampered limits": (lambda cli: card(cli, lambda c: c["arm"]["upper"].__setitem__(0, 9.0)), ("fingerprint is",)),
    "of another arm": (lambda cli: card(cli, other_arm), ("made for another arm than the run's card says",)),
    "other format": (
        lambda cli: card(cli, lambda c: c.update(format="kinverse-run/9")),
        ("format 'kinverse-run/9'",),
    ),
}
RUNS: dict[str, Case] = {
    f"{verb}: {name}": (lambda cli, verb=verb, make=make: [*verb.split(), make(cli)], says)  # type: ignore[misc]
    for verb in ("evaluate", "report", "fit --resume")
    for name, (make, says) in SPOILED.items()
    # A resumed run writes its model anew, and one that has finished is refused whatever its arm is.
    if verb != "fit --resume" or name not in ("truncated model of an unfinished run", "of another arm")
}
RUNS |= {
    "resume a finished run": (lambda cli: ["fit", "--resume", cli.take("finished")], ("nothing to resume",)),
    "resume another arm's": (
        lambda cli: ["fit", "--resume", card(cli, other_arm, "interrupted")],
        ("made for another arm than the run's card says",),
    ),
    "half a checkpoint": (
        lambda cli: ["fit", "--resume", spoil("checkpoint.safetensors", halve, "interrupted")(cli)],
        ("checkpoint.safetensors", "truncated"),
    ),
    "data of another arm": (
        lambda cli: ["evaluate", cli.take("interrupted"), "--data", cli.take("data")],
        ("made for arm 'nao-right'", "'planar3' has"),
    ),
    "data of the run is gone": (
        lambda cli: ["evaluate", card(cli, lambda c: c["origin"].update(path="/nowhere/data"))],
        ("/nowhere/data",),
    ),
    "data of the run is another's": (
        lambda cli: ["evaluate", card(cli, lambda c: c["origin"].update(seed=3, kind="arm", rows=300))],
        ("has changed since",),
    ),
    "origin of another kind": (
        lambda cli: ["evaluate", card(cli, lambda c: c["origin"].update(kind="moon"))],
        ("card.json: origin.kind", "'moon'"),
    ),
}
CARDS: dict[str, Case] = {
    "origin without its entries": (
        lambda cli: ["evaluate", card(cli, lambda c: c.update(origin={"kind": "arm"}))],
        ("give the data set again",),
    ),
    "card of wrong types": (
        lambda cli: ["report", card(cli, lambda c: c.update(seconds="long"))],
        ("card.json", "seconds"),
    ),
    "card with no such space": (
        lambda cli: ["report", card(cli, lambda c: c.update(space="moon"))],
        ("card.json", "space"),
    ),
    "card without target units": (
        lambda cli: ["report", card(cli, lambda c: c.update(data={"name": "x"}))],
        ("card.json",),
    ),
    "card of bad weights": (
        lambda cli: ["report", card(cli, lambda c: c.update(weights_at_start=[{}]))],
        ("card.json",),
    ),
}
"""Cards that only a person can have spoilt, since kinverse never writes them."""


def taken(*command: object) -> Callable[[Cli], list[object]]:
    """A folder "mine" that holds something of the user's."""

    def make(cli: Cli) -> list[object]:
        Path("mine").mkdir()
        Path("mine/letter.txt").write_text("dear diary")
        return [*command]

    return make


PLACES: dict[str, Case] = {
    "fit": (taken("fit", "planar3", "--out", "mine"), ("mine: exists already", "choose another folder")),
    "fit into a file": (taken("fit", "planar3", "--out", "mine/letter.txt"), ("exists already",)),
    "fit below a file": (taken("fit", "planar3", "--out", "mine/letter.txt/run"), ("mine/letter.txt",)),
    "fit here": (
        lambda cli: ["fit", "planar3", "--out", "."],
        ("is the current folder", "give the name of a new one"),
    ),
    "fit into /proc": (lambda cli: ["fit", "planar3", "--out", "/proc/run"], ("/proc",)),
    "fit with a long name": (lambda cli: ["fit", "planar3", "--out", "x" * 300], ("name too long",)),
    "make": (taken("data", "make", "panda", "--out", "mine"), ("mine: not empty and not a data set of kinverse",)),
    "make --overwrite": (taken("data", "make", "panda", "--out", "mine", "--overwrite"), ("choose another folder",)),
    "make below a file": (taken("data", "make", "panda", "--out", "mine/letter.txt/d"), ("mine/letter.txt",)),
    "make into a data set": (
        lambda cli: ["data", "make", "panda", "--rows", "50", "--out", cli.take("data")],
        ("already holds a data set",),
    ),
    "import": (
        lambda cli: [taken()(cli), "data", "import", *cli.pair(), "--out", "mine"][1:],
        ("mine: not empty",),
    ),
    "demo below a file": (taken("demo", "--out", "mine/letter.txt/demo"), ("mine/letter.txt",)),
    "picture in no folder": (lambda cli: ["arms", "panda", "--picture", "no/p.png"], ("no/p.png", "No such file")),
    "picture onto a folder": (taken("arms", "panda", "--picture", "mine"), ("mine",)),
    "picture onto a letter": (taken("arms", "panda", "--picture", "mine/letter.txt"), ("letter.txt", ".png")),
    "report onto a folder": (
        lambda cli: [taken()(cli), "report", cli.take("finished"), "--out", "mine"][1:],
        ("mine", ".html"),
    ),
    "report onto a letter": (
        lambda cli: [taken()(cli), "report", cli.take("finished"), "--out", "mine/letter.txt"][1:],
        ("letter.txt", ".html"),
    ),
    "report in no folder": (
        lambda cli: ["report", cli.take("finished"), "--out", "no/r.html"],
        ("no/r.html", "No such file"),
    ),
}
USE: dict[str, Case] = {
    "no verb": (lambda cli: [], ("demo", "arms", "fit", "kinverse --help")),
    "unknown verb": (lambda cli: ["stduy"], ("'stduy'", "did you mean 'study'", "demo, arms")),
    "help of an unknown verb": (lambda cli: ["nonsense", "--help"], ("'nonsense'", "demo, arms")),
    "unknown verb of a family": (lambda cli: ["data", "mkae"], ("'mkae'", "did you mean 'make'")),
    "data without a verb": (lambda cli: ["data"], ("make", "import", "check")),
    "fit without a source": (lambda cli: ["fit"], ("needs a data set or an arm", "kinverse fit planar3")),
    "unknown flag": (lambda cli: ["fit", "planar3", "--epoch", "3"], ("--epoch", "--epochs")),
    "unknown flag far from any": (lambda cli: ["arms", "--zzz"], ("--zzz",)),
    "missing value": (lambda cli: ["fit", "planar3", "--epochs"], ("--epochs",)),
    "missing argument": (lambda cli: ["evaluate"], ("RUN",)),
    "missing --out": (lambda cli: ["data", "make", "panda"], ("--out",)),
    "too many arguments": (lambda cli: ["arms", "panda", "ur5"], ("ur5",)),
    "resume and a source": (
        lambda cli: ["fit", "planar3", "--resume", cli.take("interrupted")],
        ("--resume takes", "give no others"),
    ),
    "resume and a setting": (
        lambda cli: ["fit", "--resume", cli.take("interrupted"), "--epochs", "9"],
        ("--resume takes", "give no others"),
    ),
    "resume and an arm": (
        lambda cli: ["fit", "--resume", cli.take("interrupted"), "--arm", "panda"],
        ("--resume takes", "give no others"),
    ),
    "resume and a link": (
        lambda cli: ["fit", "--resume", cli.take("interrupted"), "--tool", "link2"],
        ("--resume takes", "give no others"),
    ),
    "resume and --out": (
        lambda cli: ["fit", "--resume", cli.take("interrupted"), "--out", "run"],
        ("--resume takes", "give no others"),
    ),
    "links of a catalog arm": (lambda cli: ["arms", "panda", "--base", "panda_link9"], ("'panda' is a catalog arm",)),
    "settings of no arm": (lambda cli: ["arms", "--tool", "hand"], ("--tool", "kinverse arms panda")),
}
CASES = {
    f"{group} | {name}": case
    for group, cases in (
        ("columns", COLUMNS),
        ("cells", CELLS),
        ("rows", ROWS),
        ("names", NAMES),
        ("sizes", SIZES),
        ("urdf", URDFS),
        ("runs", RUNS),
        ("cards", CARDS),
        ("places", PLACES),
        ("use", USE),
    )
    for name, case in cases.items()
}


@pytest.mark.parametrize(("make", "says"), CASES.values(), ids=CASES.keys())
def test_bad_input_is_refused_in_one_line(cli: Cli, make: Callable[[Cli], list[object]], says: tuple[str, ...]) -> None:
    command = make(cli)
    before = cli.listing()
    outcome = cli.run(*command)
    assert outcome.code == 2, outcome
    assert outcome.out == ""
    assert outcome.err.endswith("\n")
    message = outcome.err.removesuffix("\n")
    assert message.startswith("kinverse: ")
    assert message.isprintable(), outcome  # one line, no control characters
    assert not set("│─╭╮╰╯") & set(message)
    assert len(message) < 600
    for words in says:
        assert words.lower() in message.lower(), outcome
    assert cli.listing() == before
    as_json = cli.run(*command, "--json")
    assert as_json.code == 2
    assert as_json.err == ""
    assert set(as_json.json) == {"error", "kind"}
    assert as_json.json["error"] == message.removeprefix("kinverse: ")
    assert cli.listing() == before
