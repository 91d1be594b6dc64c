"""The command line: options, subcommands, exit status."""

import os
import re
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from gd_tutor import __version__
from gd_tutor.cli.output import UserError, carry, printed_in_ascii, report, unseen_sentence
from gd_tutor.terminal.hangup import LOST, is_lost
from gd_tutor.terminal.settings import Mode

COMMANDS = {
    "lessons": "progress_commands.list_lessons",
    "trace": "trace.trace",
    "export": "trace.export_run",
    "check": "lesson_files.check_files",
    "new": "lesson_files.new",
    "progress": "progress_commands.show_progress",
    "forget": "progress_commands.forget",
    "doctor": "doctor.doctor",
}
"""The commands and the functions that run them."""
TUTOR = "opening.open_tutor"
"""The command where none is named."""
MOST_STEPS = 1_000_000


class Parser(ArgumentParser):
    """argparse, but options have one spelling and every error is one sentence."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message[:1].upper()}{message[1:]}. See gd-tutor --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run gd-tutor; the exit status is 0, 1 for faults found by a check, 2 for a user's error."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = run(words)
    except UserError as error:
        _tell(str(error))
        status = 2
    except BrokenPipeError:
        status = 0  # the reader of the output has stopped reading
    except KeyboardInterrupt:
        status = 130
    except Exception as error:
        status = _failed(error)
    if sentence := unseen_sentence():
        print(f"gd-tutor: {sentence}", file=sys.stderr)
    _leave_lost_streams()
    return status


def _failed(error: Exception) -> int:
    """The exit status after an unexpected error: a lost terminal, or a fault."""
    lost = is_lost()
    if not (lost and isinstance(error, OSError)):
        _tell(report(error))
    return LOST if lost else 1


def _tell(sentence: str) -> None:
    with suppress(OSError):  # nobody may be reading any more
        print(f"gd-tutor: {sentence}", file=sys.stderr)


def _leave_lost_streams() -> None:
    """Redirect lost streams, so that Python does not fail when it flushes them at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def run(words: list[str]) -> int:
    options = with_defaults(parser().parse_args(with_command(words)))
    if options.command not in ("open", "new", "doctor"):  # they need the streams as they are
        options.ascii = printed_in_ascii(options.mode)
        carry(options.ascii)
    return answer_to(options.command)(options)


def answer_to(command: str) -> Callable[[Namespace], int]:
    """The function that runs a command, imported late since each needs other modules."""
    module, _, name = COMMANDS.get(command, TUTOR).partition(".")
    answer: Callable[[Namespace], int] = getattr(import_module(f"gd_tutor.cli.{module}"), name)
    return answer


def with_command(words: list[str]) -> list[str]:
    """The words with `open` before the lesson where no command is named."""
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--lessons":
            position += 2
        elif word.startswith("-") and word != "-":
            position += 1
        else:
            break
    no_folder = position > len(words)  # argparse reports the missing folder after --lessons
    if no_folder or (position < len(words) and words[position] in COMMANDS):
        return words
    return [*words[:position], "open", *words[position:]]


