"""`kinverse …` run in this process in a folder of its own, files to fill the folder, and URDF text."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kinverse as kv
from kinverse.apps.cli import main
from kinverse.columns import csv_bytes
from kinverse.robot.encodings import ARKOMA

TINY = ("--hidden", "8", "--epochs", "3", "--rows", "300")
"""Flags of a short training."""


def without_notes(err: str) -> str:
    """Standard error without the notes that a kernel is being compiled, which appear once per machine."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("kinverse: compiling "))


@dataclass(frozen=True)
class Outcome:
    """Exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self
        return json.loads(lines[0])


@dataclass(frozen=True)
class Prepared:
    """Folders made once per session; tests take copies.

    Attributes:
        data: data set of nao-right, 180/60/60 rows, with a manifest.
        finished: run trained on it.
        interrupted: run on rows drawn from planar3 that can be resumed.
    """

    data: Path
    finished: Path
    interrupted: Path


@dataclass(frozen=True)
class Cli:
    """The command line in the empty current folder of a test."""

    folder: Path
    prepared: Prepared
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: object) -> Outcome:
        """`kinverse …` in this process."""
        self.capture.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # --help
            assert stop.code in (0, None)
            code = 0
        said = self.capture.readouterr()
        return Outcome(code, said.out, without_notes(said.err))

    def listing(self) -> dict[str, str]:
        """Every file and folder with a digest of its content."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_dir():
                found[name] = "folder"
            elif path.stat().st_size > 2**24:
                found[name] = f"{path.stat().st_size} bytes"
            else:
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def take(self, what: str, name: str | None = None) -> Path:
        """A copy of one of the prepared folders."""
        return shutil.copytree(getattr(self.prepared, what), self.folder / (name or what)).relative_to(self.folder)

    def plain(self, name: str = "plain") -> Path:
        """The data set as CSV files without a manifest, as a user would bring them."""
        folder = self.take("data", name)
        (folder / "manifest.json").unlink()
        return folder

    def published(self) -> Path:
        """ARKOMA's right arm in the published layout, without a manifest."""
        arm = kv.load_arm("nao-right")
        folder = Path("ARKOMA") / "Right Arm Dataset"
        folder.mkdir(parents=True)
        for seed, split in enumerate(("Train", "Val", "Test")):
            q = arm.sample(30, seed)
            (folder / f"R{split}_x.csv").write_bytes(
                csv_bytes(ARKOMA.names, ARKOMA.encode(arm.forward_kinematics(q)), 6)
            )
            (folder / f"R{split}_y.csv").write_bytes(csv_bytes([f"joint{i}" for i in range(1, 6)], q))
        return folder.parent

    def pair(self, features: str | None = None, targets: str | None = None) -> tuple[Path, Path]:
        """Two CSV files of ten rows, or with the content given."""
        x, y = Path("features.csv"), Path("targets.csv")
        rows = np.arange(20.0).reshape(10, 2)
        x.write_text(csv_bytes(("a", "b"), rows).decode() if features is None else features)
        y.write_text(csv_bytes(("c",), rows[:, :1] ** 2).decode() if targets is None else targets)
        return x, y

    def text(self, name: str, content: str) -> Path:
        """A file with this content."""
        path = Path(name)
        path.write_text(content)
        return path


def urdf(*joints: str, links: int = 3) -> str:
    """A URDF of some links, link0 …, and the joints given as text."""
    parts = [f'<link name="link{i}"/>' for i in range(links)]
    return f'<robot name="r">{"".join(parts)}{"".join(joints)}</robot>'


def joint(
    name: str, parent: int, child: int, limit: str = '<limit lower="-2" upper="2" effort="1" velocity="1"/>'
) -> str:
    """A revolute joint as URDF text."""
    return (
        f'<joint name="{name}" type="revolute"><parent link="link{parent}"/><child link="link{child}"/>'
        f'<origin xyz="0 0 0.3"/><axis xyz="0 1 0"/>{limit}</joint>'
    )


BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {libraries!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name.partition(".")[0])
sys.meta_path.insert(0, Blocker())
from kinverse.apps.cli import main
sys.exit(main({arguments!r}))
"""


def without(libraries: tuple[str, ...], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`kinverse …` in a process where some libraries are not installed."""
    code = BLOCKER.format(libraries=libraries, arguments=list(arguments))
    command = [sys.executable, "-c", code]
    outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    outcome.stderr = without_notes(outcome.stderr)
    return outcome


def on_a_terminal(folder: Path, *arguments: str, width: int = 80) -> tuple[int, str]:
    """`kinverse …` with a terminal on stdout and stderr: exit code and all that appeared."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(width), "LINES": "40"}
    command = [sys.executable, "-m", "kinverse.apps.cli", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    shown, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        if not select.select([leader], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(leader)
    return process.wait(10), shown.decode()


def is_picture(path: Path) -> bool:
    """A PNG with several colours in it, not an empty page."""
    from matplotlib.image import imread

    pixels = imread(path)
    inked = (pixels[..., :3] < 0.9).any(axis=-1)
    return 0.01 < inked.mean() < 0.5 and len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 50
