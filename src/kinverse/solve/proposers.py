"""The networks that come with kinverse, one for each arm of the catalog that has any use for it.

    python -m kinverse.solve.proposers FOLDER

takes the runs below FOLDER, one for each arm and named after it, and puts their weights into the package.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path

from kinverse.errors import RunError
from kinverse.files import read_json, to_json, write_atomic
from kinverse.model.compiled import CompiledNetwork
from kinverse.robot.arm import Arm

WEIGHTS = Path(__file__).parent / "weights"
INDEX = WEIGHTS / "index.json"
LARGEST_FILE = 1_000_000
"""Bytes: what ships should not be felt in an installation."""


def shipped_network(arm: Arm) -> CompiledNetwork | None:
    """The network for an arm, found by the fingerprint of its kinematics and task, or None."""
    name = _index().get(arm.fingerprint)
    return None if name is None else CompiledNetwork.load(WEIGHTS / name)


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    return read_json(INDEX, RunError)


def ship(runs: Path) -> dict[str, str]:
    """Copy the model of every run below a folder into the package, and write the index.

    Raises:
        RunError: a model is larger than may ship.
    """
    WEIGHTS.mkdir(exist_ok=True)
    index = {}
    for model in sorted(runs.glob("*/model.safetensors")):
        network = CompiledNetwork.load(model)
        content = model.read_bytes()
        if len(content) > LARGEST_FILE:
            raise RunError(f"{model}: {len(content)} bytes; at most {LARGEST_FILE} ship")
        name = f"{model.parent.name}.safetensors"
        index[Arm.from_dict(network.spec.arm or {}).fingerprint] = name
        write_atomic(WEIGHTS / name, content)
    write_atomic(INDEX, to_json(index))
    return index


if __name__ == "__main__":
    print(json.dumps(ship(Path(sys.argv[1])), indent=2))
