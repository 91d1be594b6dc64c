"""Numbers as people type them into a field, and as a lesson file has them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_file import Excerpt, LessonError, LessonFault, Report, Source
from gd_tutor.course.lesson_reader import read
from gd_tutor.course.toml import read_toml
from gd_tutor.course.toml_places import STRING
from gd_tutor.engine.expression import Place

_FRACTION = re.compile(
    r"(?<![\w./])(?P<top>[-+]?\d+(?:\.\d+)?)[ \t]*/[ \t]*(?P<bottom>\d+(?:\.\d+)?)(?![\w./])"
)
_GAP = re.compile(r"(?<=[\d\]])[ \t]+(?=[-+]?[\d.]|\[)")


def in_file(text: str) -> Excerpt:
    """A field's text with 1/3 computed and [0.5 1] separated by commas.

    Each character has the offset in the field of what it stands for. Words in quotes and remarks
    stay as they are.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    end = 0
    for start, stop, written in _changes(text):
        pieces += text[end:start], written
        offsets += [*range(end, start), *[start] * len(written)]
        end = stop
    pieces.append(text[end:])
    return Excerpt("".join(pieces), [*offsets, *range(end, len(text) + 1)])


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    """What is written otherwise in a file: from where to where, and how."""
    depth = position = 0
    while position < len(text):
        if quoted := STRING.match(text, position):
            position = quoted.end()
            continue
        fraction = _FRACTION.match(text, position)
        gap = _GAP.match(text, position) if depth else None
        if fraction and float(fraction["bottom"]):
            value = float(fraction["top"]) / float(fraction["bottom"])
            yield *fraction.span(), f"{value!r}"
            position = fraction.end()
        elif gap:
            yield *gap.span(), ", "
            position = gap.end()
        else:
            depth += (text[position] == "[") - (text[position] == "]")
            position += 1


class Field(StrEnum):
    """What an author types, in the order of the page."""

    TITLE = "title"
    DATA = "data"
    PARAMETERS = "parameters"
    LEARNING_RATE = "learning rate"
    FORWARD = "forward program"
    OPTIONS = "options"


Fields = Mapping[Field, str]
"""The text of every field; data, parameters and options have one `name = value` a line."""

NUMBERS = frozenset({Field.DATA, Field.PARAMETERS, Field.LEARNING_RATE})
"""The fields of numbers, which may be fractions."""

EMPTY: Fields = dict.fromkeys(Field, "")

EXAMPLE: Fields = {
    Field.TITLE: "A barrel of water",
    Field.DATA: "hours = [1, 2, 4]\nwater = [3, 5, 9]",
    Field.PARAMETERS: "speed = 0\nstart = 0",
    Field.LEARNING_RATE: "0.05",
    Field.FORWARD: "guess = speed * hours + start\n"
    "residual = water - guess\n"
    "loss = mean(residual ** 2)",
    Field.OPTIONS: "",
}

_MISSING: Fields = {
    Field.TITLE: "Give it a title: a few words.",
    Field.PARAMETERS: "Give at least one parameter and its start value, as in x = 8.",
    Field.LEARNING_RATE: "Give a learning rate, as in 0.1.",
    Field.FORWARD: "Write a line for each value; the last one is the loss, as in loss = x ** 2.",
}

_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)

_PROSE = """\
+++

## {own} Your own program

The forward program goes from the data and the parameters, line by line, to the loss: press `f`,
and each line is worked. Then `b` finds the slope of the loss for every parameter, and `u` moves the
parameters against their slopes.
"""


@dataclass(frozen=True, slots=True)
class LabFrame:
    """What a lesson file says around its experiment, word for word.

    `above` stands between the title and the experiment, `rest` from the end of the experiment on.
    """

    top: str = "+++\n"
    above: str = "\n"
    rest: str = _PROSE


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One thing to mend.

    The place is that in the field, or in the file outside of the fields; a blank field has none.
    """

    field: Field | None
    place: Place | None
    message: str

    def __str__(self) -> str:
        where = (self.field or "the file").capitalize()
        if self.place is not None:
            where += f", line {self.place.line}, column {self.place.column}"
        return f"{where}: {self.message}"


# From fields to a file


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the file: what was typed into a field, or what is written around it.

    `typed` has the places in the field, `source` is what was typed there.
    """

    text: str
    field: Field | None = None
    typed: Excerpt | None = None
    source: str = ""


