"""What a program in a terminal costs: start, keys, bytes, processor time, memory (Linux)."""

from __future__ import annotations

import os
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from terminal import clean_environment, read_available, start_in_pty, stop

SETTLED = 0.3  # Seconds without a byte after which a start is finished.
REPAINTED = 0.1  # The same after a key.
PATIENCE = 10.0  # Seconds to wait for a first byte.

_ALTERNATE_SCREEN = b"\x1b[?1049h"
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
)
_GLYPH = re.compile(rb"[^\x00-\x20\x7f]")


class Arrival(NamedTuple):
    """Bytes, and when they came (seconds of `time.perf_counter`)."""

    time: float
    received: bytes


@dataclass(frozen=True)
class Program:
    """A program to be measured, and the keys to press, over and over."""

    argv: Sequence[str]
    keys: str


@dataclass(frozen=True)
class Repaint:
    """What followed a key: seconds to its first and its last byte, how many bytes, the work."""

    first: float
    last: float
    length: int
    processor: float


@dataclass(frozen=True)
class Run:
    """One run of a program: its start and its keys. Seconds and bytes."""

    first_glyph: float
    finished: float
    start_length: int
    repaints: tuple[Repaint, ...]
    resident: int


def measure_run(program: Program, columns: int, rows: int, key_count: int) -> Run:
    """Start the program, press `key_count` keys, each when the last one's repaint is over."""
    with tempfile.TemporaryDirectory() as home:
        environment = clean_environment(Path(home))
        start = time.perf_counter()
        process, descriptor = start_in_pty(program.argv, columns, rows, environment)
        try:
            arrivals = _until_quiet(descriptor, SETTLED)
            repaints = tuple(
                _press(process.pid, descriptor, program.keys[index % len(program.keys)])
                for index in range(key_count)
            )
            return Run(
                first_glyph=_first_glyph(arrivals) - start,
                finished=arrivals[-1].time - start,
                start_length=_length(arrivals),
                repaints=repaints,
                resident=resident_bytes(process.pid),
            )
        finally:
            stop(process)
            os.close(descriptor)


def measure_interleaved(
    programs: Sequence[Program], columns: int, rows: int, *, runs: int, key_count: int
) -> list[list[Run]]:
    """The runs of each program, taken in turn (A B A B …) so that all meet the same machine.

    One run of each before is not counted: it writes compiled files and fills caches.
    """
    for program in programs:
        measure_run(program, columns, rows, len(program.keys))
    rounds = [
        [measure_run(program, columns, rows, key_count) for program in programs]
        for _ in range(runs)
    ]
    return [list(of_one) for of_one in zip(*rounds, strict=True)]


def summary(runs: Sequence[Run]) -> dict[str, float]:
    """Measures by name: milliseconds, bytes and MiB."""
    repaints = [repaint for run in runs for repaint in run.repaints]
    glyphs = [1000 * run.first_glyph for run in runs]
    first = [1000 * repaint.first for repaint in repaints]
    last = [1000 * repaint.last for repaint in repaints]
    lengths = [repaint.length for repaint in repaints]
    processor = [1000 * repaint.processor for repaint in repaints]
    return {
        "start to first glyph, ms": statistics.median(glyphs),
        "start to first glyph, least ms": min(glyphs),
        "start to finished screen, ms": statistics.median(1000 * run.finished for run in runs),
        "start, bytes": statistics.median(run.start_length for run in runs),
        "key to first byte, median ms": statistics.median(first),
        "key to first byte, 95 % ms": _percentile_95(first),
        "key to last byte, median ms": statistics.median(last),
        "key to last byte, 95 % ms": _percentile_95(last),
        "key, mean bytes": statistics.mean(lengths),
        "key, most bytes": max(lengths),
        "key, mean processor ms": statistics.mean(processor),
        "key, median processor ms": statistics.median(processor),
        "memory after the keys, MiB": statistics.median(run.resident / 2**20 for run in runs),
    }


def processor_seconds(pid: int) -> float:
    """Processor time of all of a process's present threads so far."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def resident_bytes(pid: int) -> int:
    """Memory that a process has in use now."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _press(pid: int, descriptor: int, key: str) -> Repaint:
    before = processor_seconds(pid)
    pressed = time.perf_counter()
    os.write(descriptor, key.encode())
    arrivals = _until_quiet(descriptor, REPAINTED)
    first, last = (arrival.time - pressed for arrival in (arrivals[0], arrivals[-1]))
    return Repaint(first, last, _length(arrivals), processor_seconds(pid) - before)


def _until_quiet(descriptor: int, quiet: float) -> list[Arrival]:
    """All that comes until nothing comes for `quiet` seconds; nothing at all is an error."""
    arrivals: list[Arrival] = []
    while received := read_available(descriptor, quiet if arrivals else PATIENCE):
        arrivals.append(Arrival(time.perf_counter(), received))
    if not arrivals:
        raise AssertionError(f"nothing was drawn within {PATIENCE:g} s")
    if received is None:
        raise AssertionError(f"the program ended: {_joined(arrivals).decode(errors='replace')}")
    return arrivals


def _first_glyph(arrivals: Sequence[Arrival]) -> float:
    """When the first visible character on the alternate screen was complete."""
    everything = _joined(arrivals)
    position = everything.find(_ALTERNATE_SCREEN)
    if position < 0:
        raise AssertionError(f"no screen: {everything.decode(errors='replace')}")
    while sequence := _SEQUENCE.search(everything, position):
        if glyph := _GLYPH.search(everything, position, sequence.start()):
            return _time_of(arrivals, glyph.start())
        position = sequence.end()
    if glyph := _GLYPH.search(everything, position):
        return _time_of(arrivals, glyph.start())
    raise AssertionError("nothing visible was drawn")


def _time_of(arrivals: Sequence[Arrival], offset: int) -> float:
    for arrival in arrivals:
        offset -= len(arrival.received)
        if offset < 0:
            return arrival.time
    raise IndexError("offset is behind the last byte")


def _joined(arrivals: Sequence[Arrival]) -> bytes:
    return b"".join(arrival.received for arrival in arrivals)


def _length(arrivals: Sequence[Arrival]) -> int:
    return sum(len(arrival.received) for arrival in arrivals)


def _percentile_95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
