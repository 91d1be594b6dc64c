"""Text to formulas: Python's own parser reads, and only the formula language is accepted.

Text is never evaluated. Every refusal says what is not allowed, and where.
"""

import ast
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gd_tutor.engine.errors import (
    FUNCTIONS_ELSEWHERE,
    Fault,
    ProgramError,
    constant,
    decimal_comma,
    instead_of_sign,
    product_left_out,
    suggestion,
    wrong_number,
)
from gd_tutor.engine.expression import Apply, Expression, Line, Name, Number, Place, walk
from gd_tutor.engine.operations import ANSWER_FUNCTIONS, FUNCTIONS

RESERVED = frozenset({"grad", "next", "learning_rate", *FUNCTIONS})
MOST_LINES = 200
LONGEST_LINE = 2_000
MOST_NODES = 150
MOST_NODES_IN_ALL = 400
DEEPEST = 40

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
}
_INSTEAD: dict[type[ast.operator], str] = {
    ast.BitXor: "`^` is not a power here; write ** (as in x ** 2).",
    ast.Mod: "`%` is not allowed; formulas have + - * / ** and @.",
    ast.FloorDiv: "`//` is not allowed; write / for division.",
}
_ASSIGNMENT = re.compile(r"\s*(?!axis\b)\w+\s*=(?!=)")
_STRAY = re.compile(r"[^ -~\n\t]")
_BRACKETS_LEFT_OUT = re.compile(r"\b([a-z]+)\s+(\w+)")
_UNREADABLE = "This is not a formula that can be read"


def parse(text: str) -> tuple[Line, ...]:
    """Read a forward program of one assignment a line. Raises ProgramError with all faults."""
    lines: list[Line] = []
    faults: list[Fault] = []
    nodes = 0
    for count, (number, statement) in enumerate(_statements(text), start=1):
        if count > MOST_LINES:
            faults.append(Fault(f"A program has at most {MOST_LINES} lines.", Place(number, 1)))
            break
        try:
            line = _line(statement, number)
        except ProgramError as error:
            faults += error.faults
            continue
        lines.append(line)
        nodes += sum(1 for _ in walk(line.expression))
        if nodes > MOST_NODES_IN_ALL:
            message = f"A program has at most {MOST_NODES_IN_ALL} names, numbers and signs in all."
            faults.append(Fault(message, line.place))
            break
    if faults:
        raise ProgramError(faults)
    return tuple(lines)


def parse_answer(text: str) -> Expression:
    """Read a formula with grad.NAME, next.NAME, count(E) and E[0]. Raises ProgramError."""
    tree = _python(text.rstrip(), 1, "eval")
    assert isinstance(tree, ast.Expression)
    return _ExpressionReader(1, answers=True).read(tree.body)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The assignments with the number of their first line; brackets may span lines."""
    held, first = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        code = line.split("#", 1)[0].rstrip()
        if held and _ASSIGNMENT.match(code):  # an unclosed bracket ends at the next assignment
            yield first, held
            held = ""
        if not held and not code.strip():
            continue
        held, first = (f"{held}\n{code}", first) if held else (code, number)
        if held.count("(") <= held.count(")") or len(held) > LONGEST_LINE:
            yield first, held
            held = ""
    if held:
        yield first, held


def _line(statement: str, number: int) -> Line:
    indent = len(statement) - len(statement.lstrip())
    tree = _python(" " * indent + statement.lstrip(), number, "exec")
    assert isinstance(tree, ast.Module)
    match tree.body:
        case [ast.Assign(targets=[ast.Name(id=name) as target], value=value)]:
            place = Place(number, target.col_offset + 1)
            _check_assigned(name, place)
            return Line(name, _ExpressionReader(number, answers=False).read(value), place)
    message = "Each line of a program has the form `name = formula`."
    raise ProgramError([Fault(message, Place(number, indent + 1))])


def _check_assigned(name: str, place: Place) -> None:
    if name in RESERVED:
        message = f"'{name}' has a meaning of its own here; choose another name."
        raise ProgramError([Fault(message, place)])


def _python(text: str, number: int, mode: str) -> ast.AST:
    """Python's tree of the text. Raises ProgramError at the place where reading stopped."""
    stray = _STRAY.search(text)
    if stray:
        before = text[: stray.start()]
        place = Place(number + before.count("\n"), stray.start() - before.rfind("\n"))
        raise ProgramError([Fault(instead_of_sign(stray[0]), place)])
    if len(text) > LONGEST_LINE:
        message = f"A formula has at most {LONGEST_LINE} characters; split it in named lines."
        raise ProgramError([Fault(message, Place(number, 1))])
    source = text.lstrip()  # Python reads an indent as a block
    skipped = text[: len(text) - len(source)]
    number += skipped.count("\n")
    indent = len(skipped) - skipped.rfind("\n") - 1
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source, mode=mode)
    except SyntaxError as error:
        row, column = (error.lineno or 1) - 1, error.offset or 1
        place = Place(number + row, column + (indent if row == 0 else 0))
        raise ProgramError([Fault(_syntax_message(text, error), place)]) from None
    except (ValueError, MemoryError, RecursionError):
        message = f"{_UNREADABLE}: it is too long or too deeply nested."
        raise ProgramError([Fault(message, Place(number, 1))]) from None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr):
            node.col_offset += indent if node.lineno == 1 else 0
            node.lineno += skipped.count("\n")
    return tree


