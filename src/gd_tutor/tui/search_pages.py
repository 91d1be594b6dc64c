"""Pages of many runs at once: the learning-rate finder and many starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from string import ascii_uppercase
from typing import ClassVar, Generic, TypeVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.timer import Timer

from gd_tutor.engine.learning_rates import Rates, find_rates
from gd_tutor.engine.minimum import Landscape
from gd_tutor.engine.starts import Starts, find_starts
from gd_tutor.engine.training import Training
from gd_tutor.notation.layout import wrap
from gd_tutor.notation.sentences import (
    edge_sentence,
    points_words,
    rates_sentence,
    starts_sentence,
    tried_sentence,
)
from gd_tutor.notation.spans import Row, shortened, width
from gd_tutor.pictures.axes import Axis, Figure, Layer, limits, log_limits
from gd_tutor.pictures.canvas import Canvas
from gd_tutor.session.lesson_session import Session
from gd_tutor.tui.page import Chosen, Page

SLICE = 0.04
"""Seconds of computing between two looks at the keyboard."""
PAUSE = 0.05
STOPPED = "Stopped; the same key as before goes on."
LEAST_PICTURE = 7
"""With fewer rows there is no picture, only words."""

Known = TypeVar("Known")


class SearchPage(Page[Chosen], Generic[Known]):
    """Shows a search so far, computed in slices that let keys through."""

    def __init__(self, session: Session, search: Callable[[Training], Iterator[Known]]) -> None:
        assert session.training is not None
        super().__init__()
        self.training = session.training
        self.notation = session.notation
        self.canvas = Canvas()
        self._search = search(self.training)
        self.known = next(self._search)
        self.is_done = False
        self._timer: Timer | None = None

    @property
    def is_searching(self) -> bool:
        return self._timer is not None

    def progress(self) -> str:
        """The progress of the search, in a few words."""
        raise NotImplementedError

    def found(self) -> None:
        """Handle new results."""
        self.draw()

    def on_mount(self) -> None:
        self.action_go_on()

    def action_go_on(self) -> None:
        """Continue a stopped search."""
        if not self.is_done and self._timer is None:
            self._timer = self.set_interval(PAUSE, self._tick)

    def on_key(self, event: Key) -> None:
        """Let any key stop the search."""
        del event
        if self._stop():
            self.draw()

    def action_turn(self, pages: int) -> None:
        """Move the cursor by ten results, as the page is one picture."""
        self.action_move(10 * pages)

    def _stop(self) -> bool:
        if self._timer is None:
            return False
        self._timer.stop()
        self._timer = None
        return True

    def _tick(self) -> None:
        deadline = time.monotonic() + SLICE
        while time.monotonic() < deadline:
            known = next(self._search, None)
            if known is None:
                self.is_done = True
                self._stop()
                break
            self.known = known
        self.found()

    def state_rows(self, wide: int) -> list[Row]:
        """The state of the search."""
        if self.is_done:
            return []
        said = f"{self.progress()}; any key stops." if self.is_searching else STOPPED
        return words("strong", said, wide)


def words(style: str, text: str, wide: int) -> list[Row]:
    """A sentence wrapped into rows, indented by one cell."""
    return [(("", " "), *row) for row in wrap([(style, text)], max(wide - 2, 1))]


def window(rows: Sequence[Row], room: int, cursor: int) -> tuple[int, Sequence[Row]]:
    """As many rows as fit, the cursor's among them, and the index of the first."""
    first = min(max(cursor - room // 2, 0), max(len(rows) - room, 0))
    return first, rows[first : first + room]


DEEPEST = 1e-16
"""Losses below this share of the first one are drawn at the bottom, as rounding noise."""
CONVERGES, DIVERGES, CHOSEN, NOW, LIMIT = "o", "×", "@", "⋮", "│"


class RatesPage(SearchPage[Rates]):
    """Final loss against learning rate, both logarithmic; enter takes a rate into the run."""

    title_text = "Learning rates"
    foot = "`left` `right` walk   `enter` takes the rate   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("L", "go_on", "go on", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, find_rates)
        self._walked = False

    def progress(self) -> str:
        known = self.known
        if not known.planned:
            return "Looking for the edge between rates that converge and rates that diverge"
        return f"{len(known.tried)} of {len(known.planned)} rates tried"

    def found(self) -> None:
        if not self._walked:  # the present rate is chosen until the learner moves the cursor
            self.cursor = self.known.nearest(self.known.present)
        self.draw()

    def rows(self, wide: int) -> list[Row]:
        below = self._below(wide)
        high = self.size.height - 3 - len(below)
        picture = self._picture(wide, high) if high >= LEAST_PICTURE and self.known.tried else []
        return [*picture, *below]

    def places(self, rows: list[Row]) -> list[int]:
        """The results in the picture, then rows to scroll to the words below it."""
        return [len(rows) - 1] * max(len(self.known.tried), 1)

    def action_move(self, rows: int) -> None:
        self._walked = True
        super().action_move(rows)

    def action_take(self) -> None:
        if self.known.tried:
            rate = self.known.tried[self.cursor].rate
            self.leave(lambda session: session.act(lambda run: run.set_rate(rate)))

    # Words

    def _below(self, wide: int) -> list[Row]:
        known, notation = self.known, self.notation
        rows = words("muted", self._legend(), wide)
        if known.tried:
            chosen = known.tried[min(self.cursor, len(known.tried) - 1)]
            rows += words("focus", f"▸ {tried_sentence(chosen, known, notation)}", wide)
        if self.is_done:
            rows += words("text", rates_sentence(known, notation), wide)
        elif known.planned:
            rows += words("text", edge_sentence(known, notation), wide)
        return [*rows, *self.state_rows(wide)]

    def _legend(self) -> str:
        eta = self.notation.name("learning_rate")
        text = (
            f"{CONVERGES} loss after {self.known.updates} updates, {DIVERGES} diverges, "
            f"{CHOSEN} chosen, {NOW} {eta} now"
        )
        return text if self.known.limit is None else f"{text}, {LIMIT} 2/curvature"

    # The picture

    def _picture(self, wide: int, high: int) -> list[Row]:
        known = self.known
        rates = np.array([one.rate for one in known.tried])
        losses = np.array([np.nan if one.diverged else one.loss for one in known.tried])
        x, y = Axis(*log_limits(known.planned[0], known.planned[-1]), log=True), self._axis(losses)
        bottom = np.maximum(losses, y.low)
        grown = np.array([one.diverged for one in known.tried])
        layers = self._lines(x, y, high)
        layers += [
            Layer(rates, bottom, "curve"),
            Layer(rates, bottom, "path", CONVERGES, joined=False),
            Layer(rates[grown], np.full(grown.sum(), y.high), "warning", DIVERGES, joined=False),
        ]
        here = min(self.cursor, len(rates) - 1)
        there = y.high if grown[here] else bottom[here]
        layers.append(
            Layer(rates[here : here + 1], np.array([there]), "current", CHOSEN, joined=False)
        )
        x = Axis(x.low, x.high, log=True, label=self.notation.name("learning_rate"))
        return self.canvas.draw(Figure(tuple(layers), x, y), wide, high)

    def _axis(self, losses: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Axis:
        """The loss axis, logarithmic where possible, over the first loss and all lower ones."""
        start, label = self.known.start, self.notation.name("loss")
        finite = [float(loss) for loss in losses if np.isfinite(loss)]
        if not np.isfinite(start):
            return Axis(1, 10, log=True, label=label)
        if start <= 0 or min(finite, default=0) < 0:
            return Axis(*limits(min([start, *finite]), start), label=label)
        low = max(min([start, *finite]), start * DEEPEST)
        return Axis(*log_limits(low, start), log=True, label=label)

    def _lines(self, x: Axis, y: Axis, high: int) -> list[Layer]:
        """Vertical lines: dotted at the present rate, solid at 2/curvature."""
        known = self.known
        dots = np.linspace(0, 1, 2 * high)
        ys = y.low * (y.high / y.low) ** dots if y.log else y.low + (y.high - y.low) * dots
        lines = [Layer(np.full(len(ys), known.present), ys, "label", NOW, joined=False)]
        if known.limit is not None and x.low <= known.limit <= x.high:
            ys = np.array([y.low, y.high])
            lines.append(Layer(np.full(2, known.limit), ys, "minimum", LIMIT))
        return lines


POINTS = 200
LEAST_LIST = 5
"""The fewest starts listed below a picture."""


class StartsPage(SearchPage[Starts]):
    """Starts and ends, with a letter for each common end; enter takes a start."""

    title_text = "Many starts"
    foot = "`up` `down` walk   `enter` takes the start   `escape` leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("S", "go_on", "go on", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session, find_starts)
        self.landscape = Landscape(self.training)
        self._here = 0
        self._curve = self._along() if len(self.known.reach) == 1 else None

    def progress(self) -> str:
        return f"{len(self.known.tried)} of {len(self.known.planned)} starts followed"

    def rows(self, wide: int) -> list[Row]:
        table = self._table()
        (head, *listed), whole = self._aligned(table, wide)
        below = words("muted", whole, wide) if whole else []
        below += words("text", starts_sentence(self.known, self.notation), wide)
        below += self.state_rows(wide)
        room = self.size.height - 4 - len(below)
        picture = self._picture(wide, room - min(max(room // 2, LEAST_LIST), len(listed)))
        first, shown = window(listed, max(room - len(picture), 1), self.cursor)
        self._here = len(picture) + 1 + self.cursor - first
        return [*picture, head, *shown, *below]

    def places(self, rows: list[Row]) -> list[int]:
        return [self._here] * max(len(self.known.tried), 1)

    def action_take(self) -> None:
        if self.known.tried:
            begin = self.known.tried[self.cursor].begin
            self.leave(lambda session: session.act(lambda run: run.start_from(begin)))

    def _table(self) -> list[tuple[str, str, str, str]]:
        """A heading, then for each start its end's letter, final loss, start and end."""
        known, notation = self.known, self.notation
        table = [("end", "loss", "from", "to")]
        losses = notation.column(one.loss for one in known.tried if not one.diverged)
        begins = points_words(self.training, [one.begin for one in known.tried], notation)
        there = [one.end for one in known.tried if not one.diverged]
        ends = zip(losses, points_words(self.training, there, notation), strict=True)
        for place, start in enumerate(known.tried):
            loss, end = ("diverges", "") if start.diverged else next(ends)
            table.append((letter(known.group_of(place)), loss, begins[place], end))
        return table

    def _aligned(self, table: Sequence[Sequence[str]], wide: int) -> tuple[list[Row], str]:
        """The table in columns, and the columns of the chosen start that do not fit."""
        broad = max(width(loss) for _, loss, _, _ in table)
        half = max((wide - broad - 14) // 2, 8)
        rows: list[Row] = []
        whole = ""
        for place, (mark, loss, begin, end) in enumerate(table):
            chosen = place == self.cursor + 1
            style = "muted" if place == 0 else "focus" if chosen else "text"
            sign = "▸" if chosen else " "
            cells = (
                f" {sign} {mark:<3}  {loss.rjust(broad)}  {_cut(begin, half)}  {_cut(end, half)}"
            )
            rows.append(((style, cells),))
            if chosen and max(width(begin), width(end)) > half:
                whole = f"▸ {begin} to {end}" if end else f"▸ {begin}"
        return rows, whole

    # The picture of one parameter

    def _along(self) -> tuple[Layer, Axis, Axis]:
        """The loss over the range of the starts."""
        starts = np.array([float(point[0]) for point in self.known.planned])
        x = Axis(*limits(float(starts.min()), float(starts.max())))
        x = Axis(x.low, x.high, label=self.notation.name(self.training.program.parameters[0]))
        xs = np.linspace(x.low, x.high, POINTS)
        losses = np.array([self.landscape.loss(xs[place : place + 1]) for place in range(POINTS)])
        finite = losses[np.isfinite(losses)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        y = Axis(*limits(low, high), label=self.notation.name("loss"))
        return Layer(xs, losses, "curve"), x, y

    def _picture(self, wide: int, high: int) -> list[Row]:
        if self._curve is None or high < LEAST_PICTURE:
            return []
        curve, x, y = self._curve
        layers = [curve]
        for place, start in enumerate(self.known.tried):
            chosen = place == self.cursor
            loss = np.array([self.landscape.loss(start.begin)])
            style, sign = ("current", "@") if chosen else ("path", "o")
            layers.append(Layer(start.begin, loss, style, sign, joined=False))
        for number, group in enumerate(self.known.groups):
            first = self.known.tried[group[0]]
            if not first.diverged:
                loss = np.array([first.loss])
                layers.append(Layer(first.end, loss, "minimum", letter(number), joined=False))
        return self.canvas.draw(Figure(tuple(layers), x, y), wide, high)


def letter(group: int) -> str:
    """The letter for the common end of a group of starts."""
    return ascii_uppercase[group % len(ascii_uppercase)]


def _cut(text: str, cells: int) -> str:
    text = shortened(text, cells)
    return text + " " * (cells - width(text))
