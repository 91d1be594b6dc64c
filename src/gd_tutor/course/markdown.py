"""Markdown as lessons use it: CommonMark with `$formula$` and `{{value}}` in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, image
from markdown_it.tree import SyntaxTreeNode

from gd_tutor.course.lesson import Code, Emphasis, Inline, Strong, Text, Words
from gd_tutor.course.lesson_file import Excerpt, Report, Source, without_control
from gd_tutor.course.lesson_formulas import Formulas
from gd_tutor.notation.layout import on_one_line


class Body:
    """The text that was parsed, and the places of what was found in it.

    Markdown takes markers and indents away, but leaves the rest of every line as it is.
    """

    def __init__(self, excerpt: Excerpt, source: Source) -> None:
        self.excerpt = excerpt
        self.source = source
        self.first = source.place(excerpt.start).line - 1

    def line(self, node: SyntaxTreeNode) -> int:
        """The offset of the first character of the node's first line that is not blank."""
        number = self._number(node)
        line = self.source.lines[number]
        return self.source.offset(number) + len(line) - len(line.lstrip())

    def inline(self, node: SyntaxTreeNode) -> Excerpt:
        """The content of an inline node."""
        return self._excerpt(node.content, self._number(node))

    def fenced(self, node: SyntaxTreeNode) -> Excerpt:
        """The content of a fenced block."""
        return self._excerpt(node.content, self._number(node) + 1)

    def is_closed(self, node: SyntaxTreeNode) -> bool:
        """Whether a fenced block has the line that ends it."""
        assert node.map is not None
        start, end = node.map
        last = self.source.lines[self.first + end - 1].strip(" \t>")
        return end - start > 1 and last.startswith(node.markup) and not last.strip(node.markup[0])

    def _number(self, node: SyntaxTreeNode) -> int:
        assert node.map is not None
        return self.first + node.map[0]

    def _excerpt(self, content: str, number: int) -> Excerpt:
        offsets: list[int] = []
        lines = self.source.lines
        for index, line in enumerate(content.split("\n"), start=number):
            index = min(index, len(lines) - 1)
            start = self.source.offset(index) + _column(lines[index], line)
            offsets += range(start, start + len(line) + 1)
        return Excerpt(content, offsets)


def _column(written: str, content: str) -> int:
    """Where a line's content begins in the line as it was written."""
    content = content.rstrip()
    if written.rstrip().endswith(content):
        return len(written.rstrip()) - len(content)
    return max(written.find(content), 0)


LONGEST = 2_000
"""Characters between a sign and its closing sign; longer is no formula."""

_CLOSING_DOLLAR = re.compile(r"(?<!\\)\$(?![0-9])")


def parse_markdown(text: str) -> SyntaxTreeNode:
    """The tree of a text. Inline nodes of type formula, value, open_value and image have a span.

    `node.meta["span"]` is where their content stands in the content of the inline node around.
    """
    return SyntaxTreeNode(_parser().parse(text))


def parse_words(text: str) -> SyntaxTreeNode:
    """The inline node of a text that is one paragraph, whatever its first characters are."""
    return SyntaxTreeNode(_parser().parseInline(text)).children[0]


@cache
def _parser() -> MarkdownIt:
    # Tables are read in order to be refused. An underlined line is no heading, so that a line of
    # hyphens under a paragraph is not taken for one.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["lheading", "reference"])
    parser.inline.ruler.before("emphasis", "formula", _formula)
    parser.inline.ruler.before("emphasis", "value", _value)
    parser.inline.ruler.at("image", _image)
    return parser


def _formula(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "$":
        return False
    start = state.pos + 1
    closing = _CLOSING_DOLLAR.search(state.src, start, min(state.posMax, start + LONGEST))
    if closing is None:
        return False  # a lone dollar sign is one
    _push(state, silent, "formula", start, closing.start())
    state.pos = closing.end()
    return True


def _value(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("{{", state.pos):
        return False
    start = state.pos + 2
    end = state.src.find("}}", start, min(state.posMax, start + LONGEST))
    if end < 0:
        _push(state, silent, "open_value", state.pos, start)
        state.pos = start
        return True
    _push(state, silent, "value", start, end)
    state.pos = end + 2
    return True


def _image(state: StateInline, silent: bool) -> bool:
    start = state.pos
    found = image(state, silent)
    if found and not silent:
        state.tokens[-1].meta["span"] = (start, state.pos)
    return found


def _push(state: StateInline, silent: bool, kind: str, start: int, end: int) -> None:
    if not silent:
        token = state.push(kind, "", 0)
        token.content = state.src[start:end]
        token.meta = {"span": (start, end)}


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
