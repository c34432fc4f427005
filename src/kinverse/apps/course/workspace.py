"""The learner's folder: exercise files, figures and progress. A file of the learner's is never overwritten or lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kinverse.apps.course.lesson import Lesson, find_lesson, lessons
from kinverse.apps.course.progress import FORMAT, Progress, read_progress, write_progress
from kinverse.errors import ConfigError, UnknownNameError
from kinverse.files import free_path, write_atomic

DEFAULT = Path("kinverse-course")
PROGRESS = "progress.json"
LARGEST = 1 << 20
"""Bytes of an exercise file that are read at most."""


@dataclass(frozen=True)
class Workspace:
    """A learner's folder.

    Attributes:
        folder: where.
        progress: how far the learner is; `save` writes it.
    """

    folder: Path
    progress: Progress

    @classmethod
    def open(cls, folder: Path | None, *, make: bool = False) -> Workspace:
        """Open a workspace, or make one.

        Args:
            folder: where; None: the current folder if it is a workspace, else `kinverse-course` in it.
            make: whether it may be made.

        Raises:
            ConfigError: there is none and none may be made, or a file is in the way.
            DataError: the progress file is damaged.
        """
        folder = folder or (Path() if _is_workspace(Path(PROGRESS)) else DEFAULT)
        path = folder / PROGRESS
        if path.exists():
            progress = read_progress(path)
            try:
                find_lesson(progress.current)
            except UnknownNameError:  # a lesson of another version
                progress.current = (progress.first_open() or lessons()[-1]).slug
            return cls(folder, progress)
        if not make:
            raise ConfigError(f"{folder}: no course is under way here; kinverse learn starts one")
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{folder}: is a file; name another folder with --folder")
        folder.mkdir(parents=True, exist_ok=True)
        workspace = cls(folder, Progress(lessons()[0].slug))
        workspace.save()
        return workspace

    def save(self) -> None:
        """Write the progress."""
        write_progress(self.progress, self.folder / PROGRESS)

    @property
    def current(self) -> Lesson:
        """The lesson that is open."""
        return find_lesson(self.progress.current)

    def lesson(self, name: str | None) -> Lesson:
        """The lesson of this name, or the open one.

        Raises:
            UnknownNameError: there is no such lesson.
        """
        return self.current if name is None else find_lesson(name)

    def file(self, lesson: Lesson) -> Path:
        """Where the learner's file for a lesson lies."""
        return self.folder / lesson.file_name

    def start(self, lesson: Lesson) -> Path:
        """Make a lesson the open one, and put its exercise file there if there is none."""
        self.progress.current = lesson.slug
        path = self.file(lesson)
        if not path.exists() and not path.is_symlink():
            write_atomic(path, lesson.exercise)
        self.save()
        return path

    def reset(self, lesson: Lesson) -> Path | None:
        """Begin an exercise anew; what was in its file is kept beside it.

        Returns:
            The file that holds what was there; None: there was nothing.
        """
        path, kept = self.file(lesson), None
        if path.exists() or path.is_symlink():
            kept = free_path(path.with_name(f"{path.stem}.before-reset.py"))
            path.rename(kept)
        write_atomic(path, lesson.exercise)
        return kept

    def read(self, lesson: Lesson) -> bytes:
        """The learner's file.

        Raises:
            ConfigError: there is none, or it cannot be an exercise.
        """
        path = self.file(lesson)
        if not path.exists():
            raise ConfigError(f"{path}: no such file; kinverse learn start {lesson.number} puts the exercise there")
        return read_exercise(path)


def read_exercise(path: Path) -> bytes:
    """The content of an exercise file.

    Raises:
        ConfigError: it is no ordinary file, or too large to be an exercise.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: is no file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ConfigError(f"{path}: is larger than 1 MB, which no exercise is")
    return content


def _is_workspace(path: Path) -> bool:
    try:
        return path.is_file() and FORMAT in path.read_text(encoding="utf-8")[:LARGEST]
    except (OSError, UnicodeDecodeError):
        return False
