"""`gd-tutor check --questions`: what lessons ask, on paper, with every answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from gd_tutor.course.computed import given_by, one_number
from gd_tutor.course.faults import LessonError
from gd_tutor.course.folder import Course
from gd_tutor.course.lesson import (
    AnswerOption,
    ChoicePrediction,
    FindQuestion,
    Lesson,
    NumberQuestion,
    Prediction,
    Question,
    Words,
)
from gd_tutor.course.reader import load
from gd_tutor.engine.state import Phase, Position
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.spans import plain
from gd_tutor.questions.wording import of_question

WIDE = 78
Asked = Prediction | ChoicePrediction | Question


def print_questions(paths: Iterable[Path]) -> None:
    """The questions of files and folders; lessons with faults are left out."""
    for path in paths:
        for file in Course(path).paths if path.is_dir() else [path]:
            try:
                lesson = load(file)
            except LessonError:
                continue
            for line in _Sheet(lesson).lines():
                print(line)


class _Sheet:
    """One lesson's questions."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.run = lru_cache(lesson.training_of)

    def lines(self) -> Iterator[str]:
        asked: list[Asked] = [*self.lesson.predictions, *self.lesson.choice_predictions]
        asked += self.lesson.questions
        if not asked:
            return
        yield f"{self.lesson.title} ({self.lesson.path})"
        for number, item in enumerate(asked, start=1):
            yield ""
            yield from self._item(number, item)
        yield ""

    def _item(self, number: int, item: Asked) -> Iterator[str]:
        at = item.at if isinstance(item, NumberQuestion | FindQuestion) else None
        if isinstance(item, Prediction | ChoicePrediction):
            at = item.at or 0
            yield f"{number}. {item.id}, before {item.phase}, iteration {at}"
        else:
            where = "" if at is None else f", iteration {at}"
            yield f"{number}. {item.id}, question{where}"
        yield from self._text(item.ask, item, at or 0, "   ")
        match item:
            case Prediction() | NumberQuestion():
                yield from self._numbers(item, at or 0)
            case FindQuestion():
                yield f"   wrong: {item.wrong}"
                yield from self._text(item.say, item, item.at, "      ")
            case _:
                for sign, option in zip("abcdef", item.options, strict=False):
                    yield from self._option(sign, option, item, at or 0)
        for hint in item.hints:
            yield from self._text(hint, item, at or 0, "   hint: ")

    def _option(self, sign: str, option: AnswerOption, item: Asked, at: int) -> Iterator[str]:
        mark = "*" if option.right else " "
        yield from self._text(option.text, item, at, f"  {mark}{sign}) ")
        yield from self._text(option.say, item, at, "      ")

    def _numbers(self, item: Prediction | NumberQuestion, at: int) -> Iterator[str]:
        """The right number, and what each known mistake gives."""
        training = self.run(item.experiment)
        if training is None:
            return
        notation = self._notation(item)
        values = training.values_at(Position(at, Phase.UPDATE))
        yield f"  *{notation.number(one_number(item.answer, values))}"
        for mistake in item.mistakes:
            given = given_by(mistake, item.answer, training.program, values)
            yield from self._text(mistake.say, item, at, f"   {notation.number(given)}: ")

    def _notation(self, item: Asked) -> Notation:
        experiment = self.lesson.experiment_of(item.experiment)
        return experiment.notation(Notation()) if experiment else Notation()

    def _text(self, words: Words, item: Asked, at: int, before: str) -> Iterator[str]:
        """A text with its numbers put in, its rows below one another."""
        run = self.run(item.experiment)
        wording = of_question(self._notation(item), run, self.lesson, item.experiment, at)
        rows = wrap(map(wording.span, words.inlines), WIDE - len(before))
        for number, row in enumerate(rows):
            yield f"{before if number == 0 else ' ' * len(before)}{plain([row])}"
