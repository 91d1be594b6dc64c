"""The course as lines of text."""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gd_tutor.cli import main
from gd_tutor.course.folder import Course, Entry
from gd_tutor.engine.parser import parse_answer
from gd_tutor.engine.state import parse_state
from gd_tutor.engine.training import Training
from gd_tutor.export.transcript import trace_text
from gd_tutor.notation.formulas import Notation
from gd_tutor.notation.printer import ASCII, SPEECH
from gd_tutor.plain.conversation import ONLY_DRAWN, Reader
from gd_tutor.plain.lines import in_one_line, readable
from gd_tutor.progress.place import Bookmark, Progress
from gd_tutor.session.commands import COMMANDS
from gd_tutor.session.commands import typed as command_for
from terminal import Terminal, clean_environment
from test_imports import loaded_by
from tutor import COURSE, SOME
from warm import start_warm

TUTOR = (sys.executable, "-m", "gd_tutor")

PROMPT = "f, b, u, text, ? help, q quit: "
ANSWER = "answer, h hint, Enter skips: "
LESSONS = [entry for entry in COURSE.entries if entry.number]
EACH = [
    pytest.param(entry, id=entry.id, marks=() if entry.id in SOME else pytest.mark.slow)
    for entry in LESSONS
]
GOLDEN = Path(__file__).parent / "golden" / "plain" / "derivative.txt"


def saved(folder: Path) -> str:
    """The state line that was kept."""
    place = Progress(folder).load()
    assert place is not None
    return str(place.state)


class Typed(io.StringIO):
    """What a learner types, a line after the other, into a terminal."""

    def __init__(self, commands: Sequence[str], heard: io.StringIO) -> None:
        super().__init__("".join(f"{command}\n" for command in commands))
        self.heard = heard

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        line = super().readline()
        self.heard.write(line)  # as a terminal echoes it
        return line


def talk(
    folder: Path,
    lesson: str,
    *commands: str,
    spoken: bool = False,
    course: Course = COURSE,
) -> str:
    """A conversation from the start of a lesson."""
    heard = io.StringIO()
    reader = Reader(course, Progress(folder), spoken, Typed(commands, heard), heard)
    state = parse_state(lesson)
    reader.enter(course.find(state.lesson), Bookmark(state))
    reader.run_course()
    return heard.getvalue()


def answers(folder: Path, lesson: str, *commands: str, spoken: bool = False) -> list[str]:
    """What is said after each of the commands, without the prompt."""
    heard = talk(folder, lesson, *commands, spoken=spoken).replace(ANSWER, PROMPT)
    parts = heard.split(PROMPT)
    said = [part.partition("\n") for part in parts[1:-1]]
    assert [typed for typed, _, _ in said] == list(commands)
    return [text for _, _, text in said]


def assert_linear(text: str) -> None:
    """Only characters that are written, not drawn, and ends of lines."""
    for char in set(text) - {"\n"}:
        assert char.isprintable()
        name = unicodedata.name(char)
        assert not name.startswith(("BOX", "BLOCK", "BRAILLE", "BLACK", "WHITE"))
        assert "ARROW" not in name


