"""What can be typed, once: the reader obeys it and the help lists it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gd_tutor.engine.state import Phase
from gd_tutor.session.choices import BUGS, CONVENTIONS, EXPERIMENTS, OPTIMIZERS

if TYPE_CHECKING:
    from gd_tutor.plain.conversation import Reader


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its other names; `form` is how it is typed. `act` gets what follows it."""

    form: str
    others: tuple[str, ...]
    help: str
    act: Callable[[Reader, str], None]

    @property
    def words(self) -> tuple[str, ...]:
        return (self.form.split(" ")[0], *self.others)

    @property
    def explained(self) -> str:
        """Its line of the help; signs are also named, because not every voice says them."""
        form, *others = (_NAMED.get(word, word) for word in (self.form, *self.others))
        return f"{form}{''.join(f', or {other}' for other in others)}: {self.help}"


_NAMED = {
    ",": ", (comma)",
    ".": ". (full stop)",
    "+": "+ (plus)",
    "=": "= (equals sign)",
    "-": "- (minus)",
    "[": "[ (left bracket)",
    "]": "] (right bracket)",
    "?": "? (question mark)",
}


COMMANDS = (
    Command("f", ("forward",), "compute the loss", lambda r, _: r.step(Phase.FORWARD)),
    Command("b", ("backward",), "find the slopes", lambda r, _: r.step(Phase.BACKWARD)),
    Command("u", ("update",), "move the parameters", lambda r, _: r.step(Phase.UPDATE)),
    Command("next", ("space",), "the next phase, whichever it is", lambda r, _: r.advance()),
    Command("n", (), "go on until an update is done", lambda r, _: r.run(1)),
    Command("N", (), "go on until ten updates are done", lambda r, _: r.run(10)),
    Command("g NUMBER", (), "go to an iteration, as in g 20", lambda r, rest: r.go_to(rest)),
    Command("undo", (",", "backspace"), "one phase back", lambda r, _: r.undo()),
    Command("redo", (".",), "one phase forward again", lambda r, _: r.redo()),
    Command("r", ("restart",), "back to the start; twice: own settings", lambda r, _: r.reset()),
    Command(
        "text",
        ("pgdn", "pagedown"),
        "next page of the text, as Enter alone",
        lambda r, _: r.turn(1),
    ),
    Command("back", ("pgup", "pageup"), "previous page of the text", lambda r, _: r.turn(-1)),
    Command("again", (), "this page of the text again", lambda r, _: r.page()),
    Command("p", ("predict",), "be asked before each phase, or no more", lambda r, _: r.predict()),
    Command("h", ("hint",), "a hint towards the answer", lambda r, _: r.hint()),
    Command("x", ("my rule",), "run your wrong rule beside the right one", lambda r, _: r.rule()),
    Command("skip", ("escape",), "leave the question, as Enter alone", lambda r, _: r.skip()),
    Command(
        "w", ("blanks",), "arithmetic worked, one blank, all blank", lambda r, _: r.next_level()
    ),
    Command(
        "explain NAME",
        (),
        "where a number comes from, as in explain grad.x",
        lambda r, rest: r.explain(rest),
    ),
    Command("worked", (), "the arithmetic of this iteration", lambda r, _: r.worked()),
    Command("v", ("pictures",), "what the pictures show, in words", lambda r, _: r.pictures()),
    Command("cells", (), "the arithmetic of each cell of the matrices", lambda r, _: r.cells()),
    Command("where", (), "iteration, phase and learning rate", lambda r, _: r.where()),
    Command(
        "+", ("=", "rate up"), "learning rate up: 1, 2, 5, 10 and so on", lambda r, _: r.rate(True)
    ),
    Command("-", ("rate down",), "learning rate down", lambda r, _: r.rate(False)),
    Command("s NAME VALUE", (), "another start value, as in s x 4", lambda r, rest: r.start(rest)),
    Command(
        "c NAME",
        ("conventions",),
        "conventions, as in c sum; c alone lists them",
        lambda r, rest: r.choose(CONVENTIONS, rest),
    ),
    Command(
        "d NAME",
        ("bugs",),
        "deliberate bugs; d alone lists them",
        lambda r, rest: r.choose(BUGS, rest),
    ),
    Command(
        "o NAME",
        ("optimizers",),
        "optimizers and batches, as in o adam; o alone lists them",
        lambda r, rest: r.choose(OPTIMIZERS, rest),
    ),
    Command(
        "e NAME",
        ("experiments",),
        "another experiment; e alone lists them",
        lambda r, rest: r.choose(EXPERIMENTS, rest),
    ),
    Command(
        "rates NUMBER",
        ("L",),
        "what each learning rate leads to; rates 0.05 takes that one",
        lambda r, rest: r.rates(rest),
    ),
    Command(
        "starts NUMBER",
        ("S",),
        "where other starts lead; starts 3 takes the third",
        lambda r, rest: r.starts(rest),
    ),
    Command("k", ("keep",), "keep this run, to compare the next with it", lambda r, _: r.keep()),
    Command("compare", (), "kept runs and this one", lambda r, _: r.compare()),
    Command(
        "E FORMAT",
        ("export",),
        "write the run into this folder, as in E numpy; E alone lists the formats",
        lambda r, rest: r.export(rest),
    ),
    Command("m", ("map",), "all lessons", lambda r, _: r.map()),
    Command("]", ("next lesson",), "the lesson after this", lambda r, _: r.neighbour(1)),
    Command("[", ("previous lesson",), "the lesson before this", lambda r, _: r.neighbour(-1)),
    Command("spoken", (), "formulas in words, or written", lambda r, _: r.toggle_spoken()),
    Command("?", ("help",), "this help", lambda r, _: r.help()),
    Command("q", ("quit", "exit"), "quit; your place is kept", lambda r, _: r.quit()),
)

ON_SCREENS = ("a", "l", "tab", "<", ">", "up", "down", "left", "right")
"""Keys of the drawn tutor that mean nothing among lines."""


def find(word: str) -> Command | None:
    """The command of that name; its case counts only where there is a choice."""
    for name in (word, word.lower()):
        for command in COMMANDS:
            if name in command.words:
                return command
    return None
