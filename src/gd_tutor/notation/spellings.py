"""How every operation is spelled in each dialect, and how tightly what is spelled binds."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class Binds(IntEnum):
    """How tightly a text holds together; a looser one stands in brackets.

    On paper a minus binds looser than a product (`−2·3`), in Python tighter.
    """

    SUM = 0
    MINUS = 1
    MATRICES = 2
    PRODUCT = 3
    PYTHON_MINUS = 4
    POWER = 5
    ATOM = 6


Text = tuple[str, Binds]
"""What is written, and how tightly it binds."""

SUM, MINUS, MATRICES, PRODUCT, PYTHON_MINUS, POWER, ATOM = Binds


@dataclass(frozen=True, slots=True)
class Spelling:
    """An operation as text: `{0}` and `{1}` are its arguments, `{along}` says what a sum adds,
    `{times}` is `·`, `⊙` between tensors, or nothing, as in `2x`.

    `least` is how tightly each argument must bind to stand there without brackets.
    """

    pattern: str
    binds: Binds = ATOM
    least: tuple[Binds, ...] = (SUM, SUM)


@dataclass(frozen=True, slots=True)
class Spellings:
    """An operation in each dialect."""

    unicode: Spelling
    ascii: Spelling
    numpy: Spelling
    torch: Spelling


def _signs(ascii: Spelling, *, unicode: str = "", python: Spelling | None = None) -> Spellings:
    """What is written with signs, in Python as in ASCII where nothing else is said."""
    on_paper = Spelling(unicode or ascii.pattern, ascii.binds, ascii.least)
    return Spellings(on_paper, ascii, python or ascii, python or ascii)


def _function(call: str, *, unicode: str = "", numpy: str = "", torch: str = "") -> Spellings:
    """A function, called by its own name where nothing else is said."""
    patterns = (unicode or call, call, numpy or f"np.{call}", torch or f"torch.{call}")
    return Spellings(*map(Spelling, patterns))


SPELLINGS: Mapping[str, Spellings] = {
    "add": _signs(Spelling("{0} + {1}", SUM, (SUM, MATRICES))),
    "subtract": _signs(Spelling("{0} - {1}", SUM, (SUM, MATRICES)), unicode="{0} − {1}"),
    "negate": _signs(
        Spelling("-{0}", MINUS, (MATRICES,)),
        unicode="−{0}",
        python=Spelling("-{0}", PYTHON_MINUS, (ATOM,)),
    ),
    "multiply": _signs(
        Spelling("{0}*{1}", PRODUCT, (PRODUCT, PRODUCT)),
        unicode="{0}{times}{1}",
        python=Spelling("{0} * {1}", PRODUCT, (PRODUCT, PYTHON_MINUS)),
    ),
    "divide": _signs(
        Spelling("{0}/{1}", PRODUCT, (PRODUCT, POWER)),
        python=Spelling("{0} / {1}", PRODUCT, (PRODUCT, PYTHON_MINUS)),
    ),
    "matmul": _signs(Spelling("{0} @ {1}", MATRICES, (POWER, POWER))),
    "power": _signs(
        Spelling("{0}**{1}", POWER, (ATOM, SUM)),
        unicode="{0}^{1}",
        python=Spelling("{0} ** {1}", POWER, (ATOM, SUM)),
    ),
    "transpose": _signs(Spelling("{0}.T", ATOM, (ATOM,)), unicode="{0}ᵀ"),
    "as_column": _signs(
        Spelling("{0}.T", ATOM, (ATOM,)),
        unicode="{0}ᵀ",
        python=Spelling("{0}[:, None]", ATOM, (ATOM,)),
    ),
    "element": _signs(Spelling("{0}[{index}]", ATOM, (ATOM,))),
    "positive": _signs(
        Spelling("({0} > 0)"), unicode="[{0} > 0]", python=Spelling("1.0 * ({0} > 0)", PRODUCT)
    ),
    "exp": _function("exp({0})"),
    "log": _function("log({0})"),
    "sqrt": _function("sqrt({0})", unicode="√({0})"),
    "abs": _function("abs({0})", unicode="|{0}|"),
    "sin": _function("sin({0})"),
    "cos": _function("cos({0})"),
    "tanh": _function("tanh({0})"),
    "sign": _function("sign({0})"),
    "sigmoid": _function("sigmoid({0})", unicode="σ({0})", numpy="sigmoid({0})"),
    "relu": _function("relu({0})", numpy="np.maximum({0}, 0)"),
    "maximum": _function("maximum({0}, {1})", unicode="max({0}, {1})"),
    "minimum": _function("minimum({0}, {1})", unicode="min({0}, {1})"),
    "sum": _function("sum({0}{along})", unicode="Σ{along}({0})"),
    "mean": _function("mean({0}{along})", unicode="mean{along}({0})"),
    "collapse": _function("sum({0}{along})", unicode="Σ{along}({0})"),
    "stretch": _function(
        "{0}", numpy="np.broadcast_to({0}, {shape})", torch="torch.broadcast_to({0}, {shape})"
    ),
    "share": _function("share({0} > {1})", numpy="share({0}, {1})", torch="share({0}, {1})"),
    "count": _function("n", numpy="{0}{size}", torch="{0}{size}"),
}
"""Every operation of the formula language."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write formulas. `along` says what a sum adds: down each column, along each row."""

    name: str
    along: tuple[str, str]

    def spelling(self, operation: str) -> Spelling:
        spelling: Spelling = getattr(SPELLINGS[operation], self.name)
        return spelling


UNICODE = Dialect("unicode", ("↓", "→"))
ASCII = Dialect("ascii", (", axis=0", ", axis=1"))
NUMPY = Dialect("numpy", (", axis=0", ", axis=1"))
TORCH = Dialect("torch", (", dim=0", ", dim=1"))


def held(text: Text, least: Binds) -> str:
    """The text, in brackets where it would fall apart in its place."""
    return text[0] if text[1] >= least else f"({text[0]})"
