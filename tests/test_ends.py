"""However its terminal ends, the tutor ends with it, at once and with nothing lost."""

from __future__ import annotations

import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gd_tutor.progress.place import Progress
from terminal import PATIENCE, Terminal, clean_environment, read_available, start_in_pty, stop
from tutor import TIMES, tutor
from warm import start_warm

LOST = 128 + signal.SIGHUP
AT_WORK = ("fbu", "N" * 60, "n" * 60, "a>>>>", "L", "S", "g99999\r", "\x10", "m", "2345678" * 3)
TYPED = "ab=12 \t\x05\x12\x10\r\x1b"
"""What is typed on the page of `new`: an example, a run, the palette, and some text."""
DEAF = ("/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh")
"""Runs a program without hang-ups, as nohup does."""
BUSY = """
import sys, time
from gd_tutor.tui.lesson_screen import LessonScreen
LessonScreen.action_do = lambda self, name: time.sleep(60)
from gd_tutor.cli import main
sys.exit(main(["derivative"]))
"""
"""A tutor whose main thread is busy for a minute at `f`."""
FAULTY = """
import sys
from gd_tutor.tui.lesson_screen import LessonScreen
do = LessonScreen.action_do
LessonScreen.action_do = lambda self, name: 1 / 0 if name == "update" else do(self, name)
from gd_tutor.cli import main
sys.exit(main(["derivative"]))
"""
"""A tutor that fails at `u`."""


def state_folder(home: Path) -> Path:
    return home / "state" / "gd-tutor"


def saved(home: Path) -> str:
    return (state_folder(home) / "state").read_text().split("\n")[0]


def receive(descriptor: int, least: int) -> None:
    """Read until so many bytes have come."""
    received, latest = 0, time.monotonic() + PATIENCE
    while received < least:
        assert time.monotonic() < latest, f"only {received} bytes have come"
        part = read_available(descriptor, 0.05)
        assert part is not None, "the program is gone"
        received += len(part)


# A terminal that vanishes


def vanish(home: Path, seed: int) -> None:
    """Let the terminal vanish at a random moment of some work, and see the tutor end."""
    chance = random.Random(seed)
    new = chance.random() < 0.2
    program = tutor("new") if new else tutor(chance.choice(("derivative", "batches", "layers")))
    if chance.random() < 0.5:
        program = [*DEAF, *program]
    size = chance.choice(((40, 12), (80, 24), (160, 50)))
    process, ours = start_in_pty(program, *size, clean_environment(home))
    try:
        receive(ours, chance.choice((500, 4_000)))  # half of the first frame, or most of it
        os.set_blocking(ours, False)
        reads, until = chance.random() < 0.7, time.monotonic() + chance.uniform(0, 1.5)
        while time.monotonic() < until and process.poll() is None:
            typed = "".join(chance.choices(TYPED, k=10)) if new else chance.choice(AT_WORK)
            with suppress(BlockingIOError):  # more than the tutor has read
                os.write(ours, typed.encode())
            if chance.random() < 0.3:
                termios.tcsetwinsize(ours, (chance.randint(5, 60), chance.randint(20, 200)))
            read_available(ours, 0.03) if reads else time.sleep(0.03)
        left = process.poll() is not None  # `new` can be left by what is typed
        os.close(ours)
        status = process.wait(PATIENCE)
        # Before there is anything to lose, a hang-up ends it as it ends any program.
        assert status in ((0,) if left else (0, LOST, -signal.SIGHUP))
        assert not (state_folder(home) / "fault.txt").exists()
    finally:
        stop(process)


@pytest.mark.parametrize("seed", [1, 3], ids=["new", "a lesson, deaf"])
def test_vanished_terminal_ends_the_tutor_at_any_moment(seed: int, tmp_path: Path) -> None:
    vanish(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_terminals_that_vanish_again_and_again(part: int, tmp_path: Path) -> None:
    """Forty times in all; with GD_TUTOR_TRIALS=5, two hundred times."""
    for seed in range(part, 40 * TIMES, 4):
        home = tmp_path / str(seed)
        home.mkdir()
        vanish(home, 1000 + seed)


def test_vanished_terminal_ends_a_tutor_that_is_busy_and_deaf(tmp_path: Path) -> None:
    program = [*DEAF, sys.executable, "-c", BUSY]
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("f")
        terminal.wait_quiet(0.3)
        terminal.close_pty()
        assert terminal.wait_exit() == LOST


def test_signal_ends_a_busy_tutor_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", BUSY], home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("f")
        terminal.wait_quiet(0.3)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit() == 128 + signal.SIGTERM
        assert terminal.modes == {7, 25}


def test_signal_ends_a_tutor_whose_terminal_does_not_read(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path)
    process, ours = start_in_pty(tutor("gradient-matrix"), 200, 60, environment)
    try:
        receive(ours, 6_000)
        for _ in range(40):
            os.write(ours, b"mm")
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    finally:
        stop(process)
        os.close(ours)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="waiting", marks=pytest.mark.slow),
        pytest.param("g 900000000\n", id="computing"),
    ],
)
def test_vanished_terminal_ends_plain_text(typed: str, tmp_path: Path) -> None:
    program = [*DEAF, *tutor("--plain", "derivative")]
    with Terminal(program, home=tmp_path) as terminal:
        terminal.wait_for("q quit:")
        terminal.send("f\n")
        terminal.wait_until(lambda: terminal.text.count("q quit:") > 1)
        terminal.send(typed)
        terminal.wait_quiet(0.2)
        terminal.close_pty()
        assert terminal.wait_exit() in (0, LOST)
    assert saved(tmp_path) == "derivative:0:forward"
    assert not (state_folder(tmp_path) / "fault.txt").exists()


