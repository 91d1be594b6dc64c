"""Numbers, values and formulas as text, and text as rows."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from gd_tutor.engine.compile import evaluate
from gd_tutor.engine.expression import Apply, Expression, Name, Number, Shape
from gd_tutor.engine.operations import OPERATIONS
from gd_tutor.engine.parser import parse_answer
from gd_tutor.notation.equals_sign import as_written
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.layout import equation, on_one_line, wrap
from gd_tutor.notation.numbers import number, shown, tensor
from gd_tutor.notation.printer import ASCII, SPEECH, SPELLINGS, on_screen
from gd_tutor.notation.spans import NO_BREAK, Row, Span, pad, plain, row_width, to_ascii, width
from random_formulas import SHAPES, Case, cases, formulas, same

PAPER = Notation({"residual": "ε", "guess": "ŷ", "loss": "l"}, SHAPES)
PLAIN = Notation(PAPER.symbols, SHAPES, dialect=ASCII)

finite = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str) -> float:
    return float(text.replace("−", "-"))


# Numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.4, "7.4"),
        (5.3248, "5.3248"),
        (12.996001, "12.996001"),
        (11 / 3, "3.6667"),
        (-46 / 3, "−15.333"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
        (-0.0, "0"),
        (-3, "−3"),
        (100, "100"),
        (12345678, "1.2345678e7"),
        (123456789, "1.2346e8"),
        (1234567.89, "1234600"),
        (9_999_999, "9999999"),
        (9_999_999.99999999, "1e7"),
        (1e7, "1e7"),
        (-2e7, "−2e7"),
        (0.0001, "0.0001"),
        (0.000099, "9.9e−5"),
        (-2.5e-5, "−2.5e−5"),
        (1 / 30000, "3.3333e−5"),
        (1e300, "1e300"),
        (5e-324, "4.9407e−324"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_one_rule_for_every_number(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (11 / 3, 3, "3.67"),
        (5.3248, 3, "5.32"),
        (5.3248, 5, "5.3248"),
        (7.4, 3, "7.4"),
        (0.99999, 2, "1"),
        (-1e-9, 1, "−1e−9"),
        (12.996001, 12, "12.996001"),
        (1 / 3, 12, "0.333333333333"),
    ],
)
def test_a_lesson_may_set_the_digits(value: float, digits: int, text: str) -> None:
    assert number(value, digits) == text


@given(st.floats(-1e308, 1e308))
def test_a_number_read_back_is_the_number_rounded(value: float) -> None:
    text = number(value)
    assert read(text) == pytest.approx(value, rel=6e-5)
    assert not text.startswith("−0") or float(f"{value:.12g}") != 0
    if len(f"{abs(value):.11e}".split("e")[0].replace(".", "").rstrip("0")) <= 8:
        assert read(text) == float(f"{value:.11e}")


@given(finite)
def test_scientific_notation_only_for_the_very_small_and_large(value: float) -> None:
    rounded = abs(read(number(value)))
    assert ("e" in number(value)) == (rounded >= 1e7 or 0 < rounded < 0.0001)


@given(st.lists(st.floats(-1e300, 1e300), max_size=6))
def test_a_column_is_aligned(values: list[float]) -> None:
    texts = Notation().column(values)
    read_back = [read(text) for text in texts]
    assert read_back == pytest.approx(values, rel=0.06)
    assert len({len(text) for text in texts}) <= 1
    points = {text.index(".") for text in texts if "." in text}
    ends = {len(text.rstrip()) for text in texts if "." not in text}
    assert len(points | ends) <= 1


def test_a_column_of_decimals_stands_point_below_point() -> None:
    assert Notation().column([1.5, -10, 0.25]) == ["  1.50", "−10.00", "  0.25"]
    assert Notation().column([]) == []


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([12.845056, 8.2208, 0.1181703], ["12.845", " 8.221", " 0.118"]),
        ([13.0, 8.32, 5.3248], ["13.0000", " 8.3200", " 5.3248"]),
        ([8 / 3, -13 / 15, -1.4], [" 2.6667", "−0.8667", "−1.4000"]),
        ([5.0, 3.0, 0.0], ["5", "3", "0"]),
        ([0.5, 0.0], ["0.5", "0  "]),
        ([225.0, 1 / 3, 0.0001234567891], ["225         ", "  0.33333   ", "  0.00012346"]),
        ([3.0, 2.5e-9], ["3     ", "2.5e−9"]),
    ],
)
def test_a_column_has_one_precision(values: list[float], texts: list[str]) -> None:
    assert Notation().column(values) == texts


# Vectors and matrices


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-3.0, "−3"),
        ([-3, 2], "[−3, 2]"),
        ([1 / 3], "[0.33333]"),
        ([[5], [3], [4]], "[5 3 4]ᵀ"),
        ([[1, 2], [3, 4]], "[1 2; 3 4]"),
        ([[1, 2, 3]], "[1 2 3]"),
        ([1, 2, 3, 4], "[1, 2, 3, 4]"),
        ([1, 2, 3, 4, 5], "[1, 2, …, 5]"),
        ([[1], [2], [3], [4], [5]], "[1 2 … 5]ᵀ"),
        (np.arange(25).reshape(5, 5), "[0 1 … 4; 5 6 … 9; …; 20 21 … 24]"),
        ([math.nan, math.inf], "[NaN, ∞]"),
    ],
)
def test_values_on_one_line(value: object, text: str) -> None:
    assert tensor(value) == text


def test_values_in_ascii_and_at_length() -> None:
    assert PLAIN.value([[5], [-3]]) == "[5 -3].T"
    assert PLAIN.value([math.nan, math.inf, -math.inf]) == "[NaN, inf, -inf]"
    assert PAPER.value(range(6), few=12) == "[0, 1, 2, 3, 4, 5]"
    assert PLAIN.value(range(6)) == "[0, 1, ..., 5]"


# Formulas


def written(formula: str, shapes: dict[str, Shape] | None = None) -> tuple[str, str]:
    """A formula on paper and in ASCII."""
    expression = parse_answer(formula)
    return tuple(  # type: ignore[return-value]
        Notation(PAPER.symbols, shapes or {}, dialect=on_screen(ascii)).formula(expression)
        for ascii in (False, True)
    )


@pytest.mark.parametrize(
    ("formula", "paper", "ascii"),
    [
        ("2 * residual", "2ε", "2*residual"),
        ("2 * (x - 3)", "2(x − 3)", "2*(x - 3)"),
        ("2 * distance", "2·distance", "2*distance"),
        ("2 * x ** 2", "2x²", "2*x**2"),
        ("2 * 3", "2·3", "2*3"),
        ("(x - 3) ** 2 + (y - 4) ** 2", "(x − 3)² + (y − 4)²", "(x - 3)**2 + (y - 4)**2"),
        ("x ** -1", "x⁻¹", "x**-1"),
        ("x ** 0.5", "x^0.5", "x**0.5"),
        ("(x ** 2) ** 3", "(x²)³", "(x**2)**3"),
        ("-x ** 2", "−x²", "-x**2"),
        ("(-x) ** 2", "(−x)²", "(-x)**2"),
        ("-(-x)", "−(−x)", "-(-x)"),
        ("x - (y - z)", "x − (y − z)", "x - (y - z)"),
        ("x - y - z", "x − y − z", "x - y - z"),
        ("x / (y * z)", "x/(y·z)", "x/(y*z)"),
        ("x / y / z", "x/y/z", "x/y/z"),
        ("((x + 1) * 2 - y) / 3", "((x + 1)·2 − y)/3", "((x + 1)*2 - y)/3"),
        ("grad.x", "∂l/∂x", "dloss/dx"),
        ("grad.guess ** 2", "(∂l/∂ŷ)²", "(dloss/dguess)**2"),
        ("x - learning_rate * grad.x", "x − η·∂l/∂x", "x - learning_rate*dloss/dx"),
        ("1 / grad.x", "1/(∂l/∂x)", "1/(dloss/dx)"),
        ("next.x", "x", "x"),
        ("sqrt(abs(x))", "√(|x|)", "sqrt(abs(x))"),
        ("sigmoid(x)", "σ(x)", "sigmoid(x)"),
        ("maximum(x, -y)", "max(x, −y)", "maximum(x, -y)"),
        ("sum(residual)", "Σ(ε)", "sum(residual)"),
        ("mean(residual ** 2)", "mean(ε²)", "mean(residual**2)"),
        ("sum(residual, axis=0)", "Σ↓(ε)", "sum(residual, axis=0)"),
        ("mean(residual, axis=1)", "mean→(ε)", "mean(residual, axis=1)"),
        ("residual[0]", "ε[0]", "residual[0]"),
        ("x - 1234.5", "x − 1234.5", "x - 1234.5"),
    ],
)
def test_formulas_as_on_paper_and_as_in_the_program(formula: str, paper: str, ascii: str) -> None:
    assert written(formula) == (paper, ascii)


@pytest.mark.parametrize(
    ("formula", "paper", "ascii"),
    [
        ("A * A", "A ⊙ A", "A*A"),
        ("a * A", "a·A", "a*A"),
        ("A @ B", "A @ B", "A @ B"),
        ("A.T", "Aᵀ", "A.T"),
        ("(A @ B).T", "(A @ B)ᵀ", "(A @ B).T"),
        ("A @ B + C", "A @ B + C", "A @ B + C"),
        ("C + A @ B", "C + A @ B", "C + A @ B"),
        ("C * (A @ B)", "C ⊙ (A @ B)", "C*(A @ B)"),
        ("(A @ B) * C", "(A @ B) ⊙ C", "(A @ B)*C"),
        ("(A @ B) / a", "(A @ B)/a", "(A @ B)/a"),
        ("(A * A) @ B", "(A ⊙ A) @ B", "(A*A) @ B"),
        ("A @ (B @ A)", "A @ (B @ A)", "A @ (B @ A)"),
    ],
)
def test_formulas_of_matrices(formula: str, paper: str, ascii: str) -> None:
    assert written(formula, SHAPES) == (paper, ascii)


def test_a_lessons_digits_leave_the_numbers_of_its_program_alone() -> None:
    notation = Notation(digits=2)
    expression = parse_answer("1234 * x")
    assert notation.formula(expression) == "1234x"
    assert notation.substituted(expression, {"x": 1 / 3}) == "1234·0.33"
    long = Notation(shapes={"v": (123,)}, digits=2)
    count = Apply("divide", (Name("v"), Apply("count", (Name("v"),))))
    assert long.formula(count) == "v/n"
    assert long.substituted(count, {"v": np.ones(123)}) == "[1, 1, …, 1]/123"


EXAMPLES = pytest.mark.parametrize("count", [30, pytest.param(100, marks=pytest.mark.slow)])


@EXAMPLES
def test_ascii_text_says_the_formula(count: int) -> None:
    @settings(max_examples=count)
    @given(cases(formulas()))
    def every(case: Case) -> None:
        text = PLAIN.formula(case.expression)
        assert text.isascii()
        assert same(evaluate(parse_answer(text), case.values), case.result, case), text

    every()


@given(cases(formulas(("a", "learning_rate"), elementwise=True)))
def test_a_formula_with_its_numbers_put_in_is_arithmetic(case: Case) -> None:
    text = PLAIN.substituted(case.expression, case.values)
    assert same(evaluate(parse_answer(text), {}), case.result, case), text


@EXAMPLES
def test_a_short_mean_is_spelled_out(count: int) -> None:
    means = formulas(("a", "u", "v"), elementwise=True).map(
        lambda inner: Apply("mean", (Apply("add", (Name("u"), inner)),))
    )

    @settings(max_examples=count)
    @given(cases(means))
    def every(case: Case) -> None:
        text = PLAIN.substituted(case.expression, case.values)
        assert text.endswith("/3")
        assert same(evaluate(parse_answer(text), {}), case.result, case), text

    every()


def has_cells(node: Expression) -> bool:
    """Whether each number of the value can be written with single numbers."""
    if isinstance(node, Apply):
        return node.operation not in ("sum", "mean") and all(map(has_cells, node.arguments))
    return True


@EXAMPLES
def test_a_cell_is_worked_with_the_numbers_that_make_it(count: int) -> None:
    @settings(max_examples=count)
    @given(cases(formulas().filter(has_cells)), st.data())
    def every(case: Case, data: st.DataObject) -> None:
        index = tuple(data.draw(st.integers(0, size - 1)) for size in np.shape(case.result))
        text = PLAIN.cell(case.expression, case.values, index)
        expected = np.asarray(case.result)[index]
        assert same(evaluate(parse_answer(text), {}), expected, case), text

    every()


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("y - residual", "5 − (−3)"),
        ("-residual", "−(−3)"),
        ("residual ** 2", "(−3)²"),
        ("2 * residual", "2·(−3)"),
        ("residual + residual", "−3 + (−3)"),
        ("y / residual", "5/(−3)"),
        ("exp(residual)", "exp(−3)"),
        ("huge ** 2", "(2e9)²"),
        ("2 * huge", "2·2e9"),
        ("sum(v)", "1 + (−2) + 3"),
        ("mean(v ** 2)", "(1² + (−2)² + 3²)/3"),
        ("sum(v * v)", "1·1 + (−2)·(−2) + 3·3"),
        ("-sum(v)", "−(1 + (−2) + 3)"),
        ("sum(v) ** 2", "(1 + (−2) + 3)²"),
        ("v - y", "[1, −2, 3] − 5"),
        ("v ** 2", "[1, −2, 3]²"),
        ("sum(long)", "Σ([0, 1, …, 4])"),
        ("mean(long)", "mean([0, 1, …, 4])"),
        ("V.T", "[1 −2 3]"),
    ],
)
def test_numbers_put_in(formula: str, text: str) -> None:
    values: dict[str, Any] = {
        "y": 5.0,
        "residual": -3.0,
        "huge": 2e9,
        "v": np.array([1.0, -2.0, 3.0]),
        "long": np.arange(5.0),
        "V": np.array([[1.0], [-2.0], [3.0]]),
    }
    shapes = {name: np.shape(value) for name, value in values.items()}
    assert Notation(shapes=shapes).substituted(parse_answer(formula), values) == text


def test_a_cell_of_a_matrix_product_is_a_row_times_a_column() -> None:
    values: dict[str, Any] = {
        "A": np.array([[1.0, -2.0]]),
        "w": np.array([3.0, 4.0]),
        "b": np.float64(0.5),
    }
    shapes = {name: np.shape(value) for name, value in values.items()}
    expression = parse_answer("A @ w + b")
    assert Notation(shapes=shapes).cell(expression, values, (0,)) == "1·3 + (−2)·4 + 0.5"
    long = {"A": np.ones((1, 9)), "w": np.ones(9)}
    notation = Notation(shapes={"A": (1, 9), "w": (9,)})
    assert notation.cell(parse_answer("A @ w"), long, (0,)) == "1·1 + 1·1 + 1·1 + 1·1 + …"


def test_a_cell_of_an_outer_product_has_its_own_two_numbers() -> None:
    values = {"g": np.array([2.0, 3.0]), "x": np.array([5.0, 7.0])}
    outer = Apply("multiply", (Apply("as_column", (Name("g"),)), Name("x")))
    notation = Notation(shapes={"g": (2,), "x": (2,)})
    assert notation.cell(outer, values, (1, 0)) == "3·5"


def test_a_vector_that_was_stood_up_is_shown_as_a_column() -> None:
    values = {"g": np.array([2.0, 3.0]), "T": np.eye(2)}
    column = Apply("as_column", (Apply("negate", (Name("g"),)),))
    rows = Apply("multiply", (column, Name("T")))
    notation = Notation(shapes={"g": (2,), "T": (2, 2)})
    assert notation.formula(rows) == "(−g)ᵀ ⊙ T"
    assert notation.substituted(rows, values) == "(−[2 3]ᵀ) ⊙ [1 0; 0 1]"


# Text as rows of spans


ANY_ROW = st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=8)), max_size=4)


@given(ANY_ROW, st.integers(0, 20))
@settings(max_examples=25)
def test_a_padded_row_has_exactly_that_many_cells(row: list[Span], cells: int) -> None:
    check_padded(row, cells)


@pytest.mark.slow
@given(ANY_ROW, st.integers(0, 20))
@settings(max_examples=100)
def test_many_padded_rows_have_exactly_that_many_cells(row: list[Span], cells: int) -> None:
    check_padded(row, cells)


def check_padded(row: list[Span], cells: int) -> None:
    row = [(role, "".join(char for char in text if cell_len(char))) for role, text in row]
    padded = pad(row, cells)
    assert row_width(padded) == cells
    if row_width(tuple(row)) <= cells:
        assert plain([padded]) == plain([tuple(row)])


def test_a_wide_character_that_is_cut_leaves_a_blank() -> None:
    assert pad([("x", "損失")], 3) == (("x", "損 "),)
    assert pad([("x", "ab")], 4) == (("x", "ab"), ("", "  "))


@pytest.mark.parametrize(
    "codes", [range(0x3100), pytest.param(range(0x3100, 0x10000), marks=pytest.mark.slow)]
)
def test_every_character_has_an_ascii_one_of_the_same_width(codes: range) -> None:
    wrong = [
        hex(code)
        for code in codes
        if not (plain_text := to_ascii(chr(code))).isascii()
        or (code > 127 and len(plain_text) != cell_len(chr(code)))
    ]
    assert not wrong


def test_what_a_picture_is_made_of_keeps_its_meaning_in_ascii() -> None:
    assert to_ascii("─│┼█●·⊙←→−²ᵀ∂η") == "-|+#*.*<>-2Tdn"
    assert to_ascii("⠀⣿⠉") == ' #"'
    assert to_ascii("∞") == "?"  # an 8 would be a number
    assert to_ascii("ŷ Ŷ θ₀ ε é") == "y Y t0 e e"


# Breaking text into rows

words = st.lists(st.text("abc損é", min_size=1, max_size=12), max_size=8)


@given(words, st.integers(2, 20))
@example(["損失関数"], 3)
@example(["a損"], 2)
def test_wrapped_rows_are_never_wider_and_lose_no_character(text: list[str], cells: int) -> None:
    rows = wrap([("text", " ".join(text))], cells)
    assert all(row_width(row) <= cells for row in rows)
    broken = [piece for row in rows for _, part in row for piece in part.split()]
    assert "".join(broken) == "".join(text)
    narrow = all(width(char) < 2 for word in text for char in word)
    if narrow and all(width(word) <= cells for word in text):
        assert broken == text


@given(words, st.integers(2, 20))
def test_a_row_is_as_full_as_its_words_allow(text: list[str], cells: int) -> None:
    rows = [plain([row]) for row in wrap([("text", " ".join(text))], cells)]
    for row, following in pairwise(rows):
        first = following.split(" ")[0]
        if width(first) < cells and all(width(word) <= cells for word in text):
            assert width(f"{row} {first}") > cells


@given(
    st.lists(st.tuples(st.sampled_from(("text", "strong")), st.text("ab ", max_size=6)), max_size=5)
)
def test_wrapping_keeps_the_meaning_of_every_character(spans: list[Span]) -> None:
    def letters(row: Row | list[Span]) -> list[tuple[str, str]]:
        return [(role, char) for role, text in row for char in text if char != " "]

    assert [pair for row in wrap(spans, 7) for pair in letters(row)] == letters(spans)


def test_wrapping() -> None:
    spans = [("text", "one "), ("strong", "two"), ("text", ", three four")]
    assert wrap(spans, 9) == [
        (("text", "one"), ("", " "), ("strong", "two"), ("text", ",")),
        (("text", "three"),),
        (("text", "four"),),
    ]
    assert wrap([("text", f"a b{NO_BREAK}c")], 4) == [(("text", "a"),), (("text", "b c"),)]
    assert wrap([], 5) == [()]


@pytest.mark.parametrize("cells", [-1, 0, 1])
def test_a_row_without_room_still_holds_a_character(cells: int) -> None:
    assert [plain([row]) for row in wrap([("text", "ab 損")], cells)] == ["a", "b", "損"]


def test_an_equation_breaks_before_its_equals_signs() -> None:
    parts = ["x", "y − z", "5 − 8", "−3"]
    assert equation(parts, 80) == ["x = y − z = 5 − 8 = −3"]
    assert equation(parts, 18) == ["x = y − z = 5 − 8", "  = −3"]
    assert equation(parts, 10) == ["x = y − z", "  = 5 − 8", "  = −3"]
    assert equation(["x", "y", "1"], 80, "←") == ["x ← y = 1"]
    assert equation(["x", "y", "1"], 80, result="≈") == ["x = y ≈ 1"]
    assert equation(["x", "1"], 80, result="≈") == ["x = 1"]
    assert equation(["x"], 80) == ["x"]


@given(
    st.lists(st.text("abc (", min_size=1, max_size=30).filter(str.strip), min_size=1, max_size=4),
    st.integers(6, 40),
)
def test_an_equation_is_never_wider_than_asked(parts: list[str], cells: int) -> None:
    rows = equation(parts, cells)
    assert all(width(row) <= cells for row in rows)
    text = "".join("".join(rows).split())
    assert text == "".join(" = ".join(parts).split())


@pytest.mark.parametrize("cells", [-5, 0, 1, 2, 3])
def test_an_equation_without_room_ends(cells: int) -> None:
    assert "".join(equation(["ab", "c"], cells)).replace(" ", "") == "ab=c"


def test_numbers_of_a_formula_are_those_of_the_rule() -> None:
    assert PAPER.formula(Number(1 / 3)) == "0.33333"
    assert PAPER.formula(Apply("multiply", (Number(-2.0), Name("x")))) == "(−2)x"


# Whether the numbers as written give the result


@given(st.floats(-1e307, 1e307), st.none() | st.integers(1, 12))
@example(2.9999999999999996, None)
@example(0.30000000000000004, None)
@example(1e300, 12)
@example(5e-324, None)
@example(0.35, 1)
def test_arrays_are_rounded_as_numbers_are_written(value: float, digits: int | None) -> None:
    [rounded] = as_written(np.array([value]), digits)
    assert rounded == pytest.approx(read(number(value, digits)), rel=1e-11, abs=1e-300)
    assert as_written(np.float64(value), digits) == read(number(value, digits))


def test_what_is_no_number_stays_what_it_is() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0])
    np.testing.assert_array_equal(as_written(values), values)
    np.testing.assert_array_equal([as_written(value) for value in values], values)


def test_of_an_array_its_text_shows_the_ends() -> None:
    assert shown(np.arange(9)).tolist() == [0, 1, 8]
    assert shown(np.arange(4)).tolist() == [0, 1, 2, 3]
    assert shown(np.ones((9, 5))).shape == (3, 3)
    assert shown(np.array(2.0)).shape == ()


@pytest.mark.parametrize(
    ("x", "sign"),
    [
        (4.0, "="),
        (3.1, "="),  # arithmetic in binary fractions has its own dust
        (1 / 3, "="),  # (0.33333 − 3)² is off in the sixth digit only
        (2.9964123456, "≈"),  # (2.9964 − 3)² has lost two of the digits
        (2.999999999999, "≈"),
        (3.0, "="),
    ],
)
def test_a_result_that_the_numbers_do_not_give_is_only_about_it(x: float, sign: str) -> None:
    formula = parse_answer("(x - 3) ** 2")
    assert PAPER.sign(formula, {"x": np.float64(x)}, (x - 3) ** 2) == sign


def test_what_is_nearly_equal_in_other_notations() -> None:
    formula, values = parse_answer("x - 3"), {"x": np.float64(3 + 1e-13)}
    for notation, sign in ((PAPER, "≈"), (PLAIN, "~="), (Notation(dialect=SPEECH), "is about")):
        assert notation.sign(formula, values, 1e-13) == sign


def test_few_digits_of_a_lesson_are_no_fault() -> None:
    formula = parse_answer("x * x")
    few = Notation(digits=2)
    assert few.sign(formula, {"x": np.float64(1.449)}, 1.449**2) == "≈"  # 1.4·1.4 is not 2.1
    assert few.sign(formula, {"x": np.float64(1.41)}, 1.41**2) == "="


def test_only_numbers_that_are_shown_count() -> None:
    formula = parse_answer("x - 3")
    x = np.array([4.0, 5.0, 3 + 1e-13, 6.0, 7.0])
    assert PAPER.sign(formula, {"x": x}, x - 3) == "="
    assert PAPER.sign(formula, {"x": x}, 1e-13, (2,)) == "≈"
    assert PAPER.sign(formula, {"x": x[1:4]}, x[1:4] - 3) == "≈"


# Text without blanks


CHINESE = "第一次更新之后，梯度是−3.333。学习率太大：（损失）从6.5变成「12.25」！我们再走一步……"


def rows_of(text: str, cells: int) -> list[str]:
    return ["".join(part for _, part in row) for row in wrap([("", text)], cells)]


@pytest.mark.parametrize("cells", range(12, 60))
def test_text_without_blanks_breaks_between_its_characters_and_keeps_numbers(cells: int) -> None:
    rows = rows_of(CHINESE, cells)
    assert "".join(rows) == CHINESE
    assert all(width(row) <= cells for row in rows)
    for number_ in ("−3.333", "6.5", "12.25"):
        assert any(number_ in row for row in rows)
    assert not any(row[0] in "，。：）」！…" for row in rows)
    assert not any(row[-1] in "（「−" for row in rows)


def test_text_without_blanks_fills_its_rows() -> None:
    rows = rows_of("损失函数" * 20, 21)
    assert [width(row) for row in rows] == [20] * 8


def test_a_number_in_a_span_of_its_own_stays_whole_among_wide_characters() -> None:
    spans = [("text", "梯度是"), ("new", "−3.333"), ("text", "。再走一步")]
    rows = wrap(spans, 12)
    assert [plain([row]) for row in rows] == ["梯度是", "−3.333。再走", "一步"]


def test_korean_breaks_at_its_blanks() -> None:
    assert rows_of("손실은 기울기를 따라 줄어든다", 16) == ["손실은 기울기를", "따라 줄어든다"]


def test_a_line_break_between_wide_characters_is_no_blank() -> None:
    assert on_one_line("损失\n函数") == "损失函数"
    assert on_one_line("loss\n损失\nof x") == "loss 损失 of x"
    assert on_one_line("two\nlines") == "two lines"


# Spellings


def test_every_operation_is_spelled() -> None:
    assert set(SPELLINGS) == set(OPERATIONS)


def test_a_quotient_of_unknown_shape_stays_together_when_it_is_stretched() -> None:
    quotient = Apply("divide", (Name("m"), Apply("count", (Name("a"),))))
    stretched = Apply("broadcast", (quotient,), shape=(1,))
    formula = Apply("matmul", (Name("w"), stretched))
    assert Notation().formula(formula) == "w @ (m/n)"
    assert Notation(dialect=ASCII).formula(formula) == "w @ (m/n)"
