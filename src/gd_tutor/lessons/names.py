"""The names that an author gives to values."""

from keyword import iskeyword

from gd_tutor.program import LOSS, Program
from gd_tutor.program.parser import RESERVED


def name_problem(name: str) -> str:
    """What is wrong with a name of a value; nothing where it may be one."""
    if not (name.isascii() and name.isidentifier()):
        return (
            f"'{name}' cannot be a name; use letters a to z and A to Z, digits and _, "
            "no digit first."
        )
    if name == LOSS:
        return f"'{LOSS}' is the name of the program's last line; choose another name."
    if name in RESERVED or iskeyword(name):
        return f"'{name}' has a meaning of its own here; choose another name."
    return ""


def values_of(program: Program) -> tuple[str, ...]:
    """The names of data, parameters and forward values."""
    return (*program.data, *program.parameters, *(line.name for line in program.forward))