# The same over a network


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A command that logs in to this machine, on a terminal."""
    server = shutil.which("sshd", path=f"{os.environ.get('PATH')}:/usr/sbin")
    if server is None or shutil.which("ssh") is None:
        pytest.skip("needs sshd and ssh")
    folder = tmp_path_factory.mktemp("ssh")
    for name in ("host", "user"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True)
    (folder / "user.pub").rename(folder / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized\nStrictModes no\nPermitRootLogin yes\n"
    )
    with subprocess.Popen(
        [server, "-D", "-e", "-f", str(folder / "config")],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        try:
            _wait_for(port)
            yield [
                *("ssh", "-F", "none", "-tt", "-p", str(port), "-i", str(folder / "user")),
                *("-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known"),
                f"{getpass.getuser()}@127.0.0.1",
            ]
        finally:
            running.terminate()


def _wait_for(port: int) -> None:
    latest = time.monotonic() + PATIENCE
    while time.monotonic() < latest:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("sshd does not start here")


def drop(ssh: list[str], home: Path, seed: int) -> None:
    """Let a connection drop at a random moment, and see the tutor at its other end go."""
    chance = random.Random(seed)
    environment = clean_environment(home)
    variables = " ".join(f"{name}='{value}'" for name, value in environment.items())
    named = home / "pid"
    program = " ".join(tutor("gradient-matrix"))
    call = f"cd {home}; echo $$ > {named}; exec env {variables} {program}"
    if chance.random() < 0.5:
        call = f"trap '' HUP; {call}"
    process, ours = start_in_pty([*ssh, call], 80, 24, environment)
    try:
        receive(ours, 6_000)
        until = time.monotonic() + chance.uniform(0, 1)
        while time.monotonic() < until:
            os.write(ours, chance.choice(AT_WORK[:6]).encode())
            read_available(ours, 0.03)
        served = int(named.read_text())
        os.kill(served, 0)
        process.kill()
        process.wait()
        ends = time.monotonic() + PATIENCE
        while _runs(served):
            assert time.monotonic() < ends, "the tutor is still there"
            time.sleep(0.02)
        assert not (state_folder(home) / "fault.txt").exists()
    finally:
        stop(process)
        os.close(ours)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_dropped_connection_ends_the_tutor(ssh: list[str], tmp_path: Path) -> None:
    drop(ssh, tmp_path, 1)


@pytest.mark.slow
def test_connections_that_drop_again_and_again(ssh: list[str], tmp_path: Path) -> None:
    """Ten times; with GD_TUTOR_TRIALS=4, forty times."""
    for seed in range(10 * TIMES):
        home = tmp_path / str(seed)
        home.mkdir()
        drop(ssh, home, 2000 + seed)


# A fault of the tutor itself


def test_fault_is_one_sentence_and_a_report_without_values(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", FAULTY], home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("fb")
        terminal.wait_for("= 6")
        terminal.send("u")
        assert terminal.wait_exit() == 1
        assert terminal.modes == {7, 25}
        said = " ".join(terminal.text.split())
        assert said.startswith("gd-tutor: A fault of the tutor has ended it")
        assert "Traceback" not in said
    report = (state_folder(tmp_path) / "fault.txt").read_text()
    assert "ZeroDivisionError" in report
    assert "self =" not in report
    assert saved(tmp_path) == "derivative:0:backward"


# A terminal that is given away for a while


def test_suspended_in_any_burst_the_tutor_gives_the_terminal_back_and_returns(
    tmp_path: Path,
) -> None:
    """Echo is on in the shell and off in the tutor, however the keys fall."""
    suspend_in_bursts(tmp_path, bursts=3)


@pytest.mark.slow
def test_suspended_in_many_bursts(tmp_path: Path) -> None:
    """Fifty; with GD_TUTOR_TRIALS=4, two hundred."""
    suspend_in_bursts(tmp_path, bursts=50 * TIMES)


def suspend_in_bursts(home: Path, bursts: int) -> None:
    chance = random.Random(bursts)
    shell = shutil.which("bash") or "/bin/sh"
    program = [shell, "--norc", "-i"] if shell.endswith("bash") else [shell, "-i"]
    with Terminal(program, home=home, env={"PS1": "shell> ", "INPUTRC": "/dev/null"}) as terminal:
        terminal.wait_for("shell>")
        terminal.send(" ".join(tutor("derivative")) + "\n")
        terminal.wait_for("Nothing is computed yet")
        for number in range(bursts):
            keys = [*"fbu,.lvr", "n", "\t", "\x1a", "\x1a"][: chance.randint(9, 12)]
            keys = chance.choices(keys, k=chance.randint(0, 12))
            keys.insert(chance.randint(0, len(keys)), "\x1a")
            terminal.send("".join(keys))
            terminal.wait_until(lambda: 1049 not in terminal.modes)
            # In two pieces, so that what is typed is not what is waited for.
            terminal.send(f"echo here$(({number}+1000))\n")
            terminal.wait_for(f"here{number + 1000}")
            assert terminal.modes == {7, 25} | (terminal.modes & {2004})
            terminal.send("fg\n" + "".join(chance.choices("fbu", k=chance.randint(0, 3))))
            terminal.wait_until(lambda: 1049 in terminal.modes)
            terminal.wait_quiet(0.15)
            terminal.send("m")
            terminal.wait_for("Course map")
            assert "shell>" not in terminal.text
            terminal.send("m")
            terminal.wait_until(lambda: "Course map" not in terminal.text)
        terminal.send("q")
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        terminal.send("echo back$((6 * 7))\n")
        terminal.wait_for("back42")


def test_a_job_is_suspended_with_all_that_started_it(tmp_path: Path) -> None:
    """A script around the tutor would otherwise go on waiting, in front of the shell."""
    script = tmp_path / "script"
    script.write_text(" ".join(tutor("derivative")) + "\necho over\n")
    with Terminal(["/bin/sh", "-i"], home=tmp_path, env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.send(f"sh {script}\n")
        terminal.wait_for("Nothing is computed yet")
        terminal.send("\x1a")
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        terminal.send("echo still $((6 * 7))\n")
        terminal.wait_for("still 42")
        terminal.send("fg\n")
        terminal.wait_until(lambda: 1049 in terminal.modes)
        terminal.wait_quiet(0.2)
        terminal.send("q")
        terminal.wait_for("over")


def test_called_in_the_background_it_waits_for_the_terminal(tmp_path: Path) -> None:
    with Terminal(["/bin/sh", "-i"], home=tmp_path, env={"PS1": "shell> "}) as terminal:
        terminal.wait_for("shell>")
        terminal.send(" ".join(tutor("derivative")) + " &\n")
        while "Stopped" not in terminal.text:
            terminal.send("\n")  # a shell tells it at its next prompt
            terminal.wait_quiet(0.2)
        terminal.send("fg\n")
        terminal.wait_for("Nothing is computed yet")
        terminal.send("f")
        terminal.wait_for("= 9")
        terminal.send("q")
        terminal.wait_for("Back to this place")


def test_without_a_shell_the_tutor_stays(tmp_path: Path) -> None:
    """Nobody could let it go on: as the only program of a window, or of a login."""
    with Terminal(tutor("derivative"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("\x1a")
        terminal.wait_for("No shell waits")
        terminal.send("f")
        terminal.wait_for("= 9")


LEFT = """
import os, signal, sys
from gd_tutor.cli import main
status = main(["derivative"])
os.kill(os.getpid(), signal.SIGTSTP)
os.kill(os.getpid(), signal.SIGCONT)
sys.exit(status)
"""
"""A tutor that is to be suspended when it has already left its screen."""


def test_suspended_behind_its_end_it_ends(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", LEFT], home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert "Traceback" not in terminal.text


def test_stopped_and_continued_from_outside_it_takes_its_terminal_again(tmp_path: Path) -> None:
    with Terminal(tutor("derivative"), home=tmp_path, start=start_warm) as terminal:
        terminal.wait_for("Nothing is computed yet")
        for _ in range(3):
            terminal.signal(signal.SIGSTOP)
            terminal.signal(signal.SIGCONT)
            terminal.wait_quiet(0.2)
        terminal.send("f")
        terminal.wait_for("= 9")
        terminal.send("q")
        assert terminal.wait_exit() == 0
        assert terminal.modes == {7, 25}


# Keys on the way out, and keys of any kind


@pytest.mark.parametrize("called", ["derivative", "new"])
def test_keys_typed_while_the_tutor_leaves_do_nothing(called: str, tmp_path: Path) -> None:
    for keys in ("\x10\x03", "\x03L\x10"):
        with Terminal(tutor(called), 20, 5, home=tmp_path, start=start_warm) as terminal:
            terminal.wait_for("gd-tutor needs")
            terminal.send(keys)
            assert terminal.wait_exit() == 0
            assert "fault" not in terminal.text
            assert not (state_folder(tmp_path) / "fault.txt").exists()


LEAVING = """
import select, sys
from textual.app import App
shut_down = App._shutdown
async def shut_down_later(self):
    select.select([0], [], [])
    await shut_down(self)
