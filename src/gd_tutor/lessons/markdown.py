"""Markdown as lessons use it: CommonMark with `$formula$` and `{{value}}` in it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.tree import SyntaxTreeNode

LONGEST = 2_000
"""Characters between a sign and its closing sign; longer is no formula."""

_CLOSING_DOLLAR = re.compile(r"(?<!\\)\$(?![0-9])")


def parse_markdown(text: str) -> SyntaxTreeNode:
    """The tree of a text. Inline nodes of type formula, value, open_value and image have a span.

    `node.meta["span"]` is where their content stands in the content of the inline node around.
    """
    from markdown_it.tree import SyntaxTreeNode

    return SyntaxTreeNode(_parser().parse(text))


def parse_words(text: str) -> SyntaxTreeNode:
    """The inline node of a text that is one paragraph, whatever its first characters are."""
    from markdown_it.tree import SyntaxTreeNode

    return SyntaxTreeNode(_parser().parseInline(text)).children[0]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

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
    from markdown_it.rules_inline import image

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
