"""Many iterations in one go: the whole step as one generated function."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_tutor.program import LOSS, Program, next_of
from gd_tutor.program.compile import (
    SourceWriter,
    Value,
    build_function,
    inputs_of,
    python_name,
)

Buffers = Mapping[str, NDArray[np.float64]]
Loop = Callable[[int, int, Mapping[str, Value], NDArray[np.float64], Buffers], None]


def compile_loop(program: Program) -> Loop:
    """A function `loop(first, last, values, losses, trails)` that runs those iterations.

    `values` holds data, learning rate and the parameters before iteration `first`; row k of
    `losses` and row k + 1 of each trail are filled for every iteration k.
    """
    writer = SourceWriter(program.shapes)
    lines = (*program.needed, *program.backward, *program.update)
    for line in lines:
        writer.assign(line)
    body = [f"{python_name(name)} = values[{name!r}]" for name in inputs_of(lines)]
    body += writer.constants
    body += [f"{_trail(name)} = trails[{name!r}]" for name in program.parameters]
    step = [*writer.statements, f"losses[k] = {python_name(LOSS)}"]
    step += [
        f"{python_name(name)} = {_trail(name)}[k + 1] = {python_name(next_of(name))}"
        for name in program.parameters
    ]
    body += ["for k in range(first, last):", *("    " + statement for statement in step)]
    loop: Any = build_function("loop", "first, last, values, losses, trails", body)
    compiled: Loop = loop
    return compiled


def _trail(name: str) -> str:
    return f"trail_{name}"
