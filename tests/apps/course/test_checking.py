"""What checks are written with."""

from __future__ import annotations

import types

import numpy as np
import pytest
import torch

from kinverse.apps.course.checking import CheckFailed, Learner, close, numbers, shown


def test_numbers_takes_sequences_and_tensors() -> None:
    assert numbers([1, 2], "x", (2,)).tolist() == [1.0, 2.0]
    assert numbers(torch.ones(2, requires_grad=True), "x").tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "is a return missing"),
        ([1, float("nan")], r"holds nan \(1 of 2 values are not finite\)"),
        ("a", "gives 'a', where numbers were expected"),
        ([1, 2], r"has the shape \(2,\), expected \(3,\)"),
    ],
)
def test_numbers_names_what_is_wrong(value: object, message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        numbers(value, "x", (3,) if message.startswith("has") else None)


def test_close_and_shown() -> None:
    assert close(1.0, 1.0 + 1e-7) and not close(1.0, 1.001)
    assert shown(-1.23456) == "−1.235" and shown(np.arange(3)) == "[0, 1, 2]" and shown(np.eye(9)).endswith("(9, 9)")


def test_arguments_changed_in_place_are_noticed() -> None:
    module = types.ModuleType("answer")
    module.__file__ = "answer.py"
    module.change = lambda values, table=None: values.__iadd__(1) if table is None else table.clear()
    learner = Learner(module)
    for values in (np.zeros(2), torch.zeros(2)):
        with pytest.raises(CheckFailed, match="change changes its argument 'values' in place"):
            learner.call("change", values)
    with pytest.raises(CheckFailed, match="changes its argument 'table' in place"):
        learner.call("change", np.zeros(2), table={"x": np.zeros(1)})
    nan = np.array([np.nan])
    learner.run(lambda *values: None, "look", nan, torch.tensor([float("nan")]))
