"""How the tutor decides how to draw, and what it sets before it draws."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from gd_tutor.terminal.detection import (
    BOX,
    MATHS,
    NARROW,
    SAMPLES,
    WIDE,
    Surroundings,
    ask_tmux,
    measure,
)
from gd_tutor.terminal.display_mode import Drawing, Profile, choose, prepare, profile
from gd_tutor.terminal.settings import Mode, Settings, WrongSetting, read_settings, save_setting
from terminal import Terminal, clean_environment
from warm import start_warm

TUTOR = (sys.executable, "-m", "gd_tutor")
GOOD = {WIDE: 2, NARROW: 1, BOX: 1, MATHS: 1}
CJK_WIDE = {WIDE: 2, NARROW: 1, BOX: 2, MATHS: 2}
NO_UTF8 = {WIDE: 3, NARROW: 2, BOX: 3, MATHS: 3}
ANSWERS = {
    "good": b"".join(b"\x1b[1;%dR" % (cells + 1) for cells in GOOD.values()),
    "wide": b"".join(b"\x1b[1;%dR" % (cells + 1) for cells in CJK_WIDE.values()),
    "no UTF-8": b"".join(b"\x1b[1;%dR" % (cells + 1) for cells in NO_UTF8.values()),
}

NOTHING = Settings(Path("settings.toml"))


def never() -> bool:
    raise AssertionError("tmux was asked")


def unmeasured() -> Mapping[str, int]:
    raise AssertionError("the terminal was asked")


def around(
    environment: Mapping[str, str] | None = None,
    *,
    interactive: bool = True,
    encoding: str = "utf-8",
    tmux: Callable[[], bool | None] = never,
    widths: Callable[[], Mapping[str, int]] = unmeasured,
) -> Surroundings:
    usual = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}
    return Surroundings(usual | dict(environment or {}), interactive, encoding, tmux, widths)


# What was asked for


@pytest.mark.parametrize(
    ("flag", "variable", "saved", "mode"),
    [
        (Mode.UNICODE, "ascii", Mode.PLAIN, Mode.UNICODE),
        (None, "ascii", Mode.PLAIN, Mode.ASCII),
        (None, "", Mode.PLAIN, Mode.PLAIN),
    ],
)
def test_a_flag_beats_the_variable_and_that_the_settings(
    flag: Mode | None, variable: str, saved: Mode, mode: Mode
) -> None:
    # Nothing is detected: TERM would make it plain text.
    surroundings = around({"GD_TUTOR_MODE": variable, "TERM": "dumb"})
    choice = choose(flag, surroundings, Settings(Path("s"), saved))
    assert (choice.mode, choice.asked, choice.sentence) == (mode, True, "")


def test_a_variable_that_is_no_mode_is_refused() -> None:
    with pytest.raises(WrongSetting, match="'asci', not unicode, ascii or plain"):
        choose(None, around({"GD_TUTOR_MODE": "asci"}), NOTHING)


@pytest.mark.parametrize("asked", [None, Mode.UNICODE, Mode.ASCII])
def test_without_a_terminal_nothing_is_drawn(asked: Mode | None) -> None:
    assert choose(asked, around(interactive=False), NOTHING).mode is None


def test_without_a_terminal_plain_text_is_written_where_asked_for() -> None:
    assert choose(Mode.PLAIN, around(interactive=False), NOTHING).mode is Mode.PLAIN


# What is found


@pytest.mark.parametrize(
    ("surroundings", "mode", "said"),
    [
        (around(), Mode.UNICODE, "nothing speaks against it"),
        (around({"TERM": "dumb"}, encoding="ascii"), Mode.PLAIN, "TERM is dumb"),
        (around({"TERM": ""}), Mode.PLAIN, "TERM is not set"),
        (around(encoding="iso-8859-1"), Mode.ASCII, "iso-8859-1"),
        (around(encoding="nonsense"), Mode.ASCII, "nonsense"),
        (around(encoding="UTF8"), Mode.UNICODE, "nothing"),
        (around({"TERM": "linux"}), Mode.ASCII, "linux"),
        (around({"TERM": "vt220"}), Mode.ASCII, "vt220"),
        (around({"TMUX": "x"}, tmux=lambda: False), Mode.ASCII, "tmux -u"),
        (around({"TMUX": "x"}, tmux=lambda: True), Mode.UNICODE, "nothing"),
        (around({"TMUX": "x"}, tmux=lambda: None), Mode.UNICODE, "nothing"),
        (around({"LANG": "C"}, widths=lambda: GOOD), Mode.UNICODE, "nothing"),
        (around({"LANG": "C"}, widths=dict), Mode.UNICODE, "nothing"),
        (around({"LANG": "C"}, widths=lambda: NO_UTF8), Mode.ASCII, "UTF-8"),
        (around({"LANG": ""}, widths=lambda: NO_UTF8), Mode.ASCII, "UTF-8"),
        (around({"LANG": "zh_CN.UTF-8"}, widths=lambda: CJK_WIDE), Mode.ASCII, "two cells wide"),
        (around({"STY": "1.x"}, widths=lambda: CJK_WIDE), Mode.ASCII, "cjkwidth off"),
        (around({"STY": "1.x"}, widths=lambda: NO_UTF8), Mode.ASCII, "screen -U"),
    ],
)
def test_detection(surroundings: Surroundings, mode: Mode, said: str) -> None:
    choice = choose(None, surroundings, NOTHING)
    assert choice.mode is mode
    assert not choice.asked
    assert said in (choice.sentence or choice.reason)
    assert bool(choice.sentence) == (mode is not Mode.UNICODE)


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C"}, "C"),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C", "LC_ALL": "ja_JP.UTF-8"}, "ja_JP.UTF-8"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "C"),  # as Python sets it
        ({"LC_CTYPE": "C.UTF-8"}, ""),
        ({"LANG": "fr_FR", "LC_CTYPE": "C.UTF-8"}, "C.UTF-8"),
        ({}, ""),
    ],
)
def test_the_locale_is_the_one_that_was_set(environment: dict[str, str], locale: str) -> None:
    assert Surroundings(environment, True, "utf-8").locale == locale


def test_what_takes_time_is_asked_once() -> None:
    asked = []
    surroundings = around({"TMUX": "x", "LANG": "C"}, tmux=lambda: asked.append(1) or True)
    assert surroundings.tmux_speaks_utf8
    assert surroundings.tmux_speaks_utf8
    assert asked == [1]


# The settings


@pytest.mark.parametrize(
    ("text", "mode", "trouble"),
    [
        ('mode = "ascii"', Mode.ASCII, ""),
        ("", None, ""),
        ("other = 1", None, ""),
        ('mode = "colour"', None, "mode is 'colour', not unicode, ascii or plain. It is not used."),
        ("mode = 3", None, "mode is '3'"),
        ("mode = ascii", None, "damaged"),
        ("\udcff", None, "damaged"),
    ],
)
def test_settings(tmp_path: Path, text: str, mode: Mode | None, trouble: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    settings = read_settings(file)
    assert settings.mode is mode
    assert trouble in settings.trouble
    assert bool(settings.trouble) == bool(trouble)


@pytest.mark.parametrize(
    ("text", "mode", "theme", "trouble"),
    [
        ('theme = "gd-light"', None, "gd-light", ""),
        ('mode = "plain"\ntheme = "nord"', Mode.PLAIN, "nord", ""),
        ("theme = 3", None, None, "theme is 3, not a name in quotes. It is not used."),
        ('theme = []\nmode = "ascii"', Mode.ASCII, None, "theme is []"),
        ('mode = "colour"\ntheme = "nord"', None, "nord", "mode is 'colour'"),
        ("theme = 'gd-dark", None, None, "damaged"),
    ],
)
def test_a_theme_is_read_apart_from_the_mode(
    tmp_path: Path, text: str, mode: Mode | None, theme: str | None, trouble: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    settings = read_settings(file)
    assert (settings.mode, settings.theme) == (mode, theme)
    assert trouble in settings.trouble
    assert bool(settings.trouble) == bool(trouble)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "gd-dark"\n'),
        ('mode = "ascii"', 'mode = "ascii"\ntheme = "gd-dark"\n'),
        ('# mine\n\ntheme="nord"  # cold\nmode = "ascii"\n', None),
        ("theme = 'nord'\r\nmode = \"ascii\"\r\n", None),
        ("theme = 3 # three\n", None),
        ("other = 1\n\n[theme-colours]\ntheme = 2\n", None),
        ('# theme = "nord"\nthemes = 1', '# theme = "nord"\nthemes = 1\ntheme = "gd-dark"\n'),
    ],
)
def test_a_setting_is_saved_and_the_rest_stays(
    tmp_path: Path, before: str, after: str | None
) -> None:
    file = tmp_path / "new" / "settings.toml"
    if before:
        file.parent.mkdir()
        file.write_bytes(before.encode())
    assert save_setting("theme", "gd-dark", file) == ""
    settings = read_settings(file)
    assert (settings.theme, settings.trouble) == ("gd-dark", "")
    text = file.read_bytes().decode()
    if after is not None:
        assert text == after
    for line in before.splitlines():
        if not line.startswith("theme"):
            assert line in text.splitlines()
        elif "#" in line:
            assert line[line.index("#") :] in text
    assert ("\r\n" in text) == ("\r\n" in before)
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]
    assert save_setting("theme", "gd-dark", file) == ""
    assert file.read_bytes().decode() == text


def test_a_value_of_any_characters_is_saved(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for value in ('深 "quoted"', "a\\b # c", "line\nbreak", "'", ""):
        assert save_setting("theme", value, file) == ""
        assert read_settings(file).theme == value


@pytest.mark.parametrize("text", ["theme = ", 'note = """\ntheme = 3\n"""\n', "\udcff"])
def test_what_cannot_be_changed_with_care_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    before = file.read_bytes()
    said = save_setting("theme", "gd-dark", file)
    assert "not saved" in said
    assert str(file) in said
    assert file.read_bytes() == before


def test_a_link_to_the_settings_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    target.write_text('mode = "ascii"\n')
    target.chmod(0o640)
    link.symlink_to(target)
    assert save_setting("theme", "nord", link) == ""
    assert link.is_symlink()
    assert target.read_text() == 'mode = "ascii"\ntheme = "nord"\n'
    assert target.stat().st_mode & 0o777 == 0o640


def test_settings_that_cannot_be_saved_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = save_setting("theme", "nord", tmp_path / "file" / "settings.toml")
    assert said.startswith("The setting cannot be saved in ")
    assert "could not be read" not in said
    assert said.endswith(".")
    assert "cannot be saved" in save_setting("theme", "nord", tmp_path)


def test_settings_need_not_be_there_nor_be_a_file(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none" / "settings.toml").trouble == ""
    assert "could not be read" in read_settings(tmp_path).trouble


# What Textual finds


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Profile(True, 30, 100)),
        ({"SSH_TTY": "/dev/pts/1"}, Profile(False, 4, 300)),
        ({"SSH_CONNECTION": "1 2 3 4"}, Profile(False, 4, 300)),
        ({"SSH_TTY": "x", "GD_TUTOR_MOUSE": "on"}, Profile(True, 4, 300)),
        ({"SSH_TTY": "x", "GD_TUTOR_FRAMES": "8"}, Profile(False, 8, 300)),
        ({"SSH_TTY": "x", "ESCDELAY": "50"}, Profile(False, 4, 50)),
        ({"ESCDELAY": "50", "GD_TUTOR_ESCDELAY": "70"}, Profile(True, 30, 70)),
        ({"ESCDELAY": "soon", "GD_TUTOR_MOUSE": "OFF"}, Profile(False, 30, 100)),
    ],
)
def test_profile(environment: dict[str, str], expected: Profile) -> None:
    assert profile(environment) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("GD_TUTOR_MOUSE", "maybe"), ("GD_TUTOR_FRAMES", "0"), ("GD_TUTOR_ESCDELAY", "-1")],
)
def test_a_profile_that_means_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"{name} is '{value}'"):
        profile({name: value})


def prepared(environment: dict[str, str]) -> dict[str, str]:
    prepare(environment, Drawing(ascii=True))
    return environment


def test_the_real_size_and_every_key_count() -> None:
    found = prepared({"COLUMNS": "200", "LINES": "5"})
    assert found == {
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_ANIMATIONS": "none",
        "ESCDELAY": "100",
    }


def test_screen_gets_colours_that_it_knows() -> None:
    assert prepared({"STY": "1.x", "COLORTERM": "truecolor"})["TEXTUAL_COLOR_SYSTEM"] == "256"
    mine = {"STY": "1.x", "TEXTUAL_COLOR_SYSTEM": "truecolor"}
    assert prepared(mine)["TEXTUAL_COLOR_SYSTEM"] == "truecolor"


def test_an_empty_no_color_is_none() -> None:
    assert "NO_COLOR" not in prepared({"NO_COLOR": ""})
    assert prepared({"NO_COLOR": "1"})["NO_COLOR"] == "1"


# Asking the terminal


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    """A terminal's two ends, ours first."""
    ours, theirs = pty.openpty()
    tty.setcbreak(theirs)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("answer", "widths"), [("good", GOOD), ("wide", CJK_WIDE), ("no UTF-8", NO_UTF8)]
)
def test_widths(line: tuple[int, int], answer: str, widths: Mapping[str, int]) -> None:
    ours, theirs = line
    before = termios.tcgetattr(theirs)
    os.write(ours, b"typed ahead" + ANSWERS[answer])
    assert measure(theirs, theirs, seconds=5) == widths
    assert termios.tcgetattr(theirs) == before
    asked = os.read(ours, 1000)
    assert asked.count(b"\x1b[6n") == len(SAMPLES)
    assert asked.endswith(b"\r\x1b[K")


