"""The formula language: what it accepts, what it refuses and where, and that nothing hangs it."""

import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gd_tutor.engine.errors import ProgramError
from gd_tutor.engine.expression import Line, Name, walk
from gd_tutor.engine.operations import FUNCTIONS
from gd_tutor.engine.parser import (
    DEEPEST,
    LONGEST_LINE,
    MOST_LINES,
    MOST_NODES_IN_ALL,
    parse,
    parse_answer,
)
from gd_tutor.engine.program import Program

QUICK = 20.0
"""Seconds of computing that no text may take; one that explodes takes minutes."""


def faults(text: str) -> list[tuple[str, int, int]]:
    with pytest.raises(ProgramError) as caught:
        parse(text)
    return [(f.message, f.place.line, f.place.column) for f in caught.value.faults]


def program_faults(text: str, **parameters: tuple[int, ...]) -> list[tuple[str, int, int]]:
    with pytest.raises(ProgramError) as caught:
        Program(text, {}, parameters)
    return [(f.message, f.place.line, f.place.column) for f in caught.value.faults]


def refusal(function: Callable[[str], object], text: str) -> ProgramError | None:
    """What a text is refused with, if it is."""
    try:
        function(text)
    except ProgramError as error:
        return error
    return None


def formula(text: str) -> str:
    """A formula in prefix form, so that its structure can be compared."""

    def prefix(node: object) -> str:
        match node:
            case Name(name):
                return name
        value = getattr(node, "value", None)
        if value is not None:
            return f"{value:g}"
        axis = getattr(node, "axis", None)
        parts = [*map(prefix, node.arguments), *([f"axis={axis}"] if axis is not None else [])]  # type: ignore[attr-defined]
        return f"{node.operation}({', '.join(parts)})"  # type: ignore[attr-defined]

    (line,) = parse(f"y = {text}")
    return prefix(line.expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", "x"),
        ("2", "2"),
        ("2.5e-3", "0.0025"),
        ("1_000", "1000"),
        (".5", "0.5"),
        ("x + z - 1", "subtract(add(x, z), 1)"),
        ("x * z / 2", "divide(multiply(x, z), 2)"),
        ("x + z * 2", "add(x, multiply(z, 2))"),
        ("X @ w + b", "add(matmul(X, w), b)"),
        ("-x ** 2", "negate(power(x, 2))"),
        ("(-x) ** 2", "power(negate(x), 2)"),
        ("+x", "x"),
        ("x ** -0.5", "power(x, -0.5)"),
        ("X.T @ X", "matmul(transpose(X), X)"),
        ("(A @ B).T", "transpose(matmul(A, B))"),
        ("mean(E ** 2)", "mean(power(E, 2))"),
        ("sum(E, axis=0)", "sum(E, axis=0)"),
        ("mean(E, axis=1)", "mean(E, axis=1)"),
        ("mean(E,\n     axis=0)", "mean(E, axis=0)"),
        ("(x +\n z)", "add(x, z)"),
        ("x  # said in a comment, with = and (", "x"),
    ],
)
def test_formulas_are_read_as_python_reads_them(text: str, expected: str) -> None:
    assert formula(text) == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_the_table_is_accepted(name: str) -> None:
    arguments = ", ".join(["x", "z"][: FUNCTIONS[name].arity])
    assert formula(f"{name}({arguments})") == f"{name}({arguments})"


def test_the_table_is_the_documented_one() -> None:
    documented = "sum mean exp log sqrt abs sin cos tanh sigmoid relu maximum minimum"
    assert set(FUNCTIONS) == set(documented.split())


def test_lines_keep_their_places() -> None:
    lines = parse("\n# words\n  residual = y - x\n\n\tloss = (residual\n   ** 2)  # squared\n")
    assert [(line.name, line.place.line, line.place.column) for line in lines] == [
        ("residual", 3, 3),
        ("loss", 5, 2),
    ]
    places = {
        node.id: (node.place.line, node.place.column)
        for line in lines
        for node in walk(line.expression)
        if isinstance(node, Name)
    }
    assert places == {"y": (3, 14), "x": (3, 18), "residual": (5, 10)}


