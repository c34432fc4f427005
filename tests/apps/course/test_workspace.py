"""The learner's folder: nothing in it is ever lost or overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinverse.apps.course.court import Court
from kinverse.apps.course.lesson import find_lesson, lessons
from kinverse.apps.course.progress import read_progress
from kinverse.apps.course.session import checked, watched
from kinverse.apps.course.workspace import LARGEST, Workspace, read_exercise
from kinverse.errors import ConfigError, DataError


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "course", make=True)


def test_start_puts_the_exercise_there_and_leaves_what_is_there(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    path = workspace.start(lesson)
    assert path.name == "03_scaling_without_leaks.py" and path.read_text() == lesson.exercise
    path.write_text("mine")
    assert workspace.start(lesson).read_text() == "mine"
    assert Workspace.open(workspace.folder).current is lesson
    path.unlink()
    path.symlink_to(workspace.folder / "nowhere")
    workspace.start(lesson)
    assert path.is_symlink() and not path.exists()


def test_reset_keeps_every_version(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    assert workspace.reset(lesson) is None
    path = workspace.file(lesson)
    texts = ["first", "second", "third"]
    kept = []
    for text in texts:
        path.write_text(text)
        kept.append(workspace.reset(lesson))
        assert path.read_text() == lesson.exercise
    assert [k.read_text() for k in kept] == texts and len(set(kept)) == 3


def test_a_check_leaves_the_file_alone_and_notes_progress(workspace: Workspace, court: Court) -> None:
    lesson = find_lesson(3)
    path = workspace.start(lesson)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert not checked(court, workspace, lesson, 1).passed
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    path.write_text(lesson.solution)
    assert checked(court, workspace, lesson, 1).passed
    done = read_progress(workspace.folder / "progress.json").of(lesson)
    first = done.passed
    assert done.attempts == 2 and first is not None
    path.write_text("nonsense")
    checked(court, workspace, lesson, 1)
    again = read_progress(workspace.folder / "progress.json")
    assert again.of(lesson).passed == first and again.state(lesson) == "passed", "what has passed stays passed"
    assert workspace.progress.first_open() is lessons()[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not valid JSON"),
        ("[]", "expected a JSON object"),
        ("{}", "not the progress of a course"),
        ('{"format": "kinverse-course/9", "current": "workflow", "lessons": {}}', "format 'kinverse-course/9'"),
        ('{"format": "kinverse-course/1", "current": "workflow", "lessons": []}', "not the progress of a course"),
        ('{"format": "kinverse-course/1", "current": "workflow", "lessons": {"x": {"hints": "2"}}}', "whole number"),
        ('{"format": "kinverse-course/1", "current": "workflow", "lessons": {"x": {"passed": 3}}}', "passed must be"),
        ('{"format": "kinverse-course/1", "current": "workflow", "lessons": {"x": {"marks": 3}}}', "marks"),
    ],
)
def test_a_damaged_progress_file_is_named_and_kept(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(content)
    with pytest.raises(DataError, match=said):
        Workspace.open(tmp_path, make=True)
    assert (tmp_path / "progress.json").read_text() == content


def test_a_lesson_of_another_version_is_no_harm(workspace: Workspace) -> None:
    path = workspace.folder / "progress.json"
    data = json.loads(path.read_text())
    data["current"] = "gone"
    data["lessons"]["gone"] = {"attempts": 2, "passed": None, "hints": 0, "solution": False, "quiz": {}}
    path.write_text(json.dumps(data))
    again = Workspace.open(workspace.folder)
    assert again.current is lessons()[0]
    again.save()
    assert json.loads(path.read_text())["lessons"]["gone"]["attempts"] == 2


def test_where_a_workspace_may_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="no course is under way here; kinverse learn starts one"):
        Workspace.open(None)
    Workspace.open(None, make=True)
    assert (tmp_path / "kinverse-course/progress.json").is_file()
    monkeypatch.chdir("kinverse-course")
    assert Workspace.open(None).folder == Path()
    Path("file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        Workspace.open(Path("file"), make=True)


def test_what_cannot_be_an_exercise(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    with pytest.raises(ConfigError, match="no such file; kinverse learn start 3 puts the exercise there"):
        workspace.read(lesson)
    workspace.file(lesson).mkdir()
    with pytest.raises(ConfigError, match="is no file"):
        workspace.read(lesson)
    large = workspace.folder / "large.py"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        read_exercise(large)


def test_watch_checks_again_when_the_file_is_saved(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    path = workspace.start(lesson)
    steps = iter([lambda: None, path.unlink, lambda: path.write_text(lesson.solution)])
    verdicts = [v.passed for v in watched(workspace, lesson, rounds=2, sleep=lambda seconds: next(steps)())]
    assert verdicts == [False, True]
