"""kinverse learn grade, notebook: for a teacher with a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro
from tyro.conf import Positional

from kinverse.apps.cli.app import OK, Json, print_json, short, verb
from kinverse.apps.cli.learn import learn_app
from kinverse.errors import ConfigError

CSV, PAGE = "grades.csv", "grades.html"


@verb(learn_app, "grade")
def learn_grade(
    submissions: Annotated[Positional[Path], tyro.conf.arg(metavar="DIR")],
    out: Path = Path("grades"),
    lessons: tuple[str, ...] = (),
    workers: int | None = None,
    seed: int = 0,
    seconds: float = 10.0,
    json: Json = False,
) -> int:
    """Grade a folder of submissions, a folder for each student, into a CSV file and a page.

    Args:
        submissions: folder with a folder for each student, in it the exercise files.
        out: folder for grades.csv and grades.html.
        lessons: numbers or names of the exercises; left out: all.
        workers: processes; left out: one for each core.
        seed: of the inputs; the same seed gives the same grades.
        seconds: how long one exercise may compute.
    """
    from kinverse.apps.course.grade import grade, grades_csv
    from kinverse.apps.course.grade_page import grades_page
    from kinverse.apps.course.lesson import find_lesson
    from kinverse.apps.report.progress import steps_bar
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


@verb(learn_app, "notebook")
def learn_notebook(
    lessons: Annotated[Positional[tuple[str, ...]], tyro.conf.arg(metavar="[LESSON …]|all")] = ("all",),
    out: Path = Path("kinverse-notebooks"),
    overwrite: bool = False,
    json: Json = False,
) -> int:
    """Write lessons as Jupyter notebooks, made from the same text, exercises, checks and quizzes.

    Args:
        lessons: numbers or names; all: every one.
        out: folder for the notebooks.
        overwrite: replace notebooks that are there.
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
