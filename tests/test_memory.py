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
from gd_tutor.session.choices import EXPERIMENTS
from gd_tutor.session.lesson_session import Session
from terminal import Terminal
from test_pty import wait_saved
from tutor import LESSONS, QUICK, lesson, session, training_of, tutor

ROUNDS = 60
BATCHES = {("batches", "one")}
"""Experiments that are tried by default."""
SEARCHES = {"L": "── Learning rates", "S": "── Many starts"}
"""The keys of the searches, and how their pages begin."""
BURST = 20
"""So many rounds are typed at once; behind each burst both searches begin."""


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
        one_round(learner, up=turn % 2 == 0)
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
@pytest.mark.parametrize("name", LESSONS)
def test_single_rounds_and_searches_in_every_experiment_on_a_terminal(
    name: str, tmp_path: Path
) -> None:
    """Sixty rounds in each, each undone and done again, with another learning rate from it on.

    Both searches begin after each twentieth round and are left at once; the test above takes them
    to their end. What is saved is what a session makes of the same keys.
    """
    with Terminal(tutor(name), home=tmp_path, env=QUICK) as terminal:
        terminal.wait_for("Nothing is computed yet")
        learner = session(name)
        for place, option in enumerate(learner.lesson_run.options(EXPERIMENTS) or [None]):
            if place and option is not None:
                terminal.send("e")
                terminal.wait_for("── Experiments")
                terminal.send("\x1b[B\r")
                learner.choose(option)
                wait_saved(terminal, tmp_path, str(learner.state))
            early = 0
            for done in range(0, ROUNDS, BURST):
                for turn in range(done, done + BURST):
                    one_round(learner, up=turn % 2 == 0)
                terminal.send("n,.+n,.-" * (BURST // 2))
                wait_saved(terminal, tmp_path, str(learner.state))
                begin_searches(terminal)
                early = early or resident(terminal.pid)
            assert resident(terminal.pid) < 1.1 * early, option
        assert b"Traceback" not in terminal.sent


def one_round(learner: Session, up: bool) -> None:
    """A round, undone and done again, and a step of the learning rate."""
    learner.run(1)
    learner.undo()
    learner.redo()
    learner.change_learning_rate(up=up)


def begin_searches(terminal: Terminal) -> None:
    """Begin each search, and leave it."""
    for key, title in SEARCHES.items():
        terminal.send(key)
        terminal.wait_until(lambda title=title: terminal.screen[0].startswith(title))  # type: ignore[misc]
        terminal.send("\x1b")
        terminal.wait_until(lambda: not terminal.screen[0].startswith("──"))


KEYS = "fbunN,.r+-lvm?LSdeokKsphxwzct\t\r jk"
"""All that steps, draws, opens pages and fills fields, without what leaves the lesson."""


@pytest.mark.slow
def test_twenty_thousand_keys_take_hardly_more_memory_than_two(tmp_path: Path) -> None:
    """Every lesson has been opened before: it keeps its place when the keys lead to the next."""
    chance = random.Random(0)
    early = 0
    with Terminal(tutor("residual"), home=tmp_path, env=QUICK) as terminal:
        for name in LESSONS:
            terminal.wait_for(f" {lesson(name).title} ")
            terminal.send("]")
        terminal.send("3")
        terminal.wait_for(" Derivative ")
        for burst in range(1, 401):
            terminal.send("".join(chance.choices(KEYS, k=49)))
            terminal.wait_quiet(0.03)
            terminal.send("\x1b")
            terminal.wait_quiet(0.03)
            if burst == 40:
                early = resident(terminal.pid)
        assert resident(terminal.pid) < 1.3 * early
        assert b"Traceback" not in terminal.sent
