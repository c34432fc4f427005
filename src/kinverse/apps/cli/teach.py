"""`kinverse course`, for teachers: `grade` a class, write lessons as a `notebook`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import (
    Flag,
    Json,
    Workers,
    argument,
    default,
    print_result,
    require_folder,
    require_workers,
    short,
)
from kinverse.apps.cli.verbs import verb

CSV, PAGE = "grades.csv", "grades.html"


@verb("course grade", example="kinverse course grade submissions")
def course_grade(
    submissions: Annotated[Positional[Path], argument("DIR")],
    out: Path = Path("grades"),
    lessons: Annotated[tuple[str, ...], default("all")] = (),
    workers: Workers = None,
    seed: int = 0,
    seconds: float = 10.0,
    json: Json = False,
) -> int:
    """Grade a folder of submissions into a CSV file and a page.

    Args:
        submissions: a folder with a folder of exercise files for each student
        out: folder for grades.csv and grades.html
        lessons: numbers or names of the exercises
        seed: random seed of the inputs; the same seed gives the same grades
        seconds: computing time for each exercise [s]
    """
    from kinverse.apps.cli.terminal import progress_bar
    from kinverse.apps.course.grade import grade, grades_csv, grades_page
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.files import write_atomic

    require_workers(workers)
    require_folder(out)
    chosen = tuple(dict.fromkeys(find_lesson(name) for name in lessons)) or None
    with progress_bar("grading", shown=not json) as watch:
        graded = grade(submissions, chosen=chosen, workers=workers, seed=seed, seconds=seconds, watch=watch)
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / CSV, grades_csv(graded))
    write_atomic(out / PAGE, grades_page(graded))
    students = len({item.student for item in graded})
    reports = [item.report for item in graded if item.report is not None]
    passed = sum(report.passed for report in reports)
    text = (
        f"{students} student{'s' * (students != 1)}: {len(reports)} exercises handed in, {passed} passed all checks\n"
        f"grades: {short(out / CSV)}, {short(out / PAGE)}"
    )
    content = {"students": students, "handed_in": len(reports), "passed": passed, "csv": out / CSV, "page": out / PAGE}
    return print_result(text, content, json)


@verb("course notebook", example="kinverse course notebook 1")
def course_notebook(
    lessons: Annotated[Positional[tuple[str, ...]], argument("[LESSON …]|all")] = ("all",),
    out: Path = Path("kinverse-notebooks"),
    overwrite: Flag = False,
    json: Json = False,
) -> int:
    """Write lessons as Jupyter notebooks, with text, exercises, checks and quizzes.

    Args:
        lessons: numbers or names of lessons, or all
        out: folder for the notebooks
        overwrite: replace notebooks that exist
    """
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.apps.course.lesson import lessons as every
    from kinverse.apps.course.notebook import write_notebooks

    chosen = every() if "all" in lessons else tuple(dict.fromkeys(find_lesson(name) for name in lessons))
    written = write_notebooks(chosen, out, overwrite)
    return print_result("\n".join(str(short(path)) for path in written), {"notebooks": written}, json)
