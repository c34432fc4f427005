"""`Card`: what a run is and how far it got, as one JSON file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from kinverse import __version__
from kinverse.errors import DataError, RunError
from kinverse.files import read_json
from kinverse.learning.data.dataset import Manifest
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import read_arm

FORMAT = "kinverse-run/1"
Status = Literal["running", "interrupted", "failed", "finished"]
SPACES = ("joints", "tool")
_TYPES: dict[str, Any] = {
    "stopped": str, "epochs": int, "best_epoch": int, "arm": dict | None, "arm_fingerprint": str | None, "data": dict,
    "data_digest": str, "origin": dict, "weights_at_start": list, "sha256": dict, "seconds": int | float,
    "metrics": dict | None,
}  # fmt: skip


@dataclass(frozen=True)
class Card:
    """What a run is, for machines and people.

    Attributes:
        status: running (also after a crash), interrupted, failed or finished.
        stopped: why the training ended, in words.
        epochs: passes over the training rows that are in the history.
        best_epoch: epoch with the best validation loss.
        arm: `Arm.to_dict()`, or None for data that is not about an arm.
        arm_fingerprint: `Arm.fingerprint`, or None.
        data: the data set's manifest.
        data_digest: `Dataset.digest`.
        origin: how to make the rows again.
        space: what the loss compares, "joints" or "tool".
        weights_at_start: statistics of every parameter after initialisation.
        sha256: of config.json from the start, of history and model once finished.
        seconds: of training, over all sessions.
        metrics: what the evaluation measured, or None before it.
        version: of kinverse.
        format: of the folder.
    """

    status: Status
    stopped: str
    epochs: int
    best_epoch: int
    arm: dict[str, Any] | None
    arm_fingerprint: str | None
    data: dict[str, Any]
    data_digest: str
    origin: dict[str, Any]
    space: str
    weights_at_start: list[dict[str, Any]]
    sha256: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    metrics: dict[str, Any] | None = None
    version: str = __version__
    format: str = FORMAT

    @classmethod
    def read(cls, path: Path) -> Card:
        """Read a card.

        Raises:
            RunError: missing, not JSON, of another format, or keys are missing or unknown.
        """
        data = read_json(path, dict[str, Any], RunError)
        if data.get("format") != FORMAT:
            raise RunError(f"{path}: format {data.get('format')!r}, this version reads {FORMAT!r}")
        known = set(cls.__dataclass_fields__)
        wrong = sorted(known ^ set(data))
        if wrong:
            raise RunError(f"{path}: entries missing or unknown: {', '.join(wrong)}")
        for name, kinds in _TYPES.items():
            if not isinstance(data[name], kinds):
                raise RunError(f"{path}: {name} is {str(data[name])[:60]!r}, which is of the wrong type")
        for name, names in (("status", get_args(Status)), ("space", SPACES)):
            if data[name] not in names:
                raise RunError(f"{path}: {name} is {data[name]!r}, expected one of {', '.join(names)}")
        try:
            Manifest.from_dict(data["data"], str(path))
        except DataError as problem:
            raise RunError(str(problem)) from None
        return cls(**data)


def card_arm(card: Card, path: Path) -> Arm | None:
    """The arm of a run, checked against its fingerprint; `path` names the card in an error."""
    if card.arm is None:
        return None
    return read_arm(card.arm, f"{path}: arm", RunError, card.arm_fingerprint)
