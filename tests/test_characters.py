"""Every character that can come to a screen is one that terminals draw in the width they say."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from gd_tutor.course.lesson import Formula, Lesson
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII, SPEECH
from gd_tutor.notation.spans import to_ascii, width
from tutor import COURSE, LESSONS, lesson

ROOT = Path(__file__).parent.parent
ALLOWED = set(
    "αβγδεζηθλμρστφχψωΣΔΓΛΩ"  # Greek
    "ŷŶŵ"
    "∂∇Σ√∞≈≠≤≥−·×÷±⊙←→↑↓"  # signs
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀⁿ₀₁₂₃₄₅₆₇₈₉"
    "─│┌┐└┘├┤┬┴┼━▸◂▶◀▲▼●⋮…‹›»█▌▐▒•"  # lines and marks
    "½–—’“”é"  # prose
)
MOST_CELLS = 72


def is_allowed(char: str) -> bool:
    return char.isascii() or char in ALLOWED or "\u2800" <= char <= "\u28ff"


def shown_texts() -> Iterator[tuple[str, str]]:
    """The lessons, and every text of the program that is not an explanation of its code."""
    for path in (*(ROOT / "lessons").glob("*.md"), ROOT / "README.md"):
        yield path.name, path.read_text(encoding="utf-8")
    for path in (ROOT / "src").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.name}:{node.lineno}", node.value


def test_texts_are_composed_and_without_odd_planes() -> None:
    for place, text in shown_texts():
        assert unicodedata.is_normalized("NFC", text), place
        for char in text:
            assert char not in "\ufe0e\ufe0f", place  # variation selectors: two widths
            assert not 0x1D400 <= ord(char) <= 0x1D7FF, place  # mathematical letters: no font


@pytest.mark.parametrize("path", sorted((ROOT / "lessons").glob("[0-9]*.md")), ids=lambda p: p.stem)
def test_lessons_use_characters_of_known_width(path: Path) -> None:
    odd = {char for char in path.read_text(encoding="utf-8") if not is_allowed(char)}
    assert not odd


def test_the_program_itself_uses_no_others() -> None:
    # They read or ask for what others write.
    tables = {"spans.py", "layout.py", "typed_numbers.py", "lines.py", "errors.py"}
    tables |= {"toml_places.py", "detection.py"}
    assert tables <= {path.name for path in (ROOT / "src").rglob("*.py")}
    for place, text in shown_texts():
        if place.partition(":")[0] not in {*tables, "README.md"}:
            odd = {char for char in text if not is_allowed(char)}
            assert odd <= {"\N{REPLACEMENT CHARACTER}"}, (
                place
            )  # by which what is unreadable is known


def formulas(of: Lesson) -> Iterator[Formula]:
    for section in of.sections:
        for block in section.blocks:
            for inline in getattr(block, "inlines", ()):
                if isinstance(inline, Formula):
                    yield inline


@pytest.mark.parametrize("name", LESSONS)
def test_formulas_are_short_in_every_notation(name: str) -> None:
    the_lesson = lesson(name)
    assert the_lesson.experiment is not None
    shapes = the_lesson.experiment.program.shapes
    symbols = the_lesson.experiments[0].symbols
    unicode = Notation(symbols, shapes)
    plain = Notation(symbols, shapes, dialect=ASCII)
    spoken = Notation(symbols, shapes, dialect=SPEECH)
    lines = [line.expression for line in the_lesson.experiment.program.forward]
    lines += [line.expression for line in the_lesson.experiment.program.backward]
    for expression in [*lines, *(formula.expression for formula in formulas(the_lesson))]:
        drawn = unicode.formula(expression)
        assert all(map(is_allowed, drawn)), drawn
        assert width(drawn) == len(drawn) <= MOST_CELLS
        assert plain.formula(expression).isascii()
        assert width(plain.formula(expression)) <= MOST_CELLS
        words = spoken.formula(expression)
        assert words.isascii()
        assert not set(words) & set("*/^_=@"), words


def test_ascii_keeps_the_width_of_everything_allowed() -> None:
    for char in ALLOWED:
        assert width(to_ascii(char)) == width(char) == 1, char
    assert COURSE.entries
