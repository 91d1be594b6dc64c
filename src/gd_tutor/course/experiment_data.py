"""The data of an experiment: numbers in the lesson file, or columns of a CSV file beside it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path, PurePosixPath, PureWindowsPath

from gd_tutor.course.lesson_file import LessonError, Report, Source, read_text
from gd_tutor.course.toml import LARGEST_NUMBER, Table, name_problem, read_tensor
from gd_tutor.engine.errors import suggestion
from gd_tutor.engine.expression import Tensor

LARGEST_TABLE = 20_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
MOST_CELLS = 2_000_000
LONGEST_SHOWN = 20
MOST_FAULTS = 10
"""Up to ten bad cells or rows are reported one by one; the rest are counted."""

_DELIMITERS = "\t;,"
_SAYS_DELIMITER = re.compile(r"sep=([\t;,])")
"""The line above the table in which some spreadsheets name the separator."""
_NUMBER = re.compile(r"[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?", re.ASCII)

Told = tuple[int, str]
"""A fault: its offset in the file, and its message."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row, and the line of the file on which it begins."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class CsvTable:
    """A table as written: the names of its columns, and rows of as many texts.

    If the separator is not a comma, numbers may have a decimal comma.
    """

    source: Source
    delimiter: str
    header: tuple[str, ...]
    rows: Sequence[Row]

    def problem(self, name: str) -> str:
        """What is wrong with the name of a column; empty if the table has it."""
        if name and name in self.header:
            return ""
        known = [column for column in self.header if column]
        more = ", …" if len(known) > MOST_FAULTS else ""
        hint = suggestion(name, known) or f" There are {', '.join(known[:MOST_FAULTS])}{more}."
        return f"There is no column '{name}' in {self.source.path.name}.{hint}"

    def columns(self, names: Iterable[str]) -> dict[str, tuple[float, ...]]:
        """The numbers of some columns, by name.

        Raises LessonError with the place of every cell that is not a finite number, KeyError for
        an unknown column.
        """
        found: dict[str, tuple[float, ...]] = {}
        faults: list[tuple[Row, int]] = []
        for name in dict.fromkeys(names):
            if self.problem(name):
                raise KeyError(name)
            place = self.header.index(name)
            numbers = [self._number(row.cells[place]) for row in self.rows]
            self._check_kind(name, numbers)
            pairs = zip(self.rows, numbers, strict=True)
            faults += [(row, place) for row, number in pairs if number is None]
            found[name] = tuple(number for number in numbers if number is not None)
        if faults:
            faults.sort(key=lambda fault: (fault[0].line, fault[1]))
            report = Report(self.source)
            _tell([self._told(row, place) for row, place in faults], report)
            raise LessonError(report.faults)
        return found

    def _check_kind(self, name: str, numbers: Sequence[float | None]) -> None:
        """Raise LessonError with a single fault for a column of words."""
        place = self.header.index(name)
        cells = [row.cells[place].strip() for row in self.rows]
        words = [
            cell for cell, number in zip(cells, numbers, strict=True) if cell and number is None
        ]
        if 2 * len(words) <= len(cells) or _NUMBER.fullmatch(words[0]):
            return
        report = Report(self.source)
        shown = words[0] if len(words[0]) <= LONGEST_SHOWN else words[0][:LONGEST_SHOWN] + "…"
        others = [column for column in self.header if column and column != name]
        known = f" There are {', '.join(others[:MOST_FAULTS])}." if others else ""
        first = Row(2 if _SAYS_DELIMITER.fullmatch(self.source.lines[0]) else 1, self.header)
        message = f"The column '{name}' holds words, such as '{shown}', not numbers; name another."
        report.add(self._offset(first, place), message + known)
        raise LessonError(report.faults)

    def _number(self, text: str) -> float | None:
        text = text.strip().replace("−", "-")
        if self.delimiter != "," and "." not in text:
            text = text.replace(",", ".", 1)
        if not _NUMBER.fullmatch(text):
            return None
        number = float(text)
        return number if abs(number) <= LARGEST_NUMBER else None

    def _told(self, row: Row, place: int) -> Told:
        name, text = self.header[place], row.cells[place].strip()
        shown = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
        if not text:
            message = f"'{name}' is empty; give a number, or delete this row."
        elif _NUMBER.fullmatch(text):
            message = f"'{name}' is '{shown}', too large to compute with; give another number."
        else:
            message = f"'{name}' is '{shown}', not a number; mend it, or delete this row."
        return self._offset(row, place), message

    def _offset(self, row: Row, place: int) -> int:
        """The offset of a cell in the file."""
        line = self.source.lines[row.line - 1]
        cell = re.compile(rf'\s*"(?:[^"]|"")*+"\s*|[^{self.delimiter}]*')
        position = 0
        for _ in range(place):
            match = cell.match(line, position)
            position = match.end() + 1 if match else 0
        return self.source.offset(row.line - 1) + (position if position <= len(line) else 0)