def on_pipes(
    home: Path, *words: str, changes: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = clean_environment(home, changes)
    return subprocess.run(
        [*TUTOR, *words], input=b"", capture_output=True, env=environment, timeout=60
    )


# Formulas in words


SAID = {
    "a": (),
    "b": (),
    "x": (),
    "u": (3,),
    "v": (3,),
    "w": (2,),
    "E": (3, 2),
    "X": (3, 2),
    "Y_hat": (3, 2),
}


def in_words(**symbols: str) -> Notation:
    return Notation(symbols, SAID, dialect=SPEECH)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("a - x", "a minus x"),
        ("2 * (-3)", "2 times minus 3"),
        ("(-3) ** 2", "open bracket minus 3 close bracket squared"),
        ("-3 ** 2", "minus 3 squared"),
        ("a - -x", "a minus minus x"),
        ("a * -x", "a times minus x"),
        ("a / -x", "a divided by open bracket minus x close bracket"),
        ("-(a + x)", "minus open bracket a plus x close bracket"),
        ("(x - 3) ** 2", "open bracket x minus 3 close bracket squared"),
        ("x ** 3", "x cubed"),
        ("x ** -1", "x to the power minus 1"),
        ("x ** 0.5", "x to the power 0.5"),
        ("x ** 12", "x to the power 12"),
        ("(x ** 2) ** 3", "open bracket x squared close bracket cubed"),
        ("mean(u)", "mean of u"),
        ("mean(E ** 2)", "mean of open bracket E squared close bracket"),
        ("relu(x) ** 2", "open bracket relu of x close bracket squared"),
        ("relu(x ** 2)", "relu of open bracket x squared close bracket"),
        ("exp(sin(x))", "exp of open bracket sin of x close bracket"),
        ("exp(-x)", "exp of open bracket minus x close bracket"),
        ("sqrt(x) + abs(a)", "square root of x plus absolute value of a"),
        ("maximum(a, b)", "maximum of open bracket a, b close bracket"),
        (
            "2 - minimum(a, b) ** 2",
            "2 minus open bracket minimum of open bracket a, b close bracket close bracket squared",
        ),
        ("sum(E, axis=0)", "sum down each column of E"),
        ("mean(E * X, axis=1)", "mean along each row of open bracket E times X close bracket"),
        ("grad.Y_hat", "d loss by d Y hat"),
        ("sum(grad.w)", "sum of d loss by d w"),
        ("-grad.x", "minus d loss by d x"),
        ("grad.x ** 2", "open bracket d loss by d x close bracket squared"),
        ("a / (b * x)", "a divided by open bracket b times x close bracket"),
        ("X @ w", "X times as matrices w"),
        ("X.T @ E", "X transposed times as matrices E"),
        ("v[0]", "v element 0"),
        ("E[1, 0] * 2", "E element 1, 0 times 2"),
        ("2.5e-5", "2.5 times 10 to the power minus 5"),
    ],
)
def test_formulas_in_words(formula: str, said: str) -> None:
    assert in_words(x="ξ").formula(parse_answer(formula)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([8, -3], "list 8, minus 3 end list"),
        ([5], "list 5 end list"),
        ([[5], [3], [-4]], "column 5, 3, minus 4 end column"),
        ([[1, 2], [3, 4]], "matrix row 1, 2, row 3, 4 end matrix"),
        ([1, 2, 3, 4, 9], "list 1, 2, and so on, 9 end list"),
        ([math.nan, -math.inf], "list not a number, minus infinity end list"),
        (-2.5e-7, "minus 2.5 times 10 to the power minus 7"),
    ],
)
def test_values_in_words(value: Any, said: str) -> None:
    assert in_words().value(value) == said


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("(x - 2) ** 2", "open bracket minus 3 minus 2 close bracket squared"),
        ("sum(w ** 2)", "1 squared plus open bracket minus 2 close bracket squared"),
        ("mean(w)", "open bracket 1 plus minus 2 close bracket divided by 2"),
        ("sqrt(w)", "square root of list 1, minus 2 end list"),
        ("x * w", "minus 3 times list 1, minus 2 end list"),
        ("5 - x", "5 minus minus 3"),
        ("exp(x)", "exp of minus 3"),
    ],
)
def test_formulas_in_words_with_their_numbers(formula: str, said: str) -> None:
    values = {"x": np.float64(-3), "w": np.array([1.0, -2.0])}
    assert in_words().substituted(parse_answer(formula), values) == said


def test_an_element_of_a_product_in_words() -> None:
    values = {"X": np.array([[1.0, -2], [3, 4], [5, 6]]), "w": np.array([2.0, -1])}
    said = in_words().cell(parse_answer("X @ w"), values, (0,))
    assert said == "1 times 2 plus minus 2 times minus 1"


def test_what_stands_around_formulas_in_words() -> None:
    spoken = in_words(x="ξ")
    assert spoken.name("x") == "x"
    assert spoken.name("grad.x") == "d loss by d x"
    assert spoken.name("corrected.average.Y_hat") == "corrected average Y hat"
    assert spoken.place((1, 0)) == " element 1, 0"
    assert (spoken.number(-1 / 3), spoken.constant(-2)) == ("minus 0.33333", "minus 2")
    assert spoken.column([1, -10]) == ["1", "minus 10"]
    assert spoken.moved("8", "7.4") == "from 8 to 7.4"


