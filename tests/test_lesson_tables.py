"""CSV files beside a lesson: what is read from them, and that none is read from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gd_tutor.course.check import check
from gd_tutor.course.experiment_data import CsvTable, read_csv
from gd_tutor.course.folder import Course
from gd_tutor.course.lesson_file import LessonError, LessonFault
from gd_tutor.course.lesson_reader import load
from gd_tutor.engine.expression import Tensor

LESSON = '''+++
title = "Houses"
[experiment]
data = { file = "houses.csv", X = ["area", "rooms"], y = "price", scale = 2 }
parameters = { w = [0, 0], b = 0 }
learning_rate = 0.0001
forward = """
guess = X @ w + b
loss = scale * mean((y - guess) ** 2)
"""
+++
There are {{X[0, 0]}} square metres.
'''
HOUSES = "street,area,rooms,price\nElm,50,2,100.5\nOak,75,3,1.5e2\n"


def table(folder: Path, text: str) -> CsvTable:
    path = folder / "houses.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return read_csv(path)


def places(error: pytest.ExceptionInfo[LessonError]) -> list[tuple[str, int, int]]:
    return [(fault.path.name, fault.line, fault.column) for fault in error.value.faults]


def lesson_faults(folder: Path, old: str, new: str) -> tuple[LessonFault, ...]:
    path = folder / "09-houses.md"
    assert old in LESSON
    path.write_text(LESSON.replace(old, new), encoding="utf-8")
    if not (folder / "houses.csv").exists():
        (folder / "houses.csv").write_text(HOUSES, encoding="utf-8")
    with pytest.raises(LessonError) as error:
        load(path)
    return error.value.faults


# What is read


def test_a_column_is_a_list_and_several_are_a_table(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES, encoding="utf-8")
    path = tmp_path / "09-houses.md"
    path.write_text(LESSON, encoding="utf-8")
    experiment = load(path).experiment
    assert experiment is not None
    expected: dict[str, Tensor] = {"X": ((50.0, 2.0), (75.0, 3.0)), "y": (100.5, 150.0)}
    assert experiment.data == {**expected, "scale": 2.0}
    assert experiment.program.shapes["guess"] == (2,)
    assert check([path]) == ()


def test_one_name_in_a_list_gives_a_table_of_one_column(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES, encoding="utf-8")
    path = tmp_path / "09-houses.md"
    path.write_text(LESSON.replace('["area", "rooms"]', '["area"]').replace("[0, 0],", "[0],"))
    experiment = load(path).experiment
    assert experiment is not None
    assert experiment.data["X"] == ((50.0,), (75.0,))


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1.5,-2\n",
        "\ufeffa;b\n1,5;-2\n",
        "a\tb\r\n1,5\t-2\r\n",
        'a,"b"\r"1.5","-2"\r',
        '"a", b\n 1.5 ,\u22122.0\n',
        "\n\na,b\n\n+1.5,-.2e1\n,\n\n",
        "a;b\n1.5;-2",
        "sep=;\na;b\n1,5;-2\n",
    ],
)
def test_ways_to_write_the_same_table(tmp_path: Path, text: str) -> None:
    assert table(tmp_path, text).columns(["a", "b"]) == {"a": (1.5,), "b": (-2.0,)}


def test_quotes_hold_separators_and_quotes(tmp_path: Path) -> None:
    found = table(tmp_path, '"price, EUR";"so ""called"" area"\n"1,5";2\n')
    assert found.header == ("price, EUR", 'so "called" area')
    assert found.columns(["price, EUR"]) == {"price, EUR": (1.5,)}


def test_one_column_needs_no_separator(tmp_path: Path) -> None:
    assert table(tmp_path, "a\n1\n2\n").columns(["a"]) == {"a": (1.0, 2.0)}


def test_columns_that_are_not_chosen_may_hold_anything(tmp_path: Path) -> None:
    text = ",name,x\n0,Elm,1\n1,,2\n"  # the first has no name, as tools write row numbers
    assert table(tmp_path, text).columns(["x"]) == {"x": (1.0, 2.0)}


def test_ten_thousand_rows_are_read_in_a_moment(tmp_path: Path) -> None:
    names = [f"c{place}" for place in range(13)]
    row = ",".join(f"{place}.125" for place in range(13))
    text = "\n".join([",".join(names), *[row] * 10_000])
    begun = time.process_time()
    found = table(tmp_path, text).columns(names)
    assert time.process_time() - begun < 10
    assert found["c12"] == (12.125,) * 10_000


# What is wrong with a file


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "This file is empty"),
        ("\n , \n", 1, 1, "This file is empty"),
        ("a,b\n", 1, 1, "no row below"),
        ("1,2\n3,4\n", 1, 1, "only numbers; write the columns' names above it"),
        ("a,b,a\n1,2,3\n", 1, 1, "Two columns are named 'a'"),
        ("\na, b ,b\n1,2,3\n", 2, 1, "Two columns are named 'b'"),
        ("a,b\n1,2\n1,2,3\n", 3, 1, "This row has 3 cells, but there are 2 columns"),
        ('a,b\n1,"x\ny"\n1\n', 4, 1, "This row has 1 cells, but there are 2 columns"),
        ('a,b\n1,"2\n3,4\n', 2, 1, "close every quote"),
        ('a,b\n1,"2"x\n', 2, 1, "close every quote"),
        ("a,b\n1," + "2" * 200_000 + "\n", 2, 1, "cannot be read"),
        ("a\0b\n", 1, 1, "not a text file"),
        (",".join(f"c{n}" for n in range(1_001)) + "\n1\n", 1, 1, "more than 1000 columns"),
    ],
)
def test_faults_of_the_file(
    tmp_path: Path, text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(LessonError) as error:
        table(tmp_path, text)
    assert places(error)[0] == ("houses.csv", line, column)
    assert message in error.value.faults[0].message


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("n/a", "'b' is 'n/a', not a number; mend it"),
        (" ", "'b' is empty"),
        ("nan", "not a number"),
        ("inf", "not a number"),
        ("1e999", "too large"),
        ("1_000", "not a number"),
        ("٣", "not a number"),
        ("1.5.2", "not a number"),
        ('"1,5"', "'b' is '1,5', not a number"),
        ("9" * 100_000 + "x", "not a number"),
        ('"\x1b[31m"', "not a number"),
    ],
)
def test_cells_that_are_no_numbers(tmp_path: Path, cell: str, message: str) -> None:
    found = table(tmp_path, f'a,b,c\n1,2,3\n"x, y",{cell},3\n')
    with pytest.raises(LessonError) as error:
        found.columns(["c", "b"])
    assert places(error) == [("houses.csv", 3, 8)]
    text = error.value.faults[0].message
    assert message in text
    assert text.isprintable()
    assert len(text) < 100


def test_ten_bad_cells_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    found = table(tmp_path, "a,b\n" + "x,y\n" * 20 + "1,2\n" * 20)
    with pytest.raises(LessonError) as error:
        found.columns(["b", "a"])
    faults = error.value.faults
    assert [(fault.line, fault.column) for fault in faults[:4]] == [(2, 1), (2, 3), (3, 1), (3, 3)]
    assert len(faults) == 11
    assert faults[-1].line == 7
    assert "30 more" in faults[-1].message


def test_ten_uneven_rows_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    with pytest.raises(LessonError) as error:
        table(tmp_path, "a,b\n1,2\n" + "1,2,3\n" * 15)
    assert len(error.value.faults) == 11
    assert "5 more" in error.value.faults[-1].message


def test_too_many_rows_and_too_large_files(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="more than 100,000 rows"):
        table(tmp_path, "a\n" + "1\n" * 100_001)
    with pytest.raises(LessonError, match="more than 2,000,000 cells"):
        table(tmp_path, ",".join(f"c{n}" for n in range(999)) + ("\n" + "1," * 998 + "1") * 2_003)
    with pytest.raises(LessonError, match="larger than 20 MB"):
        table(tmp_path, "a\n" + "1" * 20_000_000)


def test_files_of_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "houses.csv"
    path.write_bytes("a,größe\n1,2\n".encode("latin-1"))
    with pytest.raises(LessonError, match=r"houses\.csv:1:5: .*save it as UTF-8"):
        read_csv(path)
    path.write_bytes("a,b\n1,2\n".encode("utf-16"))
    with pytest.raises(LessonError, match="UTF-8"):
        read_csv(path)


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    found = table(tmp_path, "area,price\n1,2\n")
    assert found.problem("price") == ""
    assert "Did you mean 'price'?" in found.problem("prize")
    assert "There are area, price." in found.problem("")
    with pytest.raises(KeyError):
        found.columns(["prize"])


# What is wrong with a lesson that names a file

DATA = 'file = "houses.csv", X = ["area", "rooms"], y = "price", scale = 2'


@pytest.mark.parametrize(
    ("new", "column", "message"),
    [
        (DATA.replace("houses.csv", "house.csv"), 10, "Did you mean 'houses.csv'?"),
        (DATA.replace("houses.csv", "other/numbers.csv"), 10, "There is no file"),
        (DATA.replace("houses.csv", "/etc/houses.csv"), 10, "is not beside the lesson"),
        (DATA.replace("houses.csv", "../houses.csv"), 10, "is not beside the lesson"),
        (DATA.replace("houses.csv", "a/../../houses.csv"), 10, "is not beside the lesson"),
        (DATA.replace("houses.csv", "C:houses.csv"), 10, "is not beside the lesson"),
        (DATA.replace("houses.csv", "a\\\\houses.csv"), 10, "is not beside the lesson"),
        (DATA.replace("houses.csv", "09-houses.md"), 10, "ends in .csv"),
        (DATA.replace("houses.csv", "folder.csv"), 10, "There is no file"),
        (DATA.replace('"houses.csv"', "3"), 10, "words in quotes"),
        (DATA.replace('"houses.csv"', '""'), 10, "is empty"),
        ('file = "houses.csv", y = [1, 2]', 10, "No value takes a column"),
        (DATA.replace("rooms", "room"), 31, "There is no column 'room' in houses.csv. Did you"),
        (DATA.replace('"price"', '""'), 54, "There is no column ''"),
        (DATA.replace('"rooms"', "3"), 31, '"area" is not a number'),
        (DATA.replace('["area", "rooms"]', "[]"), 31, "empty list"),
        (DATA.replace("X =", "sum ="), 31, "meaning of its own"),
        ('y = "price", X = ["area", "rooms"]', 10, 'add file = "houses.csv"'),
    ],
)
def test_faults_of_the_data(tmp_path: Path, new: str, column: int, message: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    fault = lesson_faults(tmp_path, DATA, new)[0]
    assert (fault.path.name, fault.line, fault.column) == ("09-houses.md", 4, column)
    assert message in fault.message


@pytest.mark.parametrize("name", ["houses.csv", "inner/houses.csv"])
def test_no_link_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "lessons"
    outside.mkdir()
    folder.mkdir()
    (outside / "houses.csv").write_text(HOUSES, encoding="utf-8")
    link = folder / name.split("/", maxsplit=1)[0]
    link.symlink_to(outside if "/" in name else outside / "houses.csv")
    (fault,) = lesson_faults(folder, "houses.csv", name)
    assert "leads out of the lesson's folder" in fault.message


def test_links_in_a_circle_and_endless_names(tmp_path: Path) -> None:
    (tmp_path / "circle.csv").symlink_to(tmp_path / "circle.csv")
    for name in ("circle.csv", "a" * 5_000 + ".csv"):
        (fault,) = lesson_faults(tmp_path, "houses.csv", name)
        assert "cannot be opened" in fault.message
        assert len(fault.message) < 100


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (fault,) = lesson_faults(tmp_path, "houses.csv", "pipe.csv")
    assert "There is no file 'pipe.csv'" in fault.message


def test_a_file_in_an_inner_folder_and_a_link_inside_are_fine(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "real.csv").write_text(HOUSES, encoding="utf-8")
    (tmp_path / "houses.csv").symlink_to(tmp_path / "data" / "real.csv")
    path = tmp_path / "09-houses.md"
    for name in ("houses.csv", "data/real.csv"):
        path.write_text(LESSON.replace("houses.csv", name), encoding="utf-8")
        assert load(path).experiment


def test_faults_of_the_file_come_after_those_of_the_lesson(tmp_path: Path) -> None:
    (tmp_path / "houses.csv").write_text(HOUSES.replace("50", "fifty"), encoding="utf-8")
    found = lesson_faults(tmp_path, "{{X[0, 0]}}", "$2x$")
    assert [(fault.path.name, fault.line, fault.column) for fault in found] == [
        ("09-houses.md", 12, 12),
        ("houses.csv", 2, 5),
    ]
    path = tmp_path / "houses.csv"
    assert str(found[1]).startswith(f"{path}:2:5: 'area' is 'fifty', not a number")


def test_the_list_of_lessons_opens_no_data(tmp_path: Path) -> None:
    path = tmp_path / "09-houses.md"
    path.write_text(LESSON, encoding="utf-8")
    (entry,) = Course(tmp_path).entries
    assert (entry.title, entry.fault) == ("Houses", None)
    (fault,) = check([path])
    assert "There is no file 'houses.csv'" in fault.message


def test_reading_a_table_needs_no_numpy(tmp_path: Path) -> None:
    table(tmp_path, HOUSES)
    path = tmp_path / "09-houses.md"
    path.write_text(LESSON, encoding="utf-8")
    source = (
        "import sys; from pathlib import Path; from gd_tutor.course.lesson_reader import load\n"
        "assert load(Path(sys.argv[1])).experiment; sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source, str(path)], check=False).returncode == 0
