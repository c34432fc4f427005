"""From the words on the command line to an exit code; every error becomes one line."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from tyro.conf import FlagCreatePairsOff

# Importing a file registers its verbs, in the order in which the help lists them.
from kinverse.apps.cli import (  # noqa: F401
    arms,
    bench,
    data,
    demo,
    diagnose,
    learn,
    learn_class,
    learn_quiz,
    solve,
    study,
    training,
    view,
)
from kinverse.apps.cli.app import FAILED, LEARN_LIBRARIES, VERBS, WRONG_USE, app
from kinverse.errors import ConfigError, KinverseError, MissingExtraError

GROUPS = {"data": None, "learn": "start"}
"""Verbs that are groups of verbs → the one that is meant where none is named."""


def main(argv: list[str] | None = None) -> int:
    """Run a verb and give its exit code: 0 ok, 1 failed, 2 wrong use. Errors are one line on stderr."""
    arguments = _whole(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ° and → shows ? in their place
    try:
        return _parse(arguments)()
    except KinverseError as error:
        return _fail(error, str(error), error.exit_code, as_json)
    except ModuleNotFoundError as error:
        if error.name not in LEARN_LIBRARIES:
            raise
        missing = MissingExtraError("train", error.name)
        return _fail(missing, str(missing), missing.exit_code, as_json)
    except KeyboardInterrupt:
        return _fail(KeyboardInterrupt(), "stopped", FAILED, as_json)
    except BrokenPipeError:  # the reader of a pipe went away, as in `kinverse arms | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        # A place that cannot be written is wrong use; a disk that is full or breaks is not the user's mistake.
        text = f"{_place(error)}cannot be read or written ({error.strerror or error})"
        return _fail(error, text, FAILED if error.errno in (errno.ENOSPC, errno.EIO) else WRONG_USE, as_json)


def _whole(arguments: list[str]) -> list[str]:
    """The arguments with the verb that a group alone stands for."""
    first, second = [*arguments, "", ""][:2]
    meant = GROUPS.get(first)
    if meant is None or second in ("-h", "--help") or (second and not second.startswith("-")):
        return arguments
    return [first, meant, *arguments[1:]]


def _parse(arguments: list[str]) -> Callable[[], int]:
    """The verb and its arguments, ready to be called; the parser's boxed errors become one line."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            verb: Callable[[], int] = app.cli(prog="kinverse", args=arguments, config=(FlagCreatePairsOff,))
        return verb
    except SystemExit as stop:
        if stop.code in (0, None):
            raise  # --help
        raise ConfigError(f"{_one_line(said.getvalue())}; see {_help_of(arguments)}") from None


def _one_line(box: str) -> str:
    """What stands in the parser's error box, without colours, frame, help text and hints."""
    lines = [line.strip(" │") for line in re.sub(r"\x1b\[[\d;]*m", "", box).splitlines()]
    # The first line is the title; a frame is drawn with lines where the terminal has them, otherwise with hyphens.
    inside = ("; " if line and not line.strip("─-╭╮╰╯ ") else line for line in lines[1:])
    said = itertools.takewhile(lambda line: not line.startswith(("Argument helptext", "For full helptext")), inside)
    return " ".join(" ".join(said).replace(" ; ", "; ").split()).strip(".; ") or " ".join(lines)


def _help_of(arguments: list[str]) -> str:
    """The command that explains the verb that was meant."""
    words = arguments[:2] if arguments[:1] and arguments[0] in GROUPS else arguments[:1]
    return " ".join(["kinverse", *(word for word in words if word in VERBS), "--help"])


def _fail(error: BaseException, text: str, code: int, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": text, "kind": type(error).__name__}))
    else:
        print(f"kinverse: {text}", file=sys.stderr)
    return code


def _place(error: OSError) -> str:
    """Where it happened, if that is known; for a temporary file the folder, since nobody knows the file's name."""
    name = error.filename2 or error.filename
    if not name:
        return ""
    path = Path(os.fsdecode(name))
    return f"{path.parent if path.suffix == '.tmp' else path}: "
