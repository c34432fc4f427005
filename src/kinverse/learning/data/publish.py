"""Putting a data set's folder in place in one step, so that nobody ever sees half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

from kinverse.errors import ConfigError, DataError
from kinverse.files import to_json, write_atomic
from kinverse.learning.data.dataset import Manifest
from kinverse.learning.data.layout import MANIFEST, is_our_manifest, read_manifest


def publish(files: dict[str, bytes], manifest: Manifest, folder: Path, overwrite: bool = False) -> None:
    """Write files and their manifest into a folder beside `folder`, then rename it into place.

    A crash leaves the old folder, the new one or, between the two renames of an overwrite, the old one under
    a name that ends in ".old"; never a mixture.

    Args:
        files: file name → content.
        manifest: written as manifest.json, with the digests of the files.
        folder: must not exist, be empty, or hold a data set that kinverse wrote and nothing else.
        overwrite: replace such a data set.

    Raises:
        ConfigError: there is something in the way, or the folder cannot be written.
    """
    folder = folder.resolve()
    check_free(folder, overwrite)
    manifest = replace(manifest, sha256={name: _digest(content) for name, content in files.items()})
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for name, content in files.items():
            write_atomic(temporary / name, content)
        write_atomic(temporary / MANIFEST, to_json(manifest.to_dict()))
        if folder.exists():
            folder.rename(old)
        try:
            temporary.rename(folder)
        except BaseException:
            if old.exists() and not folder.exists():
                old.rename(folder)
            raise
    except OSError as problem:
        raise ConfigError(f"{folder}: cannot be written ({problem.strerror or problem})") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def check_free(folder: Path, overwrite: bool = False) -> None:
    """Raise ConfigError unless a data set can be put at `folder` without harm to anything else."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ConfigError(f"{folder}: is a file; give the name of a folder")
    if folder == Path.cwd():
        raise ConfigError(f"{folder}: is the current folder, which cannot be replaced; give the name of a new one")
    names = {path.name for path in folder.iterdir()}
    if not names:
        return
    if not is_our_manifest(folder / MANIFEST):
        raise ConfigError(f"{folder}: not empty and not a data set of kinverse; choose another folder")
    if not overwrite:
        raise ConfigError(f"{folder}: already holds a data set; choose another folder or overwrite it")
    try:
        strangers = names - {MANIFEST} - read_manifest(folder / MANIFEST).sha256.keys()
    except DataError:
        strangers = {name for name in names if not name.endswith("_x.csv") and not name.endswith("_y.csv")} - {MANIFEST}
    if strangers:
        raise ConfigError(
            f"{folder}: also holds {sorted(strangers)[0]!r}, which overwriting would delete; move it away"
        )


def _digest(content: bytes) -> str:
    """Hex digest of a file's content before it is written."""
    return hashlib.sha256(content).hexdigest()