def test_an_empty_program_has_no_lines() -> None:
    assert parse("") == parse(" \n # nothing\n") == ()


FORM = "Each line of a program has the form `name = formula`."
UNREADABLE = "This is not a formula that can be read"

REFUSED = [
    # text, line, column, beginning of the message
    ("x", 1, 1, FORM),
    ("a + b", 1, 1, FORM),
    ("  x", 1, 3, FORM),
    ("a = b = 3", 1, 1, FORM),
    ("a, b = 3", 1, 1, FORM),
    ("a[0] = 3", 1, 1, FORM),
    ("a.T = 3", 1, 1, FORM),
    ("a += 1", 1, 1, FORM),
    ("a: float = 1", 1, 1, FORM),
    ("a = 1; b = 2", 1, 1, FORM),
    ("import os", 1, 1, FORM),
    ("for x in y: pass", 1, 1, FORM),
    ("del x", 1, 1, FORM),
    ("assert x", 1, 1, FORM),
    ("y = 1\n\nimport os", 3, 1, FORM),
    ("exp = 3", 1, 1, "'exp' has a meaning of its own here"),
    ("learning_rate = 3", 1, 1, "'learning_rate' has a meaning of its own here"),
    (" grad = 3", 1, 2, "'grad' has a meaning of its own here"),
    ("next = 3", 1, 1, "'next' has a meaning of its own here"),
    ("a = exp", 1, 5, "'exp' is a function; write exp(...)."),
    ("a = x ^ 2", 1, 5, "`^` is not a power here; write **"),
    ("a = 1 + x % 2", 1, 9, "`%` is not allowed"),
    ("a = x // 2", 1, 5, "`//` is not allowed; write /"),
    ("a = x & y", 1, 5, "This sign is not allowed"),
    ("a = x << 2", 1, 5, "This sign is not allowed"),
    ("a = not x", 1, 5, "`not x` is not allowed"),
    ("a = ~x", 1, 5, "`~x` is not allowed"),
    ("a = x < y", 1, 5, "Comparisons and conditions are not allowed"),
    ("a = x and y", 1, 5, "Comparisons and conditions are not allowed"),
    ("a = x if y else z", 1, 5, "Comparisons and conditions are not allowed"),
    ("a = [1, 2]", 1, 5, "Lists and tuples are not allowed"),
    ("a = 1, 2", 1, 5, "Lists and tuples are not allowed"),
    ("a = {1: 2}", 1, 5, "Lists and tuples are not allowed"),
    ("a = x[0]", 1, 5, "Square brackets after a name are not allowed"),
    ("a = lambda: 1", 1, 5, "Python code is not allowed"),
    ("a = [x for x in y]", 1, 5, "Python code is not allowed"),
    ("a = sum(x for x in y)", 1, 8, "Python code is not allowed"),
    ("a = (b := 3)", 1, 6, "`(b := 3)` is not allowed"),
    ("a = f'{x}'", 1, 5, "`f'{x}'` is not allowed"),
    ("a = *x", 1, 5, "`*x` is not allowed"),
    ("a = await x", 1, 5, "`await x` is not allowed"),
    ("a = yield x", 1, 5, "`(yield x)` is not allowed"),
    ("a = 'text'", 1, 5, "`'text'` is not a number"),
    ("a = b'text'", 1, 5, "`b'text'` is not a number"),
    ("a = True", 1, 5, "`True` is not a number"),
    ("a = None", 1, 5, "`None` is not a number"),
    ("a = ...", 1, 5, "`Ellipsis` is not a number"),
    ("a = 2j", 1, 5, "`2j` is not a number"),
    ("a = 1e999", 1, 5, "This number is too large."),
    ("a = x + " + "9" * 1000, 1, 9, "This number is too large."),
    ("a = 0x" + "f" * 1000, 1, 5, "This number is too large."),
    ("a = x ** y", 1, 10, "The exponent of ** has to be a number"),
    ("a = x ** (1 / 2)", 1, 11, "The exponent of ** has to be a number"),
    ("a = 2 ** x", 1, 10, "The exponent of ** has to be a number"),
    ("a = x ** 2 ** 2", 1, 10, "The exponent of ** has to be a number"),
    ("a = 9 ** 9 ** 9 ** 9", 1, 10, "The exponent of ** has to be a number"),
    ("a = x ** True", 1, 10, "`True` is not a number"),
    ("a = x ** 1e999", 1, 10, "This number is too large."),
    ("a = foo(x)", 1, 5, "There is no function 'foo'. There are exp, log, sqrt"),
    ("a = 1 + tan(x)", 1, 9, "There is no function 'tan'. Did you mean 'tanh'?"),
    ("a = power(x, 2)", 1, 5, "There is no function 'power'."),
    ("a = sign(x)", 1, 5, "There is no function 'sign'."),
    ("a = (x)(y)", 1, 5, "There is no function 'x'."),
    ("a = 2(x)", 1, 5, "`2` is not a function; write * for every product."),
    ("a = x.T()", 1, 5, "`x.T` is not a function; write it without"),
    ("a = __import__('os').system('ls')", 1, 5, "`__import__('os').system` is not a function"),
    ("a = exp()", 1, 5, "exp takes one value, and 0 are given."),
    ("a = exp(x, y)", 1, 5, "exp takes one value, and 2 are given."),
    ("a = maximum(x)", 1, 5, "maximum takes two values, and 1 are given."),
    ("a = mean(x, 0)", 1, 5, "mean takes one value, and 2 are given."),
    ("a = exp(*x)", 1, 9, "`*x` is not allowed"),
    ("a = exp(**x)", 1, 5, "exp takes one value, and 0 are given."),
    ("a = exp(x, axis=0)", 1, 17, "Only sum and mean take an option: axis=0 or axis=1."),
    ("a = sum(x, axis=2)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, axis=-1)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, axis=True)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, axis=0.0)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, axis=n)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, keepdims=1)", 1, 21, "Only sum and mean take an option"),
    ("a = sum(x, axis=0, where=1)", 1, 17, "Only sum and mean take an option"),
    ("a = sum(x, **y)", 1, 14, "Only sum and mean take an option"),
    ("a = x.shape", 1, 5, "`.shape` is not allowed; the only one is .T"),
    ("a = x.T.real", 1, 5, "`.real` is not allowed; the only one is .T"),
    ("a = x.__class__", 1, 5, "`.__class__` is not allowed; the only one is .T"),
    ("a = grad.x", 1, 5, "`grad.x` is known only after a step"),
    ("a = next.x", 1, 5, "`next.x` is known only after a step"),
    ("a = 2 x", 1, 7, f"{UNREADABLE}: write * for every product (2 * x, not 2x)."),
    ("a = 2×x", 1, 6, "'×' is not allowed in a formula; write * instead."),
    ("a = x²", 1, 6, "'²' is not a power here; write ** 2 (as in x ** 2)."),
    ("größe = 2", 1, 3, "'ö' is not allowed in a name, which has A-Z, a-z, 0-9 and _; write oe"),
    ("a = 0,5 * x", 1, 5, "A number has a point: 0.5, not 0,5."),
    ("a = sum(0,5 * x)", 1, 5, "sum takes one value, and 2 are given. A number has a point: 0.5"),
    ("a = sum(1, x)", 1, 5, "sum takes one value, and 2 are given."),
    ("a = 1.2.3", 1, 8, f"{UNREADABLE}. 1.2.3 is not a number: it has one point."),
    ("a = (x + 1", 1, 5, f"{UNREADABLE}: a bracket ) is missing."),
    ("a = sin x", 1, 9, f"{UNREADABLE}: write sin(x)."),
    ("a = ln(x)", 1, 5, "There is no function 'ln'. The natural logarithm is log here."),
    ("a = np.sum(x)", 1, 5, "`np.sum` is not a function here; write sum(x)."),
    ("a = x.mean()", 1, 5, "`x.mean` is not a function here; write mean(x)."),
    ("a = np.pi", 1, 5, "`np.pi` is not known here. Write the number itself: 3.14159"),
    ("a = 2x", 1, 5, f"{UNREADABLE}: write * for every product (2 * x, not 2x)."),
    ("a = (x + 1) y", 1, 5, f"{UNREADABLE}"),
    ("a = 1e5 +", 1, 10, f"{UNREADABLE}: a value is missing at its end."),
    ("a = w1b +", 1, 10, f"{UNREADABLE}: a value is missing at its end."),
    ("a = x y", 1, 5, UNREADABLE),
    ("a = ", 1, 4, "A formula is missing here."),
    ("a =\nb = 1", 1, 4, "A formula is missing here."),
    ("a = (x", 1, 5, UNREADABLE),
    ("a = x)", 1, 6, UNREADABLE),
    ("a = (b = c)", 1, 6, f"{UNREADABLE}."),
    ("a = x \\", 1, None, UNREADABLE),
    ("if = 3", 1, None, UNREADABLE),
    ("= 3", 1, 1, UNREADABLE),
    ("a = `x`", 1, 5, UNREADABLE),
    ("a = $x", 1, 5, UNREADABLE),
    ("a = 0777", 1, None, UNREADABLE),
    (
        "a = é",
        1,
        5,
        "'é' is not allowed in a name, which has A-Z, a-z, 0-9 and _; write e instead.",
    ),
    ("λ = 2", 1, 1, "'λ' is not allowed"),
    ("a = x − 1", 1, 7, "'−' is not allowed"),
    ("a = ½", 1, 5, "'½' is not allowed"),
    ("a = ２", 1, 5, "'２' is not allowed"),
    ("a = (x +\n  é)", 2, 3, "'é' is not allowed"),
    ("a = x\0", 1, 6, "'\\x00' is not allowed"),
    ("a = \x1b[31mx", 1, 5, "'\\x1b' is not allowed"),
    ("a = x\u00a0+ 1", 1, 6, "'\\xa0' is not allowed"),
    ("a = " + "x" * LONGEST_LINE, 1, 1, f"A formula has at most {LONGEST_LINE} characters"),
    ("a = " + "+".join("x" * 100), 1, 5, "This formula is too long; split it in named lines."),
    ("a = " + "-" * (DEEPEST + 1) + "x", 1, 5 + DEEPEST + 1, "This formula is too long"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_everything_else_is_refused_and_placed(
    text: str, line: int, column: int | None, message: str
) -> None:
    fault, *_ = faults(text)
    assert fault[0].startswith(message)
    assert fault[1] == line
    if column is not None and message is not UNREADABLE:
        assert fault[2] == column
    assert fault[0].endswith((".", "?"))


def test_all_faults_are_told_at_once() -> None:
    text = "a = x ^ 2\nb = fine\nc = (1,\nd = 2 %\n  e = [1]\n"
    assert [(line, column) for _, line, column in faults(text)] == [
        (1, 5), (3, 5), (4, 8), (5, 7)
    ]  # fmt: skip


def test_faults_of_names_and_shapes_are_told_at_once() -> None:
    text = "a = x + c\nb = misspelt * 2\nd = b + 1\na = x\nx = 1\nlast = A @ x"
    found = program_faults(text, x=(), A=(2, 3))
    assert [(line, column) for _, line, column in found] == [
        (1, 9), (2, 5), (4, 1), (5, 1), (6, 8), (6, 1)
    ]  # fmt: skip
    assert found[2][0] == "'a' is assigned twice; use a new name."
    assert found[3][0] == "'x' is already given as data or parameter."
    assert found[4][0].startswith("`@` multiplies matrices")
    assert found[5][0] == "The last line has to be `loss = …`."


@pytest.mark.parametrize(
    ("text", "shapes", "line", "column", "message"),
    [
        ("loss = sum(a * b)", {"a": (3,), "b": (3, 1)}, 1, 12, "the left side is 3 values, the"),
        ("loss = sum(a + b)", {"a": (1, 3), "b": (3, 1)}, 1, 12, "is 1×3, the right side 3×1"),
        ("loss = sum(a - b)", {"a": (3,), "b": (2,)}, 1, 12, "is 3 values, the right side 2"),
        ("loss = sum(maximum(a, b))", {"a": (3,), "b": (3, 1)}, 1, 12, "Shapes do not fit"),
        ("loss = sum(a @ b)", {"a": (2, 3), "b": (2, 3)}, 1, 12, "but 2×3 meets 2×3."),
        ("loss = a @ b", {"a": (3,), "b": (2,)}, 1, 8, "but 3 values meets 2 values."),
        ("loss = sum(a, axis=1)", {"a": (3,)}, 1, 8, "There is no axis 1 in 3 values"),
        ("loss = sum(a, axis=0)", {"a": ()}, 1, 8, "There is no axis 0 in a single number"),
        ("loss = a", {"a": (3,)}, 1, 1, "The loss has to be a single number, but here it is 3"),
        ("loss = a", {"a": (), "b": ()}, 1, 1, "The parameter 'b' does not reach the loss."),
        ("c = b\nloss = a", {"a": (), "b": ()}, 2, 1, "The parameter 'b' does not reach"),
        ("loss = 2", {}, 1, 1, "There is no parameter to train"),
        ("", {"a": ()}, 1, 1, "The last line has to be `loss = …`."),
        ("loss = a\nb = a", {"a": ()}, 2, 1, "The last line has to be `loss = …`."),
        ("loss = aa * 2", {"a": ()}, 1, 8, "There is no value 'aa' here. Did you mean 'a'?"),
        ("c = d\nd = a\nloss = d", {"a": ()}, 1, 5, "There is no value 'd' here."),
        ("loss = learning_rate * a", {"a": ()}, 1, 8, "There is no value 'learning_rate'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_placed(
    text: str, shapes: dict[str, tuple[int, ...]], line: int, column: int, message: str
) -> None:
    found = program_faults(text, **shapes)
    # Shapes are told where values meet; the formula inside sum( begins at its column.
    assert message in found[0][0]
    assert found[0][1:] == (line, column)


def test_lines_the_loss_does_not_use_are_in_forward_only() -> None:
    program = Program("seen = x * 2\nloss = x ** 2", {}, {"x": ()})
    assert [line.name for line in program.forward] == ["seen", "loss"]
    assert [line.name for line in program.backward] == ["grad.x"]


def test_a_program_has_a_most_number_of_lines() -> None:
    text = "\n".join(f"a{i} = 1" for i in range(MOST_LINES))
    assert len(parse(text)) == MOST_LINES
    assert faults(text + "\nb = 1") == [
        (f"A program has at most {MOST_LINES} lines.", MOST_LINES + 1, 1)
    ]


def test_a_program_has_a_most_number_of_parts() -> None:
    lines = [f"a{i} = x + 1" for i in range(MOST_NODES_IN_ALL // 3)]
    assert len(parse("\n".join(lines))) == len(lines)
    ((message, line, column),) = faults("\n".join([*lines, "b = x + 1"]))
    assert message.startswith(f"A program has at most {MOST_NODES_IN_ALL} names")
    assert (line, column) == (len(lines) + 1, 1)


def nested(opening: str, inner: str, closing: str, depth: int = 1900) -> str:
    return opening * depth + inner + closing * depth


EXPLOSIVE = {
    "parentheses": "a = " + nested("(", "x", ")", 900),
    "signs": "a = " + "-" * 1900 + "x",
    "inversions": "a = " + "~" * 1900 + "x",
    "negations": "a = " + "not " * 480 + "x",
    "calls": "a = " + nested("exp(", "x", ")", 390),
    "calls of calls": "a = x" + "()" * 900,
    "attributes": "a = x" + ".a" * 900,
    "transposes": "a = x" + ".T" * 900,
    "indices": "a = x" + "[0]" * 600,
    "lists": "a = " + nested("[", "x", "]", 900),
    "lambdas": "a = " + "lambda:" * 280 + "x",
    "conditions": "a = " + "x if x else " * 160 + "x",
    "powers": "a = " + "9**" * 600 + "9",
    "f-strings": "a = f'{x!r:>{10}}' '\\n'",
    "a long line": "a = " + "x + " * 250_000 + "x",
    "a long name": "a" * 1_000_000 + " = 1",
    "10,000 digits": "a = " + "9" * 10_000,
    "many digits on lines": "a = (" + "\n".join(["9" * 1000] * 5) + ")",
    "open brackets": "(\n" * 100_000,
    "faulty lines": "$\n" * 100_000,
    "lines": "a = 1\n" * 100_000,
    "comments": "#\n" * 300_000,
    "blank": " " * 1_000_000,
    "NUL": "\0" * 100_000,
}


@pytest.mark.parametrize("name", EXPLOSIVE)
def test_nothing_hangs_or_explodes(name: str) -> None:
    begun = time.process_time()
    error = refusal(parse, EXPLOSIVE[name])
    assert error is None or 0 < len(error.faults) <= MOST_LINES + 1
    assert time.process_time() - begun < QUICK


def heavy_programs() -> dict[str, tuple[str, dict[str, tuple[int, ...]]]]:
    column, row, big = (2000, 1), (1, 2000), (500, 500)
    uses = "*".join("x" * 39)
    names = [f"a{i}" for i in range(4)]
    return {
        "one name used everywhere": (
            "\n".join(f"{name} = {uses}" for name in names) + f"\nloss = {'+'.join(names)}",
            {"x": ()},
        ),
        "maximum in maximum": ("loss = " + nested("maximum(x, ", "x", ")", 39), {"x": ()}),
        "quotients": ("loss = " + nested("x / (", "x", ")", 39), {"x": ()}),
        "sigmoids": ("loss = " + nested("sigmoid(", "x", ")", 39), {"x": ()}),
        "outer products": (
            "A = c @ r\n" + "B = A * A\nloss = sum(B + A * B - c @ r)",
            {"c": column, "r": row},
        ),
        "an outer product": ("loss = mean(c @ r)", {"c": (20_000, 1), "r": (1, 20_000)}),
        "matrix products": (
            "loss = sum(A" + " @ A" * 30 + ")",
            {"A": big},
        ),
    }


@pytest.mark.parametrize("name", heavy_programs())
def test_no_program_is_too_heavy_to_derive(name: str) -> None:
    text, shapes = heavy_programs()[name]
    begun = time.process_time()
    error = refusal(lambda text: Program(text, {}, shapes).compute_backward, text)
    assert error is None or any(why in str(error) for why in ("too large", "too long", "at most"))
    assert time.process_time() - begun < QUICK


def test_small_programs_may_hold_long_data() -> None:
    data = {"X": (10_000, 13), "y": (10_000,)}
    program = Program("loss = mean((X @ w - y) ** 2)", data, {"w": (13,)})
    assert program.shapes["grad.w"] == (13,)


# Answers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grad.x", {"grad.x"}),
        ("next.x + x", {"next.x", "x"}),
        ("E[0] - E[1]", {"E"}),
        (" \n E[0, 1] * grad.W[1, 0]", {"E", "grad.W"}),
        ("x + learning_rate * grad.x", {"x", "learning_rate", "grad.x"}),
    ],
)
def test_answers_may_name_gradients_updates_and_elements(text: str, expected: set[str]) -> None:
    found = {node.id for node in walk(parse_answer(text)) if isinstance(node, Name)}
    assert found == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "A formula is missing here."),
        ("  ", 1, 1, "A formula is missing here."),
        ("  é", 1, 3, "'é' is not allowed"),
        ("  x ^ 2", 1, 3, "`^` is not a power here"),
        ("\n x ^ 2", 2, 2, "`^` is not a power here"),
        ("E[-1]", 1, 3, "An index is a whole number"),
        ("E[0:1]", 1, 3, "An index is a whole number"),
        ("E[True]", 1, 3, "An index is a whole number"),
        ("E[i]", 1, 3, "An index is a whole number"),
        ("seed.x", 1, 1, "`.x` is not allowed"),
        ("x = 1", 1, 3, UNREADABLE),
        ("next(x)", 1, 1, "There is no function 'next'."),
    ],
)
def test_answers_are_refused_and_placed(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ProgramError) as caught:
        parse_answer(text)
    (fault,) = caught.value.faults
    assert fault.message.startswith(message)
    assert (fault.place.line, fault.place.column) == (line, column)


# Any text at all

SIGNS = "+ - * / @ ** ^ % // = == := .T . , ; : ( ) [ ] { } \\ # ' \" f'{ }' ''' ~ ` $ !"
WORDS = "x loss a 1 2.5 1e400 0x1f 1_0 1j axis grad next lambda if else for in not and await None"
BLANKS = ["\n", " ", "\t", "\x0c", "\u2028"]
STRAYS = ["λ", "\0", "\ufeff", "\ud800", "loss = ", "\na = "]
PIECES = st.sampled_from([*FUNCTIONS, *SIGNS.split(), *WORDS.split(), *BLANKS, *STRAYS])
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=30).map("".join),
    st.lists(PIECES, max_size=30).map(lambda pieces: "loss = " + " ".join(pieces)),
)


