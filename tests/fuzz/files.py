"""Damaged files of every format that kinverse reads, given to the verbs that read them: `make fuzz`.

    python -m tests.fuzz.files [--files 20000] [--seed 0]

A verb ends with its result or with one printable line, in bounded time and memory, and leaves nothing behind that it
did not announce. Anything else is a fault. The files are valid ones that kinverse wrote, with random damage.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import faulthandler
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

import kinverse as kv
from kinverse.apps.cli import main
from kinverse.apps.course.lesson import find_lesson
from kinverse.files import sha256
from kinverse.robot.catalog import ASSETS
from tests.fuzz.damage import damaged

SECONDS = 60
"""Longest time for one file; the machine may be busy."""
MEMORY = 6 * 2**30
"""Address space of a process that reads damaged files [bytes]; importing PyTorch takes the most of it."""
LONGEST_LINE = len("kinverse: ") + 1000
NOTES = ("kinverse: compiling ", "kinverse: note: ")
"""Lines on stderr that are no errors."""
OUTCOMES = ("read", "failed", "refused", "fault")
PROCESSES = 2


@dataclass(frozen=True)
class Target:
    """Files of one format, and a verb that reads them.

    Attributes:
        name: name in the table.
        arguments: the verb and its arguments; {} is the file or folder, OUT a path that does not exist.
        copied: the valid file or folder of which the verb gets a copy, alone in a folder.
        files: the names of the files of which one is damaged; empty: `copied` itself.
        share: how many of the damaged files are for this target, in relation to the others.
        changes: whether the verb may write into `copied`.
    """

    name: str
    arguments: tuple[str, ...]
    copied: str
    files: tuple[str, ...] = ()
    share: int = 4
    changes: bool = False


def _solve(arm: str, out: str, *more: str) -> tuple[str, ...]:
    return ("solve", arm, "{}", "--out", f"OUT{out}", "--threads", "1", *more)


DATA = tuple(f"{split}_{part}.csv" for split in ("train", "validation", "test") for part in "xy")
ARKOMA = tuple(f"L{split}_{part}.csv" for split in ("Train", "Val", "Test") for part in "xy")
RUN = ("config.json", "card.json", "history.csv", "model.safetensors")
TARGETS = (
    Target("targets .csv", _solve("planar3", ".csv"), "xy.csv"),
    Target("targets .csv, tabs", _solve("planar3", ".csv"), "tabs.csv"),
    Target("targets .csv, poses", _solve("ur5", ".npy"), "poses.csv"),
    Target("targets .csv, a track", _solve("ur5", ".parquet", "--track"), "poses.csv", share=2),
    Target("targets .csv, all solutions", _solve("planar3", ".csv", "--all", "4"), "xy.csv", share=2),
    Target("targets .npy", _solve("ur5", ".npy"), "poses.npy"),
    Target("targets .parquet", _solve("ur5", ".parquet"), "poses.parquet"),
    Target("targets .npz", _solve("ur5", ".npy"), "poses.npz", share=1),
    Target("targets .tsv", _solve("planar3", ".csv"), "xy.tsv", share=1),
    Target("URDF", ("arms", "{}", "--picture", "OUT.png"), "ur5.urdf"),
    Target("URDF, solved", ("solve", "{}", "poses.csv", "--out", "OUT.csv", "--threads", "1"), "ur5.urdf", share=2),
    Target("xacro", ("arms", "{}", "--picture", "OUT.png"), "arm.xacro", share=1),
    Target("MJCF", ("arms", "{}", "--picture", "OUT.png"), "arm.xml", share=1),
    Target("data set", ("data", "check", "{}"), "data", (*DATA, "manifest.json")),
    Target("data set, ARKOMA", ("data", "check", "{}", "--arm", "nao-left"), "arkoma", (*ARKOMA, "manifest.json")),
    Target("data set, trained on", ("fit", "{}", "--epochs", "1", "--hidden", "4", "--out", "OUT"), "data",
           (*DATA, "manifest.json"), share=2),
    Target("data set, replaced", ("data", "make", "planar3", "--rows", "40", "--out", "{}", "--overwrite"), "data",
           ("manifest.json",), share=1, changes=True),
    Target("CSV pair", ("data", "import", "{}/train_x.csv", "{}/train_y.csv", "--out", "OUT"), "data",
           ("train_x.csv", "train_y.csv")),
    Target("run, evaluated", ("evaluate", "{}"), "run", RUN),
    Target("run, diagnosed", ("diagnose", "{}"), "run", RUN),
    Target("run, reported", ("report", "{}", "--out", "OUT.html"), "run", RUN, share=1),
    Target("run, of a pose network", ("evaluate", "{}"), "seeds", RUN, share=2),
    Target("run, resumed", ("fit", "--resume", "{}"), "stopped", (*RUN, "checkpoint.safetensors"), changes=True),
    Target("run, as a solver", ("solve", "{}", "poses.csv", "--out", "OUT.csv", "--threads", "1"), "seeds",
           ("model.safetensors",)),
    Target("progress of the course", ("course", "progress", "--folder", "{}"), "course", ("progress.json",)),
    Target("progress, continued", ("course", "hint", "--folder", "{}"), "course", ("progress.json",), changes=True),
    Target("exercise", ("course", "grade", "{}", "--lessons", "1", "--workers", "1", "--seconds", "3", "--out", "OUT"),
           "class", (find_lesson("1").file_name,)),
)  # fmt: skip
SLOW = ("exercise",)
"""Targets of which every file takes seconds: one in a hundred."""


def _order() -> list[Target]:
    usual = [target for target in TARGETS if target.name not in SLOW for _ in range(target.share)]
    few = [target for target in TARGETS if target.name in SLOW]
    return usual * 2 + few


def make_valid(folder: Path) -> None:
    """Write one valid file or folder for every target."""
    arm, planar = kv.load_arm("ur5"), kv.load_arm("planar3")
    T, xy = arm.forward_kinematics(arm.sample(8)), planar.forward_kinematics(planar.sample(8))[:, :2, 3]
    for name, mark in (("xy.csv", ","), ("tabs.csv", "\t"), ("xy.tsv", "\t")):
        (folder / name).write_text(f"x{mark}y\n" + "".join(f"{x}{mark}{y}\n" for x, y in xy.tolist()))
    rows = "".join(",".join(map(str, row)) + "\n" for row in T[:, :3].reshape(8, 12).tolist())
    (folder / "poses.csv").write_text(",".join(f"m{i}{j}" for i in range(3) for j in range(4)) + "\n" + rows)
    np.save(folder / "poses.npy", T)
    np.savez(folder / "poses.npz", T=T)
    columns = {f"m{i}{j}": T[:, i, j] for i in range(3) for j in range(4)}
    parquet.write_table(pyarrow.table(columns), folder / "poses.parquet")
    text = (ASSETS / "ur5.urdf").read_text(encoding="utf-8")
    (folder / "ur5.urdf").write_text(text)
    (folder / "arm.xacro").write_text(text.replace("<robot ", '<robot xmlns:xacro="http://www.ros.org/wiki/xacro" ', 1))
    (folder / "arm.xml").write_text(
        '<mujoco model="a"><worldbody><body pos="0 0 1"><joint axis="0 0 1"/></body></worldbody></mujoco>'
    )
    kv.write_dataset(kv.joint_dataset("planar3", 40), folder / "data")
    kv.write_dataset(kv.make_arkoma("nao-left", 40), folder / "arkoma")
    kv.fit(folder / "data", hidden=(4,), epochs=2, out=folder / "run")
    kv.fit("ur5", hidden=(4,), epochs=1, rows=60, out=folder / "seeds")
    kv.fit(folder / "data", hidden=(4,), epochs=3, out=folder / "stopped", on_epoch=_stop)
    with contextlib.redirect_stdout(io.StringIO()):
        main(["course", "start", "--folder", str(folder / "course")])
    shutil.copytree(folder / "course", folder / "class" / "ada")


def _stop(state: object) -> None:
    if getattr(state, "epoch", 0) == 2:
        signal.raise_signal(signal.SIGINT)


@dataclass(frozen=True)
class Tried:
    """What became of one damaged file.

    Attributes:
        target: the format and the verb.
        number: of the file; with the seed it makes the file again.
        outcome: one of `OUTCOMES`.
        problem: why it is a fault, or "".
    """

    target: str
    number: int
    outcome: str
    problem: str = ""


def run(numbers: Iterator[int] | range, seed: int, folder: Path, valid: Path) -> Iterator[Tried]:
    """Damage the files with these numbers, in a new folder below `folder` each, and give each to its verb.

    Args:
        numbers: file n belongs to the n-th target, counted round and round.
        seed: of the damage; a file depends on seed and number alone.
        folder: empty.
        valid: as `make_valid` fills it.
    """
    order = _order()
    for number in numbers:
        target, place = order[number % len(order)], folder / str(number)
        outcome, problem = _try(target, np.random.default_rng((seed, number)), valid, place)
        shutil.rmtree(place, ignore_errors=True)
        yield Tried(target.name, number, "fault" if problem else outcome, problem)


def _try(target: Target, generator: np.random.Generator, valid: Path, place: Path) -> tuple[str, str]:
    place.mkdir()
    copy = place / target.copied
    (shutil.copytree if (valid / target.copied).is_dir() else shutil.copy)(valid / target.copied, copy)
    path = copy if copy.is_file() else _chosen(copy, target.files, generator)
    path.write_bytes(damaged(path.read_bytes(), path.suffix, generator))
    if generator.random() < 0.8:
        _sign(path)
    as_json = generator.random() < 0.3
    words = (text.replace("{}", target.copied).replace("OUT", "out") for text in target.arguments)
    arguments = [str(valid / word) if word == "poses.csv" and target.copied != word else word for word in words]
    before = _content(place)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(place):
            code = main([*arguments, *(["--json"] if as_json else [])])
    except BaseException as problem:  # any exception at all is what is looked for
        if isinstance(problem, KeyboardInterrupt):
            raise
        return "fault", traceback.format_exc()
    if code not in (0, 1, 2):
        return "fault", f"exit code {code}"
    problems = [*_wrong_words(code, out.getvalue(), err.getvalue(), as_json), *_left(target, code, before, place)]
    return OUTCOMES[code], "; ".join(problems)


def _chosen(folder: Path, names: tuple[str, ...], generator: np.random.Generator) -> Path:
    found = sorted(path for path in folder.rglob("*") if path.name in names)
    return found[generator.integers(len(found))]


def _sign(path: Path) -> None:
    """Put the digest of a damaged file into the card or manifest beside it, so that it is read all the same."""
    for name in ("card.json", "manifest.json"):
        signed = path.with_name(name)
        with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
            content = json.loads(signed.read_text())
            if path.name in content.get("sha256", {}):
                content["sha256"][path.name] = sha256(path)
                signed.write_text(json.dumps(content))


def _wrong_words(code: int, out: str, err: str, as_json: bool) -> Iterator[str]:
    """What is wrong with what the verb has printed."""
    lines = [line for line in err.split("\n") if line and not line.startswith(NOTES)]
    if code == 2 or as_json:
        where, said = ("stdout", out.split("\n")[:-1]) if as_json else ("stderr", lines)
        if len(said) != 1:
            yield f"not one line on {where}: {out[:1000]!r} {err[:1000]!r}"
        elif as_json:
            with contextlib.suppress(KeyError, TypeError):
                lines = [*lines, json.loads(said[0])["error"]]
    if code == 2 and not as_json and out:
        yield f"printed a result, and then an error: {out[:200]!r}"
    if "not enough memory" in err + out:
        yield "took more memory than it may"
    for line in lines:
        if (
            not line.isprintable()
            or len(line) > LONGEST_LINE
            or (code != 2 and not line.startswith(("kinverse: ", "warning: ")))
        ):
            yield f"not one printable line: {err[:1500]!r}"
            break


def _left(target: Target, code: int, before: dict[Path, str], place: Path) -> Iterator[str]:
    """What the verb should not have written."""
    after = _content(place)
    may_write = () if code == 2 else ("out", *([target.copied] if target.changes else []))
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path) and path.parts[0].split(".")[0] not in may_write:
            yield f"{path}: {'changed' if path in before else 'left behind'}"
        elif path.suffix == ".tmp" and path not in before:
            yield f"{path}: left behind"
    for path in Path(tempfile.gettempdir()).glob("kinverse*"):
        yield f"{path}: left behind"


def _content(place: Path) -> dict[Path, str]:
    """Every file and folder with a digest of its content."""
    return {
        path.relative_to(place): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in place.rglob("*")
    }


# Two processes with limits, which are started again where one dies.


def _serve(first: int, count: int, seed: int, folder: Path) -> None:
    """Try every second file from the first one on; a line of JSON for each, written when it begins and when it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    place = Path(tempfile.mkdtemp(dir=folder))
    tempfile.tempdir = str(place / "tmp")
    Path(tempfile.tempdir).mkdir()
    for number in range(first, count, PROCESSES):
        print(number, flush=True)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        for tried in run(range(number, number + 1), seed, place, folder / "valid"):
            print(json.dumps(asdict(tried)), flush=True)
    faulthandler.cancel_dump_traceback_later()


