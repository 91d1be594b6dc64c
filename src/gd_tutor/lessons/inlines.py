"""The inside of a paragraph: words, emphasis, code, formulas and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gd_tutor.lessons.control import without_control
from gd_tutor.lessons.fault import Report
from gd_tutor.lessons.formulas import Formulas
from gd_tutor.lessons.lesson import Code, Emphasis, Inline, Strong, Text, Words
from gd_tutor.lessons.markdown import parse_words
from gd_tutor.lessons.source import Excerpt
from gd_tutor.notation.layout import on_one_line

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>|<!--")
_NOT_SHOWN = {
    "html": (_HTML, "HTML is shown as it is typed; use **strong**, *emphasis* or plain words."),
    "link": (
        re.compile(r"\[[^\[\]]*\]\(|<[a-z]+:|<\S+@"),
        "Of a link only its words are shown; write the address itself where a learner needs it.",
    ),
    "hardbreak": (
        re.compile(r"(?: {2,}|\\)\n"),
        "A line break inside a paragraph is not shown; leave an empty line, or write a list.",
    ),
}

Kind = type[Text] | type[Strong] | type[Emphasis]


class InlineReader:
    """Reads text; its values are of an iteration, if it has one, where they name no other."""

    def __init__(self, formulas: Formulas, report: Report, iteration: int | None = None) -> None:
        self.iteration = iteration
        self.formulas = formulas
        self.report = report

    def words(self, excerpt: Excerpt) -> Words:
        """A text of a question: one paragraph, as it was typed and as it is read."""
        return Words(excerpt.text, self.read(parse_words(excerpt.text), excerpt))

    def read(self, node: SyntaxTreeNode, excerpt: Excerpt) -> tuple[Inline, ...]:
        """The inlines of a paragraph; links become their text."""
        joined = _joined(self._walk(node.children, excerpt, Text))
        return tuple(map(_on_one_line, joined))

    def heading(self, node: SyntaxTreeNode, excerpt: Excerpt, mark: re.Pattern[str]) -> str:
        """A heading's words without the mark at its beginning; formulas are refused."""
        texts: list[str] = []
        for child in node.walk(include_self=False):
            if child.type in ("formula", "value", "open_value"):
                message = "A heading has words only; put formulas and values in the text below."
                self.report.add(excerpt.offsets[child.meta["span"][0]], message)
            elif child.type in ("text", "code_inline"):
                texts.append(child.content)
            elif child.type in ("softbreak", "hardbreak"):
                texts.append(" ")
        return " ".join(without_control(mark.sub("", "".join(texts), count=1)).split())

    def _walk(
        self, nodes: Iterable[SyntaxTreeNode], excerpt: Excerpt, kind: Kind
    ) -> Iterator[Inline]:
        for node in nodes:
            self._warn(node, excerpt)
            match node.type:
                case "text":
                    yield kind(without_control(node.content))
                case "softbreak" | "hardbreak":
                    yield kind("\n")
                case "code_inline":
                    yield Code(without_control(node.content))
                case "strong":
                    yield from self._walk(node.children, excerpt, Strong)
                case "em":
                    inner = kind if kind is Strong else Emphasis
                    yield from self._walk(node.children, excerpt, inner)
                case "link":
                    yield from self._walk(node.children, excerpt, kind)
                case _:
                    yield from self._marked(node, excerpt)

    def _warn(self, node: SyntaxTreeNode, excerpt: Excerpt) -> None:
        """Say what is not shown as Markdown elsewhere shows it."""
        kind = "html" if node.type == "text" and _HTML.search(node.content) else node.type
        if kind in _NOT_SHOWN:
            place, message = _NOT_SHOWN[kind]
            found = place.search(excerpt.text)
            self.report.warn(excerpt.offsets[found.start() if found else 0], message)

    def _marked(self, node: SyntaxTreeNode, excerpt: Excerpt) -> Iterator[Inline]:
        """Nodes that know their span."""
        part = excerpt.part(*node.meta["span"])
        match node.type:
            case "formula":
                yield from self.formulas.drawn(part, self.iteration)
            case "value":
                yield from self.formulas.filled(part, self.iteration)
            case "open_value":
                message = "This {{ is not closed; write }} after the value, in the same paragraph."
                self.report.add(part.start, message)
            case "image":
                message = "Pictures from files are not shown; name a [[view]], or say it in words."
                self.report.add(part.start, message)


def _on_one_line(inline: Inline) -> Inline:
    if isinstance(inline, Text | Strong | Emphasis):
        return type(inline)(on_one_line(inline.text))
    return inline


def _joined(inlines: Iterable[Inline]) -> Iterator[Inline]:
    """Words of one kind that follow each other as one; nothing that is empty."""
    held: Inline | None = None
    for inline in inlines:
        if isinstance(inline, Text | Strong | Emphasis):
            if not inline.text:
                continue
            if type(held) is type(inline):
                assert isinstance(held, Text | Strong | Emphasis)
                held = type(inline)(held.text + inline.text)
                continue
        if held is not None:
            yield held
        held = inline
    if held is not None:
        yield held
