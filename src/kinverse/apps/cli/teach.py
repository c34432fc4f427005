"""`kinverse course grade`, `notebook`: for a teacher with a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional

from kinverse.apps.cli.options import OK, Flag, Json, argument, default, print_json, short
from kinverse.apps.cli.verbs import verb
from kinverse.errors import ConfigError

CSV, PAGE = "grades.csv", "grades.html"


@verb("course grade", example="kinverse course grade submissions")
def course_grade(
    submissions: Annotated[Positional[Path], argument("DIR")],
    out: Path = Path("grades"),
    lessons: Annotated[tuple[str, ...], default("all")] = (),
    workers: Annotated[int | None, default("one for each core")] = None,
    seed: int = 0,
    seconds: float = 10.0,
    json: Json = False,
) -> int:
    """Grade a folder of submissions into a CSV file and a page.

    Args:
        submissions: a folder with a folder of exercise files for each student
        out: folder for grades.csv and grades.html
        lessons: numbers or names of the exercises
        workers: number of processes
        seed: random seed of the inputs; the same seed gives the same grades
        seconds: how long one exercise may compute
    """
    from kinverse.apps.cli.progress import steps_bar
    from kinverse.apps.course.grade import grade, grades_csv
    from kinverse.apps.course.grade_page import grades_page
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.files import write_atomic

    if workers is not None and workers < 1:
        raise ConfigError(f"workers must be ≥ 1, got {workers}")
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out}: is a file; give a folder")
    chosen = tuple(dict.fromkeys(find_lesson(name) for name in lessons)) or None
    with steps_bar("grading", shown=not json) as watch:
        graded = grade(submissions, chosen=chosen, workers=workers, seed=seed, seconds=seconds, watch=watch)
    out.mkdir(parents=True, exist_ok=True)
    write_atomic(out / CSV, grades_csv(graded))
    write_atomic(out / PAGE, grades_page(graded))
    students = len({item.student for item in graded})
    handed = [item.report for item in graded if item.report is not None]
    passed = sum(report.passed for report in handed)
    if json:
        counts = {"students": students, "handed_in": len(handed), "passed": passed}
        return print_json({**counts, "csv": str(out / CSV), "page": str(out / PAGE)})
    said = "1 student" if students == 1 else f"{students} students"
    print(f"{said}: {len(handed)} exercises handed in, {passed} passed all checks")
    print(f"grades: {short(out / CSV)}, {short(out / PAGE)}")
    return OK


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
    if json:
        return print_json({"notebooks": [str(path) for path in written]})
    for path in written:
        print(short(path))
    return OK