# Lines


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a → b ⇒ c", "a -> b => c"),
        ("┌─┐ ⣿ █ ● ▸", "+-+ # # * >"),
        ("\x1b[31mred\x1b[0m\r\t\x07", " [31mred [0m   "),
        ("no\u00a0break ŷ 損失 ≈ é", "no break ŷ 損失 ≈ é"),
    ],
)
def test_readable(text: str, line: str) -> None:
    assert readable(text) == line


@pytest.mark.parametrize(
    ("drawn", "line"),
    [
        (["    a + b", "s = -----", "      h"], ["s = (a + b) / h"]),
        (["r1 + r2", "-------", "   n"], ["(r1 + r2) / n"]),
        (["above", "", "-----", "", "below"], ["above", "", "-----", "", "below"]),
        (["a - b", "c"], ["a - b", "c"]),
        ([], []),
    ],
)
def test_fractions_are_written_on_one_line(drawn: list[str], line: list[str]) -> None:
    assert in_one_line(drawn) == line


# Conversations


WORDS = [command.typed.words[0] for command in COMMANDS if command.typed is not None]
ON_SCREENS = [key for key in ONLY_DRAWN if not key.isdigit()]
SESSION = (
    "", "f", "f", " ", "u", "text", "v", "where", "undo", ".", "n", "N", "+", "worked", "r", "r",
    "s", "s x 4", "g 3", "spoken", "undo", "worked", "v", "back", "again", "m", "l", "what", "]",
    "[", "?", "q",
)  # fmt: skip


def test_a_whole_conversation(tmp_path: Path) -> None:
    """Changed on purpose? Delete the file and run this test: it writes the present one."""
    heard = talk(tmp_path, "derivative", *SESSION, spoken=True)
    if not GOLDEN.exists():
        GOLDEN.write_text(heard, encoding="utf-8")
    assert heard == GOLDEN.read_text(encoding="utf-8")
    assert_linear(heard)


