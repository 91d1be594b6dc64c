"""A lab of one's own: the text of its file, the file itself, drafts, and what the call refuses."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from gd_tutor.cli.lesson_files import from_csv
from gd_tutor.cli.main import main, parser, with_command, with_defaults
from gd_tutor.course.check import check
from gd_tutor.course.lesson import Lesson
from gd_tutor.course.lesson_reader import load
from gd_tutor.course.own_lab import Lab, LabCourse, LabError
from gd_tutor.course.own_lab_fields import (
    EMPTY,
    EXAMPLE,
    Field,
    FieldFault,
    Fields,
    LabFrame,
    check_fields,
    in_file,
    read_fields,
    write,
)
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training

HOUSES = "size,rooms,price\n50,2,200\n80,3,310\n120,4,500\n60,2,250\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, and a home of its own for what is kept."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = tmp_path / "labs"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def typed(changes: Mapping[Field, str]) -> Fields:
    """The example with other texts in some fields."""
    return {**EXAMPLE, **changes}


def checked(changes: Mapping[Field, str]) -> Lesson | FieldFault:
    return check_fields(Path("my-lab.md"), typed(changes), LabFrame())


# The text


def test_the_example_is_a_lesson_that_check_accepts() -> None:
    path = Path("my-lab.md")
    path.write_text(write(EXAMPLE), encoding="utf-8")
    assert check([path]) == ()
    lesson = load(path)
    assert (lesson.id, lesson.title, len(lesson.sections)) == ("my-lab", "A barrel of water", 1)
    assert lesson.experiments[0].symbols == {}
    experiment = lesson.experiment
    assert experiment is not None
    assert experiment.data == {"hours": (1, 2, 4), "water": (3, 5, 9)}
    assert experiment.parameters == {"speed": 0, "start": 0}
    assert experiment.learning_rate == 0.05


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {Field.DATA: "", Field.FORWARD: "loss = speed ** 2 + start ** 2"},
        {Field.OPTIONS: 'symbols = { guess = "ŷ" }\ndigits = 3'},
        {Field.TITLE: 'Say "hello" \\ or 你好'},
        {Field.PARAMETERS: "speed = [\n1,\n2,\n3,\n]\n\n# a remark\nstart = 0"},
        {Field.FORWARD: "\n# a remark\nloss = mean((speed * hours - water) ** 2) + start ** 2"},
        {Field.LEARNING_RATE: "1e-2  # small"},
    ],
)
def test_a_file_gives_back_what_was_typed(changes: Mapping[Field, str]) -> None:
    fields = typed(changes)
    text = write(fields)
    assert read_fields(text) == (fields, LabFrame())
    found = checked(changes)
    assert isinstance(found, Lesson), found
    assert found.title == fields[Field.TITLE]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("speed = 1/4", 0.25),
        ("speed = -3 / 4  # 1/2", -0.75),
        ("speed = 1/3", 1 / 3),
        ("speed = [0.5 1]", (0.5, 1)),
        ("speed = [1/2 -2/4, 3]", (0.5, -0.5, 3)),
        ("speed = [[1 2] [3 4]]", ((1, 2), (3, 4))),
        ("speed = [\n1\t2,\n]", (1, 2)),
    ],
)
def test_numbers_may_be_fractions_and_lists_have_blanks(text: str, start: object) -> None:
    fields = {Field.DATA: "", Field.PARAMETERS: text, Field.FORWARD: "loss = sum(speed ** 2)"}
    found = checked(fields)
    assert isinstance(found, Lesson), found
    assert found.experiment is not None
    assert found.experiment.parameters == {"speed": start}


def test_words_in_quotes_and_remarks_stay_as_they_are() -> None:
    text = 'file = "1/2 3.csv"\ny = ["a 1/2", "3 4"] # [1 2] 1/2'
    assert in_file(text).text == text


def test_symbols_are_written_only_where_they_are_given() -> None:
    assert "symbols" not in write(EXAMPLE)
    found = checked({Field.OPTIONS: 'symbols = { guess = "ŷ" }'})
    assert isinstance(found, Lesson)
    assert found.experiments[0].symbols == {"guess": "ŷ"}


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        (Field.TITLE, " ", "Title: Give it a title"),
        (Field.DATA, "hours = [1, 2, 4", "Data, line 1, column 9: "),
        (Field.DATA, "hours = [1, 2, 4]\nwater = 3,5", "Data, line 2, column 9: "),
        (Field.DATA, 'hours = """', "Data, line 1, column 9: The text that begins here"),
        (Field.DATA, "loss = 3", "Data, line 1, column 1: 'loss' is the name"),
        (Field.DATA, "x = 1\nx = 2", "Data, line 2, column 1: This is given twice"),
        (Field.DATA, 'file = "no.csv"\nx = "a"', "Data, line 1, column 1: There is no file"),
        (Field.PARAMETERS, "", "Parameters: Give at least one parameter"),
        (Field.PARAMETERS, "# none", "Parameters: Give at least one parameter"),
        (Field.PARAMETERS, "speed = 0\nstart = [1, [2]]", "Parameters, line 2, column 1: "),
        (Field.PARAMETERS, "hours = 1", "Parameters, line 1, column 1: 'hours' is given as data"),
        (Field.LEARNING_RATE, "", "Learning rate: Give a learning rate"),
        (Field.LEARNING_RATE, "0,1", "Learning rate, line 1, column 1: "),
        (Field.LEARNING_RATE, "0.0.5", "Learning rate, line 1, column 1: '0.0.5' is"),
        (Field.LEARNING_RATE, "1/0", "Learning rate, line 1, column 1: A number is written out"),
        (Field.DATA, "hours = [1/3 2 x]", "Data, line 1, column 16: A comma is missing"),
        (Field.DATA, "hours = [1/2 2/3, 3]\nwater = 0,5", "Data, line 2, column 9: A number has a"),
        (
            Field.FORWARD,
            "loss = np.sum(speed)",
            "Forward program, line 1, column 8: `np.sum`",
        ),
        (
            Field.FORWARD,
            "loss = Speed ** 2",
            "Forward program, line 1, column 8: There is no",
        ),
        (Field.LEARNING_RATE, "[1,", "Learning rate, line 1, column 1: "),
        (Field.LEARNING_RATE, "-1", "Learning rate, line 1, column 1: The learning rate has to be"),
        (Field.FORWARD, "", "Forward program: Write a line"),
        (Field.FORWARD, "a = hours *\nloss = mean(a)", "Forward program, line 1, column "),
        (Field.FORWARD, "a = hour\nloss = mean(a)", "Forward program, line 1, column 5: "),
        (Field.FORWARD, 'loss = """', "Forward program, line 1, column 8: "),
        (Field.FORWARD, "loss = '''", "Forward program, line 1, column 8: "),
        (Field.FORWARD, "loss = \\d", "Forward program, line 1, column "),
        (Field.FORWARD, "\n\nx = speed", "Forward program, line 3, column 1: The last line"),
        (Field.OPTIONS, "symbol = {}", "Options, line 1, column 1: There is no key 'symbol'"),
        (Field.OPTIONS, "digits = 99", "Options, line 1, column 1: 'digits' has to be"),
    ],
)
def test_the_first_fault_is_told_with_its_field_line_and_column(
    field: Field, text: str, said: str
) -> None:
    assert str(checked({field: text})).startswith(said)


