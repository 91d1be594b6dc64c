"""The command line: every call, what it prints, and how it refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import gd_tutor
from gd_tutor.cli.main import main
from gd_tutor.course.folder import Course, course_directory
from gd_tutor.engine.state import parse_state
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Bookmark, Progress

EIGHT = (
    "residual",
    "loss",
    "derivative",
    "partial-derivative",
    "gradient",
    "residual-matrix",
    "loss-matrix",
    "gradient-matrix",
)

BROKEN = """+++
title = "Broken"
[experiment]
parameters = { x = 8 }
learning_rate = 0.1
forward = \"\"\"
residual = 5 % x
loss = residual ^ 2
\"\"\"
+++
The loss is {{loss}}.
"""

WORDS = '+++\ntitle = "Grüße und 損失"\n+++\nSome words.\n'

LINE = '''+++
title = "A line"
[experiment]
data = { X = [1, 2, 3], y = [5, 3, 4] }
parameters = { w = [0, 0, 0], b = 0 }
learning_rate = 0.01
forward = """
guess = w * X + b
unused = exp(b)
loss = sum((y - guess) ** 2)
"""
+++
A line.
'''


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Call = Callable[..., Result]


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GD_TUTOR_LESSONS", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """gd-tutor in this process; like argparse's, an exit is a result, too."""

    def run(*words: str) -> Result:
        try:
            status = main(words)
        except SystemExit as exit:
            status = int(exit.code or 0)
        return Result(status, *capsys.readouterr())

    return run


