"""Damaged files of every format that kinverse reads, given to the verbs that read them.

    python -m tests.fuzz.files [--files 20000] [--seed 0]

A verb ends with its usual result or with one printable line, in bounded time and memory, and leaves nothing behind that
it did not announce. Anything else is a fault. The files are valid ones that kinverse wrote, with random damage.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import kinverse as kv
from kinverse.apps.cli import main
from kinverse.files import sha256
from kinverse.robot.catalog import ASSETS

SECONDS = 60
"""Longest time for one file; the machine may be busy."""
MEMORY = 6 * 2**30
LONGEST_LINE = 1100
"""Characters of a message, with the name of the program before it."""
NOTES = ("kinverse: compiling ", "kinverse: note: ")
"""Lines on stderr that are no errors."""


@dataclass(frozen=True)
class Target:
    """Files of one format, and a verb that reads them.

    Attributes:
        name: name in the table.
        files: the files, relative to the folder of valid ones; one of them is damaged.
        arguments: the verb and its arguments; OUT stands for a path that does not exist.
        copied: the file or folder that the verb gets, a copy in a folder of its own.
    """

    name: str
    files: tuple[str, ...]
    arguments: tuple[str, ...]
    copied: str


SOLVE = ("solve", "planar3", "{}", "--out", "OUT.csv", "--threads", "1")
SOLVE_POSES = ("solve", "ur5", "{}", "--out", "OUT.npy", "--threads", "1")
DATA = tuple(f"{split}_{part}.csv" for split in ("train", "validation", "test") for part in "xy")
RUN = ("config.json", "card.json", "history.csv", "model.safetensors")
TARGETS = (
    Target("targets .csv", ("xy.csv",), SOLVE, "xy.csv"),
    Target("targets .csv, poses", ("poses.csv",), SOLVE_POSES, "poses.csv"),
    Target("targets .csv, tabs", ("tabs.csv",), SOLVE, "tabs.csv"),
    Target("targets .npy", ("poses.npy",), SOLVE_POSES, "poses.npy"),
    Target("targets .parquet", ("poses.parquet",), SOLVE_POSES, "poses.parquet"),
    Target("URDF", ("ur5.urdf",), ("arms", "{}"), "ur5.urdf"),
    Target("data set", (*DATA, "manifest.json"), ("data", "check", "{}"), "data"),
    Target("data set, ARKOMA", ("LTrain_x.csv", "LVal_y.csv", "LTest_x.csv"), ("data", "check", "{}"), "arkoma"),
    Target("data set, trained on", (*DATA, "manifest.json"), ("fit", "{}", "--epochs", "1", "--out", "OUT"), "data"),
    Target("run, diagnosed", RUN, ("diagnose", "{}"), "run"),
    Target("run, resumed", (*RUN, "checkpoint.safetensors"), ("fit", "--resume", "{}"), "stopped"),
    Target("run, as a solver", ("model.safetensors",), ("solve", "{}", "xy.csv", "--out", "OUT.csv"), "run"),
    Target("progress of the course", ("progress.json",), ("course", "progress", "--folder", "{}"), "course"),
    Target(
        "CSV pair", ("train_x.csv",), ("data", "import", "{}/train_x.csv", "{}/train_y.csv", "--out", "OUT"), "data"
    ),
)


def make_valid(folder: Path) -> None:
    """Write one valid file or folder for every target."""
    arm, planar = kv.load_arm("ur5"), kv.load_arm("planar3")
    T, xy = arm.forward_kinematics(arm.sample(8)), planar.forward_kinematics(planar.sample(8))[:, :2, 3]
    (folder / "xy.csv").write_text("x,y\n" + "".join(f"{x},{y}\n" for x, y in xy.tolist()))
    (folder / "tabs.csv").write_text("x\ty\n" + "".join(f"{x}\t{y}\n" for x, y in xy.tolist()))
    rows = "".join(",".join(map(str, row)) + "\n" for row in T[:, :3].reshape(8, 12).tolist())
    (folder / "poses.csv").write_text(",".join(f"m{i}{j}" for i in range(3) for j in range(4)) + "\n" + rows)
    np.save(folder / "poses.npy", T)
    import pyarrow
    from pyarrow import parquet

    columns = {f"m{i}{j}": T[:, i, j] for i in range(3) for j in range(4)}
    parquet.write_table(pyarrow.table(columns), folder / "poses.parquet")
    shutil.copy(ASSETS / "ur5.urdf", folder)
    data = kv.joint_dataset("planar3", 40)
    kv.write_dataset(data, folder / "data")
    kv.write_dataset(kv.make_arkoma("nao-left", 40), folder / "arkoma")
    kv.fit(folder / "data", hidden=(4,), epochs=2, out=folder / "run")
    kv.fit(folder / "data", hidden=(4,), epochs=3, out=folder / "stopped", on_epoch=_stop)
    with contextlib.redirect_stdout(io.StringIO()):
        main(["course", "start", "--folder", str(folder / "course")])


def _stop(state: object) -> None:
    if getattr(state, "epoch", 0) == 2:
        signal.raise_signal(signal.SIGINT)


Damage = Callable[[bytes, np.random.Generator], bytes]
ODD = (
    b"", b"nan", b"inf", b"-1e400", b"1e308", b"1_0", "١".encode(), b"0x10", b"'", b'"', b"\x00",
    b"\xff\xfe", b"\xed\xa0\x80",
    "−1".encode(), "é".encode(), "\u2028".encode(), b"[" * 2000, b'{"a":' * 500, b"9" * 5000, b"a" * 100_000, b"null",
    b"true", b"-5", b"$\\frac{$", b"\\ud800", b"\x1b[31m", b";", b"\t", b"\r", b"1,5", b"&b;", b"../../x",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
)  # fmt: skip
"""What users, editors and strangers put in place of a value."""


def _flip(content: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for place in generator.integers(0, max(len(changed), 1), size=int(generator.integers(1, 9))):
        if changed:
            changed[place] = int(generator.integers(256))
    return bytes(changed)


def _cut(content: bytes, generator: np.random.Generator) -> bytes:
    return content[: int(generator.integers(0, len(content) + 1))]


def _drop(content: bytes, generator: np.random.Generator) -> bytes:
    first, last = sorted(int(i) for i in generator.integers(0, len(content) + 1, size=2))
    return content[:first] + content[last:]


def _insert(content: bytes, generator: np.random.Generator) -> bytes:
    place = int(generator.integers(0, len(content) + 1))
    return content[:place] + ODD[generator.integers(len(ODD))] + content[place:]


def _value(content: bytes, generator: np.random.Generator) -> bytes:
    """One number, word or quoted text is replaced."""
    found = list(re.finditer(rb"-?[\d.]+(e-?\d+)?|[A-Za-z_]\w*", content))
    if not found:
        return content
    chosen, other = (found[i] for i in generator.integers(len(found), size=2))
    value = other[0] if generator.random() < 0.4 else ODD[generator.integers(len(ODD))]
    return content[: chosen.start()] + value + content[chosen.end() :]


def _lines(content: bytes, generator: np.random.Generator) -> bytes:
    """Lines are repeated, dropped or exchanged."""
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return content * 2
    i, j = (int(k) for k in generator.integers(len(lines), size=2))
    kind = generator.integers(3)
    if kind == 0:
        lines.insert(i, lines[j])
    elif kind == 1:
        del lines[i]
    else:
        lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def _separators(content: bytes, generator: np.random.Generator) -> bytes:
    pairs = (
        (b",", b";"),
        (b",", b"\t"),
        (b".", b","),
        (b"\n", b"\r\n"),
        (b"\n", b"\r"),
        (b"\n", b"\n\n"),
        (b" ", b"\t"),
    )
    old, new = pairs[generator.integers(len(pairs))]
    return content.replace(old, new)


def _encoding(content: bytes, generator: np.random.Generator) -> bytes:
    text = content.decode("latin-1")
    names = ("utf-16", "utf-8-sig", "utf-32", "cp1252")
    return text.encode(names[generator.integers(len(names))], errors="replace")


DAMAGES: tuple[Damage, ...] = (
    _flip,
    _cut,
    _drop,
    _insert,
    _insert,
    _value,
    _value,
    _value,
    _lines,
    _separators,
    _encoding,
)


@dataclass(frozen=True)
class Fault:
    """A file that was not handled.

    Attributes:
        target: the format and the verb.
        number: of the file; with the seed it makes the file again.
        problem: what happened.
    """

    target: str
    number: int
    problem: str


def run(count: int, seed: int, folder: Path) -> tuple[collections.Counter[tuple[str, str]], list[Fault]]:
    """Damage `count` files of all formats in turn; `folder` must be empty.

    Returns:
        How often each verb ended in each way, and the faults.
    """
    valid, places = folder / "valid", folder / "places"
    valid.mkdir()
    places.mkdir()
    make_valid(valid)
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    faults = []
    for number in range(count):
        target = TARGETS[number % len(TARGETS)]
        outcome, problem = _try(target, np.random.default_rng((seed, number)), valid, places / str(number))
        counts[target.name, outcome] += 1
        if problem:
            faults.append(Fault(target.name, number, problem))
        shutil.rmtree(places / str(number), ignore_errors=True)
    return counts, faults


def _try(target: Target, generator: np.random.Generator, valid: Path, place: Path) -> tuple[str, str]:
    place.mkdir()
    shutil.copy(valid / "xy.csv", place)
    copy = place / target.copied
    (shutil.copytree if (valid / target.copied).is_dir() else shutil.copy)(valid / target.copied, copy)
    damaged = [path for path in (copy.rglob("*") if copy.is_dir() else [copy]) if path.name in target.files]
    if damaged:
        path = sorted(damaged)[generator.integers(len(damaged))]
        content = path.read_bytes()
        for _ in range(int(generator.choice([1, 1, 1, 2, 3]))):
            content = DAMAGES[generator.integers(len(DAMAGES))](content, generator)
        path.write_bytes(content)
        if generator.random() < 0.7:
            _sign(path)
    before = {path.relative_to(place) for path in place.rglob("*")}
    arguments = [text.replace("{}", str(copy)).replace("OUT", str(place / "out")) for text in target.arguments]
    arguments = [str(place / text) if text == "xy.csv" else text for text in arguments]
    out, err = io.StringIO(), io.StringIO()
    try:
        with _limited_time(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(place):
            code = main(arguments)
    except SystemExit as problem:
        code = int(problem.code or 0)
    except TimeoutError:
        return "too slow", f"took more than {SECONDS} s"
    except Exception:  # any exception at all is what is looked for
        return "traceback", traceback.format_exc()
    return {0: "read", 1: "failed", 2: "refused"}.get(code, str(code)), _complaint(
        code, err.getvalue(), {path.relative_to(place) for path in place.rglob("*")} - before
    )


def _sign(path: Path) -> None:
    """Put the digest of a damaged file into the card or manifest beside it, so that it is read all the same."""
    for name in ("card.json", "manifest.json"):
        signed = path.with_name(name)
        if not signed.exists():
            continue
        with contextlib.suppress(ValueError, AttributeError, TypeError, RecursionError):
            content = json.loads(signed.read_text())
            if path.name in content.get("sha256", {}):
                content["sha256"][path.name] = sha256(path)
                signed.write_text(json.dumps(content))


def _complaint(code: int, err: str, new: set[Path]) -> str:
    """What is wrong with the end of a verb; "" if nothing is."""
    lines = [line for line in err.splitlines() if not line.startswith(NOTES)]
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and (len(lines) != 1 or not lines[0].isprintable() or len(lines[0]) > LONGEST_LINE):
        return f"not one printable line: {err[:2000]!r}"
    if "Traceback" in err:
        return err
    left = [path for path in new if path.suffix == ".tmp" or code == 2]
    return f"left behind: {', '.join(map(str, left))}" if left else ""


@contextlib.contextmanager
def _limited_time() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _part(count: int, seed: int) -> tuple[collections.Counter[tuple[str, str]], list[Fault]]:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        return run(count, seed, Path(folder))


def fuzz(argv: list[str] | None = None) -> int:
    """Fuzz in two processes, print a table of the outcomes and every fault; 1 if there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    faults: list[Fault] = []
    parts = 8
    with ProcessPoolExecutor(2) as pool:
        seeds = [arguments.seed * parts + part for part in range(parts)]
        for part_counts, part_faults in pool.map(_part, [-(-arguments.files // parts)] * parts, seeds):
            counts += part_counts
            faults += part_faults
    ways = sorted({way for _, way in counts})
    print(f"{'':26}" + "".join(f"{way:>10}" for way in ways))
    for target in TARGETS:
        print(f"{target.name:26}" + "".join(f"{counts[target.name, way]:>10}" for way in ways))
    print(f"{sum(counts.values())} files, {len(faults)} faults")
    for fault in faults:
        print(f"\n{fault.target}, file {fault.number}: {fault.problem}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(fuzz())