def test_a_fault_is_that_of_check() -> None:
    fields = typed({Field.FORWARD: "guess = sped * hours\nloss = mean(guess) + speed + start"})
    fault = check_fields(Path("my-lab.md"), fields, LabFrame())
    Path("my-lab.md").write_text(write(fields), encoding="utf-8")
    (told,) = check([Path("my-lab.md")])
    assert isinstance(fault, FieldFault)
    assert fault.message == told.message
    assert told.line == write(fields).splitlines().index(EXAMPLE_LINE) + 1


EXAMPLE_LINE = "guess = sped * hours"


def test_of_several_faults_the_first_in_the_order_of_the_fields_is_told() -> None:
    both = {Field.DATA: "hours = true\nwater = 1", Field.FORWARD: "loss = no"}
    assert str(checked(both)).startswith("Data, line 1")


# Columns of a CSV file


def options(*words: str) -> Fields | None:
    """The fields that a call begins with."""
    called = with_defaults(parser().parse_args(with_command(["new", *words])))
    return from_csv(Path(called.file), called)


def test_columns_become_a_regression_that_trains_to_the_least_squares() -> None:
    import numpy as np

    Path("houses.csv").write_text(HOUSES, encoding="utf-8")
    fields = options("--csv", "houses.csv", "--columns", "size, rooms", "--target", "price")
    assert fields is not None
    path = Path("my-lab.md")
    path.write_text(write(fields), encoding="utf-8")
    assert check([path]) == ()
    lesson = load(path)
    assert lesson.title == "price from size and rooms"
    assert lesson.experiment is not None
    assert lesson.experiment.standardised == ("X",)
    assert lesson.experiment.parameters == {"w": (0, 0), "b": 0}
    training = Training(lesson.experiment)
    training.go_to(Position(5000, Phase.UPDATE))
    table = np.loadtxt("houses.csv", delimiter=",", skiprows=1)
    scaled = (table[:, :2] - table[:, :2].mean(axis=0)) / table[:, :2].std(axis=0)
    best, *_ = np.linalg.lstsq(np.c_[scaled, np.ones(4)], table[:, 2], rcond=None)
    found = training.values_at(Position(5000, Phase.UPDATE))
    assert np.allclose(found["w"], best[:2])
    assert np.allclose(found["b"], best[2])


