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

import csv
import io
import math
import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kinverse.errors import ArmError, RunError
from kinverse.files import read_json, sha256, to_json, write_atomic
from kinverse.fit.config import FitConfig
from kinverse.fit.loop import HistoryRow
from kinverse.model.store import load_model, save_model
from kinverse.robot.arm import Arm
from kinverse.version import VERSION

if TYPE_CHECKING:
    from kinverse.model.inverse import InverseModel

CONFIG, CARD, HISTORY, MODEL = "config.json", "card.json", "history.csv", "model.safetensors"
CHECKPOINT, REPORT = "checkpoint.safetensors", "report.html"
FORMAT = "kinverse-run/1"
Status = Literal["running", "interrupted", "failed", "finished"]


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
        space: what the loss compares, "joints" or "tip".
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
    version: str = VERSION
    format: str = FORMAT

    @classmethod
    def read(cls, path: Path) -> Card:
        """Read a card.

        Raises:
            RunError: missing, not JSON, of another format, or keys are missing or unknown.
        """
        data = read_json(path, RunError)
        if data.get("format") != FORMAT:
            raise RunError(f"{path}: format {data.get('format')!r}, this version reads {FORMAT!r}")
        known = set(cls.__dataclass_fields__)
        wrong = sorted(known ^ set(data))
        if wrong:
            raise RunError(f"{path}: entries missing or unknown: {', '.join(wrong)}")
        for name, kind in (
            ("data", dict),
            ("origin", dict),
            ("sha256", dict),
            ("epochs", int),
            ("best_epoch", int),
        ):
            if not isinstance(data[name], kind):
                raise RunError(f"{path}: {name} should be a {kind.__name__}, got {type(data[name]).__name__}")
        return cls(**data)


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
        folder = Path(folder)
        if not folder.is_dir():
            raise RunError(f"{folder}: no such run folder")
        missing = [name for name in (CONFIG, CARD, HISTORY, MODEL) if not (folder / name).is_file()]
        if missing:
            raise RunError(f"{folder}: not a whole run, missing {', '.join(missing)}")
        card = Card.read(folder / CARD)
        for name, digest in card.sha256.items():
            if name in (CONFIG, HISTORY, MODEL) and sha256(folder / name) != digest:
                raise RunError(f"{folder / name}: changed after the run was written (checksum differs)")
        config = FitConfig.from_dict(read_json(folder / CONFIG, RunError), str(folder / CONFIG))
        own_arm = _card_arm(card, folder / CARD)
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
        if model.spec.arm != self.card.arm:
            raise RunError(f"{self.folder / MODEL}: made for another arm than the run's card says")
        return model

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
        write_atomic(temporary / CONFIG, to_json(config.to_dict()))
        card = replace(card, sha256={CONFIG: sha256(temporary / CONFIG)})
        write_atomic(temporary / HISTORY, history_csv([]))
        save_model(model, temporary / MODEL)
        write_atomic(temporary / CARD, to_json(asdict(card)))
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return card


def history_csv(history: list[HistoryRow]) -> str:
    """The history as CSV text; Python's shortest float text reads back to the same bits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HistoryRow.__dataclass_fields__)
    writer.writerows((row.epoch, row.train_loss, row.validation_loss, row.learning_rate) for row in history)
    return text.getvalue()


def read_history(path: Path) -> tuple[HistoryRow, ...]:
    """Read a history.

    Raises:
        RunError: another header, a row that is no row, or epochs that do not count up from 0; the line is named.
    """
    try:
        lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise RunError(f"{path}: cannot be read ({problem})") from None
    expected = list(HistoryRow.__dataclass_fields__)
    if not lines or lines[0] != expected:
        raise RunError(f"{path}: the first line should be {','.join(expected)}")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            row = HistoryRow(int(line[0]), *map(float, line[1:]))
        except (ValueError, TypeError, IndexError):
            raise RunError(f"{path}: line {number} is not a row of the history: {','.join(line)[:80]!r}") from None
        if row.epoch != number - 2 or math.isnan(row.learning_rate):
            raise RunError(f"{path}: line {number} has epoch {row.epoch}, expected {number - 2}")
        rows.append(row)
    return tuple(rows)


def _card_arm(card: Card, path: Path) -> Arm | None:
    if card.arm is None:
        return None
    try:
        arm = Arm.from_dict(card.arm)
    except ArmError as problem:
        raise RunError(f"{path}: {problem}") from None
    if arm.fingerprint != card.arm_fingerprint:
        raise RunError(f"{path}: the arm's fingerprint is {arm.fingerprint}, but the card says {card.arm_fingerprint}")
    return arm
