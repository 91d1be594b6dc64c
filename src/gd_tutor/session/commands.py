"""Every key of the lesson, once; and which of them matter now, for the key bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gd_tutor.engine.state import PHASES, Phase
from gd_tutor.session.number_field import Destination

if TYPE_CHECKING:
    from gd_tutor.session.lesson_session import Session


@dataclass(frozen=True, slots=True)
class Command:
    """What a key does. `label` is for the key bar, `help` for the help page and the palette."""

    keys: str
    shown: str
    action: str
    label: str
    help: str
    group: str


STEP, BACK, LEARN, LOOK = "Step", "Back and forth", "Learn", "Look"
SET, GO, APP = "Settings", "Lessons", "Program"

COMMANDS = (
    Command("f", "f", "forward", "forward", "forward: compute the loss", STEP),
    Command("b", "b", "backward", "back", "backward: find the slopes", STEP),
    Command("u", "u", "update", "update", "update: move the parameters", STEP),
    Command("space", "space", "advance", "next", "the next phase, whichever it is", STEP),
    Command("n", "n", "run(1)", "round", "go on until an update is done", STEP),
    Command("N", "N", "run(10)", "10 rounds", "go on until ten updates are done", STEP),
    Command("a", "a", "play", "play", "play on by itself; any key stops it", STEP),
    Command("g", "g", "go_to", "go to", "go to an iteration", STEP),
    Command("comma,backspace", ",", "undo", "undo", "one phase back (also backspace)", BACK),
    Command("full_stop", ".", "redo", "redo", "one phase forward again", BACK),
    Command("r", "r", "reset", "restart", "back to the start; twice: own settings", BACK),
    Command("p", "p", "predict", "predict", "predict: be asked before each phase", LEARN),
    Command("h", "h", "hint", "hint", "a hint towards the answer", LEARN),
    Command("x", "x", "run_rule", "my rule", "run your wrong rule beside the right one", LEARN),
    Command("w", "w", "next_level", "blanks", "arithmetic worked, one blank, all blank", LEARN),
    Command("enter", "enter", "explain", "explain", "explain the number under the cursor", LEARN),
    Command("pagedown", "pgdn", "page(1)", "text", "next page of the text", LOOK),
    Command("pageup", "pgup", "page(-1)", "text back", "previous page of the text", LOOK),
    Command("v", "v", "next_view", "view", "bring the next picture up", LOOK),
    Command("l", "l", "toggle_log", "log", "loss axis linear or logarithmic", LOOK),
    Command("tab", "tab", "pane(1)", "pane", "next pane; arrows move inside it", LOOK),
    Command("shift+tab", "S-tab", "pane(-1)", "pane back", "previous pane", LOOK),
    *(
        Command(key, "arrows", f"arrow({right},{down})", key, "move inside the pane", LOOK)
        for key, right, down in (("up", 0, -1), ("down", 0, 1), ("left", -1, 0), ("right", 1, 0))
    ),
    Command("plus,equals_sign", "+", "rate(True)", "η up", "learning rate up (1-2-5)", SET),
    Command("minus", "-", "rate(False)", "η down", "learning rate down (1-2-5)", SET),
    Command("greater_than_sign", ">", "pace(1)", "faster", "play faster", SET),
    Command("less_than_sign", "<", "pace(-1)", "slower", "play slower", SET),
    Command("s", "s", "choose_start", "start", "choose a start value with the arrows", SET),
    Command("c", "c", "conventions", "conventions", "conventions: mean, half or sum; sign", SET),
    Command("d", "d", "bugs", "bugs", "deliberate bugs, and what each does", SET),
    Command("o", "o", "optimizers", "optimizer", "another optimizer, other batches", SET),
    Command("e", "e", "experiments", "experiment", "another experiment of the lesson", SET),
    Command("L", "L", "find_rate", "rates", "learning-rate finder: all rates at once", SET),
    Command("S", "S", "find_starts", "starts", "many starts: where each of them leads", SET),
    Command("k", "k", "keep_run", "keep", "keep this run to compare the next with it", SET),
    Command("K", "K", "compare", "compare", "kept runs side by side, as a table", SET),
    Command("E", "E", "export", "export", "export: a script, a report, a table", SET),
    Command("m", "m", "map", "map", "course map", GO),
    Command("right_square_bracket", "]", "neighbour(1)", "next lesson", "next lesson", GO),
    Command("left_square_bracket", "[", "neighbour(-1)", "lesson back", "previous lesson", GO),
    *(
        Command(str(n), "1-8", f"lesson({n})", f"lesson {n}", "a concept by its number", GO)
        for n in range(1, 9)
    ),
    Command("question_mark", "?", "help", "help", "help: all keys, and signs", APP),
    Command("q,ctrl+c", "q", "app.quit", "quit", "quit; your place is kept", APP),
)


def command(action: str) -> Command:
    return next(command for command in COMMANDS if command.action == action)


Hint = tuple[str, str]
"""A key, or some, and what they do in a word."""

ALWAYS: Sequence[Hint] = (("?", "help"), ("q", "quit"))
"""They stand at the end, whatever else has room."""
PANE, TEXT = ("tab", "pane"), ("pgdn", "text")


def fitting(hints: Sequence[Hint], always: Sequence[Hint], cells: int) -> list[Hint]:
    """The first of the hints, as many as there is room for beside those that always stand."""
    shown = list(hints)
    while shown and length([*shown, *always]) > cells:
        shown.pop()
    return [*shown, *always]


def length(hints: Sequence[Hint]) -> int:
    """The cells that they take; the blank behind the last one is none of them."""
    return sum(len(key) + len(label) + (3 if label else 2) for key, label in hints) - 1


def hints_of(session: Session | None, one_pane: bool, walks: str) -> tuple[list[Hint], list[Hint]]:
    """The keys that matter now, and those that stand at the end whatever else has room.

    `walks` is what the arrows walk through in the pane of the learner, if they walk there.
    """
    if session is None:
        first = (*_phases(Phase.FORWARD, one_pane), *_more(begun=False))
        return list(dict.fromkeys(first)), list(ALWAYS)
    if session.field is not None or session.practice.asking is not None:
        return list(_in_field(session)), []
    if session.pages.at_end:
        return list(_at_end(session)), list(ALWAYS)
    return list(dict.fromkeys(_in_lesson(session, one_pane, walks))), list(ALWAYS)


def _hint(action: str) -> Hint:
    found = command(action)
    return found.shown, found.label


def _in_field(session: Session) -> Iterator[Hint]:
    asking, up_down = session.practice.asking, "^v" if session.notation.ascii else "↑↓"
    left_right = "<>" if session.notation.ascii else "←→"
    yield "enter", "answer" if asking is not None else "take"
    yield "escape", "skip" if asking is not None else "leave"
    if asking is None:
        if not isinstance(session.field, Destination):
            yield left_right, "change"
        return
    if asking.item.options:
        yield up_down, "choose"
    if asking.hints:
        yield "h", "hint"
    if session.elsewhere is not None:
        yield "e", "experiment"
    if session.asks_again:
        yield from (("[ ]", "lesson"), ("m", "map"), ("q", "quit"))
    if asking.rule is not None:
        yield "x", "my rule"
    if len(asking.items) > 1:
        yield left_right, "another"
    yield TEXT
    if session.practice.phase is None and session.training is not None:
        yield "f b u", "run"
    yield PANE


def _at_end(session: Session) -> Iterator[Hint]:
    yield _hint("neighbour(1)")
    yield "enter", "go on"
    if len(session.ending.offers) > 1:
        yield "^v" if session.notation.ascii else "↑↓", "choose"
    yield _hint("map")
    yield "pgup", "text back"
    yield from map(_hint, map(str, PHASES))


def _in_lesson(session: Session, one_pane: bool, walks: str) -> Iterator[Hint]:
    training, lesson = session.training, session.lesson
    if training is None:
        yield from (TEXT, PANE, _hint("neighbour(1)"), _hint("map"))
        return
    if walks:
        yield ("^v<>" if session.notation.ascii else "↑↓←→"), walks
        yield "enter", "explain"
        yield PANE
    if not one_pane and (walks or lesson.lab):
        yield "f b u", ""
        if lesson.lab and len(lesson.experiments) > 1:
            yield _hint("experiments")
        if lesson.lab:
            yield from (_hint("optimizers"), _hint("keep_run"))
        yield from (TEXT, PANE)
    else:
        yield from _phases(training.upcoming, one_pane)
    yield from _more(training.position.forwards > 0)


def _phases(upcoming: Phase, one_pane: bool) -> Iterator[Hint]:
    """The phases; where panes are hidden, the next phase and how to see the others come first."""
    if one_pane:
        yield from (_hint(str(upcoming)), PANE, TEXT)
    yield from map(_hint, map(str, PHASES))
    yield from (TEXT, PANE)


def _more(begun: bool) -> Iterator[Hint]:
    if begun:
        yield _hint("undo")
    for action in ("map", "next_view", "predict", "choose_start", "play", "run(10)", "reset"):
        yield _hint(action)