def process(
    *words: str, settings: Mapping[str, str] | None = None, stdin: str | None = ""
) -> subprocess.CompletedProcess[bytes]:
    """gd-tutor in its own process, on pipes."""
    environment = {**os.environ, "PYTHONPATH": str(Path(gd_tutor.__file__).parents[1])}
    for name in ("PYTHONUTF8", "PYTHONIOENCODING", "LC_ALL"):
        environment.pop(name, None)
    return subprocess.run(
        [sys.executable, "-m", "gd_tutor", *words],
        capture_output=True,
        input=None if stdin is None else stdin.encode(),
        env={**environment, **(settings or {})},
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course of one good lesson."""
    path = tmp_path / "course"
    path.mkdir()
    (path / "01-line.md").write_text(LINE, encoding="utf-8")
    return path


def one_sentence(result: Result, *parts: str) -> None:
    """The call was refused: one line on standard error, exit status 2, nothing else."""
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith("gd-tutor: ")
    assert result.err.count("\n") == 1
    assert result.err.endswith(".\n")
    for part in parts:
        assert part in result.err


def data(call: Call, *words: str) -> dict[str, Any]:
    result = call("trace", *words, "--json")
    assert (result.status, result.err) == (0, "")
    found: dict[str, Any] = json.loads(result.out)
    return found


# lessons


def test_lessons_lists_number_id_and_title(call: Call) -> None:
    result = call("lessons")
    assert result.status == 0
    rows = [line.split(maxsplit=2) for line in result.out.splitlines()]
    assert [(row[0], row[1]) for row in rows[:8]] == [
        (str(number), id) for number, id in enumerate(EIGHT, start=1)
    ]
    assert rows[3][2] == "Partial derivative"


def test_a_lesson_that_cannot_be_opened_is_listed_with_its_fault(call: Call, folder: Path) -> None:
    (folder / "02-untitled.md").write_text("+++\n+++\nWords.\n", encoding="utf-8")
    result = call("lessons", "--lessons", str(folder))
    assert result.status == 0
    good, bad = result.out.splitlines()
    assert good == " 1  line      A line"
    assert bad.startswith(" 2  untitled  untitled  (cannot be opened: 'title' is missing")


# trace: the numbers


NUMBERS: dict[str, list[dict[str, Any]]] = {
    "residual": [
        {"forward": {"residual": [-3, 2], "loss": 6.5}, "update": {"guess": [7.7, 3.2]}},
    ],
    "loss": [{"forward": {"residual": [-3, 2], "squared": [9, 4], "loss": 6.5}}],
    "derivative": [
        {"forward": {"loss": 9}, "backward": {"x": 6}, "update": {"x": 7.4}},
        {"forward": {"loss": 5.76}, "backward": {"x": 4.8}, "update": {"x": 6.92}},
    ],
    "partial-derivative": [
        {
            "forward": {"loss": 225},
            "backward": {"w": -90, "b": -30},
            "update": {"w": 0.9, "b": 0.3},
        },
        {"forward": {"loss": 144}},
    ],
    "gradient": [
        {
            "forward": {"loss": 13},
            "backward": {"x": -4, "y": -6},
            "update": {"x": 1.4, "y": 1.6},
        },
        {"forward": {"loss": 8.32}},
        {"forward": {"loss": 5.3248}},
    ],
    "residual-matrix": [{"forward": {"E": [[-3], [1], [-1]], "loss": 11 / 3}}],
    "loss-matrix": [{"forward": {"L": [[9], [1], [1]], "loss": 11 / 3}}],
    "gradient-matrix": [
        {
            "forward": {"loss": 50 / 3},
            "backward": {"w": -46 / 3, "b": -8},
            "update": {"w": 46 / 30, "b": 0.8},
        },
        {"forward": {"loss": 3.2740740740740741}},
    ],
}


@pytest.mark.parametrize("lesson", EIGHT)
def test_first_numbers_of_every_lesson(call: Call, lesson: str) -> None:
    expected = NUMBERS[lesson]
    found = data(call, lesson, "--steps", str(len(expected)))["iterations"]
    for iteration, parts in zip(found, expected, strict=True):
        for part, values in parts.items():
            for name, value in values.items():
                assert flat(iteration[part][name]) == pytest.approx(flat(value), rel=1e-12)


def flat(value: Any) -> list[float]:
    return (
        [number for entry in value for number in flat(entry)]
        if isinstance(value, list)
        else [value]
    )


def test_the_text_has_every_line_of_the_three_phases(call: Call) -> None:
    result = call("trace", "derivative")
    assert result == Result(
        0,
        """\
iteration 0, η = 0.1
  forward
    ε = y − x = 5 − 8 = −3
    l = ε² = (−3)² = 9
  backward
    ∂l/∂ε = 2ε = 2·(−3) = −6
    ∂l/∂x = −∂l/∂ε = −(−6) = 6
  update
    x ← x − η·∂l/∂x = 8 − 0.1·6 = 7.4
""",
        "",
    )


@pytest.mark.parametrize("name", ["3", "03", "derivative", " derivative "])
def test_a_lesson_is_known_by_number_and_by_id(call: Call, name: str) -> None:
    assert call("trace", name) == call("trace", "derivative")


def test_steps_are_iterations(call: Call) -> None:
    text = call("trace", "3", "--steps", "12").out
    assert [line for line in text.splitlines() if line.startswith("iteration")] == [
        f"iteration {number}, η = 0.1" for number in range(12)
    ]
    assert "x ← x − η·∂l/∂x = 7.4 − 0.1·4.8 = 6.92" in text
    assert len(data(call, "3", "--steps", "12")["iterations"]) == 12


# trace: settings


def test_set_takes_a_parameter_data_and_the_learning_rate(call: Call) -> None:
    found = data(call, "3", "--set", "x=2", "--set", "y = 4.5", "--set", "learning_rate=0.25")
    assert found["learning_rate"] == 0.25
    (iteration,) = found["iterations"]
    assert iteration["parameters"] == {"x": 2}
    assert iteration["forward"] == {"residual": 2.5, "loss": 6.25}
    assert iteration["backward"] == {"loss": 1, "residual": 5, "x": -5}
    assert iteration["update"] == {"x": 3.25}


def test_the_last_value_set_counts(call: Call) -> None:
    assert data(call, "3", "--set", "x=1", "--set", "x=2")["iterations"][0]["parameters"] == {
        "x": 2
    }


def test_data_may_have_another_shape(call: Call) -> None:
    settings = ("--set", "X=[[1],[2]]", "--set", "Y=[[2],[4]]")
    (iteration,) = data(call, "8", *settings)["iterations"]
    assert iteration["forward"]["loss"] == 10
    assert iteration["backward"]["w"] == -10
    assert iteration["per_sample"] == {"w": [-4, -16], "b": [-4, -8]}
    assert "mean(L) = (4 + 16)/2 = 10" in call("trace", "8", *settings).out


def test_a_state_line_traces_its_run_with_the_changes_where_they_were_made(call: Call) -> None:
    line = "derivative:3:backward:x=2@0:learning_rate=0.2@1:learning_rate=0.25@2"
    text = call("trace", line, "--steps", "3").out.splitlines()
    assert [row for row in text if row.startswith(("iteration", "    x ←"))] == [
        "iteration 0, η = 0.1",
        "    x ← x − η·∂l/∂x = 2 − 0.1·(−6) = 2.6",
        "iteration 1, η = 0.2",
        "    x ← x − η·∂l/∂x = 2.6 − 0.2·(−4.8) = 3.56",
        "iteration 2, η = 0.25",
        "    x ← x − η·∂l/∂x = 3.56 − 0.25·(−2.88) = 4.28",
    ]
    found = data(call, line, "--steps", "3")
    assert found["learning_rate"] == 0.1
    assert [entry["update"]["x"] for entry in found["iterations"]] == pytest.approx(
        [2.6, 3.56, 4.28]
    )


def test_a_setting_stands_for_the_whole_run_even_over_a_state_line(call: Call) -> None:
    line = "derivative:1:update:learning_rate=0.2@1"
    found = data(call, line, "--steps", "2", "--set", "learning_rate=0.5")
    assert [entry["update"]["x"] for entry in found["iterations"]] == [5, 5]


# trace: the JSON contract


def test_json_has_the_keys_of_the_contract(call: Call) -> None:
    found = data(call, "gradient-matrix", "--steps", "2")
    assert list(found) == ["lesson", "learning_rate", "iterations"]
    assert found["lesson"] == "gradient-matrix"
    assert found["learning_rate"] == 0.1
    for number, iteration in enumerate(found["iterations"]):
        assert set(iteration) == {
            "iteration",
            "parameters",
            "forward",
            "backward",
            "per_sample",
            "update",
        }
        assert iteration["iteration"] == number
        assert set(iteration["parameters"]) == set(iteration["update"]) == {"w", "b"}
        assert set(iteration["per_sample"]) == {"w", "b"}
        assert list(iteration["forward"]) == ["Y_hat", "E", "L", "loss"]
        assert set(iteration["backward"]) == {"loss", "L", "E", "Y_hat", "w", "b"}
        assert iteration["backward"]["loss"] == 1
    first, second = found["iterations"]
    assert first["update"] == second["parameters"]
    assert first["forward"]["E"] == [[5], [3], [4]]


def test_json_knows_the_lesson_by_its_id_whatever_the_call(call: Call) -> None:
    assert data(call, "3")["lesson"] == "derivative"
    assert data(call, "derivative:1:forward")["lesson"] == "derivative"


def test_json_has_lines_the_loss_does_not_use_without_a_gradient(call: Call, folder: Path) -> None:
    (iteration,) = data(call, "line", "--lessons", str(folder))["iterations"]
    assert list(iteration["forward"]) == ["guess", "unused", "loss"]
    assert set(iteration["backward"]) == {"loss", "guess", "w", "b"}
    assert iteration["per_sample"] == {
        "w": [[-10, 0, 0], [0, -12, 0], [0, 0, -24]],
        "b": [-10, -6, -8],
    }
    assert iteration["backward"]["b"] == -24


def test_without_samples_there_are_no_partials_of_samples(call: Call) -> None:
    assert "per_sample" not in data(call, "derivative")["iterations"][0]


def test_nothing_is_rounded(call: Call) -> None:
    third = data(call, "6")["iterations"][0]
    assert third["forward"]["loss"] == 11 / 3
    assert third["update"]["Y_hat"] == [[8 - 0.3 * 2], [2 + 0.3 * (2 / 3)], [5 - 0.3 * (2 / 3)]]


def test_a_divergence_ends_the_run_and_is_no_error(call: Call) -> None:
    found = data(call, "3", "--set", "learning_rate=200", "--steps", "1000")
    assert found["diverged"] is True
    assert len(found["iterations"]) == 61
    before, last = found["iterations"][-2:]
    assert isinstance(before["forward"]["loss"], float)
    assert last["forward"]["loss"] == "inf"
    assert last["parameters"] == before["update"]
    text = call("trace", "3", "--set", "learning_rate=200", "--steps", "1000")
    assert text.status == 0
    assert text.out.endswith("  the run diverged here: l is not finite\n")


def test_numbers_that_are_none_are_strings(call: Call, folder: Path) -> None:
    (folder / "02-rootless.md").write_text(
        LINE.replace("unused = exp(b)", "unused = log(b - 1)\nsmall = log(b)"), encoding="utf-8"
    )
    found = data(call, "rootless", "--lessons", str(folder))
    assert found["iterations"][0]["forward"]["unused"] == "nan"
    assert found["iterations"][0]["forward"]["small"] == "-inf"
    assert "diverged" not in found


def test_a_run_that_has_not_diverged_does_not_say_so(call: Call) -> None:
    assert "diverged" not in data(call, "3", "--steps", "100")


# check


def test_the_shipped_lessons_are_sound(call: Call) -> None:
    assert call("check") == Result(0, "No faults found.\n", "")


def test_check_finds_all_faults_with_their_places(call: Call, folder: Path) -> None:
    broken = folder / "02-broken.md"
    broken.write_text(BROKEN, encoding="utf-8")
    words = folder / "03-words.md"
    words.write_text("+++\n+++\n", encoding="utf-8")
    result = call("check", str(folder))
    assert result.status == 1
    rows = [row for row in result.out.splitlines() if not row.startswith("    ")]
    assert [row.split(": ")[0] for row in rows] == [
        f"{broken}:7:12",
        f"{broken}:8:8",
        f"{words}:2:1",
        f"{words}:2:1",
    ]
    assert "`%` is not allowed" in rows[0]
    assert "'title' is missing" in rows[2]
    assert result.err == "4 faults found.\n"


def test_check_takes_files_and_folders(call: Call, folder: Path) -> None:
    broken = folder / "broken.md"
    broken.write_text(BROKEN, encoding="utf-8")
    good = folder / "01-line.md"
    assert call("check", str(good)).status == 0
    assert call("check", str(good), str(broken)).status == 1
    assert call("check", str(good), str(folder)).out == call("check", str(broken)).out


def test_check_without_a_path_checks_the_course(call: Call, folder: Path) -> None:
    assert call("--lessons", str(folder), "check").status == 0
    (folder / "broken.md").write_text(BROKEN, encoding="utf-8")
    assert call("--lessons", str(folder), "check").status == 1


def test_one_fault_is_one_fault(call: Call, folder: Path) -> None:
    (folder / "01-line.md").write_text("+++\n+++\nWords.\n", encoding="utf-8")
    result = call("check", str(folder))
    assert result.err == "1 fault found.\n"
    assert len([row for row in result.out.splitlines() if not row.startswith("    ")]) == 1


# progress


def tell(progress: Progress, *told: tuple[str, Event]) -> None:
    for line, event in told:
        assert progress.record(parse_state(line), event) == ""


def answered(outcome: str = "right", tries: int = 1) -> Event:
    return Event(Kind.ANSWERED, "loss", outcome, tries)


def test_progress_with_nothing_yet_is_one_friendly_sentence(call: Call) -> None:
    result = call("progress")
    assert (result.status, result.err) == (0, "")
    assert result.out == "Nothing is kept yet: open gd-tutor, press f, and your progress begins.\n"


def test_progress_is_a_table_of_all_lessons(call: Call, tmp_path: Path) -> None:
    progress = Progress()
    tell(
        progress,
        ("loss", Event(Kind.OPENED)),
        ("derivative:0:forward", answered("wrong")),
        ("derivative:1:forward", answered(tries=2)),
        ("gone:4:update", answered()),
    )
    progress.save(Bookmark(parse_state("derivative:3:backward")))
    result = call("progress")
    assert (result.status, result.err) == (0, "")
    day = datetime.now().date().isoformat()
    rows = [" ".join(row.split()).replace(day, "DAY") for row in result.out.splitlines()]
    assert rows[:3] == [
        "1 Residual new",
        "2 Loss seen DAY loss:0:start",
        "3 Derivative tried 1/2 DAY derivative:3:backward",
    ]
    assert rows[15] == "gone right unaided 1/1 DAY gone:4:update"
    assert rows[-2] == "Right: 1 of 16 lessons, 2 of 3 answers."
    assert rows[-1].startswith(f"It is kept in {tmp_path / 'state' / 'gd-tutor'} ")
    assert call("progress", "--ascii").out.isascii()


def test_progress_as_json_has_the_documented_keys(call: Call) -> None:
    tell(Progress(), ("loss:2:update", answered()))
    result = call("progress", "--json")
    assert (result.status, result.err) == (0, "")
    found = json.loads(result.out)
    assert list(found) == ["file", "lessons", "totals", "damaged"]
    assert found["file"] == str(Progress().log.file)
    new, loss, *_ = found["lessons"]
    assert new == {
        "lesson": "residual",
        "number": 1,
        "title": "Residual",
        "state": "new",
        "right": 0,
        "answers": 0,
        "last": None,
        "place": None,
    }
    assert datetime.fromisoformat(loss.pop("last")).tzinfo is not None
    assert (loss["state"], loss["right"], loss["place"]) == ("tried", 1, "loss:2:update")
    states = {"new": 14, "seen": 0, "tried": 1, "right": 0, "right unaided": 0}
    assert found["totals"] == {"lessons": 15, "states": states, "right": 1, "answers": 1}
    assert found["damaged"] == 0


def test_progress_says_what_could_not_be_read(call: Call) -> None:
    tell(Progress(), ("loss", answered()))
    with Progress().log.file.open("a") as file:
        file.write("rubbish\n")
    result = call("progress", "--json")
    assert result.err.startswith("gd-tutor: 1 line of ")
    assert json.loads(result.out)["damaged"] == 1


def test_progress_in_another_course_is_another(call: Call, folder: Path) -> None:
    tell(Progress(), ("line", answered()))
    assert "Nothing is kept yet" in call("progress", "--lessons", str(folder)).out
    tell(Progress.of(Course(folder)), ("line", answered("wrong")))
    assert "tried" in call("progress", "--lessons", str(folder)).out
    assert call("forget", "--all", "--lessons", str(folder)).status == 0
    assert len(Progress().events()) == 1


# forget


@pytest.mark.parametrize("name", ["3", "derivative"])
def test_forget_removes_a_lesson_and_says_what(call: Call, name: str) -> None:
    progress = Progress()
    tell(progress, ("derivative", answered()), ("loss", answered()), ("derivative", answered()))
    progress.save(Bookmark(parse_state("derivative:3:backward")))
    said = "Forgot derivative: removed 2 events and the saved place.\n"
    assert call("forget", name) == Result(0, said, "")
    assert [record.lesson for record in progress.events()] == ["loss"]
    assert progress.load() is None
    assert call("forget", name) == Result(0, "There is nothing to forget of derivative.\n", "")
    assert call("forget", "2").out == "Forgot loss: removed 1 event.\n"


def test_forget_knows_lessons_that_only_the_log_knows(call: Call) -> None:
    progress = Progress()
    tell(progress, ("gone:4:update", answered()), ("loss", answered()))
    assert call("forget", "gone").out == "Forgot gone: removed 1 event.\n"
    progress.save(Bookmark(parse_state("left:1:update")))
    assert call("forget", "left").out == "Forgot left: removed the saved place.\n"
    one_sentence(call("forget", "gone"), "no lesson 'gone'", "gd-tutor progress")


def test_forget_all(call: Call) -> None:
    progress = Progress()
    tell(progress, ("gone", answered()), ("loss", answered()))
    assert call("forget", "--all").out == "Forgot all lessons: removed 2 events.\n"
    assert progress.events() == ()
    assert call("forget", "--all").out == "There is nothing to forget of all lessons.\n"


def test_what_cannot_be_forgotten_is_one_sentence(call: Call) -> None:
    Progress().log.file.mkdir(parents=True)
    one_sentence(call("forget", "3"), "could be forgotten", "directory")


# Options


@pytest.mark.parametrize(
    "words",
    [
        ("--lessons", "{folder}", "lessons"),
        ("lessons", "--lessons", "{folder}"),
        ("--lessons={folder}", "--ascii", "lessons"),
        ("lessons", "--ascii", "--lessons={folder}"),
    ],
)
def test_options_stand_before_or_after_the_command(
    call: Call, folder: Path, words: tuple[str, ...]
) -> None:
    result = call(*(word.format(folder=folder) for word in words))
    assert result == Result(0, " 1  line  A line\n", "")


def test_the_environment_names_the_lessons(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GD_TUTOR_LESSONS", str(folder))
    assert call("lessons").out == " 1  line  A line\n"
    shipped = call("lessons", "--lessons", str(course_directory()))
    assert "derivative" in shipped.out


@pytest.mark.parametrize("words", [("--ascii", "trace", "8"), ("trace", "8", "--ascii")])
def test_ascii_is_ascii_only(call: Call, words: tuple[str, ...]) -> None:
    text = call(*words, "--steps", "3").out
    assert text.isascii()
    assert "w <- w - learning_rate*dloss/dw = 0 - 0.1*(-15.333) = 1.5333" in text


def test_titles_and_faults_are_ascii_where_that_is_asked_for(call: Call, folder: Path) -> None:
    (folder / "02-words.md").write_text(WORDS, encoding="utf-8")
    listed = call("lessons", "--ascii", "--lessons", str(folder))
    assert listed.out == " 1  line   A line\n 2  words  Grusse und ????\n"
    assert listed.err.endswith("have no ASCII spelling and are printed as ?.\n")
    (folder / "03-bad.md").write_text('+++\ntitel = "ä"\n+++\n', encoding="utf-8")
    checked = call("check", "--ascii", str(folder))
    assert checked.status == 1
    assert (checked.out + checked.err).isascii()


def test_infinity_is_a_word_in_ascii(call: Call) -> None:
    text = call("trace", "3", "--ascii", "--set", "x=1e200").out
    assert "loss = residual**2 = (-1e200)**2 = inf" in text


def test_version_and_help(call: Call) -> None:
    assert call("--version") == Result(0, f"gd-tutor {gd_tutor.__version__}\n", "")
    result = call("--help")
    assert result.status == 0
    assert result.out.isascii()
    options = ("--lessons DIR", "--ascii", "--version", "LESSON")
    for word in ("lessons", "trace", "check", "progress", "forget", *options):
        assert word in result.out


@pytest.mark.parametrize("command", ["trace", "check", "lessons", "progress", "forget"])
def test_help_of_a_command(call: Call, command: str) -> None:
    result = call(command, "--help")
    assert result.status == 0
    assert result.out.startswith(f"usage: gd-tutor {command} [-h]")


# What a user may get wrong


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("trace", "derivativ"), ("'derivativ'", "Did you mean 'derivative'?", "gd-tutor lessons")),
        (("derivativ",), ("Did you mean 'derivative'?",)),
        (("trace", "99"), ("no lesson '99'",)),
        (("trace", "zzz"), ("no lesson 'zzz'",)),
        (("trace", ""), ("begins with a lesson",)),
        (("trace",), ("LESSON",)),
        (("trace", "3", "4"), ("Unrecognized", "4")),
        (("trace", "3", "--set", "x"), ("NAME=JSON",)),
        (("trace", "3", "--set", "x=eight"), ("eight", "number")),
        (("trace", "3", "--set", "x=NaN"), ("NaN",)),
        (("trace", "3", "--set", "x=1e999"), ("1e999",)),
        (("trace", "3", "--set", "x=true"), ("true",)),
        (("trace", "3", "--set", 'x={"a": 1}'), ("number",)),
        (("trace", "3", "--set", "x=[[1],[2,3]]"), ("number",)),
        (("trace", "3", "--set", "z=1"), ("'z'", "y, x, learning_rate")),
        (("trace", "3", "--set", "residual=1"), ("'residual'",)),
        (("trace", "3", "--set", "learning_rate=[1]"), ("learning_rate", "single number")),
        (("trace", "3", "--set", "x=[1,2]"), ("do not fit", "2 values")),
        (("trace", "8", "--set", "X=[[1],[2]]"), ("do not fit", "2×1", "3×1")),
        (("trace", "3", "--set"), ("--set",)),
        (("trace", "3", "--steps", "0"), ("'0'", "whole number")),
        (("trace", "3", "--steps", "-1"), ("--steps",)),
        (("trace", "3", "--steps", "2.5"), ("'2.5'",)),
        (("trace", "3", "--steps", "1000001"), ("1000000",)),
        (("trace", "3", "--steps", "000000001500000000000"), ("whole number",)),
        (("trace", "3", "--steps", "²"), ("'²'",)),
        (("trace", "derivative:3"), ("phase",)),
        (("trace", "derivative:x:forward"), ("'x'", "iteration")),
        (("trace", "derivative:1:sideways"), ("'sideways'", "forward, backward, update")),
        (("trace", "derivative:1:update:x"), ("'x'", "change")),
        (("trace", "derivative:1:update:x=[1@0"), ("'[1'",)),
        (("trace", "derivative:1:update:z=1@0"), ("'z'",)),
        (("trace", "derivative:1:update:x=[1,2]@0"), ("do not fit",)),
        (("derivative:1:sideways",), ("'sideways'",)),
        (("--colour",), ("--colour", "--help")),
        (("lessons", "--steps", "2"), ("--steps",)),
        (("trace", "3", "--step", "2"), ("--step",)),
        (("lessons", "extra"), ("extra",)),
        (("-9",), ("-9",)),
        (("--lessons",), ("--lessons",)),
        (("lessons", "--lessons"), ("--lessons",)),
        (("--lessons", "nowhere", "lessons"), ("no folder nowhere",)),
        (("check", "nowhere.md"), ("nowhere.md",)),
        (("forget",), ("Name one lesson", "--all")),
        (("forget", ""), ("Name one lesson",)),
        (("forget", "3", "--all"), ("Name one lesson",)),
        (("forget", "99"), ("no lesson '99'",)),
        (("forget", "derivativ"), ("Did you mean 'derivative'?",)),
        (("progress", "3"), ("3",)),
    ],
)
def test_a_mistake_is_answered_with_one_sentence(
    call: Call, words: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    one_sentence(call(*words), *parts)


def test_a_lesson_with_faults_is_refused_with_all_of_them(call: Call, folder: Path) -> None:
    path = folder / "02-broken.md"
    path.write_text(BROKEN, encoding="utf-8")
    result = call("trace", "broken", "--lessons", str(folder))
    assert (result.status, result.out) == (2, "")
    first, *faults = result.err.splitlines()
    assert first == "gd-tutor: The lesson 'broken' has faults; mend them and run `gd-tutor check`."
    told = call("check", str(path)).out.splitlines()
    assert faults == [row for row in told if not row.startswith("    ")]


def test_an_empty_folder_is_no_course(call: Call, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for words in (("lessons",), ("trace", "1"), ("check",), ()):
        one_sentence(call("--lessons", str(empty), *words), "no lesson in", str(empty))
    one_sentence(call("check", str(empty)), "no lesson in")


def test_a_lesson_of_words_has_nothing_to_trace(call: Call, folder: Path) -> None:
    (folder / "02-words.md").write_text(WORDS, encoding="utf-8")
    one_sentence(call("trace", "words", "--lessons", str(folder)), "only has words")


def test_a_file_given_as_folder(call: Call, folder: Path) -> None:
    path = str(folder / "01-line.md")
    one_sentence(call("lessons", "--lessons", path), path)


# Streams that are no terminal


@pytest.mark.parametrize("words", [(), ("3",), ("derivative:2:forward",)])
def test_without_a_terminal_the_tutor_names_trace(words: tuple[str, ...]) -> None:
    run = process(*words)
    assert (run.returncode, run.stdout) == (2, b"")
    lesson = "derivative" if words else "residual"
    assert f"`gd-tutor trace {lesson}`" in run.stderr.decode()
    assert run.stderr.count(b"\n") == 1
    assert b"\x1b" not in run.stderr


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "gd_tutor", "trace", "3", "--steps", "2000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(gd_tutor.__file__).parents[1])},
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer:
        assert writer.stdout.readline().startswith(b"iteration 0")
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == 0


POOR = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@cache
def in_ascii(*words: str) -> bytes:
    """What is printed where that is asked for."""
    return process(*words, "--ascii").stdout


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param(POOR[0], ("trace", "8"), marks=pytest.mark.slow),
        (POOR[1], ("trace", "8")),
        pytest.param(POOR[1], ("export", "8", "--to", "markdown"), marks=pytest.mark.slow),
        ({"GD_TUTOR_MODE": "ascii"}, ("export", "8", "--to", "markdown")),
    ],
)
def test_ascii_that_is_needed_or_wished_is_that_of_the_flag(
    settings: dict[str, str], words: tuple[str, ...]
) -> None:
    run = process(*words, settings=settings)
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout == in_ascii(*words)
    assert run.stdout.isascii()


def test_a_mode_that_is_none_is_refused_by_what_prints() -> None:
    run = process("trace", "8", settings={"GD_TUTOR_MODE": "pretty"})
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"GD_TUTOR_MODE is 'pretty'" in run.stderr


SAID = {
    ("lessons",): 0,
    ("check",): 1,
    ("trace", "symbols"): 0,
    ("trace", "übung"): 2,
    ("übung",): 2,
    ("trace", "損失"): 2,
    ("--help",): 0,
}
"""Commands whose text has letters that not every terminal has, and how they end."""


@pytest.mark.parametrize(
    ("settings", "calls"),
    [
        (POOR[1], [("check",), ("trace", "symbols"), ("trace", "損失")]),
        pytest.param(POOR[1], list(SAID), marks=pytest.mark.slow),
        pytest.param({"PYTHONIOENCODING": "latin-1"}, list(SAID), marks=pytest.mark.slow),
    ],
    ids=["some", "all", "latin-1"],
)
def test_no_terminal_is_too_poor_for_any_command(
    settings: dict[str, str], calls: list[tuple[str, ...]], folder: Path
) -> None:
    (folder / "02-words.md").write_text(WORDS, encoding="utf-8")
    (folder / "03-übung.md").write_text(BROKEN.replace("Broken", "損失"), encoding="utf-8")
    symbols = LINE.replace('"""\n+++', '"""\nsymbols = { guess = "ŷ", w = "損" }\n+++')
    (folder / "04-symbols.md").write_text(symbols, encoding="utf-8")
    for words in calls:
        run = process("--lessons", str(folder), *words, settings=settings)
        assert run.returncode == SAID[words], run.stderr
        assert b"Traceback" not in run.stderr
        assert b"Error" not in run.stderr


def test_the_module_runs_as_the_command_does() -> None:
    run = process("--version")
    assert run.stdout.decode() == f"gd-tutor {gd_tutor.__version__}\n"


def test_copies_of_the_lessons_anywhere_are_a_course(call: Call, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(course_directory(), copy)
    assert call("lessons", "--lessons", str(copy)) == call("lessons")
    assert len(Course(copy).entries) >= len(EIGHT)
