"""Arguments from users: what is taken, and the line that refuses the rest."""

import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from kinverse.arguments import as_floats, as_items, as_number, as_path, as_whole, require_instance
from kinverse.errors import ConfigError, DataError, ShapeError


@pytest.mark.parametrize("value", [1, 2.5, [1, 2], [[1.0], [2.0]], np.arange(3, dtype=np.uint8), np.float16(2), []])
def test_real_numbers_become_float64(value: object) -> None:
    numbers = as_floats(value, "x")
    assert numbers.dtype == np.float64
    assert np.array_equal(numbers, np.array(value, dtype=np.float64))


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ("1.0", "got str of <U3"), (True, "got bool of bool"), ([1, "a"], "got list of <U21"),
        ([[1], [2, 3]], "got list"), ([None], "got list"),
        (1j, "got complex of complex128"), (object(), "got object"), ({1: 2}, "got dict"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_real_numbers(value: object, got: str) -> None:
    with pytest.raises(DataError, match=rf"^x must be real numbers of shape \(n,\), {got}$"):
        as_floats(value, "x", shape="(n,)", error=DataError)


def test_an_array_is_not_copied() -> None:
    x = np.zeros(3)
    assert as_floats(x, "x") is x


def test_the_error_is_a_shape_error_by_default() -> None:
    with pytest.raises(ShapeError):
        as_floats("a", "x")


@pytest.mark.parametrize("value", [1, 2.5, np.float32(2.5), np.int64(3), Fraction(1, 2)])
def test_numbers(value: object) -> None:
    assert as_number(value, "x") == value


@pytest.mark.parametrize("value", [True, "1", None, 1j, [1.0], Decimal(1), 10**400])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^x must be a number, got "):
        as_number(value, "x")


@pytest.mark.parametrize("value", [0, 11, 2.0, True, "3", None, np.inf, 10**400])
def test_what_is_no_whole_number_in_a_range(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^x must be a whole number from 1 to 10, got ") as caught:
        as_whole(value, "x", 1, 10)
    assert (caught.value.lower, caught.value.upper) == (1, 10)


def test_whole_numbers_of_numpy_become_pythons() -> None:
    assert type(as_whole(np.uint8(3), "x", 1)) is int


def test_paths() -> None:
    assert as_path("a/b", "x") == as_path(Path("a/b"), "x") == Path("a/b")
    for value in (3, None, b"a", ["a"]):
        with pytest.raises(ConfigError, match=r"^x must be a path, got "):
            as_path(value, "x")
    for value in ("a\0b", "a/\ud800"):
        with pytest.raises(ConfigError, match="not the name of a file"):
            as_path(value, "x")
    for value in ("a" * 300, "ä" * 150, "a/" * 2000):  # a name may have 255 bytes
        with pytest.raises(ConfigError, match="file name too long"):
            as_path(value, "x")


def test_items() -> None:
    assert as_items(iter("xy"), "x") == ("x", "y")
    assert as_items(np.arange(2), "x") == (0, 1)
    for value in ("xyz", b"x", 3, None, np.array(1.0), itertools.count()):
        with pytest.raises(ConfigError, match=r"^x must be a sequence, got "):
            as_items(value, "x")


def test_instances() -> None:
    assert require_instance(3, int, "x") == 3
    with pytest.raises(ConfigError, match=r"^x must be an int or a name, got 'a'$"):
        require_instance("a", int, "x", "a name")
