"""`Run`: a training as a folder that is readable at every moment, and what is read back from it.

    config.json           the settings, written once
    card.json             what was trained on what, and how far it got; replaced as a whole
    history.csv           both losses of every epoch
    model.safetensors     the kept weights, with everything needed to use them
    checkpoint.safetensors  only until the training has finished: the state to resume from
    report.html           for people

The folder appears in one step with the untrained model inside. Later files are replaced one by one, history first and
checkpoint last, so that a crash between two of them leaves a history that is at most longer than the checkpoint.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from kinverse.errors import RunError, ShapeError
from kinverse.files import read_json, sha256, to_json, write_atomic
from kinverse.learning.model.store import load_model, save_model
from kinverse.learning.training.card import Card, card_arm
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.history import HistoryRow, history_csv, read_history
from kinverse.network.heads import closest
from kinverse.robot.arm import Arm

if TYPE_CHECKING:
    from kinverse.learning.model.inverse import InverseModel

CONFIG, CARD, HISTORY, MODEL = "config.json", "card.json", "history.csv", "model.safetensors"
CHECKPOINT, REPORT = "checkpoint.safetensors", "report.html"


@dataclass(frozen=True, eq=False)
class Run:
    """A training that has been read from its folder.

    Attributes:
        folder: where it lies.
        config: its settings.
        card: what it is and how far it got.
        history: one row for each measured epoch.
        arm: what the joints move, or None.
    """

    folder: Path
    config: FitConfig
    card: Card
    history: tuple[HistoryRow, ...] = field(repr=False)
    arm: Arm | None

    @classmethod
    def load(cls, folder: str | Path, arm: Arm | None = None) -> Run:
        """Read a run and check that its files belong together.

        Args:
            folder: the run folder.
            arm: the arm that it must have been trained for, if there is one to compare with.

        Raises:
            RunError: the folder is no run, a file is missing, truncated, damaged or changed since, or it was made for
                an arm with another fingerprint.
        """
        folder = Path(folder).absolute()  # a run stays readable when the working folder changes
        if not folder.is_dir():
            raise RunError(f"{folder}: no such run folder")
        missing = [name for name in (CONFIG, CARD, HISTORY, MODEL) if not (folder / name).is_file()]
        if missing:
            raise RunError(f"{folder}: not a whole run, missing {', '.join(missing)}")
        card = Card.read(folder / CARD)
        for name, digest in card.sha256.items():
            if name in (CONFIG, HISTORY, MODEL) and sha256(folder / name) != digest:
                raise RunError(f"{folder / name}: changed after the run was written (checksum differs)")
        config = FitConfig.from_plain(read_json(folder / CONFIG, dict[str, Any], RunError), folder / CONFIG)
        own_arm = card_arm(card, folder / CARD)
        if arm is not None and (own_arm is None or own_arm.fingerprint != arm.fingerprint):
            own = "no arm" if own_arm is None else f"arm {own_arm.name!r} ({own_arm.fingerprint})"
            raise RunError(f"{folder}: made for {own}, not for {arm.name!r} ({arm.fingerprint})")
        return cls(folder, config, card, read_history(folder / HISTORY), own_arm)

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.resolve().name

    def load_model(self) -> InverseModel:
        """The kept weights as a torch module, on the CPU, in evaluation mode.

        Raises:
            RunError: the file is damaged, or belongs to another run.
        """
        model = load_model(self.folder / MODEL)
        own = model.spec.arm
        if (own and own.fingerprint) != (self.arm and self.arm.fingerprint):
            raise RunError(f"{self.folder / MODEL}: made for another arm than the run's card says")
        return model

    def predict(self, targets: Float[np.ndarray, ...]) -> Float[np.ndarray, "*batch dof"]:
        """What the network answers: joint positions for targets, inside or outside the limits as it was trained.

        Of several heads the one answers whose tool comes closest, by forward kinematics.

        Args:
            targets: in the arm's task space: (..., 2), (..., 3) positions [m] or (..., 4, 4) poses T_base_target.

        Returns:
            (..., dof) joint positions [rad or m].

        Raises:
            RunError: the run has no arm, or features that are no encoding of a pose: use `load_model().predict`.
            ShapeError: `targets` does not fit the arm's task.
        """
        model = self.load_model()
        if self.arm is None or model.spec.encoding is None:
            raise RunError(f"{self.folder}: not about an arm's poses; use load_model().predict(features)")
        targets, shape = np.asarray(targets, dtype=np.float64), self.arm.task_shape
        if targets.shape[-len(shape) :] != shape:
            raise ShapeError(f"targets of task {self.arm.task!r} have shape (..., {shape}), got {targets.shape}")
        rows = targets.reshape(-1, *shape)
        if not np.isfinite(rows).all():
            raise ShapeError(f"targets: row {int(np.argwhere(~np.isfinite(rows))[0, 0])} is not finite")
        q = closest(self.arm, model.propose(model.spec.inputs_of(rows)), rows, model.spec.rotation_weight)
        return q.reshape(*targets.shape[: -len(shape)], self.arm.dof)

    def with_metrics(self, metrics: dict[str, Any]) -> Run:
        """The run with what an evaluation measured, also written to its card."""
        card = replace(self.card, metrics=metrics)
        write_atomic(self.folder / CARD, to_json(asdict(card)))
        return replace(self, card=card)


def create_folder(folder: Path, config: FitConfig, card: Card, model: InverseModel) -> Card:
    """Make a run folder with the untrained model inside; it appears in one step.

    Raises:
        RunError: the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder}: exists already; choose another folder, or resume it if it is an unfinished run")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
    try:
        temporary.chmod(0o755)  # mkdtemp makes it private
        write_atomic(temporary / CONFIG, to_json(config))
        card = replace(card, sha256={CONFIG: sha256(temporary / CONFIG)})
        write_atomic(temporary / HISTORY, history_csv([]))
        save_model(model, temporary / MODEL)
        write_atomic(temporary / CARD, to_json(asdict(card)))
        if folder.exists():
            folder.rmdir()  # empty, as checked above; not every system renames onto a folder
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return card