@pytest.mark.parametrize("spoken", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("entry", EACH)
def test_every_command_in_every_lesson(tmp_path: Path, entry: Entry, spoken: bool) -> None:
    commands = [word for word in WORDS if word not in "q[]"]
    said = answers(tmp_path, entry.id, *commands, "g 2", "cells", *ON_SCREENS, spoken=spoken)
    assert all(text.endswith("\n") for text in said)
    assert_linear("".join(said))
    for word, answer in zip(ON_SCREENS, said[-len(ON_SCREENS) :], strict=True):
        assert answer.startswith(f"{word} belongs to the tutor that draws")


def test_the_word_that_a_list_says_to_type_is_a_command(tmp_path: Path) -> None:
    for word, said in zip(
        ("rates", "starts"), answers(tmp_path, "gradient", "rates", "starts"), strict=True
    ):
        assert f"Type {word} and" in said
        assert word in WORDS


@pytest.mark.parametrize("entry", EACH)
def test_the_arithmetic_is_that_of_trace(tmp_path: Path, entry: Entry) -> None:
    lesson = COURSE.load(entry)
    assert lesson.experiment is not None
    training = Training(lesson.experiment)
    notation = lesson.experiments[0].notation(Notation(dialect=ASCII))
    traced = {line.strip() for line in trace_text(training, notation, 2) if line.startswith("    ")}
    back = "b" * len(training.program.layers)
    said = "".join(answers(tmp_path, lesson.id, *f"f{back}uf{back}u")).splitlines()
    worked = {line.partition(" (comes in ")[0] for line in said if " = " in line}
    assert traced == worked


@pytest.mark.parametrize("entry", EACH)
def test_every_page_is_read_by_enter_alone(tmp_path: Path, entry: Entry) -> None:
    lesson = COURSE.load(entry)
    pages, asked = len(lesson.sections), len(lesson.questions)
    heads = [f"Page {n} of {pages}: {each.title}" for n, each in enumerate(lesson.sections, 1)]
    heads += [f"Question {number} of {asked}:" for number in range(1, asked + 1)]
    *read, last = answers(tmp_path, lesson.id, *[""] * len(heads))
    for head, text in zip(heads[1:], read, strict=True):
        assert text.startswith(f"{head}\n")
    following = COURSE.neighbour(entry.id, 1)
    leads = f"{following.number}, {following.title}" if following else "the course map"
    assert last.startswith("The end of this lesson:\n")
    assert leads in last.splitlines()[-1]


def test_a_dozen_words_for_the_same(tmp_path: Path) -> None:
    by_keys = answers(tmp_path / "keys", "3", "f", " ", ",", ".", "+", "-", "", "m", "]", "[")
    words = ("forward", "NEXT", "undo", "redo", "Rate  up", "rate down", "pagedown", "map")
    by_words = answers(tmp_path / "words", "3", *words, "next lesson", "previous lesson")
    assert by_keys == by_words


@pytest.mark.parametrize(
    ("lesson", "typed", "said"),
    [
        ("3", "b", "Forward comes first"),
        ("3", "undo", "nothing to undo"),
        ("3", "redo", "nothing to redo"),
        ("3", "back", "the first page"),
        ("3", "99", "no lesson 99"),
        ("3", "xyzzy", "There is no command xyzzy"),
        ("3", "\x1b[A", "There is no command  [A"),
        ("3", "ŷ" * 90, f"There is no command {'ŷ' * 20};"),
        ("3", "g", "Type g and an iteration"),
        ("3", "g -1", "Type g and an iteration"),
        ("3", "g 1000001", "Type g and an iteration"),
        ("3", "g 12345678901234567890", "Type g and an iteration"),
        ("3", "s x", "These are the start values"),
        ("3", "s y 3", "y is no start value"),
        ("3", "s x nan", "nan is not a number"),
        ("3", "s x 1e999", "1e999 is not a number"),
        ("3", "s x[0] 3", "x[0] is no start value"),
        ("3", "s x −4.5", "x is -4.5."),
        ("1", "s guess[1] 1e-3", "guess[1] is 0.001."),
        ("6", "s Y_hat[2,0] 7", "Y_hat[2,0] is 7."),
        ("3", "cells", "no matrices"),
        ("valleys", "]", "the last lesson"),
        ("1", "[", "the first lesson"),
        ("3", "worked", "Nothing is computed yet"),
    ],
)
def test_what_a_line_answers(tmp_path: Path, lesson: str, typed: str, said: str) -> None:
    [answer] = answers(tmp_path, lesson, typed)
    assert said in answer
    assert_linear(answer)


def test_cells_are_worked_one_by_one(tmp_path: Path) -> None:
    *_, said = answers(tmp_path, "8", "f", "b", "cells")
    assert "E[0,0] = Y - Y_hat = 5 - 0 = 5\n" in said
    assert "sample 3: d/dw = (-8)*3 = -24\n" in said


def test_a_run_that_diverges_is_told_of(tmp_path: Path) -> None:
    said, undone = answers(tmp_path, "derivative:0:start:learning_rate=5@0", "g 100000", ",")
    assert "Diverged: at iteration 162 loss is no longer a number." in said
    assert "Iteration 161: update is done" in undone


def test_a_lesson_may_have_words_only(tmp_path: Path) -> None:
    (tmp_path / "01-words.md").write_text(
        '+++\ntitle = "Only words"\n+++\n## {a} First\n\nSome → words.\n', encoding="utf-8"
    )
    commands = [word for word in WORDS if word != "q"]
    heard = talk(tmp_path, "words", *commands, "g 3", "s x 3", course=Course(tmp_path))
    assert "Lesson 1 of 1: Only words\n" in heard
    assert "Some -> words.\n" in heard
    assert heard.count("only has words") >= 10
    assert_linear(heard)


def test_a_broken_lesson_is_not_entered(tmp_path: Path) -> None:
    for number, text in enumerate(("Some words.", "The {{loss}}."), 1):
        content = f'+++\ntitle = "Number {number}"\n+++\n{text}\n'
        (tmp_path / f"0{number}-lesson{number}.md").write_text(content, encoding="utf-8")
    heard = talk(tmp_path, "1", "2", "where", course=Course(tmp_path))
    assert "Number 2 cannot be opened: " in heard
    assert heard.count("Lesson 1 of 2: Number 1\n") == 2


def test_the_place_is_kept_at_every_step(tmp_path: Path) -> None:
    talk(tmp_path, "3", "n", "f", "v", "")
    assert saved(tmp_path) == "derivative:1:forward"
    talk(tmp_path, "3", "m", "5")
    assert saved(tmp_path) == "gradient:0:start"


def test_a_place_that_cannot_be_kept_is_told_of_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = answers(tmp_path / "file", "3", "f", "b")
    assert ["cannot be saved" in text for text in said] == [True, False]


def test_backward_is_told_one_layer_at_a_time(tmp_path: Path) -> None:
    _, first, state, rest, shown = answers(tmp_path, "layers", "f", "b", "u", "b", "worked")
    assert [line.partition(" = ")[0] for line in first.splitlines()[:4]] == [
        "Backward, iteration 0:",
        "dloss/dresidual",
        "dloss/dprediction",
        "dloss/dw2",
    ]
    assert "through 1 of 2 layers" in first
    assert "through 1 of 2 layers" in state
    assert "dloss/dw1" in rest
    assert "dloss/dw2" not in rest
    assert "dloss/dw1" in shown


# In a terminal


def after(screen: Terminal, typed: str | bytes) -> str:
    """Type a line and wait for the next prompt; what was said, as it was sent."""
    before, prompts = len(screen.sent), screen.sent.count(PROMPT.encode())
    screen.send((typed if isinstance(typed, bytes) else typed.encode()) + b"\n")
    screen.wait_until(lambda: screen.sent.count(PROMPT.encode()) > prompts)
    # The terminal itself adds \r before each \n.
    return screen.sent[before:].decode(errors="replace").replace("\r\n", "\n")


@pytest.mark.parametrize(
    "entries",
    [LESSONS[-3:], pytest.param(LESSONS, marks=pytest.mark.slow)],
    ids=["the last", "all"],
)
def test_all_lessons_by_keyboard(entries: list[Entry], tmp_path: Path) -> None:
    argv = [*TUTOR, "--plain", entries[0].id]
    with Terminal(argv, home=tmp_path, start=start_warm) as screen:
        screen.wait_for(PROMPT.strip())
        for entry in entries:
            lesson = COURSE.load(entry)
            assert "Forward, iteration 0" in after(screen, "f")
            assert lesson.experiment is not None
            for _ in lesson.experiment.program.layers:
                assert "Backward, iteration 0" in after(screen, "b")
            assert "Update, iteration 0" in after(screen, "u")
            assert "Update, iteration 10" in after(screen, "N")
            pictures = len(lesson.experiments[0].views)
            assert f"Picture {pictures} of {pictures}" in after(screen, "v")
            for number in range(2, len(lesson.sections) + 1):
                assert f"Page {number} of {len(lesson.sections)}: " in after(screen, "")
            assert "last lesson" in after(screen, "]") or entry is not LESSONS[-1]
        screen.send("q\n")
        assert screen.wait_exit() == 0
        assert_linear(screen.sent.decode().replace("\r\n", "\n"))


@pytest.mark.parametrize(("key", "status"), [("\x04", 0), ("\x03", 130)])
def test_the_end_of_input_and_ctrl_c_leave(tmp_path: Path, key: str, status: int) -> None:
    with Terminal([*TUTOR, "--plain", "3"], home=tmp_path, start=start_warm) as screen:
        screen.wait_for(PROMPT.strip())
        after(screen, "f")
        screen.send(key)
        assert screen.wait_exit() == status
        assert b"Traceback" not in screen.sent
    assert saved(tmp_path / "state" / "gd-tutor") == "derivative:0:forward"


def test_a_dumb_terminal_reads(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "3"], home=tmp_path, env={"TERM": "dumb"}) as screen:
        screen.wait_for(PROMPT.strip())
        assert "Plain text: TERM is dumb." in screen.text
        assert "loss = residual**2 = (-3)**2 = 9\n" in after(screen, "f")


