"""What a diagnosis is as data: JSON there and back, and refused where it is not one."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from kinverse.errors import RunError
from kinverse.files import from_plain, to_json, to_plain
from kinverse.learning.diagnosis.finding import CAUSES, Diagnosis, Finding

FOUND = Diagnosis(
    (
        Finding("still falling", "It fell by 3 %.", "epochs=900", {"fall": 0.03}),
        Finding("small validation set", "5 rows.", "30 rows"),
    ),
    ("leak: needs the rows, which were in memory only",),
    ("A note.",),
)


def test_json_gives_an_equal_one_back() -> None:
    assert from_plain(json.loads(to_json(FOUND)), Diagnosis, "card", RunError) == FOUND
    assert from_plain(to_plain(Diagnosis(())), Diagnosis, "card", RunError) == Diagnosis(())


def test_names_health_and_checked_causes() -> None:
    assert FOUND.names == {"still falling", "small validation set"}
    assert not FOUND.healthy
    assert Diagnosis(()).healthy
    assert set(CAUSES) - set(FOUND.checked) == {"leak"}


def broken(change: Any) -> dict[str, Any]:
    data = copy.deepcopy(to_plain(FOUND))
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("findings"),
        lambda data: data.update(findings={"cause": "leak"}),
        lambda data: data.update(findings=["leak"]),
        lambda data: data["findings"][0].update(cause="bad luck"),
        lambda data: data["findings"][0].update(cause=["leak"]),
        lambda data: data["findings"][0].update(evidence=3),
        lambda data: data["findings"][0].pop("remedy"),
        lambda data: data["findings"][0].update(numbers={"fall": None}),
        lambda data: data["findings"][0].update(numbers=[1.0]),
        lambda data: data["findings"][0].update(numbers={"fall": "much"}),
        lambda data: data.update(skipped="leak"),
        lambda data: data.update(notes=[3]),
    ],
)
def test_anything_else_is_refused(change: Any) -> None:
    with pytest.raises(RunError, match="card: "):
        from_plain(broken(change), Diagnosis, "card", RunError)
