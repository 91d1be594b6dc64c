"""The table of commands, from which both tutors, key bar, help, palette and README are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain

from gd_tutor.engine.state import Phase
from gd_tutor.session import late

ARROWS: Mapping[str, tuple[int, int]] = {
    "up": (0, -1),
    "down": (0, 1),
    "left": (-1, 0),
    "right": (1, 0),
}
"""The step of each arrow key, to the right and down."""


@dataclass(frozen=True, slots=True)
class Call:
    """A method that each front end has in its own way: its name and the arguments."""

    name: str
    arguments: tuple[str | int, ...] = ()


Effect = Callable[["late.Session"], None] | Call
"""What a command does: call the session, or a method of the front end."""


class Telling(Enum):
    """What plain mode says after a command.

    Either the arithmetic of the finished phase or update, with the next message or question, or
    the state of the run.
    """

    PHASE = auto()
    ROUND = auto()
    PLACE = auto()


@dataclass(frozen=True, slots=True)
class Typed:
    """How a command is typed in plain mode: `form` is its usual form, `others` are synonyms.

    `help` and `does` are given where they differ from those of the key. The method that `does`
    names gets the argument typed after the word, where `form` has one.
    """

    form: str
    others: tuple[str, ...] = ()
    help: str = ""
    does: Call | None = None
    tells: Telling = Telling.PHASE

    @property
    def words(self) -> tuple[str, ...]:
        return (self.form.split(" ")[0], *self.others)

    @property
    def has_argument(self) -> bool:
        return " " in self.form


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a learner can do.

    `name` is also its label in the key bar. `keys` are separated by spaces. A command without keys
    is for plain mode only; one without `typed` is for the full-screen tutor only.
    """

    name: str
    keys: str
    help: str
    does: Effect
    typed: Typed | None = None

    @property
    def shown(self) -> str:
        """Its key or keys, as short as the key bar and the help need."""
        key = self.keys.split()[0]
        return _SHORT.get(key, key)


_SHORT = {
    "pagedown": "pgdn",
    "pageup": "pgup",
    "shift+tab": "S-tab",
    **dict.fromkeys(ARROWS, "arrows"),
    **dict.fromkeys("12345678", "1-8"),
}


def _phase(name: str, key: str, phase: Phase, help: str) -> Command:
    typed = Typed(key, (str(phase),), help)
    return Command(name, key, f"{phase}: {help}", lambda s: s.step(phase), typed)


