"""The course: lessons with exercises, checks and quizzes; `check`, `quiz` and `figure` are for notebooks.

`kinverse.course.lesson` says what a lesson is made of.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kinverse.course.lesson import find_lesson as find_lesson
    from kinverse.course.lesson import lessons as lessons
    from kinverse.course.notebook import check as check
    from kinverse.course.notebook import figure as figure
    from kinverse.course.notebook import quiz as quiz

_HOMES = {
    "check": "kinverse.course.notebook",
    "figure": "kinverse.course.notebook",
    "find_lesson": "kinverse.course.lesson",
    "lessons": "kinverse.course.lesson",
    "quiz": "kinverse.course.notebook",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'kinverse.course' has no attribute {name!r}")
