"""Ctrl-C and kill -9 on the real command: the run is readable afterwards and can be gone on with."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from kinverse.apps.cli import main
from kinverse.learning.training import session as training
from kinverse.learning.training.run_folder import CHECKPOINT, load_model
from tests.support.cli import without_notes

ENDLESS = ("fit", "planar3", "--rows", "200", "--hidden", "8", "--epochs", "100000000", "--out", "run")


CONTEXT = multiprocessing.get_context("forkserver")
# Imported once: what is tested is the command, and the libraries take seconds to load.
CONTEXT.set_forkserver_preload(
    [
        "kinverse.learning.workflow",
        "kinverse.apps.report.model_report",
        "sklearn.model_selection",
        "torch._dynamo",
        "scipy.spatial",
    ]
)


def _kinverse(folder: str, arguments: tuple[str, ...]) -> None:
    """`kinverse …` as this process, with what it says in two files and Python's own answer to Ctrl-C."""
    os.chdir(folder)
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{folder}.{name}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC), stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    training.SECONDS_BETWEEN_CHECKPOINTS = 0.05
    sys.exit(main(list(arguments)))


def start(folder: Path, *arguments: str) -> BaseProcess:
    process = CONTEXT.Process(target=_kinverse, args=(str(folder), arguments))
    process.start()
    return process


def interrupt(process: BaseProcess) -> None:
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)


def end(process: BaseProcess, folder: Path) -> tuple[int | None, str, str]:
    """Exit code, stdout and stderr."""
    process.join(60)
    out, err = (Path(f"{folder}.{name}").read_text() for name in ("out", "err"))
    return process.exitcode, out, without_notes(err)


def wait_for(path: Path, after: float = 0.0) -> None:
    """Until a file that is newer than `after` is there: only a training writes checkpoints."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if path.exists() and path.stat().st_mtime > after:
            return
        time.sleep(0.02)
    pytest.fail(f"{path} did not appear")


@pytest.fixture(scope="module", autouse=True)
def compiled_kernels(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On a new machine a training ends with compiling; Python drops a Ctrl-C that arrives inside the compiler."""
    done = [argument if argument != "100000000" else "1" for argument in ENDLESS[:-1]]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("compiled"))
        assert main([*done, "run"]) == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the command works; what it says goes beside it."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_ctrl_c_on_the_real_command(folder: Path) -> None:
    """Everything as a person does it."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "  # a background job ignores it
        f"from kinverse.apps.cli import main; sys.exit(main({list(ENDLESS)!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(folder / "run" / CHECKPOINT)  # the first one is written after five seconds of training
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, without_notes(err)) == (1, "")
    assert "resume with: kinverse fit --resume run" in out
    assert "warning: the training is not finished (interrupted)" in out
    run = load_model(folder / "run")
    assert run.status == "interrupted"
    assert "not finished" in (run.folder / "report.html").read_text()


def test_ctrl_c_resume_ctrl_c(folder: Path) -> None:
    process = start(folder, *ENDLESS)
    wait_for(folder / "run" / CHECKPOINT)
    interrupt(process)
    code, out, err = end(process, folder)
    assert (code, err) == (1, "")
    run = load_model(folder / "run")
    assert run.status == "interrupted"
    assert run.epochs == len(run.history) - 1 > 0

    began = (run.folder / CHECKPOINT).stat().st_mtime
    process = start(folder, "fit", "--resume", "run", "--json")
    wait_for(run.folder / CHECKPOINT, began)
    interrupt(process)
    code, out, err = end(process, folder)
    assert (code, err) == (1, "")
    assert json.loads(out)["status"] == "interrupted"
    more = load_model(run.folder)
    assert more.status == "interrupted"
    assert more.epochs > run.epochs
    assert more.history.rows()[: len(run.history)] == run.history.rows()


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.1])
def test_ctrl_c_twice_leaves_a_readable_run(folder: Path, pause: float) -> None:
    process = start(folder, *ENDLESS)
    wait_for(folder / "run" / CHECKPOINT)
    interrupt(process)
    time.sleep(pause)
    interrupt(process)
    code, _, err = end(process, folder)
    assert code == 1  # the first one ends the training and keeps it, the second one stops at once
    assert "Traceback" not in err
    assert err.splitlines()[-1:] in ([], ["kinverse: stopped"])  # the second one may come when all is written
    run = load_model(folder / "run")
    assert run.status in ("running", "interrupted")
    assert [path.name for path in folder.iterdir()] == ["run"]


def test_kill_9_and_resume(folder: Path) -> None:
    began, command, epochs = 0.0, ENDLESS, 0
    for _ in range(3):
        process = start(folder, *command)
        wait_for(folder / "run" / CHECKPOINT, began)
        process.kill()
        assert end(process, folder)[0] == -signal.SIGKILL
        began = (folder / "run" / CHECKPOINT).stat().st_mtime
        run = load_model(folder / "run")
        assert run.status == "running"
        assert len(run.history) > epochs
        epochs = len(run.history)
        command = ("fit", "--resume", "run")
    process = start(folder, *command)
    wait_for(folder / "run" / CHECKPOINT, began)
    interrupt(process)
    assert end(process, folder)[0] == 1
    run = load_model(folder / "run")
    assert run.status == "interrupted"
    assert run.epochs >= epochs
