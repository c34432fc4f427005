"""A training as a folder that is readable at every moment: written while it trains, and read back as a `Model`.

    config.json           the settings, written once
    card.json             status, arm, data and results; replaced as a whole
    history.csv           both losses of every epoch
    model.safetensors     the kept weights, with everything needed to use them
    checkpoint.safetensors  only until the training has finished: the state to resume from
    report.html           the report page

The folder appears in one step with the untrained model inside. Later files are replaced one by one, history first and
checkpoint last, so after a crash between two of them the history is never shorter than the checkpoint.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kinverse import __version__
from kinverse.arguments import as_path, require_instance
from kinverse.errors import RunError
from kinverse.files import (
    from_plain,
    read_json,
    sha256,
    to_json,
    to_plain,
    whole_or_absent,
    write_atomic,
)
from kinverse.learning.data.dataset import Manifest
from kinverse.learning.model.inverse import load_network, save_network
from kinverse.learning.model.mlp import WeightStatistics
from kinverse.learning.trained import Model, Results, Status
from kinverse.learning.training.checkpoint import save_checkpoint
from kinverse.learning.training.config import FitConfig, Space
from kinverse.learning.training.history import history_csv, read_history
from kinverse.learning.training.source import Origin
from kinverse.robot.arm import Arm
from kinverse.robot.arm_file import read_arm

if TYPE_CHECKING:
    from kinverse.learning.training.loop import TrainingState

CONFIG, CARD, HISTORY, MODEL = "config.json", "card.json", "history.csv", "model.safetensors"
CHECKPOINT = "checkpoint.safetensors"
FORMAT: Literal["kinverse-run/2"] = "kinverse-run/2"
FORMAT_OF_0_1 = "kinverse-run/1"


@dataclass(frozen=True)
class Card:
    """The content of card.json: a `Model` without its settings, history and weights."""

    status: Status
    stopped: str
    epochs: int
    best_epoch: int
    arm: dict[str, Any] | None
    arm_fingerprint: str | None
    data: Manifest
    data_digest: str
    origin: Origin
    space: Space
    weights_at_start: tuple[WeightStatistics, ...]
    seconds: float
    results: Results | None = None
    sha256: dict[str, str] = field(default_factory=dict)
    """Digest of config.json from the start, of history and model once they no longer change."""
    version: str = __version__
    format: Literal["kinverse-run/2"] = FORMAT


def load_model(folder: str | Path, arm: Arm | None = None) -> Model:
    """Read a trained model from its run folder, and check that the files belong together.

    Args:
        folder: the run folder.
        arm: the arm that the model must have been trained for; default: any.

    Raises:
        RunError: it is not a run folder, a file is missing, truncated, damaged or changed since, or the model was
            trained for another arm.
    """
    folder = as_path(folder, "folder", RunError).absolute()  # a run stays readable when the working folder changes
    if not folder.is_dir():
        raise RunError(f"{folder}: no such run folder")
    missing = [name for name in (CONFIG, CARD, HISTORY, MODEL) if not (folder / name).is_file()]
    if missing:
        raise RunError(f"{folder}: not a whole run, missing {', '.join(missing)}")
    card = _read_card(folder / CARD)
    for name, digest in card.sha256.items():
        if name in (CONFIG, HISTORY, MODEL) and sha256(folder / name) != digest:
            raise RunError(f"{folder / name}: changed after the run was written (checksum differs)")
    config = FitConfig.from_plain(read_json(folder / CONFIG, dict[str, Any], RunError), folder / CONFIG)
    place = f"{folder / CARD}: arm"
    own_arm = None if card.arm is None else read_arm(card.arm, place, RunError, card.arm_fingerprint)
    if arm is not None:
        arm = require_instance(arm, Arm, "arm")
    if arm is not None and (own_arm is None or own_arm.fingerprint != arm.fingerprint):
        own = "no arm" if own_arm is None else f"arm {own_arm.name!r} ({own_arm.fingerprint})"
        raise RunError(f"{folder}: made for {own}, not for {arm.name!r} ({arm.fingerprint})")
    network = load_network(folder / MODEL)
    if (network.spec.arm and network.spec.arm.fingerprint) != (own_arm and own_arm.fingerprint):
        raise RunError(f"{folder / MODEL}: made for another arm than the run's card says")
    return Model(
        config=config,
        arm=own_arm,
        network=network,
        history=read_history(folder / HISTORY),
        manifest=card.data,
        data_digest=card.data_digest,
        origin=card.origin,
        space=card.space,
        weights_at_start=card.weights_at_start,
        status=card.status,
        stopped=card.stopped,
        best_epoch=card.best_epoch,
        seconds=card.seconds,
        folder=folder,
        results=card.results,
    )


def create_folder(model: Model, folder: Path) -> Model:
    """Write a model into a new run folder, atomically.

    Raises:
        RunError: the folder exists and is not empty.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder}: exists already; choose another folder, or resume it if it is an unfinished run")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole_or_absent(folder) as temporary:
        temporary.mkdir()
        write_atomic(temporary / CONFIG, to_json(model.config))
        write_atomic(temporary / HISTORY, history_csv(model.history.rows()))
        save_network(model.network, temporary / MODEL)
        write_card(replace(model, folder=temporary))
        if folder.exists():
            folder.rmdir()  # empty, as checked above; not every system renames onto a folder
    return replace(model, folder=folder)


