"""What a learner did, and its line in the log.

A line is one JSON object: `time` (UTC, in seconds), `state` (a state line), `event`, and what the
event's own keys. Unknown keys and events are no fault: a later gd-tutor may have written them.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

RIGHT, WRONG = "right", "wrong"


class Kind(StrEnum):
    """The known events."""

    OPENED = "opened"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    HINTED = "hinted"
    RAN_RULE = "ran-rule"


@dataclass(frozen=True, slots=True)
class Event:
    """What a learner did: `Event(Kind.OPENED)`, or an answer with all that follows.

    `item` is what was asked: `predict:next-x`, `question:why`, or a value of the program such as
    `grad.x`. `outcome` is right or wrong, `typed` the number that was typed, or `option` the answer
    that was chosen: as the lesson's file has it, or the name of its line. `rules` are the ids of
    the misconceptions that explain a wrong answer; `tries` counts this one; `aided` says that there
    was a hint or a try before it.
    """

    kind: str
    item: str = ""
    outcome: str = ""
    tries: int = 0
    aided: bool = False
    rules: tuple[str, ...] = ()
    typed: str = ""
    option: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer; each try is one."""
        return self.kind == Kind.ANSWERED

    @property
    def is_right(self) -> bool:
        return self.is_answer and self.outcome == RIGHT

    @property
    def is_unaided(self) -> bool:
        """Right at the first try, without a hint."""
        return self.is_right and self.tries <= 1 and not self.aided


@dataclass(frozen=True, slots=True)
class Record:
    """An event, its time (UTC) and its state line."""

    time: datetime
    state: str
    event: Event

    @property
    def lesson(self) -> str:
        return self.state.partition(":")[0]


def to_line(record: Record) -> bytes:
    """The record as a line of the log, newline included."""
    event = record.event
    said: dict[str, object] = {
        "time": _stamp(record.time),
        "state": record.state,
        "event": event.kind,
    }
    for name in ("item", "outcome", "typed", "option", "tries", "rules"):
        if value := getattr(event, name):
            said[name] = value
    if event.is_answer or event.aided:
        said["aided"] = event.aided
    return json.dumps(said).encode("ascii") + b"\n"


def read_line(line: bytes) -> Record:
    """The record in a line. Raises ValueError if there is none."""
    try:
        said = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(said, dict):
        raise ValueError("not an object")
    time, state, kind = (_text(said, name) for name in ("time", "state", "event"))
    if not (state.partition(":")[0] and kind):
        raise ValueError("no lesson or no event")
    tries, aided, rules = said.get("tries", 0), said.get("aided", False), said.get("rules", [])
    if not (isinstance(aided, bool) and type(tries) is int and tries >= 0):
        raise ValueError("'tries' or 'aided' has no value of its kind")
    if not (isinstance(rules, list) and all(isinstance(rule, str) for rule in rules)):
        raise ValueError("'rules' is not a list of names")
    texts = ("item", "outcome", "typed", "option")
    item, outcome, typed, option = (_text(said, name, "") for name in texts)
    event = Event(kind, item, outcome, tries, aided, tuple(rules), typed, option)
    return Record(_time(time), state, event)


def _text(said: dict[str, object], name: str, default: str | None = None) -> str:
    value = said.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"'{name}' is not a text")
    return value


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    try:
        return time.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError("a time out of range") from None
