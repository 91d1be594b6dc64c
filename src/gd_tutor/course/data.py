"""The data of an experiment: numbers in the lesson file, or columns of a CSV file beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from gd_tutor.course.faults import LessonError
from gd_tutor.course.toml import Table
from gd_tutor.course.values import name_problem, read_tensor
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.expression import Tensor

if TYPE_CHECKING:
    from gd_tutor.course.csv_file import CsvTable

FILE = "file"
ENDINGS = (".csv", ".tsv", ".txt")
EXAMPLE = 'file = "houses.csv"'
LONGEST_SHOWN = 40


class Files:
    """The CSV files beside a lesson, each read once; none outside of the lesson's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[Path, CsvTable] = {}

    def table(self, name: str) -> CsvTable:
        """The table in a file. Raises ValueError for what is no file beside the lesson.

        Raises LessonError with the faults of the file itself.
        """
        path = self._path(name)
        if path not in self._tables:
            from gd_tutor.course.csv_file import read_csv

            self._tables[path] = read_csv(path)
        return self._tables[path]

    def _path(self, name: str) -> Path:
        plain = PurePosixPath(name)
        outside = plain.is_absolute() or PureWindowsPath(name).anchor or ".." in plain.parts
        if outside or "\\" in name:
            raise ValueError(
                f"'{name}' is not beside the lesson; copy it into the lesson's folder, and write "
                f"its name alone, as in {EXAMPLE}."
            )
        if plain.suffix.lower() not in ENDINGS:
            raise ValueError(f"The name of a data file ends in {', '.join(ENDINGS)}: {EXAMPLE}.")
        try:
            return self._inside(self.folder / plain, name)
        except (OSError, RuntimeError, UnicodeError):  # links in a circle, a name too long
            raise ValueError(f"'{name[:LONGEST_SHOWN]}' cannot be opened; rename it.") from None

    def _inside(self, path: Path, name: str) -> Path:
        # A link may lead anywhere; whoever sent the lesson may have put it there.
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ValueError(
                f"'{name}' leads out of the lesson's folder; put a copy of the file there."
            )
        if not path.is_file():
            others = [found.name for found in self.folder.glob("*.*sv")]
            hint = suggestion(name, others) or f" Put it into {self.folder.name or 'its folder'}."
            raise ValueError(f"There is no file '{name}' beside the lesson.{hint}")
        return path


def read_data(table: Table, files: Files) -> dict[str, Tensor] | None:
    """The named data; None, with faults noted, where some of it is not sound."""
    if "data" not in table:
        return {}
    values = table.table("data", "data = { y = 5 }")
    if values is None:
        return None
    columns = _read_columns(values, files) if FILE in values else {}
    if columns is None:
        return None
    found: dict[str, Tensor] = {}
    for name, value in values.values.items():
        if name == FILE:
            continue
        problem = name_problem(name)
        try:
            found[name] = columns[name] if name in columns else read_tensor(value)
        except ValueError as error:
            problem = problem or f"'{name}' {error}{_hint(value, FILE in values)}"
        if problem:
            values.refuse(name, problem)
            found.pop(name, None)
    return found if len(found) == len(values.values) - (FILE in values) else None


def _read_columns(values: Table, files: Files) -> dict[str, Tensor] | None:
    """The values that are columns of the file: a name is a list, a list of names a table."""
    name = values.text(FILE)
    if name is None:
        return None
    wanted = {
        key: (value,) if isinstance(value, str) else tuple(value)
        for key, value in values.values.items()
        if key != FILE and _names_columns(value)
    }
    try:
        table = files.table(name)
        if not wanted:
            message = 'No value takes a column of this file; add one, as in y = "price".'
            values.refuse(FILE, f"{message} There are {', '.join(filter(None, table.header))}.")
        elif _check_columns(values, wanted, table):
            columns = table.columns(column for names in wanted.values() for column in names)
            return {key: _joined(values, key, names, columns) for key, names in wanted.items()}
    except ValueError as error:
        values.refuse(FILE, str(error))
    except LessonError as error:
        values.report.include(error)
    return None


def _check_columns(values: Table, wanted: Mapping[str, tuple[str, ...]], table: CsvTable) -> bool:
    problems = [(key, table.problem(name)) for key, names in wanted.items() for name in names]
    for key, problem in problems:
        if problem:
            values.refuse(key, problem)
    return not any(problem for _, problem in problems)


def _joined(
    values: Table, key: str, names: tuple[str, ...], columns: Mapping[str, tuple[float, ...]]
) -> Tensor:
    """One column as a list, several as a table with a row for each row of the file."""
    if isinstance(values.values[key], str):
        return columns[names[0]]
    return tuple(zip(*(columns[name] for name in names), strict=True))


def _names_columns(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _hint(value: object, file: bool) -> str:
    """What else to write where words stand in the place of numbers."""
    return f" For columns of a file add {EXAMPLE}." if _names_columns(value) and not file else ""
