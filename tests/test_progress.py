"""The log of what a learner did: nothing is lost, nothing is mixed, nothing is made up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gd_tutor
from gd_tutor.course.folder import Course, course_directory
from gd_tutor.engine.state import State, parse_state
from gd_tutor.progress.event import Event, Kind, Record, read_line, to_line
from gd_tutor.progress.log import MOST_BYTES
from gd_tutor.progress.place import Bookmark, Progress

HERE = State("derivative")
SOURCE = str(Path(gd_tutor.__file__).parents[1])


def answer(number: int) -> Event:
    return Event(Kind.ANSWERED, "loss", "right", number)


def kept(progress: Progress) -> list[int]:
    """The numbers of the answers that are in the log."""
    return [record.event.tries for record in progress.events()]


def log_file(folder: Path) -> Path:
    return folder / "progress.log"


# A line


EVENTS = st.builds(
    Event,
    st.sampled_from([*Kind, "from-the-future"]),
    st.text(),
    st.text(),
    st.integers(0, 10**30),
    st.booleans(),
    st.lists(st.text()).map(tuple),
)
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=0))
STATES = st.text(min_size=1).filter(lambda text: not text.startswith(":"))


@given(st.builds(Record, TIMES, STATES, EVENTS))
def test_a_record_is_one_line_and_comes_back_as_it_was(record: Record) -> None:
    line = to_line(record)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert read_line(line) == record


def test_a_line_can_be_read_without_this_program() -> None:
    time = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    event = Event(Kind.ANSWERED, "grad.x", "wrong", 2, True, ("sign",))
    assert json.loads(to_line(Record(time, "derivative:3:backward", event))) == {
        "time": "2026-02-03T04:05:06Z",
        "state": "derivative:3:backward",
        "event": "answered",
        "item": "grad.x",
        "outcome": "wrong",
        "tries": 2,
        "rules": ["sign"],
        "aided": True,
    }


def test_what_a_later_version_adds_is_no_damage(tmp_path: Path) -> None:
    line = '{"time": "2030-01-01T00:00:00Z", "state": "a:b:c:d", "event": "dreamt", "mood": [1]}\n'
    log_file(tmp_path).write_text(line)
    progress = Progress(tmp_path)
    (record,) = progress.events()
    assert (record.lesson, record.event) == ("a", Event("dreamt"))
    assert progress.damaged == 0
    progress.record(HERE, answer(1))
    progress.forget("derivative")
    assert log_file(tmp_path).read_text() == line


GOOD = {"time": "2026-02-03T04:05:06Z", "state": "loss", "event": "answered"}


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "[]",
        "7",
        "{}",
        "[" * 100_000,
        "1" * 5_000,
        *(
            json.dumps(GOOD | change)
            for change in (
                {"time": "yesterday"},
                {"time": "2026-02-03T04:05:06"},
                {"time": "0001-01-01T00:00:00+23:00"},
                {"time": 7},
                {"state": ""},
                {"state": ":1:forward"},
                {"state": None},
                {"event": ""},
                {"item": ["x"]},
                {"tries": -1},
                {"tries": True},
                {"tries": 1.5},
                {"aided": "yes"},
                {"rules": "sign"},
                {"rules": [1]},
            )
        ),
    ],
)
def test_a_damaged_line_is_passed_over_and_counted(line: str, tmp_path: Path) -> None:
    good = json.dumps(GOOD)
    log_file(tmp_path).write_text(f"{good}\n{line}\n\n{good}\n")
    progress = Progress(tmp_path)
    assert len(progress.events()) == 2
    assert progress.damaged == 1
    assert progress.trouble.startswith("1 line of ")
    assert progress.trouble.endswith(" could not be read and did not count.")


# Appending


def test_events_are_kept_in_their_order_with_time_and_place(tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    state = parse_state("derivative:3:backward:learning_rate=0.2@2")
    events = [answer(1), Event(Kind.SKIPPED, "predict:next-x"), Event(Kind.RAN_RULE, "sign")]
    for event in events:
        assert Progress(tmp_path / "new").record(state, event) == ""
    records = Progress(tmp_path / "new").events()
    assert [record.event for record in records] == events
    for record in records:
        assert record.state == str(state)
        assert before <= record.time <= datetime.now(UTC)


def test_nothing_that_was_written_is_ever_rewritten(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    before = b""
    for number in range(5):
        progress.record(HERE, answer(number))
        progress.events()
        after = log_file(tmp_path).read_bytes()
        assert after.startswith(before)
        assert after.count(b"\n") == number + 1
        before = after


def test_a_lesson_opened_over_and_over_is_one_visit(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for _ in range(3):
        for lesson in ("loss", "derivative"):
            progress.record(State(lesson), Event(Kind.OPENED))
    visits = [record.lesson for record in progress.events()]
    assert sorted(set(visits)) == ["derivative", "loss"]
    assert len(visits) <= 4  # midnight may come between


def test_steps_leave_no_trace_in_the_log(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for step in range(50):
        assert progress.save(Bookmark(parse_state(f"derivative:{step}:forward"))) == ""
    assert not log_file(tmp_path).exists()
    assert (tmp_path / "state").read_text() == "derivative:49:forward\npage 0\n"


def test_the_page_is_kept_with_its_lesson(tmp_path: Path) -> None:
    progress, here = Progress(tmp_path), parse_state("derivative:3:backward")
    progress.save(Bookmark(here, 4))
    assert Progress(tmp_path).load() == Bookmark(here, 4)
    progress.save(Bookmark(State("loss")))
    assert Progress(tmp_path).load() == Bookmark(State("loss"), 0)
    progress.save(Bookmark(here, 4))
    assert Progress(tmp_path).load() == Bookmark(here, 4)
    # One file, which one rename replaces: no moment is between a run and its page.
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("rest", ["page -1\n", "page\n", "pag", "page 99999\n", "4\n"])
def test_a_page_that_cannot_be_read_is_the_first(rest: str, tmp_path: Path) -> None:
    here = parse_state("derivative:3:backward")
    (tmp_path / "page").write_text("derivative 4\n")
    (tmp_path / "state").write_text(f"{here}\n{rest}")
    progress = Progress(tmp_path)
    assert progress.load() == Bookmark(here, 0)
    assert progress.trouble == ""


@pytest.mark.parametrize(
    ("kept", "page"),
    [(b"derivative 4\n", 4), (b"loss 3\n", 0), (b"derivative -1\n", 0), (b"\xff 3\n", 0)],
)
def test_a_place_with_its_page_in_a_file_apart_can_be_read(
    kept: bytes, page: int, tmp_path: Path
) -> None:
    here = parse_state("derivative:3:backward")
    (tmp_path / "state").write_text(f"{here}\n")
    (tmp_path / "page").write_bytes(kept)
    progress = Progress(tmp_path)
    assert progress.load() == Bookmark(here, page)
    progress.save(Bookmark(here))
    assert progress.load() == Bookmark(here, 0)


@pytest.mark.parametrize("torn", [1, 20, -2])
def test_a_torn_line_harms_no_other(torn: int, tmp_path: Path) -> None:
    line = to_line(Record(datetime.now(UTC), "loss", answer(1)))
    log_file(tmp_path).write_bytes(line + line[:torn])
    progress = Progress(tmp_path)
    assert kept(progress) == [1]
    assert progress.damaged == 0
    progress.record(HERE, answer(2))
    assert kept(progress) == [1, 2]
    assert progress.damaged == 1


def test_a_last_line_that_lacks_only_its_end_counts(tmp_path: Path) -> None:
    line = to_line(Record(datetime.now(UTC), "loss", answer(1)))
    log_file(tmp_path).write_bytes(line + line[:-1])
    progress = Progress(tmp_path)
    assert kept(progress) == [1, 1]
    progress.record(HERE, answer(2))
    assert kept(progress) == [1, 1, 2]
    assert progress.damaged == 0


# Many at once


TUTOR = """
import sys
from pathlib import Path
from gd_tutor.engine.state import State
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Progress

