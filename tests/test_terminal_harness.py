"""The tests' terminal is a terminal: what it reports is what tiny programs did."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from terminal import Terminal


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_program_has_a_controlling_terminal_of_the_asked_size(tmp_path: Path) -> None:
    program = python(
        "import os\n"
        "for fd in range(3): print(f'{fd}: {os.isatty(fd)} {tuple(os.get_terminal_size(fd))}')\n"
        "controlling = os.open('/dev/tty', os.O_RDWR)\n"
        "print('foreground:', os.tcgetpgrp(controlling) == os.getpid())\n"
    )
    with Terminal(program, columns=53, rows=17, home=tmp_path) as terminal:
        assert terminal.wait_exit() == 0
        assert terminal.text.split("\n")[:4] == [
            "0: True (53, 17)",
            "1: True (53, 17)",
            "2: True (53, 17)",
            "foreground: True",
        ]
        assert [len(row) for row in terminal.screen] == [53] * 17


def test_environment_is_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COLUMNS", "LINES", "TMUX", "SSH_CONNECTION", "COLORTERM", "NO_COLOR"):
        monkeypatch.setenv(name, "1")
    program = python(
        "import json, os, pathlib\n"
        "path = pathlib.Path(os.environ['HOME'], 'env.json')\n"
        "path.write_text(json.dumps(dict(os.environ)))\n"
    )
    changes = {"TERM": "vt100", "EXTRA": "here", "LANG": None}
    with Terminal(program, home=tmp_path, env=changes) as terminal:
        assert terminal.wait_exit() == 0
    environment = json.loads((tmp_path / "env.json").read_text())
    assert environment["TERM"] == "vt100"
    assert environment["EXTRA"] == "here"
    assert environment["XDG_STATE_HOME"].startswith(str(tmp_path))
    # What the shell and Python add themselves is all else there may be.
    allowed = {"TERM", "EXTRA", "HOME", "XDG_STATE_HOME", "PATH", "PYTHONPATH"}
    assert set(environment) - {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"} <= allowed


def test_keys_reach_the_program_and_its_answer_the_screen(tmp_path: Path) -> None:
    with Terminal(python("print(input('? ')[::-1])"), home=tmp_path) as terminal:
        terminal.wait_for("?")
        terminal.send("ŷ = 7")
        terminal.send(b".4\r")
        terminal.wait_for("4.7 = ŷ")
        assert terminal.wait_exit() == 0
        assert "4.7 = ŷ".encode() in terminal.sent


def test_typed_interrupt_is_a_signal(tmp_path: Path) -> None:
    program = python(
        "import signal\n"
        "signal.signal(signal.SIGINT, lambda *_: exit(41))\n"
        "print('ready'); signal.pause()\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("ready")
        terminal.send("\x03")
        assert terminal.wait_exit() == 41


def test_failed_wait_shows_the_screen(tmp_path: Path) -> None:
    with Terminal(python("print('here'); input()"), home=tmp_path) as terminal:
        terminal.wait_for("here")
        with pytest.raises(AssertionError, match=r"'there' is not(.|\n)*\|here +\|"):
            terminal.wait_for("there", timeout=0.05)
        with pytest.raises(AssertionError, match=r"has not happened(.|\n)*\|here +\|"):
            terminal.wait_until(lambda: False, timeout=0.05)
        with pytest.raises(AssertionError, match=r"does not end(.|\n)*\|here +\|"):
            terminal.wait_exit(timeout=0.05)


def test_wait_ends_with_the_program(tmp_path: Path) -> None:
    with Terminal(python("print('bye')"), home=tmp_path) as terminal:
        start = time.monotonic()
        with pytest.raises(AssertionError, match=r"program is gone(.|\n)*\|bye +\|"):
            terminal.wait_for("there", timeout=300)
        assert time.monotonic() - start < 100


def test_quiet_is_the_end_of_the_output(tmp_path: Path) -> None:
    program = python(
        "import time\nfor i in range(4): print('line', i, flush=True); time.sleep(0.03)\ninput()\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("line 0")
        terminal.wait_quiet(0.25)
        assert terminal.sent.endswith(b"line 3\r\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process does")
def test_who_computes_is_not_quiet(tmp_path: Path) -> None:
    """On a busy machine a program is silent for longer than it needs."""
    program = python(
        "import time\nprint('begun', flush=True)\nwhile time.process_time() < 0.5: pass\n"
        "print('done', flush=True)\ninput()\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("begun")
        terminal.wait_quiet(0.1)
        assert "done" in terminal.text


def test_several_texts_are_waited_for(tmp_path: Path) -> None:
    program = python("print('one', flush=True)\nprint(input())\ninput()\n")
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("one")
        terminal.send("two\n")
        terminal.wait_for("one", "two")
        with pytest.raises(AssertionError, match="'one', 'three' are not"):
            terminal.wait_for("one", "three", timeout=0.05)


def test_noise_is_not_quiet(tmp_path: Path) -> None:
    with Terminal(python("while True: print('noise')"), home=tmp_path) as terminal:
        terminal.wait_for("noise")
        with pytest.raises(AssertionError, match="does not become quiet"):
            terminal.wait_quiet(1, timeout=0.05)


def test_program_learns_of_a_new_size(tmp_path: Path) -> None:
    program = python(
        "import os, signal\n"
        # Written past Python's buffers: the signal may come while they are in use.
        "def say(*_): os.write(1, str(os.get_terminal_size(0)).encode())\n"
        "signal.signal(signal.SIGWINCH, say)\n"
        "print('ready')\n"
        "while True: signal.pause()\n"
    )
    with Terminal(program, columns=80, rows=24, home=tmp_path) as terminal:
        terminal.wait_for("ready")
        terminal.resize(61, 13)
        terminal.wait_for("columns=61, lines=13")
        assert [len(row) for row in terminal.screen] == [61] * 13


def test_attributes_and_cursor(tmp_path: Path) -> None:
    program = python("print('\\x1b[3;5H\\x1b[1;31mR\\x1b[0mn', end='', flush=True); input()")
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("Rn")
        red, plain = terminal.cell(4, 2), terminal.cell(5, 2)
        assert (red.data, red.fg, red.bold) == ("R", "red", True)
        assert (plain.data, plain.fg, plain.bold) == ("n", "default", False)
        assert terminal.cursor == (6, 2)


def test_sequences_that_draw_nothing_draw_nothing_however_they_arrive(tmp_path: Path) -> None:
    sequences = "A\x1b[>25uB\x1b[<uC\x1b[=1;2uD\x1b[?2026$pE\x1b[?uF\x1b[>4;1mG\x1b[7mŷ\x1b[mH"
    program = python(
        "import os, tty\n"
        "tty.setraw(0)\n"
        f"for byte in {sequences!r}.encode(): os.write(1, bytes([byte])); os.read(0, 1)\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        left = list(sequences.encode())
        while left:
            terminal.wait_until(lambda: sequences.encode() == terminal.sent + bytes(left[1:]))
            terminal.send(".")
            del left[0]
        assert terminal.wait_exit() == 0
        assert terminal.text.strip() == "ABCDEFGŷH"
        assert not terminal.cell(6, 0).bold
        assert terminal.cell(7, 0).reverse


@pytest.mark.parametrize(("answers", "first"), [(True, r"\x1b[?2026;2$y"), (False, "key")])
def test_synchronised_output_is_answered_only_if_asked_for(
    answers: bool, first: str, tmp_path: Path
) -> None:
    program = python(
        "import os, tty\n"
        "tty.setraw(0)\n"
        "for part in (b'\\x1b[?20', b'26$p', b'ready'): os.write(1, part)\n"
        "print(ascii(os.read(0, 100)))\n"
    )
    with Terminal(program, home=tmp_path, answers_sync=answers) as terminal:
        terminal.wait_for("ready")
        if not answers:
            terminal.send("key")
        terminal.wait_for(f"b'{first}'")


def test_alternate_screen_comes_and_goes(tmp_path: Path) -> None:
    program = python(
        "print('before'); input()\n"
        "print('\\x1b[?1049h\\x1b[?25l\\x1b[Hinside', end='', flush=True); input()\n"
        "print('\\x1b[?1049l\\x1b[?25hafter')\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("before")
        terminal.send("\n")
        terminal.wait_for("inside")
        assert "before" not in terminal.text
        assert terminal.modes == {7, 1049}
        terminal.send("\n")
        terminal.wait_for("after")
        assert terminal.text.split() == ["before", "after"]
        assert terminal.modes == {7, 25}


def test_signals_and_statuses(tmp_path: Path) -> None:
    program = python(
        "import signal\n"
        "signal.signal(signal.SIGTERM, lambda *_: exit(143))\n"
        "print('ready'); signal.pause()\n"
    )
    for number, status in ((signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        with Terminal(program, home=tmp_path) as terminal:
            terminal.wait_for("ready")
            terminal.signal(number)
            assert terminal.wait_exit() == status


def test_closed_terminal_hangs_up(tmp_path: Path) -> None:
    program = python(
        "import signal\n"
        "signal.signal(signal.SIGHUP, lambda *_: exit(129))\n"
        "print('ready')\n"
        "while True: signal.pause()\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("ready")
        terminal.close_pty()
        assert terminal.wait_exit() == 129
        assert "ready" in terminal.text


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    open_before = len(os.listdir("/dev/fd"))
    program = python(
        "import signal\n"
        "for s in (signal.SIGHUP, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n"
        "print('ready')\n"
        "while True: signal.pause()\n"
    )
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("ready")
        os.kill(terminal.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(terminal.pid, 0)
    assert len(os.listdir("/dev/fd")) == open_before