@given(TEXTS)
@example("a = f'{x!r:>{1}}\\n'")
@example("a = 1if x else 2")
@example("a = '\\d'")
@settings(max_examples=400)
def test_any_text_is_a_program_or_is_refused(text: str) -> None:
    error = refusal(parse, text)
    if error is None:
        assert all(isinstance(line, Line) for line in parse(text))
    for fault in error.faults if error else ():
        assert fault.message
        assert 1 <= fault.place.line <= len(text.splitlines()) + 1
        assert fault.place.column >= 1
    refusal(parse_answer, text)


def test_layers_end_with_the_slopes_of_their_parameters() -> None:
    text = "a = tanh(u * x + c)\nb = tanh(v * a)\ny = w * b + d\nloss = (t - y) ** 2"
    program = Program(text, {"x": (), "t": ()}, dict.fromkeys("dcuvw", ()))
    layers = [[line.name.removeprefix("grad.") for line in layer] for layer in program.layers]
    assert layers == [["y", "d", "w"], ["b", "v"], ["a", "c", "u"]]


def test_a_program_of_one_layer_goes_back_at_once() -> None:
    text = "y = w * x + b\ne = t - y\nloss = e ** 2 + 0.1 * w ** 2"
    program = Program(text, {"x": (), "t": ()}, {"w": (), "b": ()})
    assert program.layers == (program.backward,)


