"""The printer of formulas: the spelling of each operation in each dialect, and the tree walk.

The dialects are Unicode as on paper, ASCII as in a program, speech, NumPy and PyTorch.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce

from gd_tutor.engine.expression import Apply, Expression, Name, Number


class Binds(IntEnum):
    """How tightly a text binds; a looser one gets brackets.

    On paper a minus binds looser than a product (`−2·3`), in Python tighter. WORDS, a spoken
    negative number or gradient, needs brackets only in a power.
    """

    SUM = 0
    MINUS = 1
    MATRICES = 2
    PRODUCT = 3
    PYTHON_MINUS = 4
    POWER = 5
    WORDS = 6
    ATOM = 7


Text = tuple[str, Binds]
"""A text, and how tightly it binds."""

SUM, MINUS, MATRICES, PRODUCT, PYTHON_MINUS, POWER, WORDS, ATOM = Binds


@dataclass(frozen=True, slots=True)
class Spelling:
    """An operation as text: `{0}` and `{1}` are its arguments, `{along}` the axis of a sum,
    `{times}` is `·`, `⊙` between tensors, or empty, as in `2x`.

    `least` is how tightly each argument must bind to need no brackets.
    """

    pattern: str
    binds: Binds = ATOM
    least: tuple[Binds, ...] = (SUM, SUM)


@dataclass(frozen=True, slots=True)
class Spellings:
    """An operation in each dialect."""

    unicode: Spelling
    ascii: Spelling
    speech: Spelling
    numpy: Spelling
    torch: Spelling


def _signs(
    ascii: Spelling,
    *,
    speech: str,
    spoken: Binds | None = None,
    unicode: str = "",
    python: Spelling | None = None,
) -> Spellings:
    """An operation written with signs; Python's spelling is ASCII's by default."""
    on_paper = Spelling(unicode or ascii.pattern, ascii.binds, ascii.least)
    in_words = Spelling(speech, ascii.binds if spoken is None else spoken, ascii.least)
    return Spellings(on_paper, ascii, in_words, python or ascii, python or ascii)


def _function(
    call: str,
    *,
    unicode: str = "",
    speech: Spelling | None = None,
    numpy: str = "",
    torch: str = "",
) -> Spellings:
    """A function, called by its own name by default."""
    return Spellings(
        Spelling(unicode or call),
        Spelling(call),
        speech or _of(call.partition("(")[0]),
        Spelling(numpy or f"np.{call}"),
        Spelling(torch or f"torch.{call}"),
    )


def _of(words: str) -> Spelling:
    """A function of one argument in words."""
    return Spelling(f"{words} of {{0}}", POWER, (WORDS,))


def _of_both(words: str) -> Spelling:
    """A function of two arguments in words."""
    return Spelling(f"{words} of open bracket {{0}}, {{1}} close bracket", POWER)


SPELLINGS: Mapping[str, Spellings] = {
    "add": _signs(Spelling("{0} + {1}", SUM, (SUM, MATRICES)), speech="{0} plus {1}"),
    "subtract": _signs(
        Spelling("{0} - {1}", SUM, (SUM, MATRICES)), speech="{0} minus {1}", unicode="{0} − {1}"
    ),
    "negate": _signs(
        Spelling("-{0}", MINUS, (MATRICES,)),
        speech="minus {0}",
        spoken=PRODUCT,  # `minus a times b` is the same number with either grouping
        unicode="−{0}",
        python=Spelling("-{0}", PYTHON_MINUS, (ATOM,)),
    ),
    "multiply": _signs(
        Spelling("{0}*{1}", PRODUCT, (PRODUCT, PRODUCT)),
        speech="{0} times {1}",
        unicode="{0}{times}{1}",
        python=Spelling("{0} * {1}", PRODUCT, (PRODUCT, PYTHON_MINUS)),
    ),
    "divide": _signs(
        Spelling("{0}/{1}", PRODUCT, (PRODUCT, POWER)),
        speech="{0} divided by {1}",
        python=Spelling("{0} / {1}", PRODUCT, (PRODUCT, PYTHON_MINUS)),
    ),
    "matmul": _signs(
        Spelling("{0} @ {1}", MATRICES, (POWER, POWER)), speech="{0} times as matrices {1}"
    ),
    "power": _signs(
        Spelling("{0}**{1}", POWER, (ATOM, SUM)),
        speech="{0} to the power {1}",
        unicode="{0}^{1}",
        python=Spelling("{0} ** {1}", POWER, (ATOM, SUM)),
    ),
    "transpose": _signs(Spelling("{0}.T", ATOM, (ATOM,)), speech="{0} transposed", unicode="{0}ᵀ"),
    "as_column": _signs(
        Spelling("{0}.T", ATOM, (ATOM,)),
        speech="{0} as a column",
        unicode="{0}ᵀ",
        python=Spelling("{0}[:, None]", ATOM, (ATOM,)),
    ),
    "element": _signs(Spelling("{0}[{index}]", ATOM, (ATOM,)), speech="{0} element {index}"),
    "positive": _signs(
        Spelling("({0} > 0)"),
        speech="open bracket {0} is greater than 0 close bracket",
        unicode="[{0} > 0]",
        python=Spelling("1.0 * ({0} > 0)", PRODUCT),
    ),
    "exp": _function("exp({0})"),
    "log": _function("log({0})"),
    "sqrt": _function("sqrt({0})", speech=_of("square root"), unicode="√({0})"),
    "abs": _function("abs({0})", speech=_of("absolute value"), unicode="|{0}|"),
    "sin": _function("sin({0})"),
    "cos": _function("cos({0})"),
    "tanh": _function("tanh({0})"),
    "sign": _function("sign({0})"),
    "sigmoid": _function("sigmoid({0})", unicode="σ({0})", numpy="sigmoid({0})"),
    "relu": _function("relu({0})", numpy="np.maximum({0}, 0)"),
    "maximum": _function(
        "maximum({0}, {1})",
        speech=_of_both("maximum"),
        unicode="max({0}, {1})",
    ),
    "minimum": _function(
        "minimum({0}, {1})",
        speech=_of_both("minimum"),
        unicode="min({0}, {1})",
    ),
    "sum": _function("sum({0}{along})", speech=_of("sum{along}"), unicode="Σ{along}({0})"),
    "mean": _function("mean({0}{along})", speech=_of("mean{along}"), unicode="mean{along}({0})"),
    "sum_to": _function("sum({0}{along})", speech=_of("sum{along}"), unicode="Σ{along}({0})"),
    "broadcast": _function(
        "{0}",
        speech=Spelling("{0}"),
        numpy="np.broadcast_to({0}, {shape})",
        torch="torch.broadcast_to({0}, {shape})",
    ),
    "share": _function(
        "share({0} > {1})",
        speech=Spelling("share of open bracket {0} is greater than {1} close bracket", POWER),
        numpy="share({0}, {1})",
        torch="share({0}, {1})",
    ),
    "count": _function("n", speech=Spelling("n"), numpy="{0}{size}", torch="{0}{size}"),
}
"""Every operation of the formula language."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Several texts as one: the signs around them and between them."""

    pattern: str
    between: str

    def of(self, texts: Iterable[str]) -> str:
        return self.pattern.format(self.between.join(texts))


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write formulas; its signs are those of ASCII by default.

    `axis` is a sum's axis, by number or in words for both. `negative` is how tightly a negative
    number binds, `fraction` how tightly a derivative such as ∂l/∂x. `raised` is the text after a
    base for some exponents; `numbers` replaces each sign of a number, `underscore` the one in a
    name. `is_aligned`: numbers are aligned in columns.
    """

    name: str
    axis: str | tuple[str, str] = ", axis={}"
    brackets: str = "({})"
    negative: Binds = MINUS
    fraction: Binds = PRODUCT
    raised: Callable[[float], str] = lambda exponent: ""
    numbers: tuple[tuple[str, str], ...] = (("−", "-"), ("∞", "inf"))
    is_aligned: bool = True
    underscore: str = "_"
    list: Joined = Joined("[{}]", ", ")
    column: Joined = Joined("[{}].T", " ")
    table: Joined = Joined("[{}]", "; ")
    row: Joined = Joined("{}", " ")
    outer: Joined = Joined("outer({})", ", ")
    place: Joined = Joined("[{}]", ",")
    more: str = "..."
    equals: str = "="
    about: str = "~="
    nearly: str = "~= {}"
    becomes: str = "<-"
    moved: str = "{} -> {}"
    derivative: str = "d{}/d{}"
    partial: str = "d/d{}"
    nudge: str = "nudge"

    def spelling(self, operation: str) -> Spelling:
        spelling: Spelling = getattr(SPELLINGS[operation], self.name)
        return spelling

    def along(self, axis: int | tuple[int, ...]) -> str:
        """The text in a sum for its axis or, in Python, axes."""
        if isinstance(self.axis, str):
            return self.axis.format(axis)
        assert isinstance(axis, int)
        return self.axis[axis]

    def held(self, text: Text, least: Binds) -> str:
        """The text, in brackets if it binds looser than `least`."""
        return text[0] if text[1] >= least else self.brackets.format(text[0])

    def number(self, text: str) -> str:
        """A number, given as on paper, with this dialect's signs."""
        for sign, own in self.numbers:
            text = text.replace(sign, own)
        return text


