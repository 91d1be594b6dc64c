"""What a run starts from: program, data, parameters and choices; and changes during the run.

A choice is offered if building the program with it succeeds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod

from gd_tutor.engine.bugs import BUGS, Bug
from gd_tutor.engine.conventions import CONVENTIONS, average_of
from gd_tutor.engine.errors import ChoiceError, ProgramError, suggestion
from gd_tutor.engine.expression import Shape, Tensor, shape_of_tensor
from gd_tutor.engine.optimizers import OPTIMIZERS
from gd_tutor.engine.parser import parse
from gd_tutor.engine.program import LEARNING_RATE, Program
from gd_tutor.engine.samples import Batches


def tensor_of(value: object) -> Tensor:
    """Plain lists and numbers as a tensor. Raises ValueError for others and for uneven rows."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    if isinstance(value, int | float):
        return _finite(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        items = tuple(map(tensor_of, value))
        shapes = {shape_of_tensor(item) for item in items}
        if len(shapes) == 1 and len(shapes.pop()) < 2:
            return items
    raise ValueError("not a number, a list of numbers or a list of equally long lists")


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number - number != 0:
        raise ValueError("not a finite number")
    return number


KINDS = ("experiment", "optimizer", "batch", "seed", "average", "residual", "scale", "bug")
"""All kinds of choices, in the order of a state line; `experiment` does not affect a run."""

SCALES = ("standardised", "as-given")
ALL = "all"
"""The choice of a full batch."""

LARGEST = 999_999

_VALUES: Mapping[str, tuple[str, ...]] = {
    "optimizer": tuple(OPTIMIZERS),
    "bug": tuple(BUGS),
    **{kind: tuple(known) for kind, known in CONVENTIONS.items()},
    "scale": SCALES,
}


def check_choice(kind: str, value: str) -> None:
    """Raise ChoiceError for an unknown kind or value."""
    if kind not in KINDS:
        known = f" Choices are {', '.join(KINDS)}."
        raise ChoiceError(f"There is no choice '{kind}'.{suggestion(kind, KINDS) or known}")
    values = _VALUES.get(kind, ())
    if values and value not in values:
        hint = suggestion(value, values) or f" There are {', '.join(values)}."
        raise ChoiceError(f"'{value}' is not a choice for {kind}.{hint}")
    if kind == "seed" and not _is_whole(value, least=0):
        raise ChoiceError(f"A seed is a whole number from 0 to {LARGEST}, not '{value}'.")
    if kind == "batch" and value != ALL and not _is_whole(value, least=1):
        raise ChoiceError(f"A batch is a whole number of samples, or '{ALL}', not '{value}'.")


def _is_whole(text: str, least: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) >= least


_PLAIN = {"optimizer": "gradient-descent", "batch": ALL, "bug": "none"}


@dataclass(frozen=True, slots=True)
class Random:
    """The range [`low`, `high`) from which a start is drawn uniformly."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True, eq=False)
class Experiment:
    """A forward program with its data, start parameters and learning rate.

    `choices` map kinds to values and hold for a whole run. The parameters in `random` are drawn
    from the seed, in that order; `parameters` then gives only their shapes. The columns of the
    data in `standardised` get mean 0 and variance 1, unless `scale=as-given` is chosen.

    `program` raises ProgramError when it does not fit data and parameters, and ChoiceError for
    choices that do not fit it.
    """

    forward: str
    parameters: Mapping[str, Tensor]
    learning_rate: float
    data: Mapping[str, Tensor] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    random: Mapping[str, Random] = field(default_factory=dict)
    standardised: tuple[str, ...] = ()

    @cached_property
    def program(self) -> Program:
        """The program with the choices applied, for the samples of one batch."""
        if self.batches is None:
            return self._for_all
        return Program(self.forward, *self._shapes(self.batches.size), self.choices)

    @cached_property
    def _for_all(self) -> Program:
        """The program with the choices applied, for the full batch."""
        for kind, value in self.choices.items():
            check_choice(kind, value)
        if self.choice("scale") == "standardised" and not self.standardised:
            raise ChoiceError("No data here are to be standardised.")
        return Program(self.forward, *self._shapes(None), self.choices)

    def _shapes(self, rows: int | None) -> tuple[dict[str, Shape], dict[str, Shape]]:
        """The shapes of data and parameters with this number of samples (None: as given)."""
        data = {name: shape_of_tensor(value) for name, value in self.data.items()}
        if rows is not None:
            data |= {name: (rows, *data[name][1:]) for name in self._aligned}
        return data, {name: shape_of_tensor(value) for name, value in self.parameters.items()}

    # Choices

    def choice(self, kind: str) -> str | None:
        """The choice in force, or None if there is nothing to choose."""
        if kind in self.choices:
            return self.choices[kind]
        match kind:
            case "average":
                return average_of(parse(self.forward))
            case "scale":
                return "standardised" if self.standardised else "as-given"
        return {**_PLAIN, "residual": "usual", "seed": "0"}.get(kind)

    @property
    def bug(self) -> Bug:
        """The bug in force; a correct iteration has the bug `none`."""
        return BUGS[self.choice("bug") or "none"]

    @property
    def is_plain(self) -> bool:
        """Whether it is gradient descent on the full batch, without a bug."""
        return all(self.choice(kind) == value for kind, value in _PLAIN.items())

    def with_choices(self, choices: Mapping[str, str]) -> "Experiment":
        """The experiment with other choices; the same object for the same choices.

        Raises ChoiceError if they do not fit.
        """
        others = {k: value for k, value in choices.items() if self.choice(k) != value}
        if not others:
            return self
        key = frozenset(others.items())
        if key not in self._variants:
            variant = replace(self, choices={**self.choices, **others})
            _ = variant.program
            self._variants[key] = variant
        return self._variants[key]

    @cached_property
    def _variants(self) -> dict[frozenset[tuple[str, str]], "Experiment"]:
        return {}

    @cached_property
    def whole(self) -> "Experiment":
        """The same loss on the full batch, by plain gradient descent: the one that is drawn."""
        return self.with_choices(_PLAIN)

    # Samples and batches

    @cached_property
    def _aligned(self) -> tuple[str, ...]:
        """The data that may have one row per sample."""
        whole = self._for_all
        samples = whole.sample_shape[:1] if whole.samples is not None else ()
        return tuple(
            name
            for name, value in self.data.items()
            if samples and shape_of_tensor(value)[:1] == samples
        )

    @cached_property
    def samples(self) -> int | None:
        """The number of samples in the loss, or None if no batches can be taken."""
        if not self._aligned:
            return None
        count, *others = self._for_all.sample_shape
        try:  # as if there were one sample more
            more = Program(self.forward, *self._shapes(count + 1), self.choices)
        except ProgramError:
            return None
        return count if count > 1 and more.sample_shape == (count + 1, *others) else None

    @property
    def has_one_sample(self) -> bool:
        """Whether the loss is over samples and there is only one."""
        program = self.program
        alone = program.samples is not None and prod(program.sample_shape) == 1
        return alone and self.batches is None

    @cached_property
    def batches(self) -> Batches | None:
        """The samples of each iteration; None for the full batch."""
        chosen = self.choice("batch")
        if chosen is None or chosen == ALL:
            return None
        if self.samples is None:
            raise ChoiceError("The loss is not over samples that could be taken in batches.")
        if int(chosen) >= self.samples:
            raise ChoiceError(f"A batch of {chosen} needs more samples than {self.samples}.")
        return Batches(self._aligned, self.samples, int(chosen), self.seed)

    # Settings

    @property
    def seed(self) -> int:
        """The seed of start and batches."""
        return int(self.choice("seed") or 0)

    def setting(self, name: str) -> Tensor:
        """The value that a setting starts with. Raises KeyError for an unknown name."""
        if name == LEARNING_RATE:
            return self.learning_rate
        if name in self.random:
            return self._drawn[name]
        return self.data[name] if name in self.data else self.parameters[name]

    @cached_property
    def _drawn(self) -> Mapping[str, Tensor]:
        import numpy as np  # not needed to read a lesson

        rng = np.random.default_rng(self.seed)
        drawn: dict[str, Tensor] = {}
        for name, random in self.random.items():
            shape = shape_of_tensor(self.parameters[name])
            if random.whole:
                values = np.asarray(rng.integers(int(random.low), int(random.high), shape))
            else:
                values = np.asarray(rng.uniform(random.low, random.high, shape))
            drawn[name] = tensor_of(values.tolist())
        return drawn

    def with_settings(self, changes: Iterable["Change"]) -> "Experiment":
        """The experiment with other values from the start; data may change shape."""
        data, parameters, rate = dict(self.data), dict(self.parameters), self.learning_rate
        random = dict(self.random)
        for change in changes:
            if change.name in data:
                data[change.name] = change.value
            elif change.name in parameters:
                parameters[change.name] = change.value
                random.pop(change.name, None)
            elif isinstance(change.value, float):
                rate = change.value
        return replace(self, data=data, parameters=parameters, learning_rate=rate, random=random)

    @property
    def settings(self) -> tuple[str, ...]:
        """The names that can be changed: data, parameters, the learning rate."""
        return (*self.data, *self.parameters, LEARNING_RATE)


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that gets another value before the given iteration."""

    name: str
    value: Tensor
    iteration: int = 0


SIZES = (1, 16, 32)
"""The batch sizes offered when there are more samples."""

SEEDS = range(10)


@dataclass(frozen=True, slots=True)
class Option:
    """One value of one kind of choice: its title, and a sentence on what it changes.

    `of_several`: it changes nothing when the loss is of a single sample.
    """

    kind: str
    value: str
    title: str
    says: str
    of_several: bool = False


def _worded() -> Iterator[Option]:
    """The choices with a title and a sentence of their own."""
    for value, optimizer in OPTIMIZERS.items():
        yield Option("optimizer", value, optimizer.title, optimizer.says)
    for kind, conventions in CONVENTIONS.items():
        for value, convention in conventions.items():
            yield Option(kind, value, convention.title, convention.says, convention.of_several)
    yield Option("batch", ALL, "all samples", "Every iteration is worked with all samples.")
    yield Option(
        "scale",
        "standardised",
        "standardised",
        "Each column has mean 0 and variance 1, which makes the bowl rounder; "
        "the best fit stays, with other parameters.",
    )
    yield Option(
        "scale",
        "as-given",
        "as given",
        "Columns keep their own units, so the bowl may be long and narrow; "
        "the best fit stays, with other parameters.",
    )
    for value, bug in BUGS.items():
        yield Option("bug", value, bug.title, bug.says, bug.of_several)


def options(experiment: Experiment) -> tuple[Option, ...]:
    """The choices that fit the experiment together with its other choices, those in force included.

    A kind with a single fitting value is left out.
    """
    offered = [option for option in _known(experiment) if _fits(experiment, option)]
    kinds = [option.kind for option in offered]
    return tuple(option for option in offered if kinds.count(option.kind) > 1)


def _known(experiment: Experiment) -> Iterator[Option]:
    yield from _worded()
    for size in sorted(_sizes(experiment)):
        samples = "sample" if size == 1 else "samples"
        says = (
            f"Every iteration is worked with {size} {samples} drawn by the seed; "
            "the loss over all samples stays what is to be made small."
        )
        yield Option("batch", str(size), f"{size} {samples}", says)
    if experiment.random or experiment.batches is not None:
        seeds = {str(seed) for seed in SEEDS} | {experiment.choice("seed") or "0"}
        for seed in sorted(seeds, key=int):
            says = "Another draw of what is random; the program and all else stay."
            yield Option("seed", seed, f"seed {seed}", says)


def _sizes(experiment: Experiment) -> set[int]:
    own = experiment.choice("batch") or ALL
    return {*SIZES, *([] if own == ALL else [int(own)])}


def _fits(experiment: Experiment, option: Option) -> bool:
    if option.of_several and experiment.has_one_sample:
        return False
    try:
        experiment.with_choices({option.kind: option.value})
    except ChoiceError:
        return False
    return True
