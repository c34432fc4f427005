"""The course: lessons with exercises, checks and quizzes; `check`, `quiz` and `figure` are for notebooks.

`kinverse.apps.course.lesson` describes the files of a lesson.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinverse.apps.course.lesson import find_lesson as find_lesson
    from kinverse.apps.course.lesson import lessons as lessons
    from kinverse.apps.course.notebook import check as check
    from kinverse.apps.course.notebook import figure as figure
    from kinverse.apps.course.notebook import quiz as quiz

_HOMES = {
    "check": "kinverse.apps.course.notebook",
    "figure": "kinverse.apps.course.notebook",
    "find_lesson": "kinverse.apps.course.lesson",
    "lessons": "kinverse.apps.course.lesson",
    "quiz": "kinverse.apps.course.notebook",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kinverse.apps.course' has no attribute {name!r}")