def write(fields: Fields, frame: LabFrame = LabFrame()) -> str:
    """The text of the lesson file."""
    return "".join(piece.text for piece in _pieces(fields, frame))


def _pieces(fields: Fields, frame: LabFrame) -> Iterator[Piece]:
    """The file in pieces; a field that is blank is left out."""
    title = json.dumps(fields[Field.TITLE].strip(), ensure_ascii=False)
    yield Piece(frame.top)
    yield from _around(Field.TITLE, "title = ", title, "\n")
    yield Piece(frame.above)
    yield Piece("[experiment]\n", Field.LEARNING_RATE)
    rate = fields[Field.LEARNING_RATE].strip()
    yield from _around(Field.LEARNING_RATE, "learning_rate = ", rate, "\n")
    forward = _trimmed(fields[Field.FORWARD])
    # Only in quotes of the other kind these signs mean themselves, to be refused where they stand.
    quotes = "'''" if "\\" in forward or '"""' in forward else '"""'
    yield from _around(Field.FORWARD, f"forward = {quotes}\n", forward, f"\n{quotes}\n")
    yield from _around(Field.OPTIONS, "", _trimmed(fields[Field.OPTIONS]), "\n")
    for field in (Field.DATA, Field.PARAMETERS):
        yield from _around(field, f"\n[experiment.{field}]\n", _trimmed(fields[field]), "\n")
    yield Piece(frame.rest)


def _around(field: Field, before: str, text: str, after: str) -> Iterator[Piece]:
    if text:
        typed = in_file(text) if field in NUMBERS else Excerpt(text, range(len(text) + 1))
        yield Piece(before, field)
        yield Piece(typed.text, field, typed, text)
        yield Piece(after, field)


def _trimmed(text: str) -> str:
    """Without blank lines at the end; those at the start keep the lines' numbers."""
    return text.rstrip()


# Checking


def check_fields(path: Path, fields: Fields, frame: LabFrame) -> Lesson | FieldFault:
    """The lesson that the file would hold, or its first fault, in the order of the fields."""
    for field in Field:
        fault = _missing(field, fields[field]) or _broken(field, fields[field])
        if fault:
            return fault
    pieces = list(_pieces(fields, frame))
    source = Source(path, "".join(piece.text for piece in pieces))
    try:
        return read(source)
    except LessonError as error:
        faults = [_in_field(fault, source, pieces) for fault in error.faults]
        return min(faults, key=_order)


def _missing(field: Field, text: str) -> FieldFault | None:
    if field not in _MISSING or _COMMENT.sub("", text).strip():
        return None
    return FieldFault(field, None, _MISSING[field])


def _broken(field: Field, text: str) -> FieldFault | None:
    """The fault of a field that is not TOML: in the file it could seem to be that of another."""
    if field in (Field.TITLE, Field.FORWARD):
        return None
    before = "learning_rate = " if field is Field.LEARNING_RATE and text.strip() else ""
    source = Source(Path(), text)
    report = Report(source)
    typed = in_file(text) if field in NUMBERS else Excerpt(text, range(len(text) + 1))
    offsets = [*[0] * len(before), *typed.offsets]
    read_toml(Excerpt(before + typed.text, offsets), report, f"the {field}")
    first = next(iter(report.faults), None)
    return FieldFault(field, Place(first.line, first.column), first.message) if first else None


def _order(fault: FieldFault) -> tuple[int, int, int]:
    order = list(Field)
    rank = order.index(fault.field) if fault.field else len(order)
    place = fault.place or Place(0, 0)
    return rank, place.line, place.column


