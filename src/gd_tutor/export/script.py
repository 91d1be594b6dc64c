"""The script for NumPy, and what the scripts for all libraries have in common.

Names become Python variables, and numbers have all their digits.
"""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from textwrap import indent, wrap
from typing import Any

import numpy as np

from gd_tutor.engine.expression import Line, gradient_of, names, next_of
from gd_tutor.engine.program import LEARNING_RATE, LOSS
from gd_tutor.export.exported_run import ExportError, Run
from gd_tutor.export.formula_source import WIDEST, WITH_NUMPY, FormulaWriter, Library

TAKEN = frozenset(
    {
        *keyword.kwlist,
        *("np", "torch", "divmod", "print", "range", "batch", "rows", "share", "sigmoid"),
        *("iteration", "learning_rates", "optimizer"),
    }
)
"""The names that the scripts use themselves, and Python's keywords."""


class PythonNames:
    """Gives every name of a program its own Python variable.

    A program's own names come first and keep their spelling; `grad.w` becomes `grad_w`. A taken
    name gets an underscore at its end, as is usual in Python.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._used = set(TAKEN)
        self._found: dict[str, str] = {}
        for name in sorted(names, key=lambda name: "." in name):
            self._found[name] = self.new(name)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __getitem__(self, name: str) -> str:
        return self._found[name]

    def new(self, wish: str) -> str:
        """A variable that is not taken, similar to `wish`."""
        name = re.sub(r"\W", "_", wish, flags=re.ASCII)
        if name.startswith("__") or not name or name[0].isdigit():  # the first are Python's own
            name = f"value_{name.lstrip('_')}"
        while name in self._used:
            name += "_"
        self._used.add(name)
        return name

    def numbered(self, stem: str) -> str:
        """The next of several variables of a kind: `part_1`, `part_2`."""
        name = next(n for k in count(1) if (n := f"{stem}_{k}") not in self._used)
        self._used.add(name)
        return name


def comment(text: str) -> list[str]:
    """Foreign text as rows of a comment; no character in it can end the comment."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return [f"# {row}" for row in wrap(printable, WIDEST - 2)]


MARGIN = " " * 4


def assignment(start: str, value: Any, end: str) -> str:
    """`start` and `end` with a number, a list or a list of lists between them.

    If that does not fit on a row, the numbers take several.
    """
    found = np.asarray(value, dtype=float).tolist()
    text = f"{start}{found!r}{end}"
    if len(text) <= WIDEST or not isinstance(found, list):
        return text
    width = WIDEST - len(MARGIN)
    rows = found if isinstance(found[0], list) else [found]
    packed = [_packed(row, width) for row in rows]
    body = packed[0] if rows[0] is found else "\n".join(f"[{row[:-1]}]," for row in packed)
    # A formatter would put every number on its own row.
    return f"{start}[\n{indent(body, MARGIN)}\n]{end}  # fmt: skip"


def _packed(numbers: list[float], width: int) -> str:
    """Numbers on as few rows as they need, each followed by a comma."""
    text = "".join(f"{number!r}, " for number in numbers)
    # One cell is for the bracket before them.
    rows = wrap(text, width - 1, break_long_words=False, break_on_hyphens=False)
    return "\n".join(rows)


MOST_NUMBERS = 20_000
"""The most numbers in a script."""

REMARKS = {
    "forward": "forward: from the parameters to the loss",
    "backward": "backward: from the loss back to the gradient, by the chain rule",
    "update": "update: a step against the gradient",
}

BATCH = '''def batch(iteration):
    """The rows of an iteration: in every epoch all of them, in another order."""
    epoch, place = divmod(iteration, {in_epoch})
    order = np.random.default_rng([{seed}, epoch]).permutation({samples})
    return np.resize(order, ({in_epoch}, {size}))[place]'''