@pytest.mark.parametrize("answer", [b"", ANSWERS["good"][:-4], b"nonsense"])
def test_a_terminal_that_does_not_answer_tells_nothing(
    line: tuple[int, int], answer: bytes
) -> None:
    ours, theirs = line
    before = termios.tcgetattr(theirs)
    os.write(ours, answer or b"x")
    assert measure(theirs, theirs, seconds=0.02) == {}
    assert termios.tcgetattr(theirs) == before


def test_what_is_no_terminal_is_not_asked() -> None:
    reading, writing = os.pipe()
    try:
        assert measure(reading, writing) == {}
        os.set_blocking(reading, False)
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 0", False),
        ("echo 1", True),
        ("echo", None),
        ("exit 1", None),
        ("sleep 9", None),
    ],
)
def test_tmux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, says: bool) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f"#!/bin/sh\nexec 2>/dev/null\n{script}\n")
    tmux.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert ask_tmux(seconds=0.2 if "sleep" in script else 5) is says


def test_no_tmux_tells_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_tmux() is None


# The program


def call(
    home: Path, *words: str, changes: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """gd-tutor on pipes."""
    return subprocess.run(
        [*TUTOR, *words],
        capture_output=True,
        input="",
        env=clean_environment(home, changes),
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize(
    "words", [("--ascii", "--plain", "3"), ("--plain", "lessons", "--unicode")]
)
def test_only_one_way_can_be_asked_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    run = call(tmp_path, *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "gd-tutor: Choose one of --unicode, --ascii and --plain.\n"


def save_settings(home: Path, text: str) -> None:
    folder = home / "config" / "gd-tutor"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def in_config(home: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(home / "config")}


def test_plain_text_can_be_set_for_good(tmp_path: Path) -> None:
    save_settings(tmp_path, 'mode = "plain"')
    run = call(tmp_path, "3", changes=in_config(tmp_path))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Lesson 3 of 8: Derivative\n")


def test_damaged_settings_are_told_of_and_not_used(tmp_path: Path) -> None:
    save_settings(tmp_path, "mode = ")
    run = call(tmp_path, "--plain", "3", changes=in_config(tmp_path))
    assert run.returncode == 0
    assert run.stderr.count("\n") == 1
    assert "settings.toml are damaged and not used." in run.stderr


@pytest.mark.parametrize("words", [(), ("3",), ("--plain", "3")])
def test_a_wrong_variable_is_one_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    changes = {"GD_TUTOR_MODE": "screen"}
    run = call(tmp_path, *words, changes=changes)
    sentence = "gd-tutor: GD_TUTOR_MODE is 'screen', not unicode, ascii or plain.\n"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", sentence)


def drawn(screen: Terminal) -> bytes:
    """What was sent once the tutor draws; the lesson has been waited for."""
    screen.wait_for("Apples cost 5")
    screen.wait_quiet()
    return screen.sent.partition(b"\x1b[?1049h")[2]


def slow(*values: object) -> ParameterSet:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (("3", "--ascii"), {"GD_TUTOR_MODE": "unicode"}),
        slow(("3",), {"TERM": "linux"}),
        (("3",), {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        slow(("--ascii", "3"), {}),
        slow(("3",), {"GD_TUTOR_MODE": "ascii"}),
        slow(("3",), {"PYTHONIOENCODING": "latin-1"}),
    ],
)
def test_ascii_sends_no_byte_beyond_it(
    tmp_path: Path, words: tuple[str, ...], changes: dict[str, str]
) -> None:
    with Terminal([*TUTOR, *words], home=tmp_path, env=changes, start=start_warm) as screen:
        assert drawn(screen).isascii()
        screen.send("q")
        assert screen.wait_exit() == 0


@pytest.mark.parametrize("encoding", [slow("utf-8"), "latin-1"])
def test_who_asks_for_unicode_gets_it(tmp_path: Path, encoding: str) -> None:
    changes = {"TERM": "linux", "PYTHONIOENCODING": encoding}
    with Terminal(
        [*TUTOR, "--unicode", "3"], home=tmp_path, env=changes, start=start_warm
    ) as screen:
        drawn(screen)
        assert "▸" in screen.text
        assert "\\u" not in screen.text


@pytest.mark.parametrize(
    ("answer", "ascii"), [("good", False), ("wide", True), slow("no UTF-8", True)]
)
def test_a_doubtful_terminal_is_asked(tmp_path: Path, answer: str, ascii: bool) -> None:
    with Terminal([*TUTOR, "3"], home=tmp_path, env={"LANG": "C"}) as screen:
        screen.send(ANSWERS[answer])  # ahead, so that no answer of ours can come too late
        screen.wait_until(lambda: screen.sent.count(b"\x1b[6n") == len(SAMPLES))
        assert drawn(screen).isascii() == ascii
        screen.send("q")
        assert screen.wait_exit() == 0


@pytest.mark.parametrize("changes", [{}, slow({"LANG": "de_DE.UTF-8"})])
def test_others_are_not_asked(tmp_path: Path, changes: dict[str, str]) -> None:
    with Terminal([*TUTOR, "3"], home=tmp_path, env=changes, start=start_warm) as screen:
        drawn(screen)
        assert b"\x1b[6n" not in screen.sent


MOUSE = 1003


@pytest.mark.parametrize(
    ("changes", "mouse"),
    [
        ({}, True),
        ({"SSH_TTY": "/dev/pts/9"}, False),
        slow({"SSH_TTY": "/dev/pts/9", "GD_TUTOR_MOUSE": "on"}, True),
    ],
)
def test_over_ssh_the_mouse_is_left_alone(
    tmp_path: Path, changes: dict[str, str], mouse: bool
) -> None:
    with Terminal([*TUTOR, "3"], home=tmp_path, env=changes, start=start_warm) as screen:
        drawn(screen)
        assert (MOUSE in screen.modes) == mouse
