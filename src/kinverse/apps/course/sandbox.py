"""Limits for learner code in a process of its own: time, memory, files, processes, network.

The sandbox protects against accidents, not against attackers: code can escape from it, for example through ctypes.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

MAX_FILE_BYTES = 16 << 20
"""Size that the learner's code may write into one file, its printed output included [bytes]."""
MAX_THREADS = 32
_NO_PROCESSES = (
    "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system", "os.startfile", "pty.spawn",
    "subprocess.Popen",
)  # fmt: skip
_NO_NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")
_NO_SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill")
_CHANGES = {
    "os.remove": ((0, 1),), "os.rename": ((0, 2), (1, 3)), "os.rmdir": ((0, 1),), "os.mkdir": ((0, 2),),
    "os.link": ((0, 2), (1, 3)), "os.symlink": ((1, 2),), "os.truncate": ((0, None),), "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),), "os.utime": ((0, 3),),
}  # fmt: skip
"""Event → positions of its path arguments, each with the position of the folder descriptor that it is relative to."""
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


_SOLUTION = re.compile(r"lessons[./\\]lesson\d\d_\w+[./\\](__pycache__[./\\])?solution")


class SandboxError(RuntimeError):
    """The learner's code did something that no exercise needs."""


def limit_resources(seconds: float, memory: int, trace: TextIO) -> None:
    """Limit this process permanently; what a system cannot limit stays unlimited.

    Args:
        seconds: computing time [s]; after it the process writes a traceback to `trace` and ends.
        memory: memory on top of what is in use [bytes].
        trace: an open file for the traceback of an endless loop or a crash.
    """
    faulthandler.enable(file=trace, all_threads=False)
    faulthandler.dump_traceback_later(seconds, file=trace)  # for code that sleeps
    if not hasattr(signal, "SIGPROF"):
        return
    import resource

    faulthandler.register(signal.SIGPROF, file=trace, all_threads=False, chain=True)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    cpu = int(spent + seconds) + 2
    limits = {"RLIMIT_CPU": (cpu, cpu + 1), "RLIMIT_FSIZE": (MAX_FILE_BYTES, MAX_FILE_BYTES), "RLIMIT_CORE": (0, 0)}
    if used := _virtual_memory():
        limits["RLIMIT_AS"] = (used + memory, used + memory)
    for name, (soft, hard) in limits.items():
        most = resource.getrlimit(getattr(resource, name))[1]
        allowed = (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most))
        with contextlib.suppress(ValueError, OSError):  # limits that a system names but cannot set
            resource.setrlimit(getattr(resource, name), allowed)


def _virtual_memory() -> int:
    """Bytes of address space in use; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def restrict_access(folder: Path) -> None:
    """From now on this process writes below `folder` only, and starts no processes and no connections."""
    own_kernel_cache(folder)
    places = [os.path.realpath(folder)]
    threads = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:  # noqa: PLR0912 (one branch for each kind of event)
        nonlocal threads
        if event == "open":
            path, mode, flags = arguments
            writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool((flags or 0) & _WRITE_FLAGS)
            if writes and not _inside(path, places):
                raise SandboxError(f"writes to the file {_name(path)}, which no exercise needs")
            if not isinstance(path, int) and _SOLUTION.search(os.fsdecode(path)):
                raise SandboxError("reads the solution of a lesson")
        elif event == "import":
            if _SOLUTION.search(str(arguments[0])):
                raise SandboxError("imports the solution of a lesson")
        elif event in _CHANGES:
            for at, folder_at in _CHANGES[event]:
                if not _inside(_from(arguments[at], None if folder_at is None else arguments[folder_at]), places):
                    raise SandboxError(f"changes {_name(arguments[at])}, which no exercise needs")
        elif event in _NO_PROCESSES:
            raise SandboxError("starts another process, which no exercise needs")
        elif event in _NO_NETWORK:
            raise SandboxError("opens a network connection, which no exercise needs")
        elif event in _NO_SIGNALS:
            raise SandboxError("sends a signal to a process, which no exercise needs")
        elif event == "_thread.start_new_thread":
            threads += 1
            if threads > MAX_THREADS:
                raise SandboxError("starts too many threads")

    sys.addaudithook(watch)


def own_kernel_cache(folder: Path) -> None:
    """Keep compiled kernels below `folder`: code planted in the shared cache would run in later processes."""
    os.environ["NUMBA_CACHE_DIR"] = str(folder / "kernels")
    numba: Any = sys.modules.get("numba")
    if numba is not None:
        numba.config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


def _from(path: Any, folder: Any) -> Any:
    """An absolute path from one that is relative to an open folder."""
    if folder is None or folder == -1 or isinstance(path, int):
        return path
    try:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(path))  # noqa: PTH115, PTH118
    except OSError:
        return os.sep  # the folder is not known


def _inside(path: Any, places: Sequence[str]) -> bool:
    if isinstance(path, int) or path is None:
        return True  # an open file
    full = os.path.realpath(os.fsdecode(path))
    return full == os.devnull or any(full == place or full.startswith(place + os.sep) for place in places)


def _name(path: Any) -> str:
    return ascii(Path(os.fsdecode(path)).name[:60]) if not isinstance(path, int) else str(path)


def redirect(descriptor: int, file: TextIO) -> None:
    """Redirect a descriptor of this process to a file, for C code too."""
    file.flush()
    os.dup2(file.fileno(), descriptor)
