"""Many iterations in one go: the whole step as one generated function."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.engine.compile import SourceWriter, Value, build_function, inputs_of, python_name
from gd_tutor.engine.expression import Lines, next_of
from gd_tutor.engine.program import LOSS, Program

Buffers = Mapping[str, NDArray[np.float64]]
Rows = Iterable[NDArray[np.intp]]
Loop = Callable[[int, int, Mapping[str, Value], Rows, NDArray[np.float64], Buffers], None]


@lru_cache(maxsize=64)
def compile_loop(program: Program, batched: tuple[str, ...] = ()) -> Loop:
    """A function `loop(first, last, values, batches, losses, trails)` that runs those iterations.

    `values` holds data, learning rate and what is carried into iteration `first`; row k of
    `losses` and row k + 1 of each trail are filled for every iteration k. Of the data `batched`
    each iteration takes the rows that `batches` has for it.
    """
    lines = (*program.needed, *program.sequence[1], *program.sequence[2])
    carried = program.carried
    taken = [f"{python_name(n)} = {_all(n)}.take(rows, 0)" for n in batched]
    after = [
        f"{python_name(name)} = {_trail(name)}[k + 1] = {python_name(next_of(name))}"
        for name in carried
    ]
    return _compiled(program, lines, batched, carried, (taken, after))


@lru_cache(maxsize=64)
def compile_losses(program: Program) -> Loop:
    """The same function, but it goes along trails that are filled and finds only the losses."""
    before = [f"{python_name(name)} = {_trail(name)}[k]" for name in program.parameters]
    return _compiled(program, program.needed, (), program.parameters, (before, []))


def _compiled(
    program: Program,
    lines: Lines,
    batched: tuple[str, ...],
    trails: tuple[str, ...],
    around: tuple[list[str], list[str]],
) -> Loop:
    """A loop over iterations: the lines, and statements before and after them."""
    writer = SourceWriter(program.shapes)
    for line in lines:
        writer.assign(line)
    body = [f"{python_name(name)} = values[{name!r}]" for name in inputs_of(lines)]
    body += writer.constants
    body += [f"{_all(name)} = values[{name!r}]" for name in batched]
    body += [f"{_trail(name)} = trails[{name!r}]" for name in trails]
    before, after = around
    step = [*before, *writer.statements, f"losses[k] = {python_name(LOSS)}", *after]
    turns = "range(first, last)"
    heading = f"for k, rows in zip({turns}, batches):" if batched else f"for k in {turns}:"
    body += [heading, *("    " + statement for statement in step)]
    arguments = "first, last, values, batches, losses, trails"
    loop: Any = build_function("loop", arguments, body)
    compiled: Loop = loop
    return compiled


def _trail(name: str) -> str:
    return f"trail_{python_name(name)}"


def _all(name: str) -> str:
    return f"all_{python_name(name)}"
