"""Memory stays flat: rounds and searches in every experiment, thousands of keys."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from gd_tutor.engine.learning_rates import find_rates
from gd_tutor.engine.starts import find_starts
from gd_tutor.session.lesson_session import Session
from terminal import Terminal
from tutor import LESSONS, lesson, session, training_of, tutor

ROUNDS = 60
BATCHES = {("batches", "one")}
"""Experiments that are tried by default."""
NETWORKS = {("batches", "sixteen"), ("layers", "net"), ("valleys", "one"), ("derivative", "1")}
"""Experiments that are tried on a pty."""


def experiments() -> list[tuple[str, str]]:
    return [(name, part.id) for name in LESSONS for part in lesson(name).experiments]


def state_line(name: str, id: str) -> str:
    """The start of an experiment on one line."""
    chosen = "" if id == lesson(name).experiments[0].id else f":experiment={id}"
    return f"{name}:0:start{chosen}"


def every_experiment() -> list[ParameterSet]:
    slow = pytest.mark.slow
    return [
        pytest.param(*each, marks=() if each in BATCHES else slow, id=":".join(each))
        for each in experiments()
    ]


def look(learner: Session, known: int | None) -> None:
    """Search for rates and starts, until so much is known or to the end."""
    searches: tuple[Iterator[object], ...]
    searches = find_rates(training_of(learner)), find_starts(training_of(learner))
    for search in searches:
        for _ in islice(search, known):
            pass


@pytest.mark.parametrize(("name", "id"), every_experiment())
def test_single_rounds_in_every_experiment_take_little_memory(name: str, id: str) -> None:
    learner = session(name, state_line(name, id))
    look(learner, None)
    early = resident(os.getpid())
    for turn in range(ROUNDS):
        learner.run(1)
        learner.undo()
        learner.redo()
        learner.change_learning_rate(up=turn % 2 == 0)
        training_of(learner).whole_losses()
        if turn % 12 == 0:
            look(learner, 3)
    look(learner, None)
    assert resident(os.getpid()) < early + 20_000


def resident(pid: int) -> int:
    """Kilobytes of memory that a process has in use."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "id"), sorted(NETWORKS))
def test_single_rounds_and_searches_on_a_terminal(name: str, id: str, tmp_path: Path) -> None:
    with Terminal(tutor(state_line(name, id)), 80, 24, home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        early = 0
        for turn in range(ROUNDS):
            for keys in ("nfbu,." + "+-"[turn % 2], "L", "\x1b", "S", "\x1b"):
                terminal.send(keys)
                terminal.wait_quiet(0.2)  # an escape that a key follows at once is another key
            if turn == 10:
                early = resident(terminal.pid)
        terminal.send("rrf")
        terminal.wait_for("FORWARD")
        assert resident(terminal.pid) < 1.2 * early
        assert b"Traceback" not in terminal.sent


KEYS = "fbunN,.r+-lvm?LSdeokKsphxwzct\t\r jk"
"""All that steps, draws, opens pages and fills fields, without what leaves the lesson."""


@pytest.mark.slow
def test_twenty_thousand_keys_take_hardly_more_memory_than_two(tmp_path: Path) -> None:
    chance = random.Random(0)
    early = 0
    with Terminal(tutor("derivative"), 80, 24, home=tmp_path) as terminal:
        terminal.wait_for("Nothing is computed yet")
        for burst in range(1, 401):
            terminal.send("".join(chance.choices(KEYS, k=49)))
            terminal.wait_quiet(0.1, timeout=60)
            terminal.send("\x1b")
            terminal.wait_quiet(0.1, timeout=60)
            if burst == 40:
                early = resident(terminal.pid)
        assert resident(terminal.pid) < 1.3 * early
        assert b"Traceback" not in terminal.sent