def answer(lesson, number):
    trouble = progress.record(State(lesson), Event(Kind.ANSWERED, "loss", "right", number))
    assert not trouble, trouble

progress, lesson, times = Progress(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.read()
for number in range(times):
    answer(lesson, number)
    if lesson == "forgotten":
        assert progress.forget(lesson) == (1, False)
"""


def start(*words: object) -> subprocess.Popen[bytes]:
    """A process that does what its words say as soon as its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", TUTOR, *map(str, words)],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def let_go(*processes: subprocess.Popen[bytes]) -> None:
    for process in processes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()


def test_two_tutors_lose_no_line_while_a_third_forgets(tmp_path: Path) -> None:
    work = {"forgotten": 50, "loss": 500, "gradient": 500}
    tutors = [start(tmp_path, lesson, times) for lesson, times in work.items()]
    let_go(*tutors)
    assert [tutor.wait(60) for tutor in tutors] == [0, 0, 0]
    progress = Progress(tmp_path)
    records = progress.events()
    assert progress.damaged == 0
    assert len(records) == 1000
    for lesson in ("loss", "gradient"):
        numbers = [record.event.tries for record in records if record.lesson == lesson]
        assert numbers == list(range(500))


def test_a_tutor_that_is_killed_leaves_whole_lines_and_no_lock(tmp_path: Path) -> None:
    writer = start(tmp_path, "loss", 10**9)
    let_go(writer)
    progress = Progress(tmp_path)
    while len(progress.events()) < 100:
        assert writer.poll() is None
    writer.send_signal(signal.SIGKILL)
    assert writer.wait(60) == -signal.SIGKILL
    assert progress.record(HERE, answer(7)) == ""
    *numbers, last = kept(progress)
    assert numbers == list(range(len(numbers)))
    assert (last, progress.damaged) == (7, 0)


# Disks that refuse


def test_a_full_disk_is_told_of_once_and_the_next_line_is_whole(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from gd_tutor.engine.state import State
from gd_tutor.progress.event import Event, Kind
from gd_tutor.progress.place import Progress
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
progress = Progress(Path(sys.argv[1]))
for tries in range(20):
    print(progress.record(State("loss"), Event(Kind.ANSWERED, "loss", "right", tries)))
"""
    run = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said = list(filter(None, run.stdout.splitlines()))
    assert said[0].startswith("Your progress cannot be saved: ")
    assert len(said) == len(set(said)) <= 2  # that it is full, and that it stays so
    progress = Progress(tmp_path)
    before = kept(progress)
    assert before == list(range(len(before)))
    assert 2 <= len(before) < 20
    progress.record(HERE, answer(99))
    assert kept(progress) == [*before, 99]


def test_a_disk_with_no_room_at_all(tmp_path: Path) -> None:
    log_file(tmp_path).symlink_to("/dev/full")
    progress = Progress(tmp_path)
    said = [progress.record(HERE, answer(number)) for number in range(3)]
    assert said == ["Your progress cannot be saved: no space left on device.", "", ""]


def test_where_there_can_be_no_folder_place_and_log_are_told_of_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    progress = Progress(tmp_path / "file" / "gd-tutor")
    assert progress.record(HERE, Event(Kind.OPENED)) == ""
    assert progress.save(Bookmark(HERE)).startswith("Your progress cannot be saved: ")
    assert progress.save(Bookmark(HERE)) == ""
    assert progress.record(HERE, answer(1)) == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_can_be_read(tmp_path: Path) -> None:
    Progress(tmp_path).record(HERE, answer(1))
    tmp_path.chmod(0o500)
    progress = Progress(tmp_path)
    try:
        assert kept(progress) == [1]
        assert "denied" in progress.save(Bookmark(HERE))
    finally:
        tmp_path.chmod(0o700)


def test_a_log_that_is_a_folder_is_told_of(tmp_path: Path) -> None:
    log_file(tmp_path).mkdir()
    progress = Progress(tmp_path)
    assert progress.events() == ()
    assert progress.trouble.endswith("could not be read: is a directory.")
    assert progress.record(HERE, answer(1)).endswith(": is a directory.")


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    with log_file(tmp_path).open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    said = Progress(tmp_path).record(HERE, answer(1))
    assert "`gd-tutor forget` makes room" in said
    assert log_file(tmp_path).stat().st_size == MOST_BYTES + 1


# Rubbish


def test_a_file_that_is_no_text_is_set_aside_with_a_message(tmp_path: Path) -> None:
    for number, rubbish in enumerate((bytes(range(256)), b"\0" * 100)):
        log_file(tmp_path).write_bytes(rubbish)
        progress = Progress(tmp_path)
        assert progress.events() == ()
        aside = tmp_path / f"progress.damaged{number or ''}"
        assert aside.read_bytes() == rubbish
        assert str(aside) in progress.trouble
        assert not log_file(tmp_path).exists()
    progress.record(HERE, answer(1))
    assert kept(progress) == [1]


def test_rubbish_at_the_end_costs_only_itself(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.record(HERE, answer(1))
    with log_file(tmp_path).open("ab") as file:
        file.write(b"\0\xff\n" * 3)
    progress.record(HERE, answer(2))
    assert kept(progress) == [1, 2]
    assert progress.trouble.startswith("3 lines of ")


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(rubbish: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        log_file(Path(folder)).write_bytes(rubbish)
        progress = Progress(Path(folder))
        progress.record(HERE, answer(5))
        assert kept(progress) == [5]


# Forgetting


def test_a_lesson_is_forgotten_and_all_else_stays_as_it_is(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for number, lesson in enumerate(("loss", "derivative", "loss", "derivative-two")):
        progress.record(State(lesson), answer(number))
    with log_file(tmp_path).open("ab") as file:
        file.write(b"\xff rubbish\r\n")
    lines = log_file(tmp_path).read_bytes().split(b"\n")
    progress.save(Bookmark(State("loss")))
    assert progress.forget("derivative") == (1, False)
    assert log_file(tmp_path).read_bytes().split(b"\n") == [lines[0], *lines[2:]]
    assert progress.load() == Bookmark(State("loss"))
    assert progress.forget("loss") == (2, True)
    assert progress.load() is None
    assert [record.lesson for record in progress.events()] == ["derivative-two"]
    assert progress.forget("loss") == (0, False)


def test_everything_is_forgotten(tmp_path: Path) -> None:
    log_file(tmp_path).write_bytes(b"\0\xff")
    progress = Progress(tmp_path)
    progress.events()
    progress.record(HERE, answer(1))
    progress.save(Bookmark(HERE))
    assert progress.forget_all() == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["progress.lock"]
    assert progress.events() == ()
    assert Progress(tmp_path / "never").forget_all() == (0, False)


def test_who_cannot_forget_keeps_all(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.record(HERE, answer(1))
    (tmp_path / f".gd-tutor.{os.getpid()}.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        progress.forget("derivative")
    assert kept(progress) == [1]


# Courses


def test_courses_of_other_folders_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    courses = []
    for name in ("a/lessons", "b/lessons"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "03-derivative.md").write_text('+++\ntitle = "D"\n+++\nWords.\n')
        courses.append(Course(tmp_path / name))
    for course in (*courses, Course(course_directory())):
        progress = Progress.of(course)
        assert progress.load() is None
        assert progress.events() == ()
        progress.save(Bookmark(HERE))
        progress.record(HERE, answer(1))
    assert (tmp_path / "state" / "gd-tutor" / "state").exists()
    monkeypatch.chdir(tmp_path / "a")
    assert kept(Progress.of(Course(Path("lessons")))) == [1]
    shipped = course_directory()
    again = Progress.of(Course(shipped / ".." / shipped.name))
    assert again.folder == tmp_path / "state" / "gd-tutor"
