"""The keys that matter now, for the key bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gd_tutor.engine.state import PHASES, Phase
from gd_tutor.session import late
from gd_tutor.session.commands import command

Hint = tuple[str, str]
"""One or more keys, and what they do in a word."""

ALWAYS: Sequence[Hint] = (("?", "help"), ("q", "quit"))
"""Hints that are always shown, at the end."""
PANE, TEXT = ("tab", "pane"), ("pgdn", "text")


def fitting(hints: Sequence[Hint], always: Sequence[Hint], cells: int) -> list[Hint]:
    """As many of the first hints as fit beside those that are always shown."""
    shown = list(hints)
    while shown and length([*shown, *always]) > cells:
        shown.pop()
    return [*shown, *always]


def length(hints: Sequence[Hint]) -> int:
    """Their width in cells, without the trailing space."""
    return sum(len(key) + len(label) + (3 if label else 2) for key, label in hints) - 1


def hints_of(
    session: late.Session | None, one_pane: bool, walks: str
) -> tuple[list[Hint], list[Hint]]:
    """The hints that matter now, and those that are always shown.

    `walks` names what the arrow keys step through in the focused pane, if anything.
    """
    if session is None:
        first = (*_phases(Phase.FORWARD, one_pane), *_more(begun=False))
        return list(dict.fromkeys(first)), list(ALWAYS)
    if session.field is not None or session.questions.open is not None:
        return list(_in_field(session)), []
    if session.pages.at_end:
        return list(_at_end(session)), list(ALWAYS)
    return list(dict.fromkeys(_in_lesson(session, one_pane, walks))), list(ALWAYS)


def _hint(name: str) -> Hint:
    return command(name).shown, name


def _of_phase(phase: Phase) -> Hint:
    return _hint("back" if phase is Phase.BACKWARD else str(phase))


def _in_field(session: late.Session) -> Iterator[Hint]:
    open, up_down = session.questions.open, "^v" if session.notation.ascii else "↑↓"
    left_right = "<>" if session.notation.ascii else "←→"
    yield "enter", "answer" if open is not None else "take"
    yield "escape", "skip" if open is not None else "leave"
    if open is None:
        if not isinstance(session.field, late.Destination):
            yield left_right, "change"
        return
    if open.question.options:
        yield up_down, "choose"
    if open.hints:
        yield "h", "hint"
    if session.detours.elsewhere is not None:
        yield "e", "experiment"
    if session.questions.is_recalled:
        yield from (("[ ]", "lesson"), ("m", "map"), ("q", "quit"))
    if open.rule is not None:
        yield "x", "my rule"
    if len(open.questions) > 1:
        yield left_right, "other"
    yield TEXT
    if session.questions.phase is None and session.training is not None:
        yield "f b u", "run"
    yield PANE


def _at_end(session: late.Session) -> Iterator[Hint]:
    yield _hint("next lesson")
    yield "enter", "go on"
    if len(session.ending.offers) > 1:
        yield "^v" if session.notation.ascii else "↑↓", "choose"
    yield _hint("map")
    yield "pgup", "text back"
    yield from map(_of_phase, PHASES)


def _in_lesson(session: late.Session, one_pane: bool, walks: str) -> Iterator[Hint]:
    training, lesson = session.training, session.lesson
    if training is None:
        yield from (TEXT, PANE, _hint("next lesson"), _hint("map"))
        return
    if walks:
        yield ("^v<>" if session.notation.ascii else "↑↓←→"), walks
        yield "enter", "explain"
        yield PANE
    if not one_pane and (walks or lesson.lab):
        yield "f b u", ""
        if lesson.lab and len(lesson.experiments) > 1:
            yield _hint("experiment")
        if lesson.lab:
            yield from (_hint("optimizer"), _hint("keep"))
        yield from (TEXT, PANE)
    else:
        yield from _phases(training.upcoming, one_pane)
    yield from _more(training.position.forwards > 0)


def _phases(upcoming: Phase, one_pane: bool) -> Iterator[Hint]:
    """The phases; with one pane, the next phase and the key for the other panes come first."""
    if one_pane:
        yield from (_of_phase(upcoming), PANE, TEXT)
    yield from map(_of_phase, PHASES)
    yield from (TEXT, PANE)


def _more(begun: bool) -> Iterator[Hint]:
    if begun:
        yield _hint("undo")
    for name in ("map", "view", "predict", "start", "play", "10 rounds", "restart"):
        yield _hint(name)
