"""The seed networks that come with kinverse, one for each arm of the catalog that reaches poses.

    python -m kinverse.ik.seed_networks FOLDER

copies the weights of the runs in FOLDER, one for each arm and named after it, into the package. Without FOLDER it
rewrites the index of the weights in the package.
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from kinverse.errors import RunError
from kinverse.files import read_json, to_json, write_atomic
from kinverse.network.compiled import CompiledNetwork
from kinverse.robot.arm import Arm

WEIGHTS = Path(__file__).parent / "weights"
INDEX = WEIGHTS / "index.json"
MAX_FILE_SIZE = 1_000_000
"""Bytes of one file, so that the package stays small."""


def shipped_network(arm: Arm, even_if_slower: bool = False) -> CompiledNetwork | None:
    """The seed network for an arm, looked up by its fingerprint; its targets are poses.

    Args:
        arm: any arm.
        even_if_slower: return the network even if stored samples were measured to be faster.

    Returns:
        The network, or None if there is none or it does not speed up the solver.
    """
    entry = shipped_networks().get(arm.fingerprint)
    if entry is None or not (even_if_slower or entry["times_as_fast"] > 1.0):
        return None
    return CompiledNetwork.load(WEIGHTS / entry["file"])


@lru_cache(maxsize=1)
def shipped_networks() -> dict[str, Any]:
    """File and measured gain of each network in the package, by the fingerprint of its arm."""
    return read_json(INDEX, dict[str, Any], RunError)


def ship(runs: Path) -> dict[str, Any]:
    """Copy the model of every run below a folder into the package, and write the index.

    Returns:
        File and speed-up over the best table of stored samples, by fingerprint of the arm. The speed-up was measured at
        the end of the training.

    Raises:
        RunError: a model is too large, or its run does not say whether it speeds up the solver.
    """
    WEIGHTS.mkdir(exist_ok=True)
    index = {}
    for model in sorted(runs.glob("*/model.safetensors")):
        network = CompiledNetwork.load(model)
        content = model.read_bytes()
        if len(content) > MAX_FILE_SIZE:
            raise RunError(f"{model}: {len(content)} bytes; at most {MAX_FILE_SIZE} ship")
        results = read_json(model.parent / "card.json", dict[str, Any], RunError).get("results") or {}
        if not results.get("seeds"):
            raise RunError(f"{model.parent}: its card does not say whether the network speeds up the solver")
        name = f"{model.parent.name}.safetensors"
        ratio = round(float(results["seeds"]["times_as_fast"]), 2)
        index[_fingerprint(network, model)] = {"file": name, "times_as_fast": ratio}
        write_atomic(WEIGHTS / name, content)
    write_atomic(INDEX, to_json(index))
    return index


def reindex() -> dict[str, Any]:
    """Rewrite the index for the present files, after a change of the fingerprint."""
    index = {
        _fingerprint(CompiledNetwork.load(WEIGHTS / entry["file"]), entry["file"]): entry
        for entry in shipped_networks().values()
    }
    write_atomic(INDEX, to_json(index))
    return index


def _fingerprint(network: CompiledNetwork, place: object) -> str:
    if network.spec.arm is None:
        raise RunError(f"{place}: names no arm")
    return network.spec.arm.fingerprint


if __name__ == "__main__":
    print(json.dumps(ship(Path(sys.argv[1])) if len(sys.argv) > 1 else reindex(), indent=2))
