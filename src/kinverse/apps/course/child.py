"""What happens in the process of a learner's code: the fence goes up, the file is run, every check is tried."""

from __future__ import annotations

import json
import os
import random
import sys
import types
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kinverse.apps.course import fence
from kinverse.apps.course.checking import Learner, Wrong, clean
from kinverse.apps.course.verdict import FILE_CHECK

OUTPUT, RESULTS, TRACE = "output.txt", "results.jsonl", "trace.txt"
DONE = "done"
Checks = dict[str, Callable[[Learner, np.random.Generator], None]]


@dataclass(frozen=True)
class Work:
    """What the process needs to know.

    Attributes:
        folder: where the learner's file lies, and where all that is written goes.
        file: name of the file in it.
        seed: of the inputs.
        seconds: of computing.
        memory: bytes on top of what is in use.
    """

    folder: Path
    file: str
    seed: int
    seconds: float
    memory: int


def run(work: Work, checks: Checks) -> None:
    """Check the file, writing what is found line by line, so that nothing is lost when the process dies.

    Args:
        work: what to check.
        checks: by their names.
    """
    folder = work.folder
    os.chdir(folder)
    results = (folder / RESULTS).open("w", encoding="utf-8")
    trace = (folder / TRACE).open("w", encoding="utf-8")
    output = (folder / OUTPUT).open("w", encoding="utf-8")
    nothing = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    for descriptor, file in ((0, nothing), (1, output), (2, output)):
        fence.redirect(descriptor, file)
    sys.stdin = nothing
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", closefd=False, buffering=1)  # noqa: SIM115
    warnings.filterwarnings("ignore", module=r"kinverse\.course")  # what a check itself warns of is not the learner's
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    fence.limit_resources(work.seconds, work.memory, trace)
    fence.build_fence(folder)

    def report(name: str, message: str | None) -> None:
        results.write(json.dumps({"check": name, "message": message}) + "\n")
        results.flush()

    try:
        learner = Learner(_loaded(folder / work.file, work.seed))
    except Wrong as wrong:
        report(FILE_CHECK, str(wrong))
    else:
        report(FILE_CHECK, None)
        for name, check in checks.items():
            report(name, _tried(name, check, learner, work.seed))
    report(DONE, None)


def _tried(name: str, check: Callable[..., None], learner: Learner, seed: int) -> str | None:
    """What a check says, or None. Its inputs depend on the seed and on its name alone, not on what ran before."""
    own = zlib.crc32(name.encode()) ^ (seed & 0xFFFFFFFF)
    _seed_everything(own)
    try:
        check(learner, np.random.default_rng(own))
    except Wrong as wrong:
        return str(wrong)
    except BaseException as problem:  # what comes back from the learner's objects may raise anywhere in the check
        return f"the result cannot be worked with: using it {learner.described(problem)}"
    return None


def _loaded(path: Path, seed: int) -> types.ModuleType:
    """The learner's file as a module.

    Raises:
        Wrong: it is no Python, or raises an error while it is read.
    """
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    _seed_everything(seed)
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as problem:
        line = "" if problem.lineno is None else f" in line {problem.lineno}: {clean((problem.text or '').strip())}"
        raise Wrong(f"the file is not Python: {clean(problem.msg)}{line}") from None
    except (ValueError, MemoryError, RecursionError) as problem:
        raise Wrong(f"the file is not Python: {clean(str(problem)) or type(problem).__name__}") from None
    try:
        exec(code, module.__dict__)
    except BaseException as problem:
        raise Wrong(f"running the file {Learner(module).described(problem)}") from None
    return module


def _seed_everything(seed: int) -> None:
    """Fix what a learner may draw from, so that a verdict can be had again."""
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)  # noqa: NPY002 (the learner's code may use it)
    torch: Any = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        torch.manual_seed(seed)