def _supervise(first: int, count: int, seed: int, folder: Path) -> list[Tried]:
    """Run `_serve`; where it dies, that is a fault of the file at hand, and the next one is tried."""
    done: list[Tried] = []
    at = first
    while at < count:
        command = [sys.executable, "-m", "tests.fuzz.files", "--serve", str(at), "--files", str(count)]
        command += ["--seed", str(seed), "--folder", str(folder)]
        with (
            tempfile.TemporaryFile("w+") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("{"):
                    done.append(Tried(**json.loads(line)))
                    at += PROCESSES
            if process.wait() == 0:
                break
            errors.seek(0)
            target = _order()[at % len(_order())].name
            done.append(
                Tried(target, at, "fault", f"the process ended with {process.returncode}: {errors.read()[-3000:]}")
            )
            at += PROCESSES
    return done


def fuzz(argv: list[str] | None = None) -> int:
    """Try many files, print a table of the outcomes and every fault; 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
    if given.serve is not None:
        _serve(given.serve, given.files, given.seed, given.folder)
        return 0
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(PROCESSES) as pool:
        (Path(name) / "valid").mkdir()
        make_valid(Path(name) / "valid")
        parts = pool.map(_supervise, range(PROCESSES), [given.files] * PROCESSES, [given.seed] * PROCESSES,
                         [Path(name)] * PROCESSES)  # fmt: skip
        tried = [one for part in parts for one in part]
    counts = collections.Counter((one.target, one.outcome) for one in tried)
    print(f"{'':30}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES))
    for target in TARGETS:
        print(f"{target.name:30}" + "".join(f"{counts[target.name, outcome]:>10}" for outcome in OUTCOMES))
    faults = [one for one in tried if one.problem]
    print(f"{len(tried)} files, {len(faults)} faults")
    for one in faults:
        print(f"\n{one.target}, file {one.number} of seed {given.seed}: {one.problem}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(fuzz())
