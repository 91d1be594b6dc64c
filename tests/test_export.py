"""Reports, tables, files, and `gd-tutor export`."""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

import numpy as np
import pytest
from markdown_it import MarkdownIt

from exported import lesson_of
from gd_tutor.cli.main import main
from gd_tutor.course.folder import Course, course_directory
from gd_tutor.engine.experiment import Change, Experiment, tensor_of
from gd_tutor.engine.state import Phase, Position
from gd_tutor.engine.training import Training
from gd_tutor.export.exported_run import ExportError
from gd_tutor.export.formats import export
from gd_tutor.files import FileRefused, write_text
from tutor import COURSE

MATRIX = Experiment(
    forward="E = Y - X @ W\nloss = mean(E ** 2)",
    data={
        "X": tensor_of(np.arange(14.0).reshape(7, 2).tolist()),
        "Y": tensor_of(np.arange(7.0).reshape(7, 1).tolist()),
    },
    parameters={"W": ((0.5,), (-1 / 3,))},
    learning_rate=0.001,
)


def exported(id: str, format: str, steps: int = 2, title: str | None = None) -> str:
    lesson = COURSE.load(COURSE.find(id))
    assert lesson.experiment is not None
    if title is not None:
        lesson = lesson_of(lesson.experiment, title)
    return export(Training(lesson.experiment), lesson, format, steps)


# Reports


def test_a_report_works_every_line_and_ends_with_a_table() -> None:
    report = exported("derivative", "markdown")
    assert report.startswith("<!-- A run of gd-tutor -->\n\n# Derivative: One guess, one price\n")
    assert "## Settings\n\n```text\ny = 5\nx = 8\nη = 0.1\n```\n" in report
    assert (
        "## Iteration 0\n\n"
        "### Forward\n\n```text\nε = y − x = 5 − 8 = −3\nl = ε² = (−3)² = 9\n```\n\n"
        "### Backward\n\n```text\n∂l/∂ε = 2ε = 2·(−3) = −6\n∂l/∂x = −∂l/∂ε = −(−6) = 6\n```\n\n"
        "### Update\n\n```text\nx ← x − η·∂l/∂x = 8 − 0.1·6 = 7.4\n```\n"
    ) in report
    assert report.endswith(
        "| iteration | l | x |\n| ---: | ---: | ---: |\n"
        "| 0 | 9.00 | 8.00 |\n| 1 | 5.76 | 7.40 |\n| 2 |  | 6.92 |\n"
    )


def test_nothing_in_a_report_is_taken_for_markup() -> None:
    title = "1. *a_b_* `c` <b> [d](e) | # \n- f"
    report = exported("derivative", "markdown", title=title)
    tokens = MarkdownIt("commonmark").enable("table").parse(report)
    mark, *tokens = tokens
    assert mark.content == "<!-- A run of gd-tutor -->\n"
    heading = next(t for t in tokens if t.type == "inline")
    assert heading.children is not None
    assert {child.type for child in heading.children} <= {"text", "text_special"}
    assert "".join(child.content for child in heading.children) == " ".join(title.split())
    kinds = {token.type for token in tokens}
    assert {"fence", "table_open"} <= kinds
    assert not kinds & {"html_block", "bullet_list_open", "ordered_list_open", "hr"}


def test_a_report_shows_long_matrices_in_full() -> None:
    report = export(Training(MATRIX), lesson_of(MATRIX), "markdown", 1)
    assert "X = [0 1; 2 3; …; 12 13]\n     0   1\n     2   3\n" in report
    assert "\n    12  13\n" in report
    assert "| iteration | loss | W\\[0,0\\] | W\\[1,0\\] |" in report


def test_a_report_says_what_changed_on_the_way_and_where_the_run_diverged() -> None:
    lesson = COURSE.load(COURSE.find("derivative"))
    assert lesson.experiment is not None
    training = Training(lesson.experiment, [Change("learning_rate", 1e200, 1)])
    report = export(training, lesson, "markdown", 50)
    assert re.search(r"^## Iteration 1, η = 1e200$", report, re.MULTILINE)
    assert "\nHere the run diverged: a number is no longer finite.\n" in report
    assert "## Iteration 4" not in report


def test_reports_in_ascii() -> None:
    lesson = COURSE.load(COURSE.find("gradient-matrix"))
    assert lesson.experiment is not None
    for format in ("markdown", "numpy", "csv"):
        assert export(Training(lesson.experiment), lesson, format, 2, ascii=True).isascii()


def test_a_report_has_an_end() -> None:
    with pytest.raises(ExportError, match="at most 1,000 iterations"):
        exported("derivative", "markdown", 1001)


# Tables


def test_a_table_holds_every_number_of_the_run() -> None:
    text = export(Training(MATRIX), lesson_of(MATRIX), "csv", 3)
    assert text.count("\r\n") == text.count("\n") > 3
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == ["iteration", "phase", "name", "row", "column", "value"]
    found = {tuple(row[:5]): float(row[5]) for row in rows}
    assert len(found) == len(rows)
    for iteration in range(3):
        training = Training(MATRIX, position=Position(iteration, Phase.UPDATE))
        values = training.values
        for phase, name, value in (
            ("parameters", "W", values["W"]),
            ("forward", "E", values["E"]),
            ("forward", "loss", values["loss"]),
            ("backward", "E", values["grad.E"]),
            ("backward", "W", values["grad.W"]),
            ("update", "W", values["next.W"]),
            ("settings", "learning_rate", values["learning_rate"]),
        ):
            for index in np.ndindex(np.shape(value)):
                place = (*map(str, index), *("" for _ in range(2 - len(index))))
                assert found[str(iteration), phase, name, *place] == np.asarray(value)[index]
    assert found["0", "data", "X", "6", "1"] == 13.0


