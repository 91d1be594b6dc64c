"""The body of a lesson file: Markdown to sections of paragraphs, items and code blocks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.tree import SyntaxTreeNode

from gd_tutor.course.lesson import (
    Authored,
    Block,
    CodeBlock,
    Inline,
    ListItem,
    Paragraph,
    Section,
)
from gd_tutor.course.lesson_file import ID, Excerpt, Report
from gd_tutor.course.lesson_formulas import Scopes
from gd_tutor.course.markdown import Body, InlineReader, parse_markdown
from gd_tutor.course.question_blocks import read_prediction, read_question
from gd_tutor.course.toml import read_toml
from gd_tutor.engine.errors import suggestion
from gd_tutor.notation.spans import width

WIDEST_CODE = 36
"""Columns of a block at 80x24."""

BULLET = "•"
INDENT = "  "
PREDICT, QUESTION = "predict", "question"
START = 0
"""The iteration of the numbers of a page that name none."""

_HEADING_ID = re.compile(
    r"\{(?!\{)(?P<id>[^{}=]*?)(?:(?<![\w-])experiment\s*=(?P<experiment>[^{}]*))?\}\s*"
)
_REFUSED = {
    "hr": "A line across the page is not shown; leave it out, or begin a new page with ##.",
    "blockquote": "Quotations (>) are not shown as such; write a plain paragraph.",
    "table": "Tables are not shown; write a block between two lines of three backquotes.",
}


@dataclass
class _Page:
    """A section being read: its heading, if it has one, and what stands below it."""

    offset: int
    title: str
    id: str = ""
    experiment: str = ""
    nodes: list[SyntaxTreeNode] = field(default_factory=list)


@dataclass(frozen=True)
class Prose:
    """What stands below the front matter, in the order of the file."""

    sections: tuple[Section, ...]
    asked: tuple[Authored, ...]

    @property
    def predictions(self) -> tuple[Authored, ...]:
        return tuple(item for item in self.asked if item.before)

    @property
    def questions(self) -> tuple[Authored, ...]:
        return tuple(item for item in self.asked if not item.before)


def read_prose(excerpt: Excerpt, title: str, scopes: Scopes, report: Report) -> Prose:
    """The sections and what is asked in them, all faults noted.

    Text before the first heading is a section of its own, titled as the lesson.
    """
    body = Body(excerpt, report.source)
    reader = _ProseReader(body, scopes, report)
    pages = reader.pages(parse_markdown(excerpt.text).children, title)
    sections = tuple(reader.section(page) for page in pages)
    if not any(section.blocks for section in sections):
        # The line that closes the front matter is there in any case.
        offset = report.source.text.rfind("\n", 0, max(0, excerpt.start - 1)) + 1
        report.add(offset, "Below the front matter a lesson needs at least one paragraph.")
    return Prose(sections, tuple(reader.asked))


class _ProseReader:
    def __init__(self, body: Body, scopes: Scopes, report: Report) -> None:
        self.body = body
        self.scopes = scopes
        self.report = report
        self.inlines = InlineReader(scopes.of(scopes.first), report, START)
        self.asked: list[Authored] = []

    # Pages

    def pages(self, nodes: Sequence[SyntaxTreeNode], title: str) -> list[_Page]:
        pages = [_Page(self.body.excerpt.start, title, experiment=self.scopes.first)]
        for node in nodes:
            if node.type == "heading" and node.tag == "h2":
                pages.append(self.heading(node))
            else:
                pages[-1].nodes.append(node)
        if not pages[0].nodes:
            del pages[0]
        self.check_ids(pages)
        name_pages(pages)
        return pages

    def heading(self, node: SyntaxTreeNode) -> _Page:
        offset = self.body.line(node)
        inline = node.children[0]
        mark = self.body.inline(inline)
        title = self.inlines.heading(inline, mark, _HEADING_ID)
        match = _HEADING_ID.match(inline.content)
        if not title:
            self.report.add(offset, "This heading has no words; write them after ##.")
        page = _Page(offset, title, experiment=self.scopes.first)
        if match:
            page.offset = mark.offsets[1]
            page.id = match["id"].strip()
            if not ID.fullmatch(page.id) and (page.id or match["experiment"] is None):
                message = f"'{page.id}' cannot be a page's id; use letters, digits and hyphens."
                self.report.add(page.offset, message)
            if match["experiment"] is not None:
                page.experiment = self.experiment(mark.part(*match.span("experiment")).stripped())
        return page

    def experiment(self, excerpt: Excerpt) -> str:
        """The experiment that a page is about."""
        problem = self.scopes.problem(excerpt.text)
        if not excerpt.text:
            problem = "Write the experiment's id behind =, as in {slope experiment=noisy}."
        if problem:
            self.report.add(excerpt.start, problem)
        return excerpt.text

    def check_ids(self, pages: list[_Page]) -> None:
        seen: set[str] = set()
        for page in pages:
            if page.id and page.id in seen:
                message = f"Two pages have the id '{page.id}'; give this one another."
                self.report.add(page.offset, message)
            seen.add(page.id)

    def section(self, page: _Page) -> Section:
        self.inlines = InlineReader(self.scopes.of(page.experiment), self.report, START)
        blocks = tuple(self.blocks(page.nodes, page))
        return Section(page.id, page.title, blocks, page.experiment)

    # Blocks

    def blocks(self, nodes: Sequence[SyntaxTreeNode], page: _Page) -> Iterator[Block]:
        for node in nodes:
            match node.type:
                case "paragraph":
                    yield Paragraph(self.inline(node.children[0]))
                case "bullet_list" | "ordered_list":
                    yield from self.items(node, page)
                case _:
                    yield from self.other(node, page)

    def inline(self, node: SyntaxTreeNode) -> tuple[Inline, ...]:
        return self.inlines.read(node, self.body.inline(node))

    def other(self, node: SyntaxTreeNode, page: _Page) -> Iterator[Block]:
        """Blocks that may stand in a page or in an item of a list."""
        match node.type:
            case "fence" | "code_block":
                yield from self.fence(node, page)
            case "heading":
                self.report.add(self.body.line(node), _heading_message(node))
            case "blockquote":
                self.report.add(self.body.line(node), _REFUSED[node.type])
                yield from self.blocks(node.children, page)
            case kind:
                message = _REFUSED.get(kind, "This kind of Markdown is not shown.")
                self.report.add(self.body.line(node), message)

    def items(self, node: SyntaxTreeNode, page: _Page, indent: str = "") -> Iterator[Block]:
        start = node.attrs.get("start", 1)
        for number, item in enumerate(node.children, start=int(start)):
            sign = BULLET if node.type == "bullet_list" else f"{number}."
            yield from self.item(item, page, indent + sign)

    def item(self, node: SyntaxTreeNode, page: _Page, marker: str) -> Iterator[Block]:
        blank = " " * len(marker)
        for child in node.children:
            match child.type:
                case "paragraph":
                    yield ListItem(self.inline(child.children[0]), marker)
                    marker = blank
                case "bullet_list" | "ordered_list":
                    indent = marker[: len(marker) - len(marker.lstrip())] if marker.strip() else ""
                    yield from self.items(child, page, indent + INDENT)
                case _:
                    yield from self.other(child, page)

    def fence(self, node: SyntaxTreeNode, page: _Page) -> Iterator[Block]:
        closed = node.type == "code_block" or self.is_closed(node)
        info = node.info.strip() if closed else ""
        if info in (PREDICT, QUESTION):
            self.ask(node, page)
            return
        if hint := suggestion(info, (PREDICT, QUESTION)):
            self.report.add(self.body.line(node), f"There is no block '{info}'.{hint}")
        self.check_width(node)
        yield CodeBlock(tuple(node.content.expandtabs(4).rstrip("\n").split("\n")))

    def is_closed(self, node: SyntaxTreeNode) -> bool:
        """Whether a block ends before another one or a page begins; noted where it does not."""
        other = re.search(rf"^ {{0,3}}{node.markup}+\w", node.content, re.MULTILINE)
        page = node.info.strip() in (PREDICT, QUESTION) and re.search(
            r"^## ", node.content, re.MULTILINE
        )
        if self.body.is_closed(node) and not other and not page:
            return True
        message = f"This block is not closed; end it with a line {node.markup}."
        self.report.add(self.body.line(node), message)
        return False

    def check_width(self, node: SyntaxTreeNode) -> None:
        """Warn of lines that are cut where the text has half of a small terminal."""
        excerpt = self.body.fenced(node) if node.type == "fence" else None
        offset = 0
        for line in node.content.split("\n"):
            if excerpt is not None and (wide := width(line.expandtabs(4))) > WIDEST_CODE:
                message = f"This line takes {wide} columns; on a small terminal {WIDEST_CODE} fit."
                self.report.warn(excerpt.offsets[offset], message)
            offset += len(line) + 1

    def ask(self, node: SyntaxTreeNode, page: _Page) -> None:
        """A block that holds a prediction or a question."""
        table = read_toml(self.body.fenced(node), self.report, "this question")
        if table is None:
            return
        read = read_prediction if node.info.strip() == PREDICT else read_question
        asked = read(table, page.id, page.experiment, self.scopes)
        if asked is None:
            return
        if any(asked.id == other.id for other in self.asked):
            message = f"Two questions have the id '{asked.id}'; give this one another."
            self.report.add(self.body.line(node), message)
        self.asked.append(asked)


def name_pages(pages: Sequence[_Page]) -> None:
    """Give every page without an id one made from its title."""
    taken = {page.id for page in pages}
    copies: Counter[str] = Counter()
    for number, page in enumerate(pages, start=1):
        if page.id:
            continue
        plain = unicodedata.normalize("NFKD", page.title).encode("ascii", "ignore").decode()
        base = "-".join(re.findall(r"[a-z0-9]+", plain.lower())) or f"page-{number}"
        page.id = base
        while page.id in taken:
            copies[base] += 1
            page.id = f"{base}-{copies[base] + 1}"
        taken.add(page.id)


def _heading_message(node: SyntaxTreeNode) -> str:
    if node.tag == "h2":
        return "A heading begins a page; it cannot stand inside a list or a quotation."
    return "Headings begin with ## and start a page; for a smaller one write **strong** words."
