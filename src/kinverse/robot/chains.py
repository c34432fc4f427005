"""The URDF assets, already read.

`chains.json` holds what `read_urdf` makes of every URDF beside it, so that loading a catalog arm takes a millisecond
and no XML library. Write it again after a change of an asset, from the project's root:

    python -m kinverse.robot.chains
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from kinverse.errors import ArmError
from kinverse.files import read_json, to_json, to_plain, write_atomic
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import read_arm
from kinverse.robot.urdf import read_urdf

ASSETS = Path(__file__).parent / "assets"
CHAINS = ASSETS / "chains.json"


@lru_cache(maxsize=1)
def chain_names() -> tuple[str, ...]:
    """Names of the arms that come as URDF assets."""
    return tuple(_read())


def read_chain(name: str) -> Arm:
    """One of them."""
    return read_arm(_read()[name], CHAINS, ArmError)


def chains_from_urdf() -> dict[str, dict[str, Any]]:
    """What `chains.json` must hold: every asset read from its URDF."""
    return {path.stem: to_plain(read_urdf(path)) for path in sorted(ASSETS.glob("*.urdf"))}


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return read_json(CHAINS, dict[str, Any], ArmError)


if __name__ == "__main__":
    write_atomic(CHAINS, to_json(chains_from_urdf()))
    print(f"wrote {CHAINS}")