def _syntax_message(text: str, error: SyntaxError) -> str:
    if not text.strip() or text.endswith("="):
        return "A formula is missing here."
    if text.count("(") != text.count(")"):
        missing = ")" if text.count("(") > text.count(")") else "("
        return f"{_UNREADABLE}: a bracket {missing} is missing."
    if number := wrong_number(text):
        return f"{_UNREADABLE}. {number}"
    if text.rstrip().endswith(tuple("+-*/@")):
        return f"{_UNREADABLE}: a value is missing at its end."
    if (call := _BRACKETS_LEFT_OUT.search(text)) and call[1] in FUNCTIONS:
        return f"{_UNREADABLE}: write {call[1]}({call[2]})."
    if product_left_out(text):
        return f"{_UNREADABLE}: write * for every product (2 * x, not 2x)."
    if error.msg.startswith("invalid syntax"):  # the rest of the message is about Python
        return f"{_UNREADABLE}."
    return f"{_UNREADABLE}: {error.msg}."


def _written(node: ast.expr) -> str:
    """The beginning of a formula as Python writes it, if it can."""
    try:
        return ast.unparse(node)[:40]
    except (RecursionError, ValueError):
        return "…"


class _ExpressionReader:
    """Turns Python's tree into ours, and refuses everything outside the language."""

    def __init__(self, line: int, answers: bool) -> None:
        self.line = line
        self.answers = answers
        self.nodes = 0

    def read(self, node: ast.expr, depth: int = 0) -> Expression:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > DEEPEST:
            raise self.refuse(node, "This formula is too long; split it in named lines.")
        place = self.place(node)
        match node:
            case ast.Constant():
                return Number(self.number(node), place)
            case ast.Name(id=name):
                if name in FUNCTIONS:
                    raise self.refuse(node, f"'{name}' is a function; write {name}(...).")
                return Name(name, place)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Apply("negate", (self.read(operand, depth + 1),), place=place)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand, depth + 1)
            case ast.BinOp():
                return self.binary(node, depth, place)
            case ast.Call():
                return self.call(node, depth, place)
            case ast.Attribute():
                return self.attribute(node, depth, place)
            case ast.Subscript() if self.answers:
                return self.element(node, depth, place)
        comma = self.comma_in(node.elts) if isinstance(node, ast.Tuple) else ""
        raise self.refuse(node, comma or f"{self.named(node)} not allowed in a formula.")

    def place(self, node: ast.expr) -> Place:
        return Place(self.line + node.lineno - 1, node.col_offset + 1)

    def refuse(self, node: ast.expr, message: str) -> ProgramError:
        return ProgramError([Fault(message, self.place(node))])

    def named(self, node: ast.expr) -> str:
        match node:
            case ast.Compare() | ast.BoolOp() | ast.IfExp():
                return "Comparisons and conditions are"
            case ast.Subscript():
                return "Square brackets after a name are"
            case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
                return "Lists and tuples are"
            case ast.Lambda() | ast.ListComp() | ast.GeneratorExp():
                return "Python code is"
        return f"`{_written(node)}` is"

    def number(self, node: ast.Constant) -> float:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self.refuse(node, f"`{node.value!r}` is not a number.")
        try:
            value = float(node.value)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise self.refuse(node, "This number is too large.")
        return value

    def binary(self, node: ast.BinOp, depth: int, place: Place) -> Expression:
        if isinstance(node.op, ast.Pow):
            exponent = Number(self.exponent(node.right), self.place(node.right))
            return Apply("power", (self.read(node.left, depth + 1), exponent), place=place)
        if type(node.op) not in _OPERATORS:
            instead = _INSTEAD.get(type(node.op), "This sign is not allowed in a formula.")
            raise self.refuse(node, instead)
        left, right = self.read(node.left, depth + 1), self.read(node.right, depth + 1)
        return Apply(_OPERATORS[type(node.op)], (left, right), place=place)

    def exponent(self, node: ast.expr) -> float:
        match node:
            case ast.Constant():
                return self.number(node)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return -self.number(operand)
        raise self.refuse(node, "The exponent of ** has to be a number, as in x ** 2.")

    def call(self, node: ast.Call, depth: int, place: Place) -> Expression:
        if isinstance(node.func, ast.Attribute):
            raise self.refuse(node, self.of_other_languages(node, node.func))
        if not isinstance(node.func, ast.Name):
            message = f"`{_written(node.func)}` is not a function; write * for every product."
            raise self.refuse(node, message)
        name = node.func.id
        functions = ANSWER_FUNCTIONS if self.answers else FUNCTIONS
        if name not in functions:
            hint = f" {FUNCTIONS_ELSEWHERE[name]}" if name in FUNCTIONS_ELSEWHERE else ""
            hint = hint or suggestion(name, functions) or f" There are {', '.join(functions)}."
            raise self.refuse(node, f"There is no function '{name}'.{hint}")
        expected = functions[name].arity
        if len(node.args) != expected:
            values = "one value" if expected == 1 else "two values"
            message = f"{name} takes {values}, and {len(node.args)} are given."
            raise self.refuse(node, f"{message} {self.comma_in(node.args)}".rstrip())
        axis = self.axis(node, name)
        arguments = tuple(self.read(argument, depth + 1) for argument in node.args)
        return Apply(name, arguments, axis=axis, place=place)

    def comma_in(self, nodes: Sequence[ast.expr]) -> str:
        """What to do if two values are perhaps one number with a comma."""
        for left, right in pairwise(nodes):
            if right.col_offset - (left.end_col_offset or 0) == 1:
                comma = decimal_comma(f"{_written(left)},{_written(right)}".split()[0])
                if comma:
                    return comma
        return ""

    def of_other_languages(self, node: ast.Call, called: ast.Attribute) -> str:
        """What to write for np.sum(x), x.sum() and the like."""
        name = called.attr
        if name == "T":
            return f"`{_written(called)}` is not a function; write it without brackets."
        if name in FUNCTIONS:
            argument = ", ".join(map(_written, node.args)) or _written(called.value)
            return f"`{_written(called)}` is not a function here; write {name}({argument})."
        advice = FUNCTIONS_ELSEWHERE.get(name, "")
        hint = f" {advice}" if advice else suggestion(name, FUNCTIONS)
        hint = hint or f" There are {', '.join(FUNCTIONS)}."
        return f"`{_written(called)}` is not a function here.{hint}"

    def axis(self, node: ast.Call, name: str) -> int | None:
        if not node.keywords:
            return None
        keyword = node.keywords[0]
        match keyword:
            case ast.keyword(arg="axis", value=ast.Constant(value=0 | 1 as axis)) if (
                name in ("sum", "mean") and len(node.keywords) == 1 and type(axis) is int
            ):
                return axis
        raise self.refuse(keyword.value, "Only sum and mean take an option: axis=0 or axis=1.")

    def attribute(self, node: ast.Attribute, depth: int, place: Place) -> Expression:
        match node:
            case ast.Attribute(attr="T", value=value):
                return Apply("transpose", (self.read(value, depth + 1),), place=place)
            case ast.Attribute(value=ast.Name(id="grad" | "next" as space), attr=name):
                if self.answers:
                    return Name(f"{space}.{name}", place)
                message = f"`{space}.{name}` is known only after a step; a program cannot use it."
                raise self.refuse(node, message)
        message = f"`.{node.attr}` is not allowed; the only one is .T (the transpose)."
        if number := constant(node.attr):
            message = f"`{_written(node)}` is not known here. {number}"
        raise self.refuse(node, message)

    def element(self, node: ast.Subscript, depth: int, place: Place) -> Expression:
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        index: list[int] = []
        for item in items:
            match item:
                case ast.Constant(value=int() as position) if type(position) is int:
                    index.append(position)
                case _:
                    raise self.refuse(item, "An index is a whole number, as in E[0] or E[0, 1].")
        value = self.read(node.value, depth + 1)
        return Apply("element", (value,), index=tuple(index), place=place)
