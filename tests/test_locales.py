"""The tutor under real locales, where the machine has them (.ci/run makes them)."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from terminal import Terminal
from tutor import tutor

COMMAND = tutor("derivative")
SCREEN = shutil.which("screen")

CHINESE, OLD_CHINESE, LATIN = "zh_CN.UTF-8", "zh_CN.GB18030", "en_US.ISO-8859-1"


@cache
def known() -> set[str]:
    """The locales of this machine, as `locale -a` writes them."""
    if shutil.which("locale") is None:
        return set()
    run = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    return set(run.stdout.split())


def has(locale: str) -> bool:
    language, _, encoding = locale.partition(".")
    return f"{language}.{encoding.lower().replace('-', '')}" in known()


def in_locale(locale: str, *more: object) -> ParameterSet:
    """A test's parameters, skipped where the machine has no such locale."""
    missing = pytest.mark.skipif(not has(locale), reason=f"no locale {locale} here: see .ci/run")
    return pytest.param(locale, *more, marks=missing, id="-".join(map(str, (locale, *more))))


def slow(parameters: ParameterSet) -> ParameterSet:
    return parameters._replace(marks=[*parameters.marks, pytest.mark.slow])


def read(terminal: Terminal) -> str:
    """Two phases of the lesson; what is seen then."""
    terminal.wait_for("Apples cost 5.")
    terminal.send("f")
    terminal.wait_for("loss" if terminal.text.isascii() else "l = ε²")
    terminal.send(b"\xd6\xd0\xe9")  # as typed in GB18030, and no UTF-8
    terminal.send("b")
    terminal.wait_for("Backward changed no")
    terminal.wait_quiet(0.15)
    assert "\\u" not in terminal.text
    assert [len(row) for row in terminal.screen] == [80] * 24
    return terminal.text


def leave(terminal: Terminal) -> None:
    terminal.send("q")
    assert terminal.wait_exit() == 0


@pytest.mark.parametrize(
    ("locale", "ascii"),
    [in_locale(CHINESE, False), in_locale(OLD_CHINESE, True), slow(in_locale(LATIN, True))],
)
def test_a_locale_gets_what_it_can_show(locale: str, ascii: bool, tmp_path: Path) -> None:
    with Terminal(COMMAND, home=tmp_path, env={"LANG": locale}) as terminal:
        text = read(terminal)
        sent = terminal.sent.partition(b"\x1b[?1049h")[2]
        assert sent.isascii() == ascii
        assert ("▸" in text) != ascii
        leave(terminal)


@pytest.mark.parametrize("locale", [in_locale(OLD_CHINESE), slow(in_locale(LATIN))])
def test_trace_is_readable_in_a_locale(locale: str, tmp_path: Path) -> None:
    with Terminal(tutor("trace", "3"), home=tmp_path, env={"LANG": locale}) as terminal:
        assert terminal.wait_exit() == 0
        assert "7.4" in terminal.text
        assert "\\u" not in terminal.text


@pytest.fixture
def sockets(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    (tmp_path / "screenrc").write_text("startup_message off\naltscreen on\nvbell off\n")
    return tmp_path


@pytest.mark.skipif(SCREEN is None, reason="GNU screen is not installed")
@pytest.mark.parametrize(
    ("locale", "setting", "ascii"),
    [
        # In a Chinese locale screen takes lines and Greek letters for two cells wide.
        in_locale(CHINESE, "", True),
        in_locale(CHINESE, "cjkwidth off", False),
        in_locale(OLD_CHINESE, "", True),
        slow(in_locale(LATIN, "", True)),
    ],
)
def test_screen_in_a_locale(locale: str, setting: str, ascii: bool, sockets: Path) -> None:
    with (sockets / "screenrc").open("a") as settings:
        settings.write(f"{setting}\n")
    env = {"LANG": locale, "SCREENDIR": str(sockets)}
    argv = ["screen", "-c", str(sockets / "screenrc"), *COMMAND]
    with Terminal(argv, home=sockets, env=env) as terminal:
        text = read(terminal)
        assert text.isascii() == ascii
        assert ("▸" in text) != ascii
        leave(terminal)