def test_a_line_that_the_loss_does_not_need_delays_no_slope() -> None:
    lines = "h = w1 * x\np = w2 * h\nloss = (t - p) ** 2"
    shapes = {"x": (), "t": ()}, {"w1": (), "w2": ()}
    plain, more = (Program(text, *shapes) for text in (lines, f"size = w2 ** 2\n{lines}"))
    assert more.layers == plain.layers
    assert len(plain.layers) == 2


def test_slopes_of_data_make_no_layer() -> None:
    text = "small = x / 10\ny = small * w + b\nloss = (t - y) ** 2"
    program = Program(text, {"x": (), "t": ()}, {"w": (), "b": ()})
    assert "grad.small" in {line.name for line in program.backward}
    assert program.layers == (program.backward,)


def test_slopes_that_nobody_could_read_are_refused() -> None:
    text = "u"
    for _ in range(30):
        text = f"maximum({text}, u * u)"
    with pytest.raises(ProgramError, match="too long to be written"):
        Program(f"loss = {text}", {}, {"u": ()})


def test_a_name_in_the_other_case_and_a_constant_are_named() -> None:
    found = program_faults("loss = T * x + pi", t=(), x=())
    assert "Did you mean 't'?" in found[0][0]
    assert "Write the number itself: 3.14159" in found[1][0]


def test_a_matrix_product_is_offered_where_cells_do_not_fit_but_rows_and_columns_do() -> None:
    found = program_faults("loss = sum(X * W)", X=(3, 2), W=(2, 2))
    assert "Write @ for a matrix product" in found[0][0]
    assert "@" not in program_faults("loss = sum(X * W)", X=(3, 2), W=(3, 4))[0][0]
