"""Time to check an exercise and to grade a class.

    python -m benchmarks.course

`course check` is timed as a command in a new interpreter, on the solution of each exercise. The class has 100 students
with ten exercises each: solutions, other correct answers and wrong answers from the tests.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kinverse.apps.course.grade import grade, grades_csv
from kinverse.apps.course.lesson import Lesson, lessons
from kinverse.apps.course.workspace import Workspace

BANK = Path(__file__).parents[1] / "tests/data/course_answers"
STUDENTS, EXERCISES, ROUNDS = 100, 10, 5


def main() -> None:
    print("| exercise | `course check`, median [s] | min–max | processor time [s] |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.open(Path(folder), make=True)
        for lesson in lessons():
            walls, computing = zip(*(_check(workspace, lesson) for _ in range(ROUNDS)), strict=True)
            times = f"{statistics.median(walls):.2f} | {min(walls):.2f}–{max(walls):.2f}"
            print(f"| {lesson.number} {lesson.slug} | {times} | {statistics.median(computing):.2f} |", flush=True)
    chosen = lessons()[:EXERCISES]
    with tempfile.TemporaryDirectory() as folder:
        _class(Path(folder), chosen)
        for workers in (1, os.cpu_count() or 1):
            began = time.perf_counter()
            graded = grade(Path(folder), chosen=chosen, workers=workers)
            seconds = time.perf_counter() - began
            passed = sum(item.report is not None and item.report.passed for item in graded)
            lines = grades_csv(graded).count("\n") - 1
            print(
                f"\n{STUDENTS} × {len(chosen)} exercises on {workers} processes: {seconds:.0f} s, "
                f"{1e3 * seconds / len(graded):.0f} ms each; {passed} of {len(graded)} passed, {lines} checks"
            )


def _check(workspace: Workspace, lesson: Lesson) -> tuple[float, float]:
    """Wall time and processor time [s] for one `kinverse course check`."""
    workspace.file(lesson).write_text(lesson.solution)
    command = [sys.executable, "-m", "kinverse.apps.cli", "course", "check", str(lesson.number), "--folder"]
    before, began = os.times(), time.perf_counter()
    subprocess.run([*command, str(workspace.folder)], stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - began, os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, spent


def _class(folder: Path, chosen: tuple[Lesson, ...]) -> None:
    """Write a folder per student, each with a different mixture of answers."""
    for lesson in chosen:
        bank = BANK / lesson.folder.name
        answers = [lesson.folder / "solution.py", *sorted(bank.glob("right/*.py")), *sorted(bank.glob("wrong/*.py"))]
        for student in range(STUDENTS):
            path = folder / f"student{student:03d}" / lesson.file_name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(answers[(7 * student + lesson.number) % len(answers)].read_bytes())


if __name__ == "__main__":
    main()
