"""Who imports whom: start-up stays short, and the layers stay layers."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import groupby
from pathlib import Path

import pytest

import gd_tutor
from terminal import Terminal

SOURCE = Path(gd_tutor.__file__).parent

LAYERS = (
    "engine",
    "notation",
    "course",
    "progress",
    "pictures",
    "export",
    "questions",
    "session",
)
"""From the innermost; a layer imports only what stands before it here."""

OUTER = {"cli": {"tui", "plain", "terminal"}, "tui": {"terminal"}, "plain": {"terminal"}}
"""The outermost may import every layer; the command line also opens what a learner sees."""

ALONE = {"terminal"}
"""What knows nothing of the rest."""

EVERYWHERE = {"files"}
"""What each may import."""

LIMITED = {
    "pictures": {"engine", "notation"},
    "progress": {"engine", "course"},
}
"""Layers that need even less than their place allows."""

LATE = (
    "engine.training",
    "notation.worked",
    "notation.printer",
    "course.lesson_reader",
    "course.own_lab",
    "questions",
    "session.lesson_session",
    "pictures",
    "export",
)
"""What a first frame does without."""

LONGEST = 400
"""Lines of a module that a reader still takes in."""

# What the plan of the house forbids and is still there. The lists only shrink: what no longer
# holds fails, too.

LONGER: set[str] = set()

CALLED_ALIKE: dict[str, set[str]] = {}
"""Modules, and public classes by the modules that they are in."""

IN_CIRCLES: set[str] = set()
"""Modules that lead back to themselves by what they import, if only for types."""

HEAVY = ("textual", "plotext", "contourpy", "numpy")


def loaded_by(statement: str) -> set[str]:
    """Which of the heavy libraries a fresh interpreter has loaded after a statement."""
    program = f"import sys\n{statement}\nprint('loaded', *sys.modules, file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stderr.startswith("loaded "), run.stderr
    return set(run.stderr.split()) & set(HEAVY)


def call(*words: str) -> str:
    """A statement that runs the command line and lets it exit."""
    return (
        "from gd_tutor.cli import main\n"
        f"try:\n    status = main({list(words)!r})\n"
        "except SystemExit as exit:\n    status = exit.code\n"
        "assert not status, status"
    )


@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        (
            (
                "import gd_tutor.cli",
                call("--version"),
                call("--help"),
                call("lessons"),
                call("progress"),
                "import gd_tutor.engine.program, gd_tutor.course.folder",
            ),
            set(),
        ),
        (
            (
                call("check", "lessons/01-residual.md"),
                call("trace", "gradient-matrix"),
                call("trace", "gradient-matrix", "--json"),
                call("export", "gradient-matrix", "--to", "numpy"),
                "from gd_tutor.engine.training import Training",
                "import gd_tutor.notation.layout, gd_tutor.notation.worked",
                "import gd_tutor.session.lesson_session",
            ),
            {"numpy"},
        ),
    ],
)
def test_what_a_call_does_not_load(statements: tuple[str, ...], allowed: set[str]) -> None:
    """In one interpreter: what none of them has loaded in the end, none has loaded."""
    assert loaded_by("\n".join(statements)) <= allowed


def test_the_first_frame_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gd_tutor.tui.app import TutorApp\n"
        "def begin(self):\n"
        "    Path(sys.argv[1]).write_text(' '.join(sys.modules))\n"
        "    self.exit()\n"
        "TutorApp.begin = begin\n"
        "from gd_tutor.cli import main\n"
        "main(['derivative'])"
    )
    found = tmp_path / "modules"
    with Terminal([sys.executable, "-c", program, str(found)], home=tmp_path) as terminal:
        assert terminal.wait_exit() == 0
    loaded = set(found.read_text().split())
    assert "textual" in loaded
    assert not loaded & {"numpy", "plotext", "contourpy"}
    for late in LATE:
        assert not [name for name in loaded if name.startswith(f"gd_tutor.{late}")]


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_by("import numpy") == {"numpy"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def import_statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Every import of a file, anywhere in it."""
    nodes = ast.walk(parsed(path))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def imports() -> Iterator[tuple[Path, str, str]]:
    """Every import of gd_tutor's own packages: the file, its package, the package it imports."""
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).parts
        own = parts[0] if len(parts) > 1 else ""
        for node in import_statements(path):
            for name in imported(node):
                words = name.split(".")
                if words[0] == "gd_tutor":
                    yield path, own, words[1] if len(words) > 1 else ""


def imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str(module), level=0, names=names):
            # `from gd_tutor import engine` names a package, too.
            return (
                [f"{module}.{alias.name}" for alias in names] if module == "gd_tutor" else [module]
            )
        case ast.ImportFrom(level=level):
            assert level == 0, "imports are absolute here"
    return []