def test_who_asks_for_plain_text_listens(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "3"], home=tmp_path, env={"GD_TUTOR_MODE": "plain"}) as screen:
        screen.wait_for(PROMPT.strip())
        assert "residual equals y minus x equals 5 minus 8 equals minus 3\n" in after(screen, "f")


def test_no_byte_typed_ends_the_conversation(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "--plain", "3"], home=tmp_path, start=start_warm) as screen:
        screen.wait_for(PROMPT.strip())
        assert "There is no command" in after(screen, b"\xd6\xd0\xe9")
        assert "Forward" in after(screen, "f")


def test_it_goes_on_where_it_was_left(tmp_path: Path) -> None:
    for opening, typed in (("Lesson 1 of 8", "4"), ("Lesson 4 of 8", "f"), ("Lesson 4", "b")):
        with Terminal([*TUTOR, "--plain"], home=tmp_path, start=start_warm) as screen:
            screen.wait_for(PROMPT.strip())
            assert opening in screen.text
            said = after(screen, typed)
            screen.send("q\n")
            assert screen.wait_exit() == 0
    assert "Backward, iteration 0" in said


# On pipes


@pytest.mark.parametrize("entry", EACH)
def test_who_only_listens_gets_the_whole_lesson(
    tmp_path: Path,
    entry: Entry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lesson = COURSE.load(entry)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert main(["--plain", lesson.id]) == 0
    text, trouble = capsys.readouterr()
    assert not trouble
    assert_linear(text)
    for section in lesson.sections:
        assert f": {section.title}\n" in text
    for phase in ("Forward", "Backward", "Update"):
        assert f"{phase}, iteration 0" in text
    assert text.count("Picture ") == len(lesson.experiments[0].views)
    assert "quit:" not in text
    assert not (tmp_path / "state").exists()


def test_a_pipe_gets_what_others_hear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = on_pipes(tmp_path, "--plain", "layers")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    main(["--plain", "layers"])
    assert run.stdout.decode() == capsys.readouterr().out
    assert (run.returncode, run.stderr) == (0, b"")


def test_a_state_line_says_how_far(tmp_path: Path) -> None:
    text = on_pipes(tmp_path, "--plain", "derivative:3:backward").stdout.decode()
    assert "Backward, iteration 3:" in text
    assert "Update, iteration" not in text


def test_a_state_that_fits_no_lesson_is_one_sentence(tmp_path: Path) -> None:
    run = on_pipes(tmp_path, "--plain", "derivative:3:backward:z=1@0")
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr == b"gd-tutor: 'z' is not a setting here; there are y, x, learning_rate.\n"


def test_a_saved_place_that_fits_no_more_gives_way(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "gd-tutor"
    folder.mkdir(parents=True)
    (folder / "state").write_text("derivative:3:backward:z=1@0\n")
    run = on_pipes(tmp_path, "--plain")
    assert run.returncode == 0
    assert run.stdout.startswith(b"Where you left off cannot be opened: 'z' is not a setting")
    assert b"Lesson 3 of 8" in run.stdout


@pytest.mark.parametrize(
    "encoding", ["ascii", *(pytest.param(e, marks=pytest.mark.slow) for e in ("utf-8", "latin-1"))]
)
def test_any_stream_carries_any_lesson(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "01-words.md").write_text(
        '+++\ntitle = "損失 é"\n+++\nx ≈ 3 → ŷ\n', encoding="utf-8"
    )
    changes = {"PYTHONIOENCODING": encoding}
    run = on_pipes(tmp_path, "--plain", "--lessons", str(tmp_path), changes=changes)
    assert run.returncode == 0
    assert (b"printed as ?" in run.stderr) == (encoding != "utf-8")
    text = run.stdout.decode(encoding)
    assert ("損失" in text) == (encoding == "utf-8")
    assert "-> " in text


def test_whoever_has_heard_enough_may_go(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [*TUTOR, "--plain", "3"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(tmp_path),
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer:
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 0


def test_it_loads_neither_textual_nor_plotext(tmp_path: Path) -> None:
    program = (
        f"sys.stdin = open({os.devnull!r})\n"
        "from gd_tutor.cli import main\n"
        "assert main(['--plain', '8']) == 0"
    )
    assert loaded_by(program) <= {"numpy"}


def test_a_number_after_a_right_answer_opens_no_lesson(tmp_path: Path) -> None:
    heard = talk(tmp_path, "derivative", "p", "f", "9", "2", "where", "2", "where")
    asked, _, went = heard.partition("answered already")
    assert "Right" in asked
    assert "Iteration 0: forward is done" in went
    assert went.index("Iteration 0: forward is done") < went.index("Lesson 2")


@pytest.mark.parametrize("typed", ["-", "+", ",", ".", "/"])
def test_signs_of_numbers_are_answers_while_a_question_is_open(tmp_path: Path, typed: str) -> None:
    heard = talk(tmp_path, "derivative", "p", "f", typed)
    assert "could not be read" in heard


@pytest.mark.parametrize("typed", ["3", "7"])
def test_no_number_opens_a_lesson_on_the_page_of_an_answered_question(
    tmp_path: Path, typed: str
) -> None:
    pages = [""] * 40
    heard = talk(tmp_path, "residual", *pages[:11], "6.5", typed, "f", typed, typed)
    assert heard.count("answered already") == 3
    assert f"Lesson {typed} of" not in heard


def test_a_command_that_an_open_question_holds_back_is_answered_in_a_sentence(
    tmp_path: Path,
) -> None:
    before = talk(tmp_path, "derivative", "p", "f", "u")
    assert "First the question about forward, which is open" in before
    page = talk(tmp_path, "residual", *[""] * 11, "b", "x")
    assert "Forward comes first" in page
    assert "`x` does nothing here" in page.replace("[x]", "`x`")
    assert "predict (" not in page


def test_enter_alone_comes_back_to_a_question_that_was_left(tmp_path: Path) -> None:
    heard = talk(tmp_path, "residual", *[""] * 11, "skip", "", "", "where")
    left = heard.partition("Left open")[2]
    assert "comes back to the question" in left
    assert left.count("Question 1 of 3") == 1
    assert left.index("Question 1 of 3") < left.index("Question 2 of 3")


def test_a_question_that_was_skipped_by_its_phase_says_how_it_comes_back(tmp_path: Path) -> None:
    heard = talk(tmp_path, "derivative", "p", "f", "f", ",", "f")
    skipped = heard.partition("The question was skipped")[2]
    assert "What is the loss?" in skipped


def test_a_parameter_is_explained_as_it_stands(tmp_path: Path) -> None:
    heard = talk(tmp_path, "gradient", "explain x", "n", "explain x", "f", "explain x")
    start, updated, after = heard.split("explain x\n")[1:]
    assert "x = 1: the run starts with it." in start
    assert "= 1.4" in updated.partition("\n")[0]
    assert "= 1.4" in after.partition("\n")[0]


def test_a_name_is_explained_as_it_is_printed(tmp_path: Path) -> None:
    heard = talk(tmp_path, "derivative", "o momentum", "n", "explain velocity_x")
    said = heard.partition("explain velocity_x\n")[2].partition("\n")[0]
    assert said.startswith("velocity_x ")


def test_the_numbers_that_a_question_needs_are_told_where_it_leads(tmp_path: Path) -> None:
    heard = talk(tmp_path, "gradient", *[""] * 16, "e")
    there = heard.rpartition("Enter skips: e\n")[2]
    assert "Backward, iteration 3:" in there
    assert "= -0.76667" in there
    assert "Three trips, after three updates" in there.partition("Backward, iteration 3:")[2]


@pytest.mark.parametrize(
    ("words", "name"),
    [("n", "round"), ("N", "10 rounds"), ("FORWARD", "forward"), ("L", "rates"), ("K", "compare")],
)
def test_case_counts_only_where_there_is_a_choice(words: str, name: str) -> None:
    command = command_for(words)
    assert command is not None
    assert command.name == name
