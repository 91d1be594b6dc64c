"""The [[view]] tables of a lesson file, and the views of a lesson that has none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from gd_tutor.course.lesson import ViewSpec
from gd_tutor.course.toml import Table
from gd_tutor.engine.errors import ProgramError, suggestion
from gd_tutor.engine.expression import Apply, Expression, Name, Shape
from gd_tutor.engine.operations import ShapeError, shape_of
from gd_tutor.engine.parser import parse_answer
from gd_tutor.engine.program import Program

PATHS = frozenset({"curve", "contours", "parameters"})
"""The kinds that show where the parameters go."""


@dataclass(frozen=True)
class _Kind:
    """How many names a kind of view takes: `of` values, `over` parameters."""

    of: range = range(1)
    over: range = range(1)


_ONE, _TWO, _SOME = range(1, 2), range(2, 3), range(1, 100)
_KINDS = {
    "bars": _Kind(of=_ONE),
    "squares": _Kind(of=_ONE),
    "curve": _Kind(over=_ONE),
    "slices": _Kind(over=_TWO),
    "contours": _Kind(over=_TWO),
    "matrices": _Kind(of=_SOME),
    "parameters": _Kind(),
    "loss": _Kind(),
}
_COUNTS = {
    range(1): "no",
    _ONE: "one name in",
    _TWO: "two names in",
    _SOME: "one or more names in",
}


def read_views(tables: Iterable[Table], program: Program | None) -> tuple[ViewSpec, ...]:
    """The views that are sound, faults of the others noted; names need a sound program."""
    return tuple(view for table in tables if (view := _read_view(table, program)))


def _read_view(table: Table, program: Program | None) -> ViewSpec | None:
    table.allow(("kind", "of", "over"))
    kind = table.text("kind", required='kind = "loss"')
    if kind is None:
        return None
    if kind not in _KINDS:
        hint = suggestion(kind, _KINDS) or f" There are {', '.join(_KINDS)}."
        table.refuse("kind", f"There is no view '{kind}'.{hint}")
        return None
    of = _names(table, "of", kind, _KINDS[kind].of)
    over = _names(table, "over", kind, _KINDS[kind].over)
    if program is None or of is None or over is None:
        return None
    values = [_value(table, name, program) for name in of]
    components = [_component(table, name, program) for name in over]
    if None not in components and len(set(components)) < len(components):
        table.refuse("over", f"'{kind}' needs two different parameters or components.")
    return ViewSpec(kind, tuple(filter(None, values)), tuple(filter(None, components)))


def _names(table: Table, key: str, kind: str, count: range) -> tuple[str, ...] | None:
    names = table.texts(key)
    if names is None or len(names) in count:
        return names
    where = key if key in table else "kind"
    table.refuse(where, f"A view '{kind}' takes {_COUNTS[count]} `{key}` (given: {len(names)}).")
    return None


def _value(table: Table, name: str, program: Program) -> str | None:
    known = values_of(program)
    if name in known:
        return name
    hint = suggestion(name, known) or f" There are {', '.join(known)}."
    table.refuse("of", f"There is no value '{name}' in this experiment.{hint}")
    return None


def _component(table: Table, text: str, program: Program) -> str | None:
    """A scalar parameter or a component, in its one spelling: 'w', 'theta[0]', 'W[0,1]'."""
    try:
        parameter, index = _picked(parse_answer(text), text)
        if parameter not in program.parameters:
            hint = suggestion(parameter, program.parameters)
            hint = hint or f" There are {', '.join(program.parameters)}."
            raise ValueError(f"There is no parameter '{parameter}' in this experiment.{hint}")
        return _spelled(parameter, index, program.shapes[parameter])
    except (ProgramError, ValueError) as error:
        table.refuse("over", str(error))
        return None


def _picked(expression: Expression, text: str) -> tuple[str, tuple[int, ...]]:
    match expression:
        case Name(name):
            return name, ()
        case Apply("element", (Name(name),), index=index):
            return name, index or ()
    raise ValueError(f"'{text}' is not a parameter or a component of one, as in w or theta[0].")


def _spelled(parameter: str, index: tuple[int, ...], shape: Shape) -> str:
    element = Apply("element", (Name(parameter),), index=index)
    try:
        inner = shape_of(element, {parameter: shape})
    except ShapeError as error:
        raise ValueError(f"{parameter}: {error}") from None
    if inner:
        first = component(parameter, (0,) * len(shape))
        raise ValueError(
            f"`over` names single numbers; pick one component of '{parameter}', as in {first}."
        )
    return component(parameter, index)


def component(parameter: str, index: tuple[int, ...]) -> str:
    return f"{parameter}[{','.join(map(str, index))}]" if index else parameter


def components(program: Program) -> Iterator[str]:
    """Every parameter component, as a view names it."""
    for name in program.parameters:
        for index in product(*map(range, program.shapes[name])):
            yield component(name, index)


def chosen_views(program: Program) -> tuple[ViewSpec, ...]:
    """The views that suit the shapes of a program."""
    count = sum(prod(program.shapes[name]) for name in program.parameters)
    if count == 1:
        return ViewSpec("curve", over=tuple(components(program))), ViewSpec("loss")
    if count == 2:
        contours = ViewSpec("contours", over=tuple(components(program)))
        return contours, ViewSpec("loss"), ViewSpec("parameters")
    tables = tuple(line.name for line in program.forward if program.shapes[line.name])
    matrices = (ViewSpec("matrices", of=tables),) if tables else ()
    return (*matrices, ViewSpec("parameters"), ViewSpec("loss"))


def completed(views: tuple[ViewSpec, ...]) -> tuple[ViewSpec, ...]:
    """The views, with the loss and a parameter path added if missing."""
    kinds = {view.kind for view in views}
    if "loss" not in kinds:
        views = (*views, ViewSpec("loss"))
    if not kinds & PATHS:
        views = (*views, ViewSpec("parameters"))
    return views


def values_of(program: Program) -> tuple[str, ...]:
    """The names of data, parameters and forward values."""
    return (*program.data, *program.parameters, *(line.name for line in program.forward))
