"""Inside tmux and screen the tutor looks as it does without them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminal import Terminal
from tutor import tutor

TMUX, SCREEN = shutil.which("tmux"), shutil.which("screen")
needs_tmux = pytest.mark.skipif(TMUX is None, reason="tmux is not installed")
needs_screen = pytest.mark.skipif(SCREEN is None, reason="GNU screen is not installed")

COMMAND = tutor("gradient-matrix")
READY = "Nothing is computed yet"


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder for sockets, whose paths have to be short; what still runs there is ended."""
    with tempfile.TemporaryDirectory(prefix="gd", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o700)
        (folder / "tmux.conf").write_text("set -g status off\nset -s escape-time 0\n")
        (folder / "screenrc").write_text("startup_message off\naltscreen on\nvbell off\n")
        yield folder
        for socket in ("outer", "inner"):
            if (folder / socket).exists() and TMUX:
                command = [TMUX, "-S", str(folder / socket), "kill-server"]
                subprocess.run(command, capture_output=True, check=False)


def in_tmux(folder: Path, command: list[str], *options: str, socket: str = "outer") -> list[str]:
    conf = str(folder / "tmux.conf")
    return ["tmux", *options, "-S", str(folder / socket), "-f", conf, "new", shlex.join(command)]


def in_screen(folder: Path, command: list[str], *options: str) -> list[str]:
    return ["screen", *options, "-c", str(folder / "screenrc"), *command]


WALK = (
    ("", READY),
    ("f", "16.667"),
    ("b", "−15.333"),
    ("v", "over w (across)"),
    ("m", "Course map"),
    ("m", "iteration 0"),
    ("?", "Keys"),
)
"""Keys from the tutor's start to its end, and what each shows."""


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is seen on the way without anything between."""
    texts = []
    with Terminal(COMMAND, home=tmp_path_factory.mktemp("direct")) as terminal:
        for key, shows in WALK:
            terminal.send(key)
            terminal.wait_for(shows)
            terminal.wait_quiet()
            texts.append(terminal.text)
    return texts


def see(terminal: Terminal, texts: list[str]) -> None:
    """Go the same way, and see the same."""
    for (key, _), text in zip(WALK, texts, strict=True):
        terminal.send(key)
        terminal.wait_until(lambda text=text: terminal.text == text)  # type: ignore[misc]
    terminal.send("q")
    assert terminal.wait_exit() == 0


@needs_tmux
def test_tmux_shows_the_same(sockets: Path, direct: list[str], tmp_path: Path) -> None:
    with Terminal(in_tmux(sockets, COMMAND, "-u"), home=tmp_path) as terminal:
        see(terminal, direct)


@needs_tmux
def test_tmux_in_tmux_shows_the_same(sockets: Path, direct: list[str], tmp_path: Path) -> None:
    inner = ["env", "-u", "TMUX", *in_tmux(sockets, COMMAND, "-u", socket="inner")]
    with Terminal(in_tmux(sockets, inner, "-u"), home=tmp_path) as terminal:
        see(terminal, direct)


@needs_screen
def test_screen_shows_the_same(sockets: Path, direct: list[str], tmp_path: Path) -> None:
    env = {"SCREENDIR": str(sockets)}
    with Terminal(in_screen(sockets, COMMAND, "-U"), home=tmp_path, env=env) as terminal:
        see(terminal, direct)


@needs_screen
def test_screen_is_sent_only_colours_that_it_knows(sockets: Path, tmp_path: Path) -> None:
    env = {"SCREENDIR": str(sockets), "COLORTERM": "truecolor"}
    log = tmp_path / "sent"
    recorded = ["script", "-qfec", shlex.join(COMMAND), str(log)]
    if shutil.which("script") is None:
        recorded = COMMAND
    with Terminal(in_screen(sockets, recorded, "-U"), home=tmp_path, env=env) as terminal:
        terminal.wait_for(READY)
        terminal.wait_quiet(0.3)
        assert b"38;2;" not in terminal.sent
        if log.exists():
            assert b"38;2;" not in log.read_bytes()
            assert b"38;5;" in log.read_bytes()
        terminal.wait_until(
            lambda: len({terminal.cell(x, y).fg for x in range(80) for y in range(24)}) > 2
        )
        terminal.send("q")
        assert terminal.wait_exit() == 0


@needs_tmux
@pytest.mark.parametrize("locale", ["C", pytest.param(None, marks=pytest.mark.slow)])
def test_tmux_without_utf8_gets_ascii_by_itself(
    locale: str | None, sockets: Path, tmp_path: Path
) -> None:
    with Terminal(in_tmux(sockets, COMMAND), home=tmp_path, env={"LANG": locale}) as terminal:
        terminal.wait_for("Gradient matrix")
        terminal.wait_for(READY)
        terminal.send("f")
        terminal.wait_for("16.667", "FORWARD > backward > update")
        assert terminal.text.isascii()
        assert "____" not in terminal.screen[1]
        terminal.send("q")
        assert terminal.wait_exit() == 0


@needs_tmux
def test_what_is_printed_in_tmux_without_utf8_is_ascii_too(sockets: Path, tmp_path: Path) -> None:
    printed = f"{shlex.join(tutor('trace', 'derivative'))}; read line"
    command = in_tmux(sockets, ["sh", "-c", printed])
    with Terminal(command, home=tmp_path, env={"LANG": "C"}) as terminal:
        terminal.wait_for("loss = residual**2 = (-3)**2 = 9")
        assert "_3" not in terminal.text


@needs_screen
def test_screen_of_wide_characters_gets_ascii_by_itself(sockets: Path, tmp_path: Path) -> None:
    with (sockets / "screenrc").open("a") as settings:
        settings.write("cjkwidth on\n")
    env = {"SCREENDIR": str(sockets)}
    with Terminal(in_screen(sockets, COMMAND, "-U"), home=tmp_path, env=env) as terminal:
        terminal.wait_for(READY, "forward > backward > update")
        assert terminal.text.isascii()
        terminal.send("q")
        assert terminal.wait_exit() == 0
