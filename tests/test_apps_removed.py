"""Each application can be deleted: the core works without it, and so do the other verbs of the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kinverse

APPS = ("report", "viewer", "studies", "course", "benchmark", "cli")
CORE = """
import ast, importlib, sys
from pathlib import Path

import numpy as np

import kinverse as kv

app, folder = sys.argv[1], Path(kv.__file__).parent
assert folder.parent == Path.cwd() and not (folder / "apps" / app).exists()

stub = ast.parse((folder / "__init__.pyi").read_text())
for statement in stub.body:
    if isinstance(statement, ast.ImportFrom):
        module = "kinverse." + statement.module
        for alias in statement.names:
            if f"{module}.{alias.name}.".startswith(f"kinverse.apps.{app}."):
                continue
            getattr(kv, alias.name)

arm = kv.load_arm("panda")
solutions = kv.Solver(arm).solve(arm.forward_kinematics(arm.sample(20, 0)))
assert solutions.converged.all()

model = kv.fit("planar3", hidden=(4,), epochs=2, rows=100)
predicted = model.predict(np.array([[1.0, 1.0]]))
model.save("run")
assert np.isfinite(predicted).all()
assert np.array_equal(kv.load_model("run").predict(np.array([[1.0, 1.0]])), predicted)
"""


@pytest.mark.parametrize("app", APPS)
def test_the_rest_works_without(app: str, tmp_path: Path) -> None:
    package = Path(kinverse.__file__).parent
    # With the compiled kernels, which are found by the time stamps of their sources.
    shutil.copytree(package, tmp_path / "kinverse", ignore=lambda folder, _: [app] if folder.endswith("/apps") else [])
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    core = run("-c", CORE, app)
    assert core.returncode == 0, core.stderr[-3000:]
    if app != "cli":
        verb = run("-m", "kinverse.apps.cli", "solve", "--help")
        assert verb.returncode == 0, verb.stderr[-3000:]