def reachable(package: str) -> set[str]:
    if package in OUTER:
        return {*LAYERS, *OUTER[package], *EVERYWHERE, "__version__"}
    if package in ALONE:
        return EVERYWHERE
    before = set(LAYERS[: LAYERS.index(package)])
    return LIMITED.get(package, before) | EVERYWHERE


def test_every_package_is_a_layer() -> None:
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert packages >= {*LAYERS, "cli", "tui"}
    assert packages <= {*LAYERS, *OUTER, *ALONE}


def test_imports_run_in_one_direction() -> None:
    found = sorted(
        (own, other, path.relative_to(SOURCE).as_posix())
        for path, own, other in imports()
        if own and other != own
    )
    assert len(found) > 50
    wrong = [
        f"{own} imports {other} in {', '.join(sorted({path for *_, path in group}))}"
        for (own, other), group in groupby(found, key=lambda entry: entry[:2])
        if other not in reachable(own)
    ]
    assert not wrong


def test_only_the_screens_know_textual_and_only_the_canvas_knows_plotext() -> None:
    users: dict[str, set[str]] = {"textual": set(), "plotext": set()}
    for path in SOURCE.rglob("*.py"):
        for node in import_statements(path):
            for name in imported(node):
                library = name.split(".")[0]
                if library in users:
                    users[library].add(path.relative_to(SOURCE).parts[0])
    assert users == {"textual": {"tui"}, "plotext": {"pictures"}}


# The plan of the house


@cache
def modules() -> dict[str, ast.Module]:
    """Every module and package by its dotted name below gd_tutor, as it is written."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = parsed(path)
    return found


@cache
def arrows() -> dict[str, set[str]]:
    """Which of gd_tutor's own modules each module imports, anywhere in it and if only for types."""
    known = dict(zip(modules(), sorted(SOURCE.rglob("*.py")), strict=True))
    return {
        name: {
            found
            for node in import_statements(path)
            for imported_name in possible_modules(node)
            if (found := imported_name.removeprefix("gd_tutor.")) in known and found != name
        }
        for name, path in known.items()
    }


def possible_modules(node: ast.AST) -> list[str]:
    """The dotted names that an import may mean: what is imported from a package can be a module."""
    if isinstance(node, ast.ImportFrom):
        return [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    return imported(node)


def in_circles(graph: Mapping[str, Iterable[str]]) -> set[str]:
    """What leads back to itself."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = list(graph.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += graph.get(name, ())
        return found

    return {name for name in graph if name in reached(name)}


def test_what_leads_back_to_itself_is_found() -> None:
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a", "e"}}) == {"b", "c"}
    assert "engine.expression" in arrows()["notation.printer"]
    assert "questions.recall" in arrows()["session.lesson_session"]


def test_no_imports_run_in_a_circle() -> None:
    assert in_circles(arrows()) == IN_CIRCLES


def test_no_imports_between_rooms_run_in_a_circle() -> None:
    rooms: dict[str, set[str]] = defaultdict(set)
    for name, others in arrows().items():
        room = name.partition(".")[0]
        rooms[room] |= {other.partition(".")[0] for other in others} - {room}
    assert in_circles(rooms) == set()


def test_no_two_modules_and_no_two_public_classes_have_one_name() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for name, tree in modules().items():
        if name:
            places[name.rpartition(".")[2]].add(name)
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].add(name)
    assert {name: of for name, of in places.items() if len(of) > 1} == CALLED_ALIKE


def test_no_module_is_longer_than_a_reader_takes_in() -> None:
    lines = {name: last_line(tree) for name, tree in modules().items()}
    assert {name for name, count in lines.items() if count > LONGEST} == LONGER


def last_line(tree: ast.Module) -> int:
    return max((node.end_lineno or 0 for node in tree.body), default=0)


@pytest.mark.parametrize("name", ["tui.door", "session.late"])
def test_a_door_says_the_same_to_readers_and_to_the_interpreter(name: str) -> None:
    door = import_module(f"gd_tutor.{name}")
    tree = modules()[name]
    imports = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node not in tree.body
    ]
    typed = {
        alias.name: str(node.module).removeprefix("gd_tutor.")
        for node in imports
        if str(node.module).startswith("gd_tutor.")
        for alias in node.names
    }
    assert typed == door.BEHIND
    for name, module in typed.items():
        assert getattr(door, name) is getattr(import_module(f"gd_tutor.{module}"), name)


@pytest.mark.parametrize(
    ("room", "door"), [("tui", "tui.door"), ("session", "session.late"), ("questions", "")]
)
def test_a_room_has_no_other_door(room: str, door: str) -> None:
    """What the first frame does without is imported nowhere else late, or for types only."""
    late = {
        name
        for name, tree in modules().items()
        if name.startswith(f"{room}.") and name != door
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and node not in tree.body
    }
    assert not late
