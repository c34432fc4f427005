"""Functions for writing checks: calls of the learner's functions, and comparisons of their results."""

from __future__ import annotations

import inspect
import re
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from kinverse.apps.course.sandbox import SandboxError

MAX_TEXT = 300
"""Characters of the learner's own text, such as an error, that a message shows."""
MAX_SHOWN = 6
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class CheckFailed(Exception):  # noqa: N818 (a finding about the learner's code, not an error of kinverse)
    """A failed check, with a message for the learner."""


def expect(condition: object, message: str) -> None:
    """Raise CheckFailed with this message unless the condition holds."""
    if not bool(condition):
        raise CheckFailed(message)


class Learner:
    """The learner's file, already executed, for checks to call.

    Attributes:
        warned: messages of the warnings that the last call raised.
    """

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module
        self._file = str(module.__file__)
        self.warned: list[str] = []

    def get(self, name: str) -> Any:
        """The object that the file defines as `name`.

        Raises:
            CheckFailed: the file does not define it.
        """
        if not hasattr(self._module, name):
            raise CheckFailed(f"there is no {name} in the file: has it been renamed or removed?")
        return getattr(self._module, name)

    def call(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Call a function or class of the learner; it must not change arrays, tensors or containers that it is given.

        Raises:
            CheckFailed: there is no such function, it is not filled in, it raises an error, or it changes an argument.
        """
        function = self.get(name)
        if not callable(function):
            raise CheckFailed(f"{name} is {shown(function)}, and should be a function")
        return self.run(function, name, *arguments, **named)

    def run(self, function: Callable[..., Any], name: str, *arguments: Any, **named: Any) -> Any:
        """Call an object that the learner's code made, such as a network; messages call it `name`.

        Raises:
            CheckFailed: it raises an error, or changes an argument.
        """
        given: list[tuple[int | str, Any]] = [*enumerate(arguments), *named.items()]
        before = [_copied(value) for _, value in given]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result = function(*arguments, **named)
            except CheckFailed:
                raise
            except NotImplementedError:
                raise CheckFailed(f"{name} is not filled in yet: it raises NotImplementedError") from None
            except BaseException as problem:
                raise CheckFailed(f"{name} {self.described(problem)}") from None
        self.warned = [str(warning.message) for warning in caught]
        for was, (key, value) in zip(before, given, strict=True):
            if not _same(was, value):
                raise CheckFailed(
                    f"{name} changes its argument {_parameter(function, key)} in place, so its caller continues with "
                    "changed numbers: work on a copy"
                )
        return result

    def described(self, problem: BaseException) -> str:
        """An error as a sentence without its subject, with the learner's line that raised it."""
        if isinstance(problem, SystemExit):
            what = "ends the program with exit()"
        elif isinstance(problem, SandboxError):
            what = str(problem)
        elif isinstance(problem, MemoryError) or "allocate memory" in str(problem):
            what = "needs more memory than an exercise may use"
        elif isinstance(problem, OSError) and problem.errno == 27:
            what = "prints or writes too much"
        elif isinstance(problem, EOFError):
            what = "calls input(), but a check cannot type: take the value from the arguments"
        elif "can't start new thread" in str(problem):
            what = "starts too many threads"
        else:
            what = f"raises {type(problem).__name__}: {clean(str(problem))}"
        return f"{what}{self._place(problem)}"

    def _place(self, problem: BaseException) -> str:
        frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == self._file]
        return f" (line {frames[-1].lineno}: {(frames[-1].line or '').strip()[:80]})" if frames else ""


def numbers(value: Any, what: str, shape: tuple[int, ...] | None = None) -> Float[np.ndarray, ...]:
    """A learner's result as an array of finite numbers.

    Args:
        value: an array, a tensor, a number or a sequence of numbers.
        what: its name in messages, such as "scale(train)".
        shape: the expected shape; None: any.

    Raises:
        CheckFailed: the value is None, not numeric, NaN or infinite, or has another shape.
    """
    if value is None:
        raise CheckFailed(f"{what} gives None: is a return missing?")
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise CheckFailed(f"{what} gives {shown(value)}, where numbers were expected") from None
    if shape is not None and array.shape != shape:
        raise CheckFailed(f"{what} has the shape {array.shape}, expected {shape}")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)][0]
        raise CheckFailed(
            f"{what} holds {bad} ({int((~np.isfinite(array)).sum())} of {array.size} values are not finite)"
        )
    return array


def close(got: Any, expected: Any, tolerance: float = 1e-6) -> bool:
    """Whether numbers agree within a tolerance: relative for large ones, absolute below 1."""
    return bool(np.allclose(np.asarray(got), np.asarray(expected), rtol=tolerance, atol=tolerance))


def shown(value: Any) -> str:  # noqa: PLR0911 (one line for each kind of value)
    """A value for a message: at most six numbers of an array, with four digits each."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return shown(value.item())
        if value.dtype.kind in "fiub" and value.size <= MAX_SHOWN:
            return f"[{', '.join(shown(item) for item in value.ravel().tolist())}]"
        return f"an array of shape {value.shape}"
    if isinstance(value, float | np.floating):
        return f"{float(value):.4g}".replace("-", "−")
    if isinstance(value, int | np.integer):
        return str(value).replace("-", "−")
    if isinstance(value, list | tuple) and all(isinstance(item, int | float) for item in value):
        items = [shown(item) for item in value[:MAX_SHOWN]]
        return f"[{', '.join(items)}{', …' if len(value) > MAX_SHOWN else ''}]"
    return clean(repr(value))


def clean(text: str) -> str:
    """The learner's text on one line, cut, without memory addresses, which change with every run."""
    text = " ".join(_ADDRESS.sub("", text).split())
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} …"


def _parameter(function: Callable[..., Any], key: int | str) -> str:
    if isinstance(key, str):
        return repr(key)
    try:
        return repr(list(inspect.signature(function).parameters)[key])
    except (TypeError, ValueError, IndexError):
        return f"number {key + 1}"


def _copied(value: Any) -> Any:
    """A copy of arrays and tensors, alone or in containers; None for any other value."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value).__name__ == "Tensor" and hasattr(value, "detach"):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return [_copied(item) for item in value]
    return None


def _same(before: Any, value: Any) -> bool:
    if before is None:
        return True
    if isinstance(before, dict):
        return before.keys() == value.keys() and all(_same(before[key], value[key]) for key in before)
    if isinstance(before, list):
        return len(before) == len(value) and all(_same(a, b) for a, b in zip(before, value, strict=True))
    if isinstance(before, np.ndarray):
        return before.shape == value.shape and np.array_equal(before, value, equal_nan=before.dtype.kind == "f")
    after = value.detach()
    return bool(before.shape == after.shape and ((before == after) | ((before != before) & (after != after))).all())  # noqa: PLR0124 (NaN)
