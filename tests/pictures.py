"""The README's pictures, taken from the application: `python tests/pictures.py` rewrites them.

They are SVG, so that what they show can be read again as text and compared with the application.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from gd_tutor.course.folder import Course, course_directory
from gd_tutor.progress.place import Progress
from gd_tutor.tui.app import TutorApp

FOLDER = Path(__file__).with_suffix("")
COLUMNS, ROWS = 80, 24
CELL_WIDTH, CELL_HEIGHT, BASELINE = 12.2, 24.4, 20.0
"""How Rich lays out a terminal as SVG: the size of a cell, and where in it the letters stand."""

SVG = "http://www.w3.org/2000/svg"
_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_ID = re.compile(r"terminal-\d+")


@dataclass(frozen=True)
class Picture:
    """A lesson after some keys."""

    name: str
    lesson: str
    keys: tuple[str, ...]

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.svg"


PICTURES = (
    Picture("derivative", "derivative", ("f", "b")),
    Picture("gradient", "gradient", ("n", "n", "f", "b")),
    Picture("gradient-matrix", "gradient-matrix", ("f", "b")),
    Picture("mistake", "gradient", ("p", "f", "escape", "b", "right", "4", "enter", "x")),
    Picture("optimizers", "optimizers", ("N", "N", "k", "o", "down", "enter")),
)


async def take(picture: Picture) -> str:
    """The screen after the picture's keys, as SVG."""
    course = Course(course_directory())
    with tempfile.TemporaryDirectory() as folder:
        app = TutorApp(course, course.find(picture.lesson), Progress(Path(folder)))
        async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
            await pilot.pause()
            await pilot.press(*picture.keys)
            await pilot.pause()
            return tidied(app.export_screenshot())


def tidied(svg: str) -> str:
    """The same picture, the same at every taking, and aligned in every font.

    The fonts it would load are left out, as pages that show an image load none. Every letter gets
    a place of its own, as the letters and the dots of a plot may come from fonts of other widths.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(_ID.sub("terminal", _FONT.sub("", svg)))
    screen = _screen(root)
    for text in list(screen):
        letters = text.text or ""
        if not letters.strip():
            screen.remove(text)
            continue
        start = float(text.attrib["x"])
        places = (start + CELL_WIDTH * index for index in range(len(letters)))
        text.set("x", " ".join(f"{place:.1f}" for place in places))
        del text.attrib["textLength"], text.attrib["clip-path"]
    for definitions in root.iter(f"{{{SVG}}}defs"):
        for clip in list(definitions):
            if "-line-" in clip.get("id", ""):
                definitions.remove(clip)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def lines(svg: str) -> list[str]:
    """The rows of text that a tidied picture shows."""
    rows = [[" "] * COLUMNS for _ in range(ROWS)]
    for text in _screen(ElementTree.fromstring(svg)):
        row = round((float(text.attrib["y"]) - BASELINE) / CELL_HEIGHT)
        for place, letter in zip(text.attrib["x"].split(), text.text or "", strict=True):
            rows[row][round(float(place) / CELL_WIDTH)] = letter
    return ["".join(row).replace("\N{NO-BREAK SPACE}", " ").rstrip() for row in rows]


def _screen(root: ElementTree.Element) -> ElementTree.Element:
    """The group of all texts on the screen, apart from the title of the window around it."""
    groups = root.iter(f"{{{SVG}}}g")
    return next(group for group in groups if group.get("class", "").endswith("-matrix"))


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        picture.file.write_text(await take(picture), encoding="utf-8")
        print(picture.file)


if __name__ == "__main__":
    asyncio.run(main())
