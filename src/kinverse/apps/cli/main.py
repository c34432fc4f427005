"""From the words on the command line to an exit code; every error becomes one line."""

from __future__ import annotations

import codecs
import importlib
import io
import json
import logging
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import NoReturn, TextIO

import kinverse
from kinverse.apps.cli.interrupts import interruptible
from kinverse.apps.cli.options import FAILED, OK, WRONG_USE
from kinverse.apps.cli.verbs import FAMILIES, RENAMED, family_overview, find_verb, is_known, overview
from kinverse.errors import DISK_FAULTS, InputWarning, KinverseError, MissingExtraError

FILES = ("demo", "arms", "view", "learn", "solve", "bench", "study", "course")
"""Files of verbs. One that is missing, or whose application is, leaves the rest working."""
HELP = ("-h", "--help")
STOPPED = "stopped"
TRAIN_LIBRARIES = ("torch", "sklearn", "scipy", "pandas", "pyarrow", "matplotlib", "jinja2", "filelock")
"""What the extra `train` installs, by the names of their packages."""
ASCII = {
    "−": "-", "→": "->", "°": "deg", "µ": "u", "…": "...", "·": ";", "≤": "<=", "≥": ">=", "±": "+/-", "×": "x",
    "✓": "ok", "✗": "x", "²": "2", "³": "3", "–": "-", "—": "-", "’": "'",
}  # fmt: skip
"""What stands for characters that a terminal does not have."""

for file in FILES:
    try:
        importlib.import_module(f"kinverse.apps.cli.{file}")  # registers its verbs
    except ModuleNotFoundError as missing:
        if not str(missing.name).startswith("kinverse.apps."):
            raise


def run() -> NoReturn:
    """The command `kinverse`: `main`, and nothing that Ctrl-C could stop after it."""
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the interpreter takes a moment to end
    if code == FAILED:
        sys.unraisablehook = lambda problem: None  # objects that an interrupt left half finished are freed now
    sys.exit(code)


def main(argv: list[str] | None = None) -> int:  # noqa: PLR0911 (one return for each kind of error)
    """Run a verb and give its exit code: 0 ok, 1 failed, 2 wrong use. Errors are one line on stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    codecs.register_error("kinverse", _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="kinverse")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its fonts is no concern of a verb
    try:
        with warnings.catch_warnings(), interruptible(lambda: _end_at_once(as_json)):
            warnings.showwarning = _show_warning
            code = _run(arguments)
            sys.stdout.flush()  # a disk that is full shows here, not when the interpreter ends
            return code
    except KinverseError as error:
        return _fail(error, str(error), error.exit_code, as_json)
    except ModuleNotFoundError as error:
        if error.name not in TRAIN_LIBRARIES:
            raise
        missing = MissingExtraError("train", error.name)
        return _fail(missing, str(missing), missing.exit_code, as_json)
    except MemoryError as error:
        return _fail(error, "not enough memory; take fewer rows, a smaller network or fewer workers", FAILED, as_json)
    except KeyboardInterrupt:
        _remove_temporaries()  # an interrupt may come between the making of a file and its guard
        return _fail(KeyboardInterrupt(), STOPPED, FAILED, as_json)
    except BrokenPipeError:  # the reader of a pipe went away, as in `kinverse arms | head`
        _discard_output()
        return FAILED
    except OSError as error:
        # A path that cannot be written is wrong use; a disk that is full or broken is not the user's mistake.
        reason = os.strerror(error.errno) if error.errno else error
        text = f"{_place(error)}cannot be read or written ({reason})"
        return _fail(error, text, FAILED if error.errno in DISK_FAULTS else WRONG_USE, as_json)


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """What a terminal shows for characters that it does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(ASCII.get(c, "?") for c in error.object[error.start : error.end]), error.end


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """One line for a warning about the user's input; others as Python shows them."""
    text = f"kinverse: note: {message}\n" if issubclass(category, InputWarning) else None
    sys.stderr.write(text or warnings.formatwarning(message, category, filename, lineno, line))


def _run(arguments: list[str]) -> int:
    """Find the verb and call it, or print what was asked about verbs."""
    first, second = [*arguments, "", ""][:2]
    if first in RENAMED:
        print(f"kinverse: 'kinverse {first}' is now 'kinverse {RENAMED[first]}'", file=sys.stderr)
        first = arguments[0] = RENAMED[first]
    if first in HELP:
        print(overview())
    elif first == "--version":
        print(f"kinverse {kinverse.__version__}")
    elif first in FAMILIES and is_known(first) and second in HELP:
        print(family_overview(first))
    else:
        verb, rest = find_verb(arguments)
        if not set(HELP) & set(rest):
            return verb.call(rest)
        print(verb.help)
    return OK


def _end_at_once(as_json: bool) -> NoReturn:
    """End the process from another thread, while compiled code is running."""
    _remove_temporaries()
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K\x1b[?25h")  # a bar that is not ended hides the cursor
    _fail(KeyboardInterrupt(), STOPPED, FAILED, as_json)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FAILED)


def _remove_temporaries() -> None:
    if "kinverse.files" in sys.modules:  # else nothing was written, and loading it would take a while
        from kinverse.files import remove_own_temporaries

        remove_own_temporaries()


def _fail(error: BaseException, text: str, code: int, as_json: bool) -> int:
    if as_json:
        try:
            print(json.dumps({"error": text, "kind": type(error).__name__}), flush=True)
            return code
        except OSError:  # standard output is what cannot be written
            _discard_output()
    print(f"kinverse: {text}", file=sys.stderr)
    return code


def _discard_output() -> None:
    """Keep the interpreter from writing the rest of the output when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _place(error: OSError) -> str:
    """The path that failed, if it is known; for a temporary file its folder, since users do not know such files."""
    name = error.filename2 or error.filename
    if not name:
        return ""
    path = Path(os.fsdecode(name))
    return f"{path.parent if path.suffix == '.tmp' else path}: "