class Script:
    """A run as a script for a library: its names, formulas and parts of text."""

    def __init__(self, run: Run, library: Library) -> None:
        self.run = run
        self.library = library
        self.program = run.program
        self.batches = run.training.experiment.batches
        self.lines: list[Line] = [line for phase in self.program.sequence for line in phase]
        self.names = PythonNames(self._known())
        batched = self.batches.names if self.batches else ()
        self.whole = {name: self.names.new(f"{name}_all") for name in batched}
        self.overwritten = set(self._overwritten())
        self.formulas = FormulaWriter(library, self.program.shapes, self.name, self.names.numbered)

    # Names

    def _known(self) -> dict[str, None]:
        program = self.program
        known = [*program.data, *program.carried, LEARNING_RATE]
        known += [line.name for line in self.lines]
        return dict.fromkeys([*known, *map(gradient_of, program.parameters)])

    def _overwritten(self) -> Iterator[str]:
        """The parameters and state whose old value no later line of an iteration needs."""
        used = [set(names(line.expression)) for line in self.lines]
        own = {next_of(name): name for name in self.program.carried}
        for place, line in enumerate(self.lines):
            name = own.get(line.name)
            if name is not None and not any(name in later for later in used[place + 1 :]):
                yield name

    def name(self, name: str) -> str:
        """The variable of a name; a new value overwrites the old one if it may."""
        old = name.removeprefix("next.")
        return self.names[old if next_of(old) == name and old in self.overwritten else name]

    def carry(self) -> list[str]:
        """The assignments of new values that do not overwrite the old ones yet."""
        return [
            f"{self.name(name)} = {self.name(next_of(name))}"
            for name in self.program.carried
            if name not in self.overwritten
        ]

    # The text

    def text(
        self, imports: str, remark: str, settings: Sequence[str], iteration: Sequence[str]
    ) -> str:
        """The whole script. A lesson's words are never in its first two rows, where Python looks
        for an encoding."""
        experiment = self.run.training.experiment
        title = comment(f"Lesson: {self.run.title}")
        if experiment.choice("optimizer") != "gradient-descent":
            title += comment(f"Optimizer: {experiment.choice('optimizer')}")
        if experiment.choice("bug") != "none":
            title += comment(f"A deliberate bug: {experiment.choice('bug')}")
        if self.run.diverged:
            title += comment("The run diverges: in its last iteration a number is not finite.")
        functions = [f"\n\n{function}" for function in self.functions()]
        rows = [
            f'"""Gradient descent with {remark}: forward, backward, update."""',
            "",
            *title,
            "",
            imports,
            *functions,
            *(["", ""] if functions else [""]),
            *settings,
            "",
            f"for iteration in range({self.run.steps}):",
            *iteration,
        ]
        return "\n".join(rows).rstrip() + "\n"

    def functions(self) -> list[str]:
        """The functions that the rest of the script needs."""
        helpers = [self.library.helpers[name] for name in self.formulas.helpers]
        if self.batches is None:
            return helpers
        batches = self.batches
        numbers = {"samples": batches.samples, "size": batches.size, "seed": batches.seed}
        return [BATCH.format(in_epoch=batches.in_epoch, **numbers), *helpers]

    def settings(self, of_parameters: str = "") -> list[str]:
        """Data, parameters and the learning rate at the start of the run.

        `of_parameters` is the library's extra argument for each parameter.
        """
        program, training = self.program, self.run.training
        values = training.whole_settings_at(0)
        rows: list[str] = []
        if program.data:
            rows += ["# data", *(self.given(name, values[name]) for name in program.data), ""]
        rows += ["# parameters"]
        starts = ((name, training.setting(name, 0)) for name in program.parameters)
        rows += [self.given(name, start, of_parameters) for name, start in starts]
        rows += ["", f"learning_rate = {training.setting(LEARNING_RATE, 0)!r}"]
        return rows + self.schedule()

    def given(self, name: str, value: Any, end: str = "") -> str:
        """A setting with its value."""
        if np.size(value) > MOST_NUMBERS:
            raise ExportError(
                f"'{name}' has more than {MOST_NUMBERS:,} numbers, too many for a script; "
                "export to csv, which holds them all."
            )
        kind = self.library.array if np.ndim(value) else self.library.number
        variable = self.whole.get(name) or self.name(name)
        return assignment(f"{variable} = {kind}(", value, f"{end})")

    def schedule(self) -> list[str]:
        """The learning rates set during the run, by their first iteration."""
        if not self.rates:
            return []
        rates = [f"{iteration}: {rate!r}" for iteration, rate in self.rates.items()]
        row = f"learning_rates = {{{', '.join(rates)}}}"
        if len(row) > WIDEST:
            row = "\n".join(["learning_rates = {", *(f"{MARGIN}{rate}," for rate in rates), "}"])
        return ["# chosen on the way, by the iteration they begin with", row]

    @property
    def rates(self) -> Mapping[int, Any]:
        training = self.run.training
        return {
            change.iteration: training.setting(LEARNING_RATE, change.iteration)
            for change in training.changes
            if change.name == LEARNING_RATE and 0 < change.iteration < self.run.steps
        }

    def remembered(self, names: Iterable[str]) -> list[str]:
        """The optimizer state at the start of the run."""
        program, library = self.program, self.library
        rows = []
        for name in names:
            shape, start = program.shapes[name], program.initial[name]
            value = f"{library.module}.full({shape}, {start!r})"
            if not shape:
                value = f"{library.number}({start!r})"
            elif start == 0:
                value = f"{library.module}.zeros({shape})"
            rows.append(f"{self.name(name)} = {value}")
        return ["", "# carried from iteration to iteration", *rows] if rows else []

    # An iteration

    def by_hand(self, remarks: Mapping[str, str] = REMARKS) -> list[str]:
        """The whole iteration, each phase line by line under its comment."""
        rows = [*self.beginning()]
        for phase, lines in self.program.phases.items():
            rows += block(remarks[phase], self.worked(lines))
        rows += block("what goes on to the next iteration", self.carry())
        return [*rows, *block("print, every digit", self.printed())]

    def beginning(self) -> list[str]:
        """The statements of an iteration before its first phase."""
        return [*block("the learning rate from here on", self.new_rate()), *self.batch()]

    def new_rate(self) -> list[str]:
        if not self.rates:
            return []
        return ["learning_rate = learning_rates.get(iteration, learning_rate)"]

    def batch(self) -> list[str]:
        """The data of an iteration's batch, unless it is the full batch."""
        taken = [f"{self.name(name)} = {whole}[rows]" for name, whole in self.whole.items()]
        return block(
            "batch: some of the data", ["rows = batch(iteration)", *taken] if taken else []
        )

    def worked(self, lines: Sequence[Line]) -> list[str]:
        """The lines of a phase as statements."""
        return [row for line in lines for row in self.statements(line)]

    def statements(self, line: Line, margin: int = len(MARGIN)) -> list[str]:
        """A line as statements: an assignment, after the parts it needs."""
        return self.assigned(f"{self.name(line.name)} = {{}}", line, margin)

    def assigned(self, pattern: str, line: Line, margin: int = len(MARGIN)) -> list[str]:
        """The pattern with the line's formula in it, after the parts it needs."""
        space, _, like = line.name.rpartition(".")
        known = like if space and like in self.names else ""
        return self.formulas.statements(pattern, line.expression, margin, known)

    def printed(self) -> list[str]:
        """The statement that prints loss, gradients and new parameters with all digits."""
        rows = [f'print(f"iteration {{iteration}}: loss = {self._shown(LOSS)}")']
        for name in self.program.parameters:
            slope = gradient_of(name)
            known = f"{self.names[slope]} = {self._shown(slope)}"
            moved = f"{self.names[name]} = {self._shown(name)}"
            together = f'print(f"  {known}, {moved}")'
            if len(together) <= WIDEST - len(MARGIN):
                rows.append(together)
            else:
                rows += [f'print(f"  {known}")', f'print(f"  {moved}")']
        return rows

    def _shown(self, name: str) -> str:
        """A value as a field of an f-string."""
        text = ".tolist()" if self.program.shapes[name] else self.library.item
        return f"{{{self.name(name)}{text}}}"


def block(remark: str, rows: Sequence[str]) -> list[str]:
    """Rows of the loop under a comment; empty if there are none."""
    if not rows:
        return []
    return [indent(row, MARGIN) for row in (f"# {remark}", *rows)] + [""]


def numpy_script(run: Run) -> str:
    """The script: data and parameters, then a loop with the lines of the three phases."""
    script = Script(run, WITH_NUMPY)
    iteration = script.by_hand()
    settings = [*script.settings(), *script.remembered(run.program.state)]
    return script.text("import numpy as np", "NumPy", settings, iteration)
