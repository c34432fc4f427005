"""Quizzes: answer a question, and run its experiment."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from kinverse.apps.course.lesson import Lesson, Option, Question
from kinverse.errors import ConfigError, UnknownNameError
from kinverse.tables import Table


@dataclass(frozen=True)
class Answer:
    """An answer to a question.

    Attributes:
        number: number of the question, from 1.
        letter: the chosen letter.
        option: the chosen option, with its feedback.
    """

    number: int
    letter: str
    option: Option


def question_of(lesson: Lesson, number: int) -> Question:
    """The question with this number, from 1.

    Raises:
        ConfigError: there is no such question.
    """
    if not 1 <= number <= len(lesson.questions):
        raise ConfigError(f"lesson {lesson.number} has questions 1 to {len(lesson.questions)}, got {number}")
    return lesson.questions[number - 1]


def answer(lesson: Lesson, number: int, letter: str) -> Answer:
    """Choose an option of a question.

    Raises:
        ConfigError: there is no such question.
        UnknownNameError: there is no such option.
    """
    question = question_of(lesson, number)
    letter = letter.strip().lower()
    if len(letter) != 1 or letter not in question.letters:
        raise UnknownNameError("answer", letter, question.letters)
    return Answer(number, letter, question.options[question.letters.index(letter)])


def experiment(lesson: Lesson, number: int) -> Table:
    """Run the experiment of a question, which takes at most some seconds.

    Raises:
        ConfigError: there is no such question, or it has no experiment.
    """
    name = question_of(lesson, number).experiment
    if name is None:
        measured = [str(i + 1) for i, question in enumerate(lesson.questions) if question.experiment]
        raise ConfigError(
            f"question {number} of lesson {lesson.number} has no experiment; questions that have one: "
            f"{', '.join(measured) or 'none'}"
        )
    table: Table = getattr(importlib.import_module(f"{lesson.package}.experiments"), name)()
    return table