def test_a_table_of_batches_says_which_data_each_iteration_had() -> None:
    experiment = Training(MATRIX, choices={"batch": "2", "optimizer": "momentum"}).experiment
    text = export(Training(experiment), lesson_of(experiment), "csv", 2)
    rows = list(csv.reader(io.StringIO(text)))
    data = [row for row in rows if row[1] == "data"]
    assert len(data) == 2 * (4 + 2)
    assert ["0", "carried", "velocity.W", "0", "0", "0.0"] in rows


def test_a_table_has_an_end() -> None:
    with pytest.raises(ExportError, match="ask for fewer iterations"):
        exported("derivative", "csv", 400_000)


# Files


def test_a_file_is_never_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "run.py"
    write_text(file, "one\r\n")
    assert file.read_bytes() == b"one\r\n"
    with pytest.raises(FileRefused, match="exists already"):
        write_text(file, "two\n")
    assert file.read_text() == "one\n"
    file.chmod(0o600)
    write_text(file, "two\n", force=True)
    assert file.read_text() == "two\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_goes_on_pointing_where_it_does(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_text(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileRefused, match="not a plain file"):
        write_text(tmp_path / "pipe", "text", force=True)
    with pytest.raises(FileRefused, match="is a folder"):
        write_text(tmp_path, "text", force=True)


def test_a_disk_that_refuses_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(FileRefused, match="no space left on device; choose another place"):
        write_text(tmp_path / "run.py", "text")
    assert not list(tmp_path.iterdir())


# The command


def test_the_command_writes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "3", "--to", "csv", "--steps", "1", "--set", "x=2"]) == 0
    assert "0,parameters,x,,,2.0\n" in capsys.readouterr().out.replace("\r", "")


def test_the_command_takes_a_state_line(capsys: pytest.CaptureFixture[str]) -> None:
    state = "derivative:3:backward:optimizer=adam:learning_rate=0.2@2"
    assert main(["export", state, "--to", "pytorch"]) == 0
    script = capsys.readouterr().out
    assert "torch.optim.Adam(" in script
    assert "learning_rates = {2: 0.2}\n" in script
    assert "for iteration in range(10):\n" in script


def test_the_command_takes_another_experiment_of_the_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiments = (
        f'[[experiment]]\nid = "{name}"\ntitle = "The {name}"\nparameters = {{ {name} = 3 }}\n'
        f'learning_rate = 0.1\nforward = "loss = {name} ** 2"\n'
        f'symbols = {{ {name} = "{symbol}" }}\n'
        for name, symbol in (("first", "φ"), ("second", "ς"))
    )
    lesson = f'+++\ntitle = "Two"\n{"".join(experiments)}+++\n\n## {{a}} A\n\nWords.\n'
    (tmp_path / "01-two.md").write_text(lesson, encoding="utf-8")
    call = ["--lessons", str(tmp_path), "export", "--to", "markdown"]
    assert main([*call, "1"]) == 0
    assert "# Two: The first\n" in capsys.readouterr().out
    assert main([*call, "two:0:start:experiment=second"]) == 0
    report = capsys.readouterr().out
    assert "# Two: The second\n" in report
    assert "ς ← ς − η·∂loss/∂ς" in report
    assert main([*call, "two:0:start:experiment=third"]) == 2
    assert "there are first, second." in capsys.readouterr().err


def test_the_command_writes_a_file(tmp_path: Path) -> None:
    file = tmp_path / "run.md"
    call = ["export", "derivative", "--to", "markdown", "-o", str(file)]
    assert main(call) == 0
    assert "\n# Derivative: One guess, one price\n" in file.read_text(encoding="utf-8")
    assert main(call) == 2
    assert main([*call, "--force"]) == 0


def test_a_report_beside_lessons_is_none(tmp_path: Path) -> None:
    lesson = Path(course_directory()) / "03-derivative.md"
    (tmp_path / "03-derivative.md").write_text(lesson.read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["export", "3", "--to", "markdown", "-o", str(tmp_path / "derivative.md")]) == 0
    assert [entry.id for entry in Course(tmp_path).entries] == ["derivative"]
    assert not Course(tmp_path).entries[0].fault


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["3", "--to", "numpy", "-o", "{}/none/run.py"], "does not exist; make it first."),
        (["3", "--to", "numpy", "-o", "{}"], "is a folder; name a file in it."),
        (["3", "--to", "numpy", "-o", "{}/there"], "exists already"),
        (["3", "--to", "numpy", "-o", "{}/" + 300 * "x"], "cannot be written: file name too long"),
        (["3"], "required: --to"),
        (["3", "--to", "excel"], "invalid choice: 'excel'"),
        (["nothing", "--to", "csv"], "`gd-tutor lessons` lists them."),
        (["3", "--to", "csv", "--steps", "0"], "is not a whole number"),
    ],
)
def test_errors_are_one_sentence(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").write_text("old")
    assert main(["export", *(word.replace("{}", str(tmp_path)) for word in words)]) == 2
    out, error = capsys.readouterr()
    assert not out
    assert error.startswith("gd-tutor: ")
    assert error.count("\n") == 1
    assert said in error
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