def test_any_number_of_equal_columns_converges() -> None:
    names = [f"c{n}" for n in range(30)]
    rows = [",".join([str(value)] * 31) for value in (1, 2, 4)]
    Path("wide.csv").write_text("\n".join([",".join([*names, "y"]), *rows]), encoding="utf-8")
    fields = options("--csv", "wide.csv", "--columns", ",".join(names), "--target", "y")
    assert fields is not None
    lesson = check_fields(Path("my-lab.md"), fields, LabFrame())
    assert isinstance(lesson, Lesson)
    assert lesson.experiment is not None
    training = Training(lesson.experiment)
    training.go_to(Position(2000, Phase.UPDATE))
    assert training.divergence is None
    assert float(training.values_at(Position(2000, Phase.UPDATE))["loss"]) < 1e-9


def test_names_of_columns_may_have_quotes_and_commas() -> None:
    Path("odd.csv").write_text('"a, b","say ""x""",y\n1,2,3\n2,5,5\n', encoding="utf-8")
    fields = options("--csv", "odd.csv", "--columns", '"a, b","say ""x"""', "--target", "y")
    assert fields is not None
    assert tomllib.loads(fields[Field.DATA])["X"] == ["a, b", 'say "x"']


# What the call refuses


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one sentence that a call ends with."""
    assert main(["new", *words]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("gd-tutor: ")
    assert error.count("\n") == 1
    return error


CSV = ("--csv", "houses.csv", "--columns")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lab.txt",), "ends in .md, as in lab.md"),
        (("check.md",), "is a command of gd-tutor"),
        (("README.md",), "cannot be a lesson"),
        (("two words.md",), "letters, digits and hyphens"),
        (("lab.zh.md",), "letters, digits and hyphens"),
        (("none/lab.md",), "no folder 'none'"),
        (("folder.md",), "is a folder"),
        (("taken.md",), "--force to replace it"),
        (("lab.md",), "needs a terminal"),
        (("lab.md", "--plain"), "needs a screen to draw on"),
        (("--csv", "houses.csv"), "belong together"),
        (("--target", "price"), "belong together"),
        ((*CSV, "size,room", "--target", "price"), "Did you mean 'rooms'?"),
        ((*CSV, "size", "--target", "cost"), "There are size, rooms, price."),
        ((*CSV, "size,price", "--target", "price"), "'price' is the target"),
        ((*CSV, "size,size", "--target", "price"), "given twice"),
        ((*CSV, "size,,rooms", "--target", "price"), "names with commas between them"),
        ((*CSV, "same", "--target", "price"), "no column 'same'"),
        ((*CSV, "size\nroom", "--target", " price "), "no column 'size room'"),
        (("--csv", "no.csv", "--columns", "size", "--target", "price"), "no file 'no.csv'"),
        (("--csv", "../away.csv", "--columns", "a", "--target", "b"), "copy it to"),
        (("--csv", "link.csv", "--columns", "a", "--target", "b"), "copy it to"),
        (("--csv", "bad.csv", "--columns", "a", "--target", "b"), "holds words"),
        (("--csv", "flat.csv", "--columns", "a", "--target", "b"), "the same in all rows"),
        (("taken.md", *CSV, "size", "--target", "price"), "exists already"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    words: tuple[str, ...], said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "houses.csv").write_text(HOUSES, encoding="utf-8")
    (home / "bad.csv").write_text("a,b\n1,x\n", encoding="utf-8")
    (home / "flat.csv").write_text("a,b\n1,1\n1,2\n", encoding="utf-8")
    (home.parent / "away.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (home / "link.csv").symlink_to(home.parent / "away.csv")
    (home / "folder.md").mkdir()
    (home / "taken.md").write_text("some words\n", encoding="utf-8")
    assert said in refused(capsys, *words)
    assert (home / "taken.md").read_text(encoding="utf-8") == "some words\n"


# The file


def saved(lab: Lab, fields: Fields) -> str:
    assert lab.save(fields).startswith(f"Saved in {lab.path}.")
    return lab.path.read_text(encoding="utf-8")


def test_a_new_file_is_written_whole_and_check_accepts_it(home: Path) -> None:
    lab = Lab.open(Path("my-lab.md"))
    assert (lab.shown, lab.notice) == (EMPTY, "")
    assert saved(lab, EXAMPLE) == write(EXAMPLE)
    assert check([Path("my-lab.md")]) == ()
    assert [path.name for path in home.iterdir()] == ["my-lab.md"]


def test_of_an_existing_file_only_the_experiment_changes() -> None:
    path = Path("my-lab.md")
    text = (
        write(EXAMPLE)
        .replace("+++\ntitle", "+++\n# mine\ntitle", 1)
        .replace("\n[experiment]", 'summary = "Short."\nlater = {}\n\n[experiment]', 1)
        .replace("start = 0\n", 'start = 0\n\n[[view]]\nkind = "loss"\n')
        .replace("Your own program\n", "What I say\n\nIt is {{loss}} at first.\n")
    )
    path.write_text(text, encoding="utf-8")
    assert check([path]) == ()
    lab = Lab.open(path)
    assert lab.shown == EXAMPLE
    changed = typed({Field.LEARNING_RATE: "0.01", Field.DATA: "hours = [1, 2]\nwater = [3, 5]"})
    expected = (
        text.replace("0.05", "0.01")
        .replace("hours = [1, 2, 4]", "hours = [1, 2]")
        .replace("water = [3, 5, 9]", "water = [3, 5]")
    )
    assert saved(lab, changed) == expected
    assert check([path]) == ()


def test_line_ends_of_windows_stay() -> None:
    path = Path("my-lab.md")
    path.write_bytes(write(EXAMPLE).replace("\n", "\r\n").encode())
    lab = Lab.open(path)
    lab.save(typed({Field.LEARNING_RATE: "0.01"}))
    changed = write(typed({Field.LEARNING_RATE: "0.01"}))
    assert path.read_bytes() == changed.replace("\n", "\r\n").encode()


def test_a_fault_in_the_words_of_a_file_is_told_with_its_line_there() -> None:
    path = Path("my-lab.md")
    path.write_text(write(EXAMPLE) + "\nAt first it is {{speed}}.\n", encoding="utf-8")
    lab = Lab.open(path)
    changes = {
        Field.PARAMETERS: "a = 0\nstart = 0",
        Field.FORWARD: "loss = mean(a * hours + start - water)",
    }
    fault = lab.check(typed(changes))
    assert str(fault).startswith("The file, line ")
    with pytest.raises(LabError, match="Not saved yet"):
        lab.save(typed(changes))


def test_unsound_fields_are_not_saved() -> None:
    lab = Lab.open(Path("my-lab.md"))
    with pytest.raises(LabError, match=r"Not saved yet\. Learning rate"):
        lab.save(typed({Field.LEARNING_RATE: "0"}))
    assert not lab.path.exists()


def test_force_begins_anew_and_replaces_the_file() -> None:
    path = Path("my-lab.md")
    path.write_text("some words\n", encoding="utf-8")
    with pytest.raises(LabError, match="--force"):
        Lab.open(path)
    lab = Lab.open(path, force=True)
    assert lab.shown == EMPTY
    assert path.read_text(encoding="utf-8") == "some words\n"
    assert saved(lab, EXAMPLE) == write(EXAMPLE)


@pytest.mark.parametrize("before", [None, EXAMPLE], ids=["new", "existing"])
def test_a_file_that_changed_meanwhile_is_not_overwritten(before: Fields | None) -> None:
    path = Path("my-lab.md")
    if before:
        path.write_text(write(before), encoding="utf-8")
    lab = Lab.open(path)
    path.write_text("another's words\n", encoding="utf-8")
    with pytest.raises(LabError, match="was changed by another program"):
        lab.save(typed({Field.TITLE: "Mine"}))
    assert path.read_text(encoding="utf-8") == "another's words\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told(home: Path) -> None:
    lab = Lab.open(Path("my-lab.md"))
    home.chmod(0o500)
    try:
        with pytest.raises(LabError, match="cannot be written: permission denied"):
            lab.save(EXAMPLE)
    finally:
        home.chmod(0o700)


def test_a_full_disk_is_told_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("my-lab.md")
    path.write_text(write(EXAMPLE), encoding="utf-8")
    lab = Lab.open(path)

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LabError, match="no space left on device"):
        lab.save(typed({Field.TITLE: "Another"}))
    with pytest.raises(LabError, match="cannot be kept: no space left on device"):
        lab.keep(typed({Field.TITLE: "Another"}))
    assert path.read_text(encoding="utf-8") == write(EXAMPLE)
    assert not list(lab.draft_file.parent.iterdir())


# Drafts


def test_unsaved_text_is_there_again() -> None:
    unsound = typed({Field.FORWARD: 'loss = """ \\ '})
    Lab.open(Path("my-lab.md")).keep(unsound)
    again = Lab.open(Path("my-lab.md"))
    assert (again.shown, again.other) == (unsound, EMPTY)
    assert again.notice == "This is your unsaved text of last time; `ctrl+g` empties the page."
    assert Lab.open(Path("other-lab.md")).shown == EMPTY


