"""Files are whole or absent; what a killed process left for the same path goes with the next write."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import kinverse as kv
from kinverse.errors import ConfigError, cannot_write
from kinverse.files import temporary_beside, write_atomic

KILLED = """
import os, signal, sys
from pathlib import Path
from kinverse.files import temporary_beside
path = temporary_beside(Path(sys.argv[1]))
path.mkdir() if sys.argv[2] == "folder" else path.touch()
print(path.name, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def left_by_a_killed_process(path: Path, kind: str) -> Path:
    done = subprocess.run([sys.executable, "-c", KILLED, path, kind], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    return path.with_name(done.stdout.strip())


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_the_next_write_removes_what_a_killed_process_left(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out.csv"
    left = left_by_a_killed_process(target, kind)
    assert left.exists()
    write_atomic(target, "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_what_belongs_to_others_stays(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    own = temporary_beside(target)  # a thread of this process may still be writing it
    own.touch()
    of_another_path = left_by_a_killed_process(tmp_path / "out.csv2", "file")
    of_a_user = tmp_path / ".out.csv.backup.tmp"
    of_a_user.touch()
    of_another_machine = tmp_path / ".out.csv.00000000-1-0123456789ab.tmp"
    of_another_machine.touch()
    write_atomic(target, "whole")
    assert {own, of_another_path, of_a_user, of_another_machine, target} == set(tmp_path.iterdir())


def test_a_running_process_keeps_its_file(tmp_path: Path) -> None:
    script = KILLED.replace("os.kill(os.getpid(), signal.SIGKILL)", "sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "a", "file"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        name = other.stdout.readline().strip()
        write_atomic(tmp_path / "a", "")
        assert (tmp_path / name).exists()
        other.communicate()
    write_atomic(tmp_path / "a", "")
    assert not (tmp_path / name).exists()


def test_a_data_set_survives_a_kill_between_the_two_renames(tmp_path: Path) -> None:
    data = kv.grid_dataset("planar3", 5)
    folder = kv.write_dataset(data, tmp_path / "data")
    folder.rename(tmp_path / ".data.kinverse-old")
    with pytest.raises(ConfigError, match="already holds a data set"):
        kv.write_dataset(data, folder)
    assert kv.read_dataset(folder).digest == data.digest
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_error_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
    script = limit + (
        "from pathlib import Path\nfrom kinverse.files import write_atomic\n"
        "try: write_atomic(Path('out.csv'), 'x' * 1000)\n"
        "except OSError as error: print(error.filename)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "out.csv\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 1), (errno.EIO, 1), (errno.EDQUOT, 1), (errno.EACCES, 2)])
def test_a_full_disk_is_no_wrong_use(number: int, code: int) -> None:
    assert cannot_write("here", OSError(number, os.strerror(number))).exit_code == code