_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SPOKEN_POWERS = {2.0: " squared", 3.0: " cubed"}


def _superscript(exponent: float) -> str:
    whole = exponent.is_integer() and abs(exponent) < 1000
    return str(int(exponent)).translate(_SUPERSCRIPTS) if whole else ""


UNICODE = Dialect(
    "unicode",
    axis=("↓", "→"),
    raised=_superscript,
    numbers=(),
    column=Joined("[{}]ᵀ", " "),
    more="…",
    about="≈",
    nearly="≈ {}",
    becomes="←",
    moved="{} → {}",
    derivative="∂{}/∂{}",
    partial="∂/∂{}",
    nudge="δ",
)
ASCII = Dialect("ascii")
SPEECH = Dialect(
    "speech",
    axis=(" down each column", " along each row"),
    brackets="open bracket {} close bracket",
    negative=WORDS,
    fraction=WORDS,
    raised=lambda exponent: _SPOKEN_POWERS.get(exponent, ""),
    numbers=(
        ("e", " times 10 to the power "),
        ("−", "minus "),
        ("∞", "infinity"),
        ("NaN", "not a number"),
    ),
    is_aligned=False,
    underscore=" ",
    list=Joined("list {} end list", ", "),
    column=Joined("column {} end column", ", "),
    table=Joined("matrix {} end matrix", ", "),
    row=Joined("row {}", ", "),
    outer=Joined("outer of open bracket {} close bracket", ", "),
    place=Joined(" element {}", ", "),
    more="and so on",
    equals="equals",
    about="is about",
    nearly="about {}",
    becomes="becomes",
    moved="from {} to {}",
    derivative="d {} by d {}",
    partial="d by d {}",
)
NUMPY = Dialect("numpy")
TORCH = Dialect("torch", axis=", dim={}")


