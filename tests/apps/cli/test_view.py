"""kinverse view: what it prints, and what it refuses. The page itself is tested in tests/show."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.cli import Cli


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def test_it_says_where_to_look_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "kinverse.apps.cli", "view", "planar3", "--port", str(port), "--json"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said == {"address": f"http://127.0.0.1:{port}"}
    with urllib.request.urlopen(said["address"]) as page:
        assert b"<html" in page.read(2000).lower()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err.decode()
    assert out == b""
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["panda", "--host", "0.0.0.0"], "host '0.0.0.0' lets other machines reach the viewer"),
        (["nobody"], "nobody"),
        (["empty"], "empty: not a whole run, missing config.json"),
        (["planar3"] * 7, "a viewer shows 1 to 6 arms or models side by side, got 7"),
        (["planar3", "--port", "99999"], "port must be a whole number from 1 to 65535, got 99999"),
    ],
)
def test_wrong_use_is_one_line(cli: Cli, arguments: list[str], said: str) -> None:
    (cli.folder / "empty").mkdir()
    shown = cli.run("view", *arguments)
    assert shown.code == 2
    assert said in shown.err and shown.err.count("\n") == 1
