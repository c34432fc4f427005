"""A run folder that is half written, truncated, tampered with or of another arm is refused with one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import kinverse as kv
from kinverse.errors import RunError
from kinverse.learning.data.dataset import Dataset
from kinverse.learning.training.config import FitConfig
from kinverse.learning.training.run_folder import load_model
from kinverse.learning.training.session import train
from kinverse.learning.training.source import open_source


@pytest.fixture(scope="module")
def finished(joints: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "finished"
    train(open_source(joints, 1, 0), FitConfig.of(hidden=(4,), epochs=3), folder)
    return folder


def edit_json(name: str, change: Callable[[dict], object]) -> Callable[[Path], None]:  # type: ignore[type-arg]
    def edit(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return edit


def forget_digests(folder: Path) -> None:
    edit_json("card.json", lambda card: card.update(sha256={}))(folder)


def truncate(name: str, keep: float) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(len(content) * keep)])

    return cut


def flip(name: str, place: float) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[int(len(content) * place)] ^= 0x01
        (folder / name).write_bytes(bytes(content))
        forget_digests(folder)  # the file must know by itself

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "no config": (remove("config.json"), "missing config.json"),
    "no card": (remove("card.json"), "missing card.json"),
    "no history": (remove("history.csv"), "missing history.csv"),
    "no model": (remove("model.safetensors"), "missing model.safetensors"),
    "half a config": (truncate("config.json", 0.5), "checksum|not valid JSON"),
    "half a card": (truncate("card.json", 0.5), "not valid JSON.*half written"),
    "empty card": (truncate("card.json", 0.0), "not valid JSON"),
    "half a history": (truncate("history.csv", 0.7), "checksum"),
    "half a model": (truncate("model.safetensors", 0.5), "checksum"),
    "edited config": (edit_json("config.json", lambda c: c.update(epochs=5)), "changed after the run was written"),
    "unknown setting": (
        lambda f: (edit_json("config.json", lambda c: c.update(colour=5))(f), forget_digests(f))[0],
        "unknown setting 'colour'",
    ),
    "bad setting": (
        lambda f: (edit_json("config.json", lambda c: c.update(epochs=-5))(f), forget_digests(f))[0],
        "epochs must be > 0",
    ),
    "other format": (edit_json("card.json", lambda c: c.update(format="x/9")), "format 'x/9'"),
    "card without data": (edit_json("card.json", lambda c: c.pop("data")), "missing required field `data`"),
    "card of wrong types": (
        edit_json("card.json", lambda c: c.update(data=3)),
        "data: expected `object`, got `int`",
    ),
    "unknown status": (edit_json("card.json", lambda c: c.update(status="lost")), "status: invalid enum value 'lost'"),
    "unknown space": (edit_json("card.json", lambda c: c.update(space="zzz")), "space: invalid enum value 'zzz'"),
    "empty manifest": (
        edit_json("card.json", lambda c: c.update(data={})),
        "data: object missing required field `name`",
    ),
    "seconds of text": (
        edit_json("card.json", lambda c: c.update(seconds="x")),
        "seconds: expected `float`, got `str`",
    ),
    "changed limit": (edit_json("card.json", lambda c: c["arm"]["upper"].__setitem__(0, 9.0)), "fingerprint"),
    "no arm any more": (edit_json("card.json", lambda c: c["arm"].pop("lower")), "card.json: arm: "),
    "flipped weight": (flip("model.safetensors", 0.999), "does not match its checksum"),
    "flipped header": (flip("model.safetensors", 0.1), "checksum|readable|kinverse|description"),
    "foreign model": (
        lambda f: ((f / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}"), forget_digests(f))[0],
        "not written by kinverse",
    ),
    "model is text": (
        lambda f: ((f / "model.safetensors").write_text("weights"), forget_digests(f))[0],
        "not a readable safetensors file",
    ),
    "history of words": (
        lambda f: ((f / "history.csv").write_text("a,b\n1,2\n"), forget_digests(f))[0],
        "first line should be epoch",
    ),
    "torn history row": (
        lambda f: (truncate("history.csv", 0.9)(f), forget_digests(f))[0],
        "line|row",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_damaged_run_is_refused(finished: Path, tmp_path: Path, spoil: Callable[[Path], None], message: str) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    load_model(folder)
    spoil(folder)
    with pytest.raises(RunError, match=message) as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such run folder"):
        load_model(tmp_path / "nothing")


def test_a_run_of_another_arm(finished: Path) -> None:
    assert load_model(finished, arm=kv.load_arm("nao-right")).arm is not None
    with pytest.raises(RunError, match=r"made for arm 'nao-right' \(\w+\), not for 'nao-left'"):
        load_model(finished, arm=kv.load_arm("nao-left"))


def test_what_a_run_holds(finished: Path) -> None:
    run = load_model(finished)
    assert sorted(p.name for p in finished.iterdir()) == [
        "card.json",
        "config.json",
        "history.csv",
        "model.safetensors",
    ]
    assert run.config == FitConfig.of(hidden=(4,), epochs=3)
    assert run.epochs == 3
    assert run.history.epoch.tolist() == [0, 1, 2, 3]
    assert {w.name for w in run.weights_at_start} == {f"network.{i}.{p}" for i in (0, 2) for p in ("weight", "bias")}
