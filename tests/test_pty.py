"""The program in a real terminal: steps, places kept, ends, odd input, and what it costs."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from gd_tutor.engine.state import PHASES, parse_state
from terminal import (
    PATIENCE,
    Start,
    Terminal,
    clean_environment,
    read_available,
    start_in_pty,
    stop,
)
from tutor import LESSONS, TIMES, lesson, tutor
from warm import start_warm

READY = "Nothing is computed yet"
ON_EXIT = frozenset({7, 25})
"""The modes of a terminal that nobody uses: it wraps, and its cursor is seen."""
PAGES = {
    "lesson": "",
    "map": "m",
    "help": "?",
    "palette": "\x10",
    "go to": "g",
}
OTHERS = {"question": "pf", "bugs": "d", "export": "E", "rates": "L"}
SHOWS = {
    "lesson": READY,
    "map": "Course map",
    "help": "until an update",
    "palette": "Lesson 1 Residual",
    "go to": "Go to iteration",
    "question": "What is l, the loss?",
    "bugs": "Deliberate bugs",
    "export": "Take this run home",
    "rates": "converge",
}


@contextmanager
def opened(
    home: Path,
    *arguments: str,
    size: tuple[int, int] = (80, 24),
    env: Mapping[str, str | None] | None = None,
    shows: str = READY,
    start: Start = start_warm,
) -> Iterator[Terminal]:
    """The tutor in a terminal, its first screen drawn."""
    with Terminal(tutor(*arguments), *size, home=home, env=env, start=start) as terminal:
        terminal.wait_for(shows)
        yield terminal


def press(terminal: Terminal, keys: str, *shows: str) -> None:
    terminal.send(keys)
    terminal.wait_for(*shows)


def leave_page(terminal: Terminal, page: str) -> None:
    """By an escape, which a key that followed at once would make another key."""
    terminal.send("\x1b")
    terminal.wait_until(lambda: SHOWS[page] not in terminal.text)


def state_file(home: Path) -> Path:
    return home / "state" / "gd-tutor" / "state"


def saved(home: Path) -> str:
    """The state line that is kept; nothing where none is kept yet."""
    return state_file(home).read_text().split("\n")[0] if state_file(home).exists() else ""


def wait_saved(terminal: Terminal, home: Path, line: str) -> None:
    terminal.wait_until(lambda: saved(home) == line)


def quit_with(terminal: Terminal, key: str = "q") -> None:
    terminal.send(key)
    assert terminal.wait_exit() == 0
    assert terminal.modes == ON_EXIT


# Steps


def test_three_keys_show_the_loss_the_slope_and_the_new_parameter(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        press(terminal, "b", "Forward comes first")
        press(terminal, "f", "l = ε² = (−3)² = 9")
        press(terminal, "b", "∂l/∂x = −∂l/∂ε = −(−6) = 6")
        press(terminal, "u", "= 7.4")
        press(terminal, ",", "iteration 0")
        press(terminal, ",,", READY)
        press(terminal, ",", "This is the very start")
        press(terminal, "n", "= 7.4")
        press(terminal, "f", "5.76")
        quit_with(terminal)


@pytest.mark.parametrize(("called", "key"), [("8", "q"), ("partial-derivative", "\x03")])
def test_lesson_opens_by_its_number_and_its_id(called: str, key: str, tmp_path: Path) -> None:
    name = LESSONS[int(called) - 1] if called.isdigit() else called
    with opened(tmp_path, called) as terminal:
        terminal.wait_for(f"{lesson(name).number}/8 {lesson(name).title}")
        quit_with(terminal, key)


# The place is kept


def test_coming_back_continues_where_the_tutor_was_left(tmp_path: Path) -> None:
    with opened(tmp_path, shows="Residual") as terminal:
        press(terminal, "3", "Derivative")
        press(terminal, "fb", "−(−6) = 6")
        press(terminal, "+", "η 0.2")
        press(terminal, "\x1b[6~", "▸ 2/")
        quit_with(terminal)
    assert saved(tmp_path) == "derivative:0:backward:learning_rate=0.2@0"
    with opened(tmp_path, shows="−(−6) = 6") as terminal:
        terminal.wait_for("3/8 Derivative", "BACKWARD", "η 0.2", "▸ 2/")
        press(terminal, "u", "= 6.8")
        quit_with(terminal)
    with opened(tmp_path, "derivative") as terminal:
        terminal.wait_for("η 0.1", "▸ 1/")


@pytest.mark.parametrize(
    ("keys", "place", "numbers"),
    [
        pytest.param(*("f", "derivative:0:forward", "l = ε² = (−3)² = 9"), marks=pytest.mark.slow),
        pytest.param("nfb", "derivative:1:backward", "= 4.8", marks=pytest.mark.slow),
        ("N+", "derivative:9:update:learning_rate=0.2@10", "5.3221"),
    ],
)
def test_killed_tutor_comes_back_to_the_same_step(
    keys: str, place: str, numbers: str, tmp_path: Path
) -> None:
    with opened(tmp_path, "derivative") as terminal:
        terminal.send(keys)
        wait_saved(terminal, tmp_path, place)
        terminal.wait_for(numbers)
        terminal.wait_quiet()
        before = terminal.text.split("\n")[0]
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
    with opened(tmp_path, shows=numbers) as terminal:
        terminal.wait_until(lambda: terminal.text.split("\n")[0] == before)
        assert saved(tmp_path) == place


@pytest.mark.parametrize("damage", [b"rubbish:x:y\n", b"\xff\xfe\x00"])
def test_damaged_place_is_set_aside_with_a_message(damage: bytes, tmp_path: Path) -> None:
    state_file(tmp_path).parent.mkdir(parents=True)
    state_file(tmp_path).write_bytes(damage)
    with opened(tmp_path, shows="place could not be read") as terminal:
        terminal.wait_for("1/8 Residual")
        assert state_file(tmp_path).with_name("state.damaged").read_bytes() == damage
        press(terminal, "f", "Forward put the numbers in")
        wait_saved(terminal, tmp_path, "residual:0:forward")
        quit_with(terminal)


def test_place_that_cannot_be_saved_is_said_once_and_all_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative", env={"XDG_STATE_HOME": "/proc/none"}) as terminal:
        press(terminal, "f", "Your progress cannot be saved", "= 9")
        press(terminal, "b", "Backward changed no")
        terminal.wait_until(lambda: "cannot be saved" not in terminal.text)
        quit_with(terminal)


# The ends


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_restores_the_terminal_and_keeps_the_place(
    number: signal.Signals, tmp_path: Path
) -> None:
    with opened(tmp_path, "derivative") as terminal:
        assert 1049 in terminal.modes
        press(terminal, "f", "= 9")
        press(terminal, "?", "Keys")
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
        assert terminal.modes == ON_EXIT
        assert saved(tmp_path) == "derivative:0:forward"


def test_vanished_terminal_ends_the_tutor_and_keeps_the_place(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        press(terminal, "f", "= 9")
        terminal.close_pty()
        assert terminal.wait_exit() == 128 + signal.SIGHUP
    assert saved(tmp_path) == "derivative:0:forward"


def test_interrupt_from_outside_restores_the_terminal(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        terminal.signal(signal.SIGINT)
        terminal.wait_exit()
        assert terminal.modes == ON_EXIT
        assert "Traceback" not in terminal.text


def test_suspended_tutor_gives_the_terminal_back_and_returns(tmp_path: Path) -> None:
    with Terminal(["/bin/sh", "-i"], home=tmp_path, env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        press(terminal, " ".join(tutor("derivative")) + "\n", READY)
        press(terminal, "f", "= 9")
        terminal.send("\x1a")
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        press(terminal, "echo still $((6 * 7))\n", "still 42")
        assert terminal.modes == ON_EXIT
        press(terminal, "fg\n", "= 9")
        assert 1049 in terminal.modes
        press(terminal, "b", "= 6")
        press(terminal, "q", "shell>")
        assert terminal.modes == ON_EXIT


@pytest.mark.parametrize(
    "page", ["palette", *(pytest.param(p, marks=pytest.mark.slow) for p in ("go to", "map"))]
)
def test_every_page_can_be_suspended(page: str, tmp_path: Path) -> None:
    with Terminal(["/bin/sh", "-i"], home=tmp_path, env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        press(terminal, " ".join(tutor("derivative")) + "\n", READY)
        press(terminal, PAGES[page], SHOWS[page])
        terminal.send("\x1a")
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        press(terminal, "fg\n", SHOWS[page])
        press(terminal, "\x03", "shell>")
        assert terminal.modes == ON_EXIT


# Odd input


def test_no_byte_from_the_keyboard_breaks_or_commands_anything(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        terminal.send(b"\xd6\xd0\xe9")  # a key of a terminal that is not set to UTF-8
        terminal.send("我需要中文打字啊")  # composed text comes in one piece
        terminal.send("\x1b[200~fbuq 我需要中文打字啊\x1b[201~")
        terminal.send("\x1b[<0;10;10M\x1b[<0;10;10m\x1b[I\x1b[O\x1b[5;200R\x1b[?2026;0$y")
        terminal.send("\x1bOP\x1b[15~\x1b[1;5C\x1b[25~")
        terminal.wait_quiet(0.3)
        terminal.send("\x1b[200~\x1b[31mred \x1b[0m q\x1b[201~")
        for piece in ("\x1b[20", "0~\x1b[0m q\x1b[2", "01", "~"):
            terminal.send(piece)
            terminal.wait_quiet(0.05)
        refused = "Pasted text can only be an answer"
        terminal.wait_until(lambda: refused in " ".join(terminal.text.split()))
        assert saved(tmp_path) in ("", "derivative:0:start")
        terminal.wait_for("3/8 Derivative")
        press(terminal, "f", "= 9")
        wait_saved(terminal, tmp_path, "derivative:0:forward")
        press(terminal, "g", "Go to iteration")
        terminal.send(b"\xd6\xd0\xe9\xff")
        terminal.send("我需要\x1b[200~12\x1b[201~\r")
        terminal.wait_for("iteration 12")
        press(terminal, "\x10", "Lesson 1 Residual")
        press(terminal, "我需要", "我需要")
        assert b"\x1b[>25u" not in terminal.sent  # a protocol in which composed text gets lost
        terminal.send("\x1b")
        terminal.wait_until(lambda: "我需要" not in terminal.text)
        quit_with(terminal)


def test_key_that_comes_in_pieces_is_still_one_key(tmp_path: Path) -> None:
    """Within the escape delay; what that is on a connection, test_modes says."""
    gap = 0.2
    with opened(tmp_path, "derivative", env={"ESCDELAY": "10000"}) as terminal:
        for piece in ("\x1b", "[B"):
            terminal.send(piece)
            terminal.wait_quiet(gap)
        terminal.wait_for("2/")
        terminal.wait_for("3/8 Derivative")
        for piece in ("\x1b[", "A"):
            terminal.send(piece)
            terminal.wait_quiet(gap)
        terminal.wait_for(" 1/", "3/8 Derivative")
        quit_with(terminal)


def test_text_comes_before_the_pictures(tmp_path: Path) -> None:
    """The last row of the text was sent before the first of a picture."""
    with opened(tmp_path, "derivative", shows="⡔", start=start_in_pty) as terminal:
        sent = terminal.sent.decode()
        assert sent.index(READY) < sent.index(next(filter(is_braille, sent)))


def is_braille(character: str) -> bool:
    return "\u2800" <= character <= "\u28ff"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param("", id="nothing"),
        pytest.param("3/8 Derivative", id="first frame", marks=pytest.mark.slow),
    ],
)
def test_keys_typed_before_the_lesson_is_read_wait_for_it(shown: str, tmp_path: Path) -> None:
    with Terminal(tutor("derivative"), home=tmp_path) as terminal:
        press(terminal, "", shown)
        press(terminal, "fb", "−(−6) = 6")
        quit_with(terminal)


@pytest.mark.parametrize(
    "keys",
    [
        "\x10\x1b[6~",
        *(pytest.param(k, marks=pytest.mark.slow) for k in ("g5\r\r\r", "mm55")),
    ],
    ids=ascii,
)
def test_keys_typed_before_a_page_is_drawn_break_nothing(keys: str, tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        terminal.send(keys[0])
        terminal.send(keys[1:])
        terminal.wait_quiet(0.3)
        quit_with(terminal, "\x03")


# Quiet and cheap


def test_nothing_is_sent_while_no_key_is_pressed(tmp_path: Path) -> None:
    terminals = []
    try:
        for page, keys in (PAGES | OTHERS).items():
            home = tmp_path / page
            home.mkdir()
            terminal = Terminal(tutor("derivative"), home=home, start=start_warm)
            terminals.append((page, terminal))
            terminal.wait_for(READY)
            press(terminal, keys, SHOWS[page])
        for _, terminal in reversed(terminals):
            terminal.wait_quiet(0.4 if terminal is terminals[-1][1] else 0.05)
        before = {page: len(terminal.sent) for page, terminal in terminals}
        terminals[0][1].wait_quiet(2)
        for _, terminal in terminals:
            terminal.wait_quiet(0.01)
        after = {page: len(terminal.sent) for page, terminal in terminals}
        assert after == before
    finally:
        for _, terminal in terminals:
            terminal.__exit__(None, None, None)


@pytest.mark.parametrize(
    "lessons", [(8,), pytest.param((1, 2, 3, 4, 5, 6, 7), marks=pytest.mark.slow)]
)
def test_start_step_and_page_stay_within_their_bytes(
    lessons: tuple[int, ...], tmp_path: Path
) -> None:
    costs = []
    with opened(tmp_path, "residual", env={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_quiet()
        assert len(terminal.sent) < 50_000
        for number in lessons:
            press(terminal, str(number), f"{number}/8 ")
            terminal.wait_quiet(1)  # its pictures are drawn after its text
            for key in ("f", "b", "u", "f", ",", "\x1b[6~"):
                before = len(terminal.sent)
                terminal.send(key)
                terminal.wait_quiet(0.08)
                costs.append((len(terminal.sent) - before, number, key))
        quit_with(terminal)
    steps = [cost for cost in costs if cost[2] != "\x1b[6~"]
    pages = [cost for cost in costs if cost[2] == "\x1b[6~"]
    assert max(steps)[0] <= 4_096, sorted(steps)[-5:]
    assert max(pages)[0] < 8_192, sorted(pages)[-5:]


def test_play_can_be_quit_over_a_slow_link(tmp_path: Path) -> None:
    process, ours = start_in_pty(tutor("gradient"), 80, 24, clean_environment(tmp_path))
    try:
        received = _receive_slowly(ours, lambda got: b"?1049h" in got and len(got) > 9_000)
        os.write(ours, b">>>a")
        _receive_slowly(ours, lambda got: len(got) > 20_000)
        os.write(ours, b"q")
        behind = _receive_slowly(ours, lambda got: process.poll() is not None)
        assert process.wait(PATIENCE) == 0
        # It did not first send what it had still to show: it takes seconds to read that.
        assert len(behind) < 20_000
        assert received
    finally:
        stop(process)
        os.close(ours)


def phases_done(home: Path) -> int:
    """How many phases the run has come, as it was saved; none where nothing is saved yet."""
    iteration, phase = parse_state(saved(home)).position if saved(home) else (0, 0)
    return len(PHASES) * iteration + phase


SSH = {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}


def test_over_ssh_play_goes_at_most_four_phases_a_second(tmp_path: Path) -> None:
    with opened(tmp_path, "gradient", env=SSH) as terminal:
        begun = time.monotonic()
        press(terminal, ">>>>>a", "= 13")
        terminal.wait_until(lambda: phases_done(tmp_path) > 6)
        assert phases_done(tmp_path) <= 4 * (time.monotonic() - begun) + 1
        quit_with(terminal)


def test_play_waits_for_a_link_that_has_not_sent_the_last_frame(tmp_path: Path) -> None:
    """Nothing is read from the terminal meanwhile: what it holds itself are a few frames."""
    with opened(tmp_path, "gradient-matrix", size=(160, 50)) as terminal:
        press(terminal, ">>>>>", "8 phases")
        terminal.wait_quiet(0.3)
        terminal.send("a")
        latest = time.monotonic() + PATIENCE
        while not phases_done(tmp_path) and time.monotonic() < latest:
            time.sleep(0.02)
        time.sleep(3)
        assert 1 <= phases_done(tmp_path) < 16
        terminal.send("q")
        assert terminal.wait_exit() == 0


def _receive_slowly(descriptor: int, done: Callable[[bytes], bool]) -> bytes:
    """Read 10 KB a second until `done(received)`."""
    received, begun = b"", time.monotonic()
    while not done(received):
        assert time.monotonic() - begun < PATIENCE, received[-500:]
        part = read_available(descriptor, 0.02)
        if part is None:
            break
        # What was read at once is paid for afterwards; the terminal's own buffer is 4 KB.
        received += part
        time.sleep(len(part) / 10_000)
    return received


# Terminals and locales


@pytest.mark.parametrize("colorterm", [None, pytest.param("truecolor", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "term",
    [
        "linux",
        *(
            pytest.param(term, marks=pytest.mark.slow)
            for term in (
                *("xterm-256color", "xterm", "vt100"),
                *("screen", "screen-256color", "tmux-256color"),
            )
        ),
    ],
)
def test_every_kind_of_terminal_gets_the_same_text(
    term: str, colorterm: str | None, tmp_path: Path
) -> None:
    env = {"TERM": term, "COLORTERM": colorterm}
    with opened(tmp_path, "derivative", env=env, shows="worked, iteration 0") as terminal:
        press(terminal, "fb", "Backward changed no")
        terminal.wait_for("3/8 Derivative", "Apples cost 5.")
        quit_with(terminal)


@pytest.mark.parametrize(
    "locale",
    [
        {"LANG": "C"},
        pytest.param({"LANG": "POSIX"}, marks=pytest.mark.slow),
        pytest.param({"LANG": None}, marks=pytest.mark.slow),
        pytest.param({"LANG": None, "LC_ALL": "C.UTF-8"}, marks=pytest.mark.slow),
        pytest.param({"LANG": "xx_YY.UTF-8"}, marks=pytest.mark.slow),
        {"LANG": None, "PYTHONIOENCODING": "latin-1"},
    ],
    ids=["C", "POSIX", "unset", "C.UTF-8", "unknown", "latin-1"],
)
def test_every_locale_gets_readable_text(locale: dict[str, str | None], tmp_path: Path) -> None:
    with opened(tmp_path, "derivative", env=locale) as terminal:
        press(terminal, "fb", "Backward changed no", "Apples cost 5.")
        assert "\\u" not in terminal.text
        assert [len(row) for row in terminal.screen] == [80] * 24
        quit_with(terminal)


def test_without_colour_no_colour_is_sent(tmp_path: Path) -> None:
    env = {"NO_COLOR": "1", "COLORTERM": "truecolor"}
    with opened(tmp_path, "gradient", env=env) as terminal:
        press(terminal, "nfb", "Backward changed no")
        terminal.send("v\t")
        for page, key in PAGES.items():
            if key:
                press(terminal, key, SHOWS[page])
                terminal.wait_quiet(0.15)
                leave_page(terminal, page)
        quit_with(terminal)
        codes = {
            int(code)
            for group in re.findall(rb"\x1b\[([\d;:]*)m", terminal.sent)
            for code in re.split(rb"[;:]", group)
            if code
        }
        # 39 and 49 are the terminal's own colours.
        assert not codes & {*range(30, 39), *range(40, 49), *range(90, 108)}
        assert 7 in codes or 1 in codes  # there are other ways to stand out


def after_alternate_screen(sent: bytes) -> bytes:
    return sent.partition(b"\x1b[?1049h")[2]


@pytest.mark.parametrize(
    "lessons",
    [range(2, 9, 2), pytest.param(range(1, 9), marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_ascii_sends_not_one_byte_above_127(lessons: range, tmp_path: Path) -> None:
    with opened(tmp_path, "--ascii", "residual") as terminal:
        for number in lessons:
            terminal.send(str(number))
            terminal.wait_for(f"{number}/8 ")
            for key in ("f", "b", "u", "v", "v", "s", "\x1b[C", "\r", "\x1b[6~", "\x1b[6~", "l"):
                terminal.send(key)
            if number % 2 == 0:
                terminal.resize(*((40, 12), (120, 40), (200, 60), (80, 24))[number // 2 - 1])
            terminal.wait_quiet(0.15)
        for page, key in PAGES.items():
            if key:
                press(terminal, key, SHOWS[page])
                terminal.wait_quiet(0.15)
                leave_page(terminal, page)
        terminal.resize(20, 5)
        terminal.wait_for("gd-tutor needs")
        quit_with(terminal)
        drawn = after_alternate_screen(terminal.sent)
        assert len(drawn) > 20_000
        assert drawn.isascii(), sorted({chr(b) for b in drawn if b > 127})


def test_ascii_says_the_same_numbers(tmp_path: Path) -> None:
    with opened(tmp_path, "--ascii", "derivative") as terminal:
        press(terminal, "f", "loss = residual**2 = (-3)**2 = 9")
        press(terminal, "b", "dloss/dx = -dloss/dresidual = -(-6)")
        press(terminal, "u", "= 7.4")


# Endurance

KEYS = (
    *"fbu nN,.r+=-smvl12345678[]?ag<>e\t\r",
    *("\x1b", "\x7f", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x10"),
    *("\x1b[<0;9;9M", "我", "x", "E", "\x00", "\x1b[Z"),
)


@pytest.mark.slow
@pytest.mark.parametrize("without", ["\x10", "\r"], ids=["palette", "enter"])
def test_ten_thousand_random_keys_at_random_sizes(without: str, tmp_path: Path) -> None:
    """Five thousand each without the palette and without enter, which together can quit.

    GD_TUTOR_TRIALS=6 makes sixty thousand of ten.
    """
    chance = random.Random(without)
    keys = [key for key in KEYS if key != without]
    with opened(tmp_path, "residual") as terminal:
        for count in range(250 * TIMES):
            terminal.send("".join(chance.choices(keys, k=20)))
            if count % 5 == 0:
                terminal.resize(chance.randint(1, 220), chance.randint(1, 65))
            terminal.wait_quiet(0.02)
        terminal.send(" ")
        terminal.resize(80, 24)
        terminal.wait_quiet(0.5)
        for _ in range(4):
            terminal.send("\x1b")
            terminal.wait_quiet(1)
        terminal.send("3")
        terminal.wait_for("3/8 Derivative")
        press(terminal, "rrf", "FORWARD")  # it may have been open, at any step
        quit_with(terminal)
        assert b"Traceback" not in terminal.sent


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
def test_after_any_burst_of_keys_the_screen_is_as_if_drawn_anew(
    size: tuple[int, int], tmp_path: Path
) -> None:
    chance = random.Random(str(size))
    columns, rows = size
    keys = [key for key in KEYS if key not in ("a", "\x10")]  # what plays; the palette can quit
    with opened(tmp_path, "layers", size=size) as terminal:
        for _ in range(12):
            typed = chance.choices(keys, k=chance.randint(1, 20))
            terminal.send("".join(typed))
            terminal.wait_quiet(0.6)
            before = terminal.text
            terminal.resize(columns + 1, rows)
            terminal.resize(columns, rows)
            terminal.wait_quiet(0.6)
            assert terminal.text == before, typed


@pytest.mark.parametrize("answer", ["9", "\x1b[200~9\x1b[201~"], ids=["typed", "pasted"])
def test_what_is_typed_at_once_counts_in_its_order(answer: str, tmp_path: Path) -> None:
    """A command opens a question, what follows answers it, and the next command comes after it."""
    with opened(tmp_path, "derivative") as terminal:
        terminal.send(f"pf{answer}\rpb")
        wait_saved(terminal, tmp_path, "derivative:0:backward")


@pytest.mark.parametrize("page", ["help", "go to"])
def test_key_typed_on_a_page_is_none_of_the_palette(page: str, tmp_path: Path) -> None:
    with opened(tmp_path, "gradient") as terminal:
        press(terminal, PAGES[page], SHOWS[page])
        press(terminal, "\r\x10", "Lesson 1 Residual", "Search for")
        terminal.wait_quiet(0.3)
        assert "Search for" in terminal.text
        assert saved(tmp_path) in ("", "gradient:0:start")


@pytest.mark.parametrize("gap", [0.0, 0.003])
def test_size_that_was_another_for_a_moment_is_drawn_anew(gap: float, tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        press(terminal, "f", "= 9")
        terminal.wait_quiet(0.3)
        before = terminal.text
        terminal.resize(60, 20)
        time.sleep(gap)
        terminal.resize(80, 24)
        terminal.wait_until(lambda: terminal.text == before)


def test_two_enters_at_once_choose_once_in_the_palette(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative") as terminal:
        press(terminal, "\x10", "Lesson 1 Residual")
        terminal.send("go on until an update")
        terminal.wait_until(lambda: "Lesson 1 Residual" not in terminal.text)
        terminal.send("\x1b[B")
        terminal.send("\r\r")
        wait_saved(terminal, tmp_path, "derivative:0:update")
        terminal.send("\x1b")  # where the second one went on to explain a number
        terminal.wait_quiet(1)
        quit_with(terminal)
    assert saved(tmp_path) == "derivative:0:update"


def test_the_terminals_cursor_is_where_something_is_to_be_typed(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative", env={"GD_TUTOR_CURSOR": "on"}) as terminal:

        def is_behind(text: str) -> bool:
            x, y = terminal.cursor
            return terminal.screen[y][:x].rstrip().endswith(text)

        press(terminal, "p", "Before each phase")
        press(terminal, "f", "What is l, the loss?")
        terminal.wait_until(lambda: is_behind(">"))
        press(terminal, "12", "> 12")
        terminal.wait_until(lambda: is_behind("> 12"))
        terminal.send("\x1b")
        terminal.wait_until(lambda: terminal.cursor == (2, 1))
        press(terminal, "s", "Start: x = 8")
        terminal.wait_until(lambda: "Start:" in terminal.screen[terminal.cursor[1]])
        press(terminal, "\r", "The run begins at")
        press(terminal, "pnfb", "= 4.8")
        terminal.send("\t\x1b[A")
        terminal.wait_until(lambda: terminal.screen[terminal.cursor[1]].startswith(" »"))
        press(terminal, "\x10", "Lesson 1 Residual")
        terminal.wait_until(lambda: "Search for" in terminal.screen[terminal.cursor[1]])


def test_the_terminals_cursor_shows_the_focus_where_it_is_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path, "derivative", env={"GD_TUTOR_CURSOR": "on"}) as terminal:
        terminal.wait_until(lambda: terminal.cursor == (2, 1))
        assert 25 in terminal.modes
        terminal.send("\t")
        terminal.wait_until(lambda: "▸ worked" in terminal.screen[12])
        terminal.wait_until(lambda: terminal.cursor == (2, 12))
        terminal.send("\t")
        terminal.wait_until(lambda: terminal.cursor == (43, 1))
        press(terminal, "m", "Course map")
        terminal.wait_until(lambda: terminal.cursor == (1, 3) and "▸ 3" in terminal.screen[3])
        terminal.send("\x1b[B")
        terminal.wait_until(lambda: "▸ 4" in terminal.screen[4])
        terminal.wait_until(lambda: terminal.cursor == (1, 4))
        press(terminal, "m", READY)
        quit_with(terminal)