def on_screen(ascii: bool) -> Dialect:
    """The dialect of formulas on a screen."""
    return ASCII if ascii else UNICODE


class Printer:
    """Writes formulas in a dialect, each operation as the table spells it.

    A subclass writes numbers and names. For an operation that needs more than a spelling it has a
    method of the same name, called with the node and its arguments.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def write(self, node: Expression) -> Text:
        match node:
            case Number(value):
                return self.write_number(value)
            case Name(name):
                return self.write_name(name)
        method = getattr(self, node.operation, None)
        text: Text = method(node, *node.arguments) if method else self.plainly(node)
        return text

    def write_number(self, value: float) -> Text:
        raise NotImplementedError

    def write_name(self, name: str) -> Text:
        raise NotImplementedError

    def arguments(self, node: Apply) -> list[Text]:
        """The arguments of an operation as text."""
        return [self.write(argument) for argument in node.arguments]

    def plainly(self, node: Apply) -> Text:
        """An operation by its spelling alone."""
        index = self.dialect.place.between.join(map(str, node.index or ()))
        return self.spell(node.operation, self.arguments(node), index=index)

    def spell(self, operation: str, arguments: Iterable[Text], **words: object) -> Text:
        """An operation on texts, with brackets around them as needed."""
        spelling = self.dialect.spelling(operation)
        texts = map(self.dialect.held, arguments, spelling.least)
        return spelling.pattern.format(*texts, **words), spelling.binds

    def added(self, terms: Iterable[str]) -> str:
        """Several texts as a sum."""
        return reduce(self.dialect.spelling("add").pattern.format, terms)
