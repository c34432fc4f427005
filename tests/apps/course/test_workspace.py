"""The learner's folder: none of the learner's files is lost or overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kinverse.apps.course.lesson import find_lesson, lessons
from kinverse.apps.course.runner import Runner
from kinverse.apps.course.workspace import MAX_BYTES, Workspace, read_exercise, read_progress
from kinverse.errors import ConfigError, DataError


def progress_text(**changes: object) -> str:
    """Content of a progress file, with some fields changed."""
    return json.dumps({"format": "kinverse-course/1", "current": "workflow", "lessons": {}, **changes})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(tmp_path / "course", make=True)


def test_start_writes_the_exercise_unless_there_is_a_file(workspace: Workspace) -> None:
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


def test_a_check_notes_progress_and_leaves_the_file_alone(workspace: Workspace, runner: Runner) -> None:
    lesson = find_lesson(3)
    path = workspace.start(lesson)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert not workspace.check(runner, lesson, 1).passed
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    path.write_text(lesson.solution)
    assert workspace.check(runner, lesson, 1).passed
    done = read_progress(workspace.folder / "progress.json").of(lesson)
    first = done.passed
    assert done.attempts == 2 and first is not None
    path.write_text("nonsense")
    workspace.check(runner, lesson, 1)
    again = read_progress(workspace.folder / "progress.json")
    assert again.of(lesson).passed == first and again.state(lesson) == "passed", "what has passed stays passed"
    assert workspace.progress.first_open() is lessons()[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not valid JSON"),
        ("[]", "expected `object`, got `array`"),
        ("{}", "missing required field `current`"),
        (progress_text(format="kinverse-course/9"), "format 'kinverse-course/9', expected 'kinverse-course/1'"),
        (progress_text(lessons=[]), "lessons: expected `object`, got `array`"),
        ('{"current": "workflow", "lessons": {}}', "missing required field `format`"),
        (progress_text(lessons={"x": {"hints": "2"}}), "expected `int`, got `str`"),
        (progress_text(lessons={"x": {"passed": 3}}), r"expected `str \| null`, got `int`"),
        (progress_text(lessons={"x": {"marks": 3}}), "unknown field `marks`"),
    ],
)
def test_a_damaged_progress_file_is_an_error_and_is_kept(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text(content)
    with pytest.raises(DataError, match=message):
        Workspace.open(tmp_path, make=True)
    assert (tmp_path / "progress.json").read_text() == content


def test_a_progress_file_of_version_0_1_loads(tmp_path: Path) -> None:
    done = {"attempts": 3, "passed": "2026-11-01T10:00:00+00:00", "hints": 2, "solution": False, "quiz": {"1": "b"}}
    (tmp_path / "progress.json").write_text(progress_text(lessons={"workflow": done}))
    progress = Workspace.open(tmp_path).progress
    assert progress.state(find_lesson("workflow")) == "passed"
    assert progress.of(find_lesson("workflow")).quiz == {"1": "b"}
    Workspace.open(tmp_path).save()
    assert json.loads((tmp_path / "progress.json").read_text())["lessons"] == {"workflow": done}


def test_progress_of_an_unknown_lesson_is_kept(workspace: Workspace) -> None:
    path = workspace.folder / "progress.json"
    data = json.loads(path.read_text())
    data["current"] = "gone"
    data["lessons"]["gone"] = {"attempts": 2, "passed": None, "hints": 0, "solution": False, "quiz": {}}
    path.write_text(json.dumps(data))
    again = Workspace.open(workspace.folder)
    assert again.current is lessons()[0]
    again.save()
    assert json.loads(path.read_text())["lessons"]["gone"]["attempts"] == 2


def test_a_workspace_is_found_in_or_below_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="no course was started here; kinverse course starts one"):
        Workspace.open(None)
    Workspace.open(None, make=True)
    assert (tmp_path / "kinverse-course/progress.json").is_file()
    monkeypatch.chdir("kinverse-course")
    assert Workspace.open(None).folder == Path()
    Path("file").write_text("")
    with pytest.raises(ConfigError, match="is a file"):
        Workspace.open(Path("file"), make=True)


def test_a_missing_or_huge_exercise_file_is_an_error(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    with pytest.raises(ConfigError, match="no such file; kinverse course start 3 writes the exercise"):
        workspace.read(lesson)
    workspace.file(lesson).mkdir()
    with pytest.raises(ConfigError, match="not a file"):
        workspace.read(lesson)
    large = workspace.folder / "large.py"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        read_exercise(large)


def test_watch_checks_again_when_the_file_is_saved(workspace: Workspace) -> None:
    lesson = find_lesson(3)
    path = workspace.start(lesson)
    steps = iter([lambda: None, path.unlink, lambda: path.write_text(lesson.solution)])
    reports = [v.passed for v in workspace.watch(lesson, rounds=2, sleep=lambda seconds: next(steps)())]
    assert reports == [False, True]
