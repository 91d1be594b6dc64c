"""What the README says is so: commands, keys, examples, pictures, links, folders."""

from __future__ import annotations

import doctest
import re
import shlex
from dataclasses import asdict
from pathlib import Path

import pytest

from gd_tutor.cli.main import main
from gd_tutor.course.check import check
from gd_tutor.course.folder import Course, course_directory
from gd_tutor.course.lesson_reader import load
from gd_tutor.session.commands import KEYED
from pictures import PICTURES, Picture, lines, take
from test_imports import LAYERS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "gd_tutor"
README = (ROOT / "README.md").read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<picture>!?)\[[^\]]*\]\((?P<target>[^)]+)\)")


def blocks(kind: str) -> list[str]:
    return [block["body"] for block in _BLOCK.finditer(README) if block["kind"] == kind]


def links(picture: bool) -> list[str]:
    text = re.sub(r"`[^`\n]+`", "", README)  # a bracket among the keys opens no link
    return [link["target"] for link in _LINK.finditer(text) if bool(link["picture"]) == picture]


def section(title: str) -> str:
    """The text below a heading, up to the next one of any level."""
    _, _, below = README.partition(f"# {title}\n")
    return re.split(r"^#+ ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a table, its head left out."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


# The two commands


def test_the_two_commands_come_first() -> None:
    opens, tests, *_ = blocks("sh")
    assert opens.startswith("python3 -m venv .venv &&")
    assert opens.endswith("&& .venv/bin/gd-tutor\n")
    assert tests.startswith("python3 -m venv .venv &&")
    assert tests.endswith("&& .venv/bin/python -m pytest\n")
    assert f"<!-- tests -->\n```sh\n{tests}```\n" in README


# Keys


def rows_of_the_commands() -> list[list[str]]:
    """A row for each command that has a key; commands that do the same share one."""
    keys: dict[tuple[str, str], list[str]] = {}
    for command in KEYED:
        typed = command.typed
        words = [typed.form, *typed.others] if typed else []
        same = " ".join(f"`{word}`" for word in words), command.help
        keys.setdefault(same, []).extend(f"`{key}`" for key in command.keys.split())
    return [[" ".join(shown), words, help] for (words, help), shown in keys.items()]


def test_the_keys_are_those_of_the_program() -> None:
    expected = rows_of_the_commands()
    table = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert rows(section("Keys")) == expected, f"The table of keys has to be:\n{table}"


# Examples


def test_console_examples_print_what_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GD_TUTOR_LESSONS", raising=False)
    examples = "".join(blocks("console")).split("$ gd-tutor ")[1:]
    assert examples
    for example in examples:
        call, _, shown = example.partition("\n")
        assert main(shlex.split(call)) == 0
        assert capsys.readouterr().out == shown, call


def test_python_examples_give_what_is_shown() -> None:
    examples = blocks("python")
    assert examples
    for number, example in enumerate(examples):
        test = doctest.DocTestParser().get_doctest(example, {}, f"README {number}", None, None)
        assert test.examples
        report: list[str] = []
        doctest.DocTestRunner().run(test, out=report.append)
        assert not report, "".join(report)


def test_the_lesson_is_sound_and_is_the_one_of_the_course(tmp_path: Path) -> None:
    (lesson,) = blocks("markdown")
    file = tmp_path / "03-derivative.md"
    file.write_text(lesson, encoding="utf-8")
    assert not check([file])
    course = Course(course_directory())
    shown, shipped = load(file), course.load(course.find("derivative"))
    assert shown.experiment
    assert shipped.experiment
    assert asdict(shown.experiment) == asdict(shipped.experiment)


def test_the_concepts_and_the_labs_are_those_of_the_course() -> None:
    described = rows(section("What you learn, and who it is for"))
    described = [row for row in described if row[0].isdecimal()]
    entries = Course(course_directory()).entries
    assert described == [[str(entry.number), entry.title, entry.summary] for entry in entries]


# Pictures and links


def test_every_picture_is_shown() -> None:
    assert sorted(links(picture=True)) == sorted(
        picture.file.relative_to(ROOT).as_posix() for picture in PICTURES
    )


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(
            picture,
            id=picture.name,
            marks=() if picture.name in ("derivative", "mistake") else pytest.mark.slow,
        )
        for picture in PICTURES
    ],
)
async def test_pictures_show_the_program_as_it_is(picture: Picture) -> None:
    stored = lines(picture.file.read_text(encoding="utf-8"))
    assert stored == lines(await take(picture)), "`python tests/pictures.py` takes them anew"


def test_links_lead_somewhere() -> None:
    assert links(picture=False)
    for target in links(picture=False):
        path, _, anchor = target.partition("#")
        file = ROOT / path if path else ROOT / "README.md"
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# How the code is laid out


def test_every_folder_has_its_row() -> None:
    described = [re.sub("`", "", row[0]) for row in rows(section("Where things are"))]
    folders = [file.parent for file in PACKAGE.glob("*/__init__.py")]
    expected = [folder.relative_to(ROOT).as_posix() for folder in folders]
    assert sorted(described) == sorted([*expected, "lessons", "tests"])


def test_the_layers_are_those_that_are_kept() -> None:
    (layers,) = blocks("")
    assert layers.strip().split(" → ") == ["cli", "tui", *reversed(LAYERS)]
