"""The tutor in a terminal, started warm: forked from a process that has imported all of it.

Most of the work of a start is imports. What is typed and drawn afterwards is the same; tests of
starts, of memory and of other environments start the program itself, with `start_in_pty`.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, MutableMapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from terminal import clean_environment, start_in_pty

TUTOR = [sys.executable, "-m", "gd_tutor"]
_OWN = {
    *("HOME", "XDG_STATE_HOME", "COLORTERM", "NO_COLOR"),
    *("GD_TUTOR_CURSOR", "GD_TUTOR_MODE", "GD_TUTOR_MOUSE"),
}
"""The variables that may differ from one start to the next: no import reads them."""


def start_warm(
    argv: Sequence[str], columns: int, rows: int, environment: Mapping[str, str]
) -> tuple[Any, int]:
    """As `start_in_pty` does; what is not the tutor in the usual environment is started cold."""
    usual = clean_environment(Path("/"))
    names = usual.keys() | environment.keys()
    differing = {name for name in names if usual.get(name) != environment.get(name)}
    if sys.platform != "linux" or list(argv[:3]) != TUTOR or not differing <= _OWN:
        return start_in_pty(argv, columns, rows, environment)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (rows, columns))
    pid = _ask({"start": argv[3:], "environment": dict(environment)}, theirs)
    os.close(theirs)
    return Forked(pid), ours


class Forked:
    """What is used of a `subprocess.Popen`, for a child of the process that forks."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = _ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float = 60) -> int:
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("gd-tutor", timeout)
            time.sleep(0.005)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _ask(request: Mapping[str, object], *descriptors: int) -> Any:
    connection = _forking()
    socket.send_fds(connection, [json.dumps(request).encode()], descriptors)
    return json.loads(connection.recv(100))


@cache
def _forking() -> socket.socket:
    """The way to a process that forks tutors; it ends when this process does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # In a terminal, like those that it starts, so that Python opens its streams as there.
    own, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno())],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=clean_environment(Path(tempfile.gettempdir())),
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    os.close(terminal)
    theirs.close()
    atexit.register(_end, process, ours, own)
    return ours


def _end(process: subprocess.Popen[bytes], connection: socket.socket, terminal: int) -> None:
    connection.close()
    process.wait()
    os.close(terminal)


# The process that forks


def serve(connection: socket.socket) -> None:
    """Fork a tutor for each start, and tell how each has ended."""
    _import_all(os.environ)
    while True:
        sent, descriptors, _, _ = socket.recv_fds(connection, 100_000, 1)
        if not sent:
            return
        request = json.loads(sent)
        if "poll" in request:
            pid, status = os.waitpid(request["poll"], os.WNOHANG)
            ended = os.waitstatus_to_exitcode(status) if pid else None
            connection.send(json.dumps(ended).encode())
        elif os.fork() == 0:
            _take(descriptors[0])
            os.environ.clear()
            os.environ.update(request["environment"])
            os.chdir(os.environ["HOME"])
            connection.send(json.dumps(os.getpid()).encode())
            connection.close()
            sys.argv = ["gd-tutor", *request["start"]]
            sys.exit(import_module("gd_tutor.cli.main").main(request["start"]))
        else:
            os.close(descriptors[0])


def _import_all(environment: MutableMapping[str, str]) -> None:
    from gd_tutor.terminal.display_mode import Drawing, prepare

    prepare(environment, Drawing())  # Textual reads it when it is imported.
    package = import_module("gd_tutor")
    for module in walk_packages(package.__path__, "gd_tutor."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    import_module("plotext")
    gc.collect()
    gc.freeze()


def _take(terminal: int) -> None:
    """Lead a session of its own in a terminal."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(terminal, stream)
    os.close(terminal)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
