"""The course: lessons with exercises, checks and quizzes; `check`, `quiz` and `figure` are for notebooks.

`kinverse.apps.course.lesson` describes the files of a lesson.
"""

from kinverse.apps.course.lesson import find_lesson, lessons
from kinverse.apps.course.notebook import check, figure, quiz

__all__ = ["check", "figure", "find_lesson", "lessons", "quiz"]