App._shutdown = shut_down_later
from gd_tutor.cli import main
status = main(["derivative"])
print("left for", input())
sys.exit(status)
"""
"""A tutor that has left its screen, but not ended, when something is typed."""


def test_what_is_typed_behind_the_tutors_screen_is_the_shells(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", LEAVING], home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        terminal.send("f")
        terminal.wait_for("= 9")
        terminal.send("q")
        terminal.wait_until(lambda: 1049 not in terminal.modes)
        terminal.send("\x03\x1a\x03")  # by now they are signals, of which none ends it otherwise
        terminal.send("the shell\n")
        terminal.wait_for("left for the shell")
        assert terminal.wait_exit() == 0
        assert "Back to this place: gd-tutor derivative:0:forward" in terminal.text
        assert terminal.modes == {7, 25}


TYPED_ON_A_PAGE = (
    *"ab=123 []-*.fbuLmS?\t\x05\x12\x10\x10\r\x7f\x07\x13\x1a我",
    *("\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[Z", "\x1b[H", "\x1b[F"),
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_keys_at_sizes_of_a_few_cells_where_labs_are_written(
    seed: int, tmp_path: Path
) -> None:
    """Some of them leave the tutor; then it is called again, four times a seed.

    GD_TUTOR_TRIALS=2 doubles that.
    """
    chance = random.Random(seed)
    for _ in range(4 * TIMES):
        size = chance.randint(1, 90), chance.randint(1, 30)
        with Terminal(tutor("new"), *size, home=tmp_path) as terminal:
            terminal.wait_until(lambda: 1049 in terminal.modes)
            with suppress(OSError):  # it has left
                for _ in range(60):
                    keys = chance.choices(TYPED_ON_A_PAGE, k=15)
                    terminal.send("".join("\x1b" if chance.random() < 0.02 else k for k in keys))
                    if chance.random() < 0.3:
                        columns = chance.choice((1, 2, 4, 9, 20, 40, 80, 150))
                        terminal.resize(columns, chance.choice((1, 2, 3, 5, 12, 24, 40)))
                    terminal.wait_quiet(0.02)
                terminal.send("\x03")
            assert terminal.wait_exit() == 0
            assert not (state_folder(tmp_path) / "fault.txt").exists()


# Killed without a warning


def kept(home: Path) -> tuple[str, int]:
    """The place that is kept: state line and page."""
    bookmark = Progress(state_folder(home)).load()
    return (str(bookmark.state), bookmark.page) if bookmark is not None else ("", 0)


def test_killed_at_any_key_it_comes_back_to_run_and_page_as_they_were(tmp_path: Path) -> None:
    for keys, place, number in (
        ("f\x1b[6~", "derivative:0:forward", 1),
        ("\x1b[6~\x1b[6~]", "partial-derivative:0:start", 0),
        ("]f", "partial-derivative:0:forward", 0),
    ):
        with Terminal(tutor("derivative"), home=tmp_path, start=start_warm) as terminal:
            terminal.wait_for("Nothing is computed yet")
            terminal.send(keys)
            terminal.wait_until(lambda place=place: kept(tmp_path)[0] == place)  # type: ignore[misc]
            terminal.wait_quiet(0.5)
            terminal.signal(signal.SIGKILL)
            terminal.wait_exit()
        assert kept(tmp_path) == (place, number)


TWO_SIZES = """
import asyncio, pathlib, sys
from textual.events import Resize
from textual.geometry import Size
from tutor import app, settle

async def main():
    tutor = app(pathlib.Path(sys.argv[1]))
    async with tutor.run_test(size=(80, 24)) as pilot:
        await settle(pilot, 3)
        for key in ("f", "ctrl+p"):
            await pilot.press(key)
            for size in (Size(60, 20), Size(80, 24)):
                tutor.lesson_screen.post_message(Resize(size, size))
                tutor.lesson_screen.call_later(lambda: None)  # sizes side by side are one
            await settle(pilot, 3)
            assert tutor.lesson_screen.size == Size(80, 24)

asyncio.run(main())
"""


def test_two_sizes_at_once_do_not_follow_each_other_for_ever(tmp_path: Path) -> None:
    # In a process of its own, which can be ended when nothing else has its turn in it.
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    program = [sys.executable, "-c", TWO_SIZES, str(tmp_path)]
    subprocess.run(program, env=path, timeout=60, check=True)
