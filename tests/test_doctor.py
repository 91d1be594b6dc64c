"""`gd-tutor doctor`: what it finds, what it advises."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

import pytest

from gd_tutor.cli.doctor import report
from gd_tutor.terminal.detection import BOX, MATHS, NARROW, SAMPLES, WIDE, Surroundings
from gd_tutor.terminal.settings import Mode, Settings
from terminal import Terminal, clean_environment
from test_imports import call, loaded_by

TUTOR = (sys.executable, "-m", "gd_tutor")
GOOD = {WIDE: 2, NARROW: 1, BOX: 1, MATHS: 1}
CJK_WIDE = {WIDE: 2, NARROW: 1, BOX: 2, MATHS: 2}
NOTHING = Settings(Path("settings.toml"))
NO_UTF8 = {WIDE: 3, NARROW: 2, BOX: 3, MATHS: 3}


def examined(
    environment: Mapping[str, str],
    *,
    interactive: bool = True,
    encoding: str = "utf-8",
    tmux: bool | None = True,
    widths: Mapping[str, int] = GOOD,
    mode: Mode | None = None,
    settings: Settings = NOTHING,
) -> dict[str, list[str]]:
    """The sections of a report."""
    usual = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}
    surroundings = Surroundings(
        usual | dict(environment), interactive, encoding, lambda: tmux, lambda: widths
    )
    sections: dict[str, list[str]] = {}
    name = ""
    for line in report(Namespace(mode=mode), surroundings, settings):
        if line.startswith("  "):
            sections[name].append(line.strip())
        else:
            name = line
            sections[name] = []
    return sections


def test_a_good_terminal_needs_nothing() -> None:
    sections = examined({"COLORTERM": "truecolor"})
    assert sections["To mend"] == ["nothing"]
    assert sections["Chosen"][0] == "unicode, because nothing speaks against it"
    assert sections["Chosen"][1] == "mouse on, at most 30 pictures a second in play"
    for line in ("TERM: xterm-256color", "COLORTERM: truecolor", "encoding: utf-8", "SSH: no"):
        assert line in sections["Found"]
    assert "widths: Chinese 2, accented 1, line 1 (2, 1, 1 is right)" in sections["Found"]


@pytest.mark.parametrize(
    ("environment", "facts", "chosen", "cure"),
    [
        ({"TMUX": "x"}, {"tmux": False}, "ascii", "start it with tmux -u"),
        ({"STY": "1.x"}, {"widths": CJK_WIDE}, "ascii", "write cjkwidth off into ~/.screenrc"),
        ({"STY": "1.x"}, {"widths": NO_UTF8}, "ascii", "start screen with screen -U"),
        ({"LANG": "C"}, {"widths": NO_UTF8}, "ascii", "set the terminal to UTF-8"),
        ({}, {"encoding": "latin-1"}, "ascii", "set LANG to a UTF-8 locale such as C.UTF-8"),
        ({"TERM": "linux"}, {}, "ascii", "use a terminal window"),
        ({"TERM": "dumb"}, {}, "plain", "set TERM to the kind of this terminal"),
        # Nothing makes the tutor itself look; the doctor does.
        ({}, {"widths": CJK_WIDE}, "unicode", "let ambiguous characters be narrow"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(
    environment: dict[str, str], facts: dict[str, object], chosen: str, cure: str
) -> None:
    sections = examined(environment, **facts)  # type: ignore[arg-type]
    assert sections["Chosen"][0].startswith(f"{chosen}, because ")
    [mend] = sections["To mend"]
    assert cure in mend


def test_everything_wrong_is_named() -> None:
    sections = examined({"TMUX": "x", "LANG": "C"}, encoding="ascii", tmux=False, widths=NO_UTF8)
    assert len(sections["To mend"]) == 3


def test_what_was_asked_for_is_chosen_and_the_cure_named_all_the_same() -> None:
    sections = examined({"TMUX": "x"}, tmux=False, mode=Mode.UNICODE)
    assert sections["Chosen"][0] == "unicode, because --unicode was given"
    assert sections["To mend"] == ["tmux runs without UTF-8: start it with tmux -u"]


@pytest.mark.parametrize(
    "environment", [{"GD_TUTOR_MODE": "screen"}, {"GD_TUTOR_MOUSE": "x"}, {"GD_TUTOR_FRAMES": "x"}]
)
def test_wrong_variables_are_something_to_mend(environment: dict[str, str]) -> None:
    [[name, value]] = environment.items()
    [mend] = examined(environment)["To mend"]
    assert mend.startswith(f"{name} is '{value}'")


def test_damaged_settings_are_something_to_mend() -> None:
    settings = Settings(Path("s.toml"), trouble="The settings in s.toml are damaged.")
    [mend] = examined({}, settings=settings)["To mend"]
    assert mend == "The settings in s.toml are damaged: see s.toml"


def test_over_ssh() -> None:
    sections = examined({"SSH_TTY": "/dev/pts/3"})
    assert "SSH: yes" in sections["Found"]
    assert "mouse off, at most 4 pictures a second in play" in sections["Chosen"]


# The program


def test_without_a_terminal_it_reports_and_exits_with_0(tmp_path: Path) -> None:
    changes = {"TERM": "x\x1b[31m\u640d", "LANG": "C", "XDG_CONFIG_HOME": str(tmp_path / "損")}
    run = subprocess.run(
        [*TUTOR, "doctor"],
        input=b"",
        capture_output=True,
        env=clean_environment(tmp_path, changes),
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout.isascii()
    assert all(byte == 10 or 32 <= byte < 127 for byte in run.stdout)
    assert b"terminal: no\n" in run.stdout
    assert b"nothing is drawn" in run.stdout


@pytest.mark.parametrize("words", [("doctor", "--ascii"), ("--ascii", "doctor")])
def test_options_stand_before_or_after(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Terminal([*TUTOR, *words], home=tmp_path) as screen:
        # Ahead, so that no answer of ours can come too late.
        screen.send(b"".join(b"\x1b[1;%dR" % (cells + 1) for cells in GOOD.values()))
        screen.wait_until(lambda: screen.sent.count(b"\x1b[6n") == len(SAMPLES))
        assert screen.wait_exit() == 0
        assert "ascii, because --ascii was given" in screen.text
        assert "80 columns, 24 rows" in screen.sent.decode()
        assert "To mend\n  nothing" in screen.text


def test_a_silent_terminal_is_no_trouble(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "doctor"], home=tmp_path) as screen:
        assert screen.wait_exit() == 0
        assert "the terminal does not answer" in screen.sent.decode()


def test_it_loads_neither_textual_nor_plotext_nor_numpy() -> None:
    assert loaded_by(call("doctor")) == set()