def _in_field(fault: LessonFault, source: Source, pieces: Sequence[Piece]) -> FieldFault:
    """A fault of the file as one of the field that it belongs to."""
    place = Place(fault.line, fault.column)
    if fault.path != source.path:  # a file of data
        where = f"{fault.path.name}, line {place.line}, column {place.column}"
        return FieldFault(Field.DATA, None, f"{where}: {fault.message}")
    offset = source.offset(place.line - 1) + place.column - 1
    field = _field_at(offset, pieces)
    if field is None:
        return FieldFault(None, place, fault.message)
    start, piece = _typed(field, pieces)
    within = min(max(offset - start, 0), len(piece.text))
    at = piece.typed.offsets[within] if piece.typed else 0
    return FieldFault(field, Source(source.path, piece.source).place(at), fault.message)


def _field_at(offset: int, pieces: Sequence[Piece]) -> Field | None:
    end = 0
    for piece in pieces:
        end += len(piece.text)
        if offset < end:
            return piece.field
    return None


def _typed(field: Field, pieces: Sequence[Piece]) -> tuple[int, Piece]:
    """Where the text of a field begins in the file, and its piece."""
    start = 0
    for piece in pieces:
        if piece.field is field and piece.typed:
            return start, piece
        start += len(piece.text)
    return start, Piece("")


# From a file to fields


_FILE = re.compile(
    r"""
    (?P<top>\+\+\+\n(?:(?!title[ ]=|[+\[]).*\n)*+)
    title[ ]=[ ](?P<title>"(?:[^"\\\n]|\\.)*+")\n
    (?P<above>(?:(?![+\[]).*\n)*+)
    \[experiment\]\n
    learning_rate[ ]=[ ](?P<rate>.+)\n
    forward[ ]=[ ](?P<quotes>"{3}|'{3})\n
    (?P<forward>(?:(?!(?P=quotes)).*\n)*+)(?P=quotes)\n
    (?P<options>(?:(?!\[experiment\.(?:data|parameters)\]).*\n)*+)
    (?:\[experiment\.data\]\n(?P<data>(?:(?!\[experiment\.parameters\]).*\n)*+))?+
    \[experiment\.parameters\]\n
    (?P<parameters>(?:(?![+]|\[+[a-z]).*\n)*+)
    (?P<rest>(?s:.*))
    """,
    re.VERBOSE,
)
"""A lesson file as `write` writes it, with whatever an author has put around the experiment.

Every repeat is possessive, so that no file takes long to refuse.
"""


def read_fields(text: str) -> tuple[Fields, LabFrame] | None:
    """The fields of a lesson file and what stands around them, for `write` to put together again.

    None where the experiment is not written as `write` does it.
    """
    match = _FILE.fullmatch(text)
    if match is None:
        return None
    try:
        title = json.loads(match["title"])
    except ValueError:  # TOML knows escapes that JSON does not
        return None
    fields = {
        Field.TITLE: title,
        Field.DATA: (match["data"] or "").rstrip(),
        Field.PARAMETERS: match["parameters"].rstrip(),
        Field.LEARNING_RATE: match["rate"],
        Field.FORWARD: match["forward"].rstrip(),
        Field.OPTIONS: match["options"].rstrip(),
    }
    parameters = match["parameters"]
    blank = parameters[len(parameters.rstrip()) + 1 :]
    return fields, LabFrame(match["top"], match["above"], blank + match["rest"])


# Columns of a CSV file


def regression(file: str, columns: Sequence[str], target: str) -> Fields:
    """A linear regression of one column of a CSV file on others, which are standardised."""
    names = ", ".join(map(_quoted, columns))
    zeros = ", ".join("0" * len(columns))
    # Columns that are all alike have a curvature of twice their number; the step stays below it.
    rate = min(0.1, 0.5 / len(columns))
    return {
        Field.TITLE: f"{target} from {' and '.join(columns)}",
        Field.DATA: f"file = {_quoted(file)}\nX = [{names}]\ny = {_quoted(target)}",
        Field.PARAMETERS: f"w = [{zeros}]\nb = 0",
        Field.LEARNING_RATE: f"{rate:.1g}",
        Field.FORWARD: "prediction = X @ w + b\n"
        "residual = y - prediction\n"
        "loss = mean(residual ** 2)",
        Field.OPTIONS: 'standardise = ["X"]',
    }


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