def test_a_draft_stays_until_it_is_saved_or_given_up() -> None:
    path = Path("my-lab.md")
    Lab.open(path).keep(EXAMPLE)
    untouched = Lab.open(path)
    untouched.keep(untouched.shown)
    assert Lab.open(path).shown == EXAMPLE
    given_up = Lab.open(path)
    given_up.keep(EMPTY)
    assert Lab.open(path).shown == EMPTY
    Lab.open(path).keep(EXAMPLE)
    Lab.open(path).save(EXAMPLE)
    again = Lab.open(path)
    assert (again.shown, again.other, again.notice) == (EXAMPLE, None, "")


def test_what_is_given_is_shown_before_the_draft_which_is_not_lost() -> None:
    path = Path("my-lab.md")
    Lab.open(path).keep(EXAMPLE)
    given = typed({Field.TITLE: "Given"})
    lab = Lab.open(path, given=given)
    assert (lab.shown, lab.other) == (given, EXAMPLE)
    assert "`ctrl+g` shows it" in lab.notice
    lab.keep(given)
    assert Lab.open(path).shown == EXAMPLE


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"title": 3}', '{"title": "x"}', "\udc80"])
def test_a_damaged_draft_counts_as_none(damaged: str) -> None:
    lab = Lab.open(Path("my-lab.md"))
    lab.draft_file.parent.mkdir(parents=True)
    lab.draft_file.write_text(damaged, encoding="utf-8", errors="surrogateescape")
    assert Lab.open(Path("my-lab.md")).shown == EMPTY


# The course of one lesson


def test_a_lab_is_a_course_with_one_lesson() -> None:
    lab = Lab.open(Path("my-lab.md"))
    lesson = lab.check(EXAMPLE)
    assert isinstance(lesson, Lesson)
    course = LabCourse(lab.entry, lesson)
    assert course.load(course.find("my-lab")) is lesson
    assert course.neighbour("my-lab", 1) is None
    assert not lab.path.exists()


def test_a_file_that_would_take_long_to_refuse_does_not() -> None:
    for text in (
        "+++\n" + 'title = "x"\n' * 50_000,
        write(EXAMPLE).replace("[experiment.parameters]\n", "[experiment.data]\n" * 50_000),
    ):
        assert read_fields(text) is None
