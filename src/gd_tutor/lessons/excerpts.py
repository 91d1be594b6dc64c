"""Where the nodes of a Markdown tree stand in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gd_tutor.lessons.source import Excerpt, Source

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode


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
