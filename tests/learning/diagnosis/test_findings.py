"""What a diagnosis is as data: JSON there and back, and refused where it is not one."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from kinverse.errors import RunError
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
    assert Diagnosis.from_dict(json.loads(json.dumps(FOUND.to_dict(), allow_nan=False))) == FOUND
    assert Diagnosis.from_dict(Diagnosis(()).to_dict()) == Diagnosis(())


def test_names_health_and_what_was_looked_for() -> None:
    assert FOUND.names == {"still falling", "small validation set"}
    assert not FOUND.healthy
    assert Diagnosis(()).healthy
    assert set(CAUSES) - set(FOUND.looked_for) == {"leak"}


def broken(change: Any) -> dict[str, Any]:
    data = copy.deepcopy(FOUND.to_dict())
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
        lambda data: data["findings"][0].update(extra="x"),
        lambda data: data["findings"][0].pop("remedy"),
        lambda data: data["findings"][0].update(numbers={"fall": float("nan")}),
        lambda data: data["findings"][0].update(numbers=[1.0]),
        lambda data: data["findings"][0].update(numbers={"fall": "much"}),
        lambda data: data.update(skipped="leak"),
        lambda data: data.update(notes=[3]),
    ],
)
def test_anything_else_is_refused(change: Any) -> None:
    with pytest.raises(RunError, match="not the diagnosis of a run"):
        Diagnosis.from_dict(broken(change))