def read_csv(path: Path) -> CsvTable:
    """Read a CSV file in UTF-8: a row of names, then rows of as many cells, quoted or not.

    The separator is a comma, semicolon or tab, as in the first rows. Raises LessonError with the
    faults of the file.
    """
    source = Source(path, read_text(path, LARGEST_TABLE, "a table of data"))
    report = Report(source)
    said = _SAYS_DELIMITER.fullmatch(source.lines[0])
    delimiter = said[1] if said else _delimiter(source.lines)
    rows = _rows(source, delimiter, report)
    if said:
        next(rows)
    first = next(rows, None)
    report.raise_if_any()
    if first is None:
        report.add(0, "This file is empty; its first row names the columns.")
        raise LessonError(report.faults)
    header = tuple(" ".join(cell.split()) for cell in first.cells)
    _check_header(header, source.offset(first.line - 1), report)
    kept = _even(rows, header, report)
    if not kept and not report.faults:
        report.add(0, "There is no row below the names of the columns; add the data.")
    report.raise_if_any()
    return CsvTable(source, delimiter, header, kept)


def _delimiter(lines: Sequence[str]) -> str:
    """The separator, found from the number of cells in the first two rows."""
    heads = list(islice((line[:10_000] for line in lines if line.strip()), 2))

    def rank(sign: str) -> tuple[bool, int]:
        counts = [len(cells) for cells in csv.reader(heads, delimiter=sign)]
        return len(counts) == 2 and counts[0] == counts[1] > 1, counts[0] if counts else 0

    return max(_DELIMITERS, key=rank)


def _rows(source: Source, delimiter: str, report: Report) -> Iterator[Row]:
    """The rows that are not blank, up to the first that cannot be read."""
    reader = csv.reader(
        StringIO(source.text), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    line = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(line, cells)
            line = reader.line_num + 1
    except csv.Error:
        message = 'This row cannot be read: close every quote, and write "" for one inside quotes.'
        report.add(source.offset(line - 1), message)


def _check_header(header: Sequence[str], offset: int, report: Report) -> None:
    if len(header) > MOST_COLUMNS:
        report.add(offset, f"There are more than {MOST_COLUMNS} columns; delete some.")
    named = [name for name in header if name]
    if all(map(_NUMBER.fullmatch, (name.replace(",", ".") for name in named))):
        report.add(offset, "The first row has only numbers; write the columns' names above it.")
        return
    for name in dict.fromkeys(name for name in named if named.count(name) > 1):
        report.add(offset, f"Two columns are named '{name}'; give one another name.")


def _even(rows: Iterable[Row], header: Sequence[str], report: Report) -> list[Row]:
    """The rows with one cell per column; others are noted as faults."""
    kept: list[Row] = []
    faults: list[Told] = []
    cells = 0
    for number, row in enumerate(rows, start=1):
        offset = report.source.offset(row.line - 1)
        cells += len(row.cells)
        if number > MOST_ROWS or cells > MOST_CELLS:
            limit = f"{MOST_ROWS:,} rows" if number > MOST_ROWS else f"{MOST_CELLS:,} cells"
            report.add(offset, f"There are more than {limit}; delete some.")
            break
        if len(row.cells) == len(header):
            kept.append(row)
        else:
            counts = f"{len(row.cells)} cells, but there are {len(header)} columns"
            faults.append((offset, f"This row has {counts}; mend it, or delete it."))
    _tell(faults, report)
    return kept


def _tell(faults: Sequence[Told], report: Report) -> None:
    """Note the first faults one by one, and the number of the others."""
    for offset, message in faults[:MOST_FAULTS]:
        report.add(offset, message)
    if len(faults) > MOST_FAULTS:
        more = len(faults) - MOST_FAULTS
        message = f"From here on there are {more} more; mend them, or delete their rows."
        report.add(faults[MOST_FAULTS][0], message)


FILE = "file"
ENDINGS = (".csv", ".tsv", ".txt")
EXAMPLE = 'file = "houses.csv"'
LONGEST_NAME = 40


class Files:
    """The CSV files in a lesson's folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[Path, CsvTable] = {}

    def table(self, name: str) -> CsvTable:
        """The table in a file. Raises ValueError if the file is not in the lesson's folder.

        Raises LessonError with the faults of the file.
        """
        path = self._path(name)
        if path not in self._tables:
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
        except (OSError, RuntimeError, UnicodeError):  # circular links, a name too long
            raise ValueError(f"'{name[:LONGEST_NAME]}' cannot be opened; rename it.") from None

    def _inside(self, path: Path, name: str) -> Path:
        # A link in a foreign lesson may lead anywhere.
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
    """The named data; None, with faults noted, if any has faults."""
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
    """The values from columns of the file: a name gives a list, a list of names a table."""
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
    """One column as a list, several as a table with the file's rows."""
    if isinstance(values.values[key], str):
        return columns[names[0]]
    return tuple(zip(*(columns[name] for name in names), strict=True))


def _names_columns(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _hint(value: object, file: bool) -> str:
    """What to write instead of words."""
    return f" For columns of a file add {EXAMPLE}." if _names_columns(value) and not file else ""