def parser() -> Parser:
    """The command line's grammar; options of all commands may come before or after them."""
    everywhere = Parser(add_help=False, argument_default=SUPPRESS)
    everywhere.add_argument("--lessons", metavar="DIR", help="a folder of lessons of your own")
    everywhere.add_argument("--ascii", action="store_true", help="only characters below 128")
    everywhere.add_argument("--unicode", action="store_true", help="all characters, come what may")
    everywhere.add_argument(
        "--plain", action="store_true", help="lines of text, for screen readers and dumb terminals"
    )
    main = Parser(
        prog="gd-tutor",
        description="Learn how AI training works, one key at a time: forward, backward, update.",
        epilog="Without a command: gd-tutor [LESSON] opens the course, or a lesson by its number, "
        "its id, a state line or its file. In the tutor, ? shows all keys.",
        parents=[everywhere],
        usage="gd-tutor [options] [LESSON | lessons | trace LESSON | export LESSON | "
        "check [PATH ...] | new [FILE] | progress | forget LESSON | doctor]",
    )
    main.add_argument("--version", action="version", version=f"gd-tutor {__version__}")
    commands = main.add_subparsers(
        dest="command", metavar="command", prog="gd-tutor", parser_class=Parser
    )

    opened = commands.add_parser("open", parents=[everywhere])
    opened.add_argument("lesson", nargs="?", metavar="LESSON")
    commands.add_parser("lessons", parents=[everywhere], help="list the lessons: number, id, title")
    traced = commands.add_parser(
        "trace", parents=[everywhere], help="print the worked arithmetic of a lesson"
    )
    _add_run(traced, steps=1)
    traced.add_argument("--json", action="store_true", help="print JSON, nothing rounded")
    exported = commands.add_parser(
        "export", parents=[everywhere], help="a lesson's run as a script, a report or a table"
    )
    _add_run(exported, steps=10)
    exported.add_argument(
        "--to",
        required=True,
        choices=("numpy", "pytorch", "markdown", "csv"),
        help="a script for NumPy or PyTorch, a worked report, or every number",
    )
    exported.add_argument("-o", "--output", metavar="FILE", help="a file (standard output)")
    exported.add_argument("--force", action="store_true", help="replace the file if it exists")
    checked = commands.add_parser("check", parents=[everywhere], help="check lesson files")
    checked.add_argument("paths", nargs="*", metavar="PATH", help="files or folders")
    checked.add_argument("--json", action="store_true", help="print JSON")
    checked.add_argument(
        "--questions", action="store_true", help="print what is asked, with all answers"
    )
    written = commands.add_parser("new", parents=[everywhere], help="write a lab of your own")
    written.add_argument("file", nargs="?", default="my-lab.md", metavar="FILE", help="my-lab.md")
    written.add_argument("--csv", metavar="FILE", help="data in a file beside the lab")
    written.add_argument("--columns", metavar="NAMES", help="columns to predict from: a,b")
    written.add_argument("--target", metavar="NAME", help="the column to predict")
    written.add_argument("--force", action="store_true", help="begin anew where FILE exists")
    shown = commands.add_parser(
        "progress", parents=[everywhere], help="how far you are in each lesson"
    )
    shown.add_argument("--json", action="store_true", help="print JSON")
    forgotten = commands.add_parser(
        "forget", parents=[everywhere], help="remove what is kept of a lesson"
    )
    forgotten.add_argument("lesson", nargs="?", metavar="LESSON", help="number or id")
    forgotten.add_argument("--all", action="store_true", help="of every lesson")
    commands.add_parser(
        "doctor", parents=[everywhere], help="what this terminal can show, and how to mend it"
    )
    return main


def _add_run(command: ArgumentParser, steps: int) -> None:
    """Add the options of a run, by default with this many iterations."""
    command.add_argument("lesson", metavar="LESSON", help="number, id, state line or FILE.md")
    command.add_argument(
        "--steps", type=count, default=steps, metavar="N", help=f"iterations ({steps})"
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="another value for a parameter, for data or for learning_rate",
    )


def count(text: str) -> int:
    """A whole number of iterations, at least 1."""
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= MOST_STEPS:
        raise ArgumentTypeError(f"'{text}' is not a whole number from 1 to {MOST_STEPS}")
    return int(text)


def with_defaults(options: Namespace) -> Namespace:
    """The options, with those left out taken from the environment."""
    asked = [mode for mode in Mode if getattr(options, mode, False)]
    if len(asked) > 1:
        raise UserError("Choose one of --unicode, --ascii and --plain.")
    options.mode = asked[0] if asked else None
    options.lessons = getattr(options, "lessons", None) or os.environ.get("GD_TUTOR_LESSONS")
    return options
