"""Every lesson is as `kinverse.apps.course.lesson` describes: text, figure, hints, quiz, exercise and solution."""

from __future__ import annotations

import ast
import inspect

import pytest

import kinverse as kv
from kinverse.apps.course import find_lesson, lessons
from kinverse.apps.course.lesson import Lesson, read_lesson
from kinverse.apps.course.text import WIDTH, lesson_text, question_text
from kinverse.errors import DataError, UnknownNameError
from kinverse.tables import Table
from tests.support.figures import assert_labels_inside, assert_legend_covers_no_plot

each_lesson = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: str(lesson.number))
QUESTIONS = 3


def _functions(source: str) -> dict[str, list[str]]:
    """Names of functions and classes with their arguments."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = [argument.arg for argument in node.args.args]
        elif isinstance(node, ast.ClassDef):
            found[node.name] = []
    return found


@each_lesson
def test_the_text_has_40_to_90_lines_of_80_columns(lesson: Lesson) -> None:
    lines = lesson.text.splitlines()
    assert 40 <= len(lines) <= 90
    assert max(map(len, lines)) <= 80
    assert max(map(len, lesson_text(lesson, "kinverse-course/figures/a.png").splitlines())) <= 80
    assert all(c.isprintable() or c == "\n" for c in lesson.text), "no tabs, no carriage returns"


@each_lesson
def test_the_figure_is_drawn_and_described(lesson: Lesson) -> None:
    figure = lesson.draw_figure()
    assert_labels_inside(figure)
    assert_legend_covers_no_plot(figure)
    assert len(lesson.figure.text) > 60


@each_lesson
def test_hints_and_questions_are_complete(lesson: Lesson) -> None:
    assert all(20 < len(hint) < 400 for hint in lesson.hints)
    assert len(lesson.questions) >= QUESTIONS
    for i, question in enumerate(lesson.questions):
        assert len(question.options) >= 2
        assert all(len(option.feedback) > 20 for option in question.options)
        assert len({option.feedback for option in question.options}) == len(question.options)
        assert max(map(len, question_text(question, i + 1).splitlines())) <= WIDTH
    assert 0 < len(lesson.task) < 160


@each_lesson
def test_every_experiment_belongs_to_a_question(lesson: Lesson) -> None:
    path = lesson.folder / "experiments.py"
    written = {n for n in _functions(path.read_text(encoding="utf-8")) if n[0] != "_"} if path.exists() else set()
    assert {question.experiment for question in lesson.questions if question.experiment} == written


@pytest.mark.parametrize(
    ("lesson", "number"),
    [(lesson, i + 1) for lesson in lessons() for i, q in enumerate(lesson.questions) if q.experiment],
    ids=lambda item: str(item) if isinstance(item, int) else str(item.number),
)
def test_an_experiment_returns_a_table_of_numbers(lesson: Lesson, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = kv.fit

    def shortened(what, config=None, **options):
        return fit(what, config.replace(epochs=2), **options)

    monkeypatch.setattr(kv, "fit", shortened)
    table = lesson.run_experiment(number)
    assert isinstance(table, Table) and len(table.rows) >= 2
    assert any(isinstance(value, int | float) for row in table.rows for value in row)


@each_lesson
def test_exercise_and_solution_define_the_same_functions(lesson: Lesson) -> None:
    exercise, solution = _functions(lesson.exercise), _functions(lesson.solution)
    assert 1 <= len(exercise) <= 3
    assert exercise.items() <= solution.items()
    for node in ast.parse(lesson.exercise).body:
        if isinstance(node, ast.FunctionDef):
            assert ast.get_docstring(node), node.name
    assert "raise NotImplementedError" in lesson.exercise and "NotImplementedError" not in lesson.solution
    assert f"kinverse course check {lesson.number}" in lesson.exercise


@each_lesson
def test_messages_do_not_contain_the_solution(lesson: Lesson) -> None:
    """No line of the solution's functions appears in a check's texts."""
    bodies = [
        ast.unparse(line)
        for node in ast.parse(lesson.solution).body
        if isinstance(node, ast.FunctionDef)
        for line in node.body
        if isinstance(line, ast.Return | ast.Assign)
    ]
    checks = ast.parse((lesson.folder / "checks.py").read_text(encoding="utf-8"))
    said = " ".join(n.value for n in ast.walk(checks) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    assert bodies and not [line for line in bodies if line in said]


def test_numbers_and_slugs_of_lessons_are_unique() -> None:
    assert len({lesson.number for lesson in lessons()}) == len({lesson.slug for lesson in lessons()}) == len(lessons())
    assert [lesson.number for lesson in lessons()] == sorted(lesson.number for lesson in lessons())


@pytest.mark.parametrize("name", [3, "3", "03", "scaling-without-leaks", "scaling", "a/03_scaling_without_leaks.py"])
def test_a_lesson_is_found_by_number_name_and_file(name: str | int) -> None:
    assert find_lesson(name).slug == "scaling-without-leaks"


@pytest.mark.parametrize("name", ["", "0", "99", "scalling", "../3/x", "3.5"])
def test_an_unknown_lesson_lists_the_lessons(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown lesson .*3 scaling-without-leaks"):
        find_lesson(name)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("lesson.md", "# ", "", "heading"),
        ("lesson.md", "](figure)", "](picture)", r"!\[words\]\(figure\)"),
        ("lesson.toml", "correct = true", "correct = false", "exactly one correct option"),
        ("lesson.toml", "hints = [", "tips = [", "hints"),
        ("lesson.toml", "figure = ", "figure ", "TOMLDecodeError"),
        ("checks.py", "def check_", "def test_", "at least one check"),
        ("checks.py", '    """fit_minmax scales every training column to 0 … 1."""\n', "", "no docstring"),
    ],
)
def test_a_fault_in_a_lesson_is_named(file, old, new, message, tmp_path) -> None:
    folder = tmp_path / "lesson03_scaling_without_leaks"
    folder.mkdir()
    for name in ("lesson.md", "lesson.toml", "checks.py"):
        text = (find_lesson(3).folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new) if name == file else text, encoding="utf-8")
    with pytest.raises(DataError, match=f"lesson lesson03_scaling_without_leaks: .*{message}"):
        read_lesson(folder)


def test_the_docstring_describes_the_files_of_a_lesson() -> None:
    from kinverse.apps.course import lesson

    text = inspect.getdoc(lesson) or ""
    for name in ("lesson.md", "lesson.toml", "exercise.py", "solution.py", "checks.py", "wrong/", "right/"):
        assert name in text