def save_progress(model: Model, state: TrainingState) -> None:
    """Write the state of a training: history first, checkpoint last (see above)."""
    assert model.folder is not None
    write_atomic(model.folder / HISTORY, history_csv(state.history))
    save_network(model.network, model.folder / MODEL, state.kept_weights)
    save_checkpoint(state, model.folder / CHECKPOINT)


def write_end(model: Model) -> None:
    """Write a model whose training has ended into its folder; the checkpoint stays for an interrupted one only."""
    assert model.folder is not None
    write_atomic(model.folder / HISTORY, history_csv(model.history.rows()))
    save_network(model.network, model.folder / MODEL)
    write_card(model)
    if model.status != "interrupted":
        (model.folder / CHECKPOINT).unlink(missing_ok=True)


def write_card(model: Model) -> None:
    """Write the card of a model in a folder, with the digests of the files that no longer change."""
    folder = model.folder
    assert folder is not None
    final = (CONFIG, HISTORY, MODEL) if model.status in ("finished", "failed") else (CONFIG,)
    card = Card(
        status=model.status,
        stopped=model.stopped,
        epochs=model.epochs,
        best_epoch=model.best_epoch,
        arm=None if model.arm is None else to_plain(model.arm),
        arm_fingerprint=None if model.arm is None else model.arm.fingerprint,
        data=model.manifest,
        data_digest=model.data_digest,
        origin=model.origin,
        space=model.space,
        weights_at_start=model.weights_at_start,
        seconds=round(model.seconds, 3),
        results=model.results,
        sha256={name: sha256(folder / name) for name in final},
    )
    write_atomic(folder / CARD, to_json(card))


def _read_card(path: Path) -> Card:
    data = read_json(path, dict[str, Any], RunError)
    if data.get("format") == FORMAT_OF_0_1:
        data = _from_0_1(data)
    elif data.get("format") != FORMAT:
        raise RunError(f"{path}: format {data.get('format')!r}, this version reads {FORMAT!r} and {FORMAT_OF_0_1!r}")
    return from_plain(data, Card, path, RunError)


def _from_0_1(data: dict[str, Any]) -> dict[str, Any]:
    """A card of version 0.1 with the current names."""
    space, metrics = data.get("space"), data.get("metrics")
    results = None
    if isinstance(metrics, dict):
        scores = [
            {**entry, "predictor": entry.get("who"), "tool": entry.get("tip")} for entry in metrics.get("scores", [])
        ]
        results = {"report": {**metrics, "scores": scores}, **metrics, "seeds": metrics.get("solver")}
    return {**data, "format": FORMAT, "space": "tool" if space == "tip" else space, "results": results}
