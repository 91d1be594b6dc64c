"""Formulas and lines with other names or other parts in them."""

from collections.abc import Iterable, Mapping, Sequence

from gd_tutor.program.expression import Apply, Expression, Line, Name, names

Lines = tuple[Line, ...]


def renamed(formula: Expression, others: Mapping[str, str]) -> Expression:
    """The formula with other names in it."""
    match formula:
        case Name(name):
            return Name(others.get(name, name))
        case Apply(operation, arguments, axis, shape, index):
            parts = tuple(renamed(argument, others) for argument in arguments)
            return Apply(operation, parts, axis, shape, index)
    return formula


def with_formula(lines: Sequence[Line], name: str, formula: Expression) -> Lines:
    """The lines with another formula for one name."""
    return tuple(Line(name, formula, line.place) if line.name == name else line for line in lines)


def leading_to(lines: Sequence[Line], wanted: Iterable[str]) -> Lines:
    """The lines that some names depend on, their own among them, in their order."""
    known = set(wanted)
    found: list[Line] = []
    for line in reversed(lines):
        if line.name in known:
            known.update(names(line.expression))
            found.append(line)
    return tuple(reversed(found))
