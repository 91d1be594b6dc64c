"""Asking the terminal how wide it draws some characters, and tmux whether it writes UTF-8."""

import os
import re
import select
import time
from collections.abc import Mapping

WIDE, NARROW, BOX, MATHS = "中", "ŷ", "─", "∂"
SAMPLES = (WIDE, NARROW, BOX, MATHS)

_WHERE = b"\x1b[6n"
_CLEAR_ROW = b"\r\x1b[K"
_ANSWER = re.compile(rb"\x1b\[\d+;(\d+)R")


def measure(source: int = 0, target: int = 2, seconds: float = 0.5) -> Mapping[str, int]:
    """The cells that the terminal gives each sample; empty where it does not answer in time.

    Each sample is written at the start of the row and the terminal asked where its cursor is now.
    The row and the terminal's modes are then as before; keys typed meanwhile are lost.
    """
    import termios
    import tty

    try:
        before = termios.tcgetattr(source)
    except termios.error:
        return {}
    try:
        # Answers have to arrive at once and unseen, not as a line that is echoed.
        tty.setcbreak(source, termios.TCSANOW)
        questions = b"".join(b"\r" + sample.encode() + _WHERE for sample in SAMPLES)
        os.write(target, questions + _CLEAR_ROW)
        columns = _columns(source, time.monotonic() + seconds)
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
    if len(columns) < len(SAMPLES):
        return {}
    return {sample: column - 1 for sample, column in zip(SAMPLES, columns, strict=False)}


def _columns(source: int, deadline: float) -> list[int]:
    """The columns that the terminal reports, until all have come or time is up."""
    answers = b""
    columns: list[int] = []
    while len(columns) < len(SAMPLES):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            break
        received = os.read(source, 256)
        if not received:
            break
        answers += received
        columns = [int(column) for column in _ANSWER.findall(answers)]
    return columns


def ask_tmux(seconds: float = 1.0) -> bool | None:
    """Whether tmux takes the terminal around it for one of UTF-8; None where it does not say."""
    import subprocess

    command = ["tmux", "display-message", "-p", "#{client_utf8}"]
    try:
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return {"0": False, "1": True}.get(run.stdout.strip())
