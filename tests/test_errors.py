"""Error types and their messages."""

from __future__ import annotations

import pickle

import pytest

from kinverse import errors
from kinverse.errors import (
    ConfigError,
    DataError,
    InvalidValueError,
    KinverseError,
    MissingExtraError,
    TargetError,
    TrainingError,
    UnknownNameError,
    require_choice,
    require_positive,
)


def test_every_error_is_a_kinverse_error() -> None:
    types = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception) and not issubclass(value, Warning)
    ]
    assert len(types) >= 9
    assert all(issubclass(value, KinverseError) for value in types)


def test_exit_codes() -> None:
    assert KinverseError.exit_code == ConfigError.exit_code == 2
    assert TrainingError.exit_code == 1


@pytest.mark.parametrize("kind", [ConfigError, DataError, TargetError])
def test_errors_about_values_are_value_errors_and_carry_data(kind: type[InvalidValueError]) -> None:
    with pytest.raises(ValueError, match="row 3") as caught:
        raise kind("row 3: joint 'elbow' is 4, the limits are -1 and 1", row=3, joint="elbow", value=4.0, lower=-1.0)
    error = caught.value
    assert isinstance(error, kind)
    assert (error.row, error.joint, error.value, error.lower, error.upper) == (3, "elbow", 4.0, -1.0, None)


def test_errors_pass_between_processes() -> None:
    for error in (
        ConfigError("seed must be ≥ 0, got -1", value=-1, lower=0.0),
        UnknownNameError("arm", "pnada", ["panda", "ur5"]),
        MissingExtraError("train", "torch"),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)


def test_unknown_names_are_listed_and_the_closest_is_suggested() -> None:
    assert str(UnknownNameError("arm", "pnada", ["panda", "ur5"])) == (
        "unknown arm 'pnada': did you mean 'panda'? available: panda, ur5"
    )
    assert str(UnknownNameError("arm", "zzz", ["panda"])) == "unknown arm 'zzz': available: panda"
    assert str(UnknownNameError("arm", 3, [])) == "unknown arm 3: available: none"


def test_long_lists_and_long_names_are_cut() -> None:
    message = str(UnknownNameError("link", "x" * 5000, [f"link{i}" for i in range(100_000)]))
    assert len(message) < 1000
    assert message.endswith(", link59, … (100000 in all)")
    assert "\n" not in str(UnknownNameError("link", "two\nlines", ["a"]))


def test_missing_extra_says_what_to_install() -> None:
    assert str(MissingExtraError("train", "torch")) == (
        "this needs torch, which is not installed: pip install 'kinverse[train]'"
    )


@pytest.mark.parametrize("value", [0, -1, 0.0, float("nan"), float("inf"), -float("inf")])
def test_not_positive(value: float) -> None:
    with pytest.raises(ConfigError, match="rate must be > 0, got "):
        require_positive("rate", value)


def test_positive_and_choices() -> None:
    require_positive("rate", 1e-300)
    require_choice("task", "xy", ("xy", "xyz"))
    with pytest.raises(UnknownNameError, match="unknown task 'xz': did you mean 'xyz'"):
        require_choice("task", "xz", iter(("xyz", "pose")))