GROUPS: Mapping[str, Sequence[Command]] = {
    "Step": (
        _phase("forward", "f", Phase.FORWARD, "compute the loss"),
        _phase("back", "b", Phase.BACKWARD, "find the slopes"),
        _phase("update", "u", Phase.UPDATE, "move the parameters"),
        Command(
            "next",
            "space",
            "the next phase, whichever it is",
            lambda s: s.advance(),
            Typed("next", ("space",)),
        ),
        Command(
            "round",
            "n",
            "go on until an update is done",
            lambda s: s.run(1),
            Typed("n", tells=Telling.ROUND),
        ),
        Command(
            "10 rounds",
            "N",
            "go on until ten updates are done",
            lambda s: s.run(10),
            Typed("N", tells=Telling.ROUND),
        ),
        Command("play", "a", "play on by itself; any key stops it", Call("play")),
        Command(
            "go to",
            "g",
            "go to an iteration",
            lambda s: s.choose_iteration(),
            Typed("g NUMBER", (), "go to an iteration, as in g 20", Call("go_to")),
        ),
    ),
    "Back and forth": (
        Command(
            "undo",
            ", backspace",
            "one phase back (also backspace)",
            lambda s: s.undo(),
            Typed("undo", (",", "backspace"), "one phase back", tells=Telling.PLACE),
        ),
        Command(
            "redo",
            ".",
            "one phase forward again",
            lambda s: s.redo(),
            Typed("redo", (".",), tells=Telling.PLACE),
        ),
        Command(
            "restart",
            "r",
            "back to the start; twice: own settings",
            lambda s: s.reset(),
            Typed("r", ("restart",), tells=Telling.PLACE),
        ),
    ),
    "Learn": (
        Command(
            "predict",
            "p",
            "predict: be asked before each phase",
            lambda s: s.toggle_predicting(),
            Typed("p", ("predict",), "be asked before each phase, or no more"),
        ),
        Command(
            "hint", "h", "a hint towards the answer", lambda s: s.hint(), Typed("h", ("hint",))
        ),
        Command(
            "my rule",
            "x",
            "run your wrong rule beside the right one",
            lambda s: s.run_rule(),
            Typed("x", ("my rule",)),
        ),
        Command(
            "skip",
            "",
            "leave the question, as Enter alone",
            lambda s: s.skip(),
            Typed("skip", ("escape",)),
        ),
        Command(
            "blanks",
            "w",
            "arithmetic worked, one blank, all blank",
            lambda s: s.next_level(),
            Typed("w", ("blanks",)),
        ),
        Command(
            "explain",
            "enter",
            "explain the number under the cursor",
            Call("explain"),
            Typed("explain NAME", (), "where a number comes from, as in explain grad.x"),
        ),
    ),
    "Look": (
        Command(
            "text",
            "pagedown",
            "next page of the text",
            Call("turn", (1,)),
            Typed("text", ("pgdn", "pagedown"), "next page of the text, as Enter alone"),
        ),
        Command(
            "text back",
            "pageup",
            "previous page of the text",
            Call("turn", (-1,)),
            Typed("back", ("pgup", "pageup")),
        ),
        Command("again", "", "this page of the text again", Call("again"), Typed("again")),
        Command("worked", "", "the arithmetic of this iteration", Call("worked"), Typed("worked")),
        Command(
            "view",
            "v",
            "bring the next picture up",
            lambda s: s.pictures.next(),
            Typed("v", ("pictures",), "what the pictures show, in words", Call("pictures")),
        ),
        Command("cells", "", "the arithmetic of each matrix cell", Call("cells"), Typed("cells")),
        Command("where", "", "iteration, phase and learning rate", Call("where"), Typed("where")),
        Command("log", "l", "loss axis linear or logarithmic", lambda s: s.toggle_log()),
        Command("pane", "tab", "next pane; arrows move inside it", Call("pane", (1,))),
        Command("pane back", "shift+tab", "previous pane", Call("pane", (-1,))),
        *(
            Command(key, key, "move inside the pane", Call("arrow", way))
            for key, way in ARROWS.items()
        ),
    ),
    "Settings": (
        Command(
            "η up",
            "+ =",
            "learning rate up (1-2-5)",
            lambda s: s.change_learning_rate(up=True),
            Typed("+", ("=", "rate up"), "learning rate up: 1, 2, 5, 10 and so on"),
        ),
        Command(
            "η down",
            "-",
            "learning rate down (1-2-5)",
            lambda s: s.change_learning_rate(up=False),
            Typed("-", ("rate down",), "learning rate down"),
        ),
        Command("faster", ">", "play faster", Call("pace", (1,))),
        Command("slower", "<", "play slower", Call("pace", (-1,))),
        Command(
            "start",
            "s",
            "choose a start value with the arrows",
            lambda s: s.choose_start(),
            Typed("s NAME VALUE", (), "another start value, as in s x 4", Call("start")),
        ),
        Command(
            "conventions",
            "c",
            "conventions: mean, half or sum; sign",
            Call("choose", ("conventions",)),
            Typed("c NAME", ("conventions",), "conventions, as in c sum; c alone lists them"),
        ),
        Command(
            "bugs",
            "d",
            "deliberate bugs, and what each does",
            Call("choose", ("bugs",)),
            Typed("d NAME", ("bugs",), "deliberate bugs; d alone lists them"),
        ),
        Command(
            "optimizer",
            "o",
            "another optimizer, other batches",
            Call("choose", ("optimizers",)),
            Typed(
                "o NAME",
                ("optimizers",),
                "optimizers and batches, as in o adam; o alone lists them",
            ),
        ),
        Command(
            "experiment",
            "e",
            "another experiment of the lesson",
            Call("choose", ("experiments",)),
            Typed("e NAME", ("experiments",), "another experiment; e alone lists them"),
        ),
        Command(
            "rates",
            "L",
            "learning-rate finder: all rates at once",
            Call("rates"),
            Typed(
                "rates NUMBER",
                ("L",),
                "what each learning rate leads to; rates 0.05 takes that one",
            ),
        ),
        Command(
            "starts",
            "S",
            "many starts: where each of them leads",
            Call("starts"),
            Typed("starts NUMBER", ("S",), "where other starts lead; starts 3 takes the third"),
        ),
        Command(
            "keep",
            "k",
            "keep this run, to compare the next with it",
            lambda s: s.keep_run(),
            Typed("k", ("keep",)),
        ),
        Command(
            "compare",
            "K",
            "kept runs side by side, as a table",
            Call("compare"),
            Typed("compare", ("K",), "kept runs and this one"),
        ),
        Command(
            "export",
            "E",
            "export: a script, a report, a table",
            Call("export"),
            Typed(
                "E FORMAT",
                ("export",),
                "write the run into this folder, as in E numpy; E alone lists the formats",
            ),
        ),
    ),
    "Lessons": (
        Command("map", "m", "course map", Call("map"), Typed("m", ("map",), "all lessons")),
        Command(
            "next lesson",
            "]",
            "next lesson",
            Call("neighbour", (1,)),
            Typed("]", ("next lesson",), "the lesson after this"),
        ),
        Command(
            "lesson back",
            "[",
            "previous lesson",
            Call("neighbour", (-1,)),
            Typed("[", ("previous lesson",), "the lesson before this"),
        ),
        *(
            Command(
                f"lesson {number}",
                str(number),
                "a concept by its number",
                Call("lesson", (number,)),
            )
            for number in range(1, 9)
        ),
    ),
    "Program": (
        Command(
            "spoken", "", "formulas in words, or written", Call("toggle_spoken"), Typed("spoken")
        ),
        Command(
            "help",
            "?",
            "help: all keys, and signs",
            Call("help"),
            Typed("?", ("help",), "this help"),
        ),
        Command(
            "quit",
            "q ctrl+c",
            "quit; your place is kept",
            Call("quit"),
            Typed("q", ("quit", "exit")),
        ),
    ),
}
"""The commands under their headings in the help."""
COMMANDS = tuple(chain.from_iterable(GROUPS.values()))
KEYED = tuple(command for command in COMMANDS if command.keys)
"""The commands of the full-screen tutor."""


def command(name: str) -> Command:
    """The command with this name. Raises StopIteration where there is none."""
    return next(command for command in COMMANDS if command.name == name)


def typed(words: str) -> Command | None:
    """The command that was typed; upper and lower case differ only where both are commands."""
    for wanted in (words, words.lower()):
        for command in COMMANDS:
            if command.typed is not None and wanted in command.typed.words:
                return command
    return None
