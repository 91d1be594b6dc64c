"""Random pictures, drawn in a process of their own, which a fault in plotext could end."""

import subprocess
import sys
import time

import numpy as np
import pytest

from gd_tutor.notation.spans import row_width, to_ascii
from gd_tutor.pictures.axes import Axis, Figure, Layer
from gd_tutor.pictures.canvas import Canvas

SECONDS = 4.0  # on a slow machine fewer pictures are drawn
ODD = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.3, 1e300, -1e300, 1.7e308, 5e-324, 1e-310]


def numbers(rng: np.random.Generator, size: int) -> np.ndarray:
    """Numbers of all kinds, among them those that break things."""
    kind = rng.integers(5)
    if kind == 0:
        return rng.choice(ODD, size)
    if kind == 1:
        return rng.standard_normal(size) * 10.0 ** rng.integers(-300, 300, size)
    values = np.cumsum(rng.standard_normal(size)) if kind == 2 else rng.uniform(-2, 2, size)
    values[rng.random(size) < 0.05] = rng.choice(ODD)
    return np.sort(values) if kind == 3 else values


def random_axis(rng: np.random.Generator) -> Axis:
    low, high = numbers(rng, 2)
    label = rng.choice(["", "w", "w₁", "loss", "iteration", "損失", "a name of many letters" * 3])
    return Axis(float(low), float(high), bool(rng.integers(2)), str(label))


def random_layer(rng: np.random.Generator) -> Layer:
    size = int(rng.choice([0, 1, 2, 3, 30, 300]))
    marker = rng.choice([None, None, "o", "@", "×", "●", "▲"])
    role = str(rng.choice(["curve", "path", "current", "gradient"]))
    return Layer(numbers(rng, size), numbers(rng, size), role, marker, bool(rng.integers(2)))


def draw_random_pictures(count: int) -> None:
    rng = np.random.default_rng(20)
    canvas = Canvas()
    layers: tuple[Layer, ...] = ()
    axes = (random_axis(rng), random_axis(rng))
    width, height = 40, 12
    deadline = time.monotonic() + SECONDS
    for picture in range(count):
        if picture % 2 == 0:  # every other picture has the same ground as the one before
            axes = (random_axis(rng), random_axis(rng))
            width, height = int(90 ** rng.random()), int(35 ** rng.random())
        layers = layers[:1] + tuple(random_layer(rng) for _ in range(rng.integers(3)))
        rows = canvas.draw(Figure(layers, *axes), width, height)
        check(rows, width, height)
        if time.monotonic() > deadline and picture > 300:
            break


def check(rows: list[tuple[tuple[str, str], ...]], width: int, height: int) -> None:
    assert len(rows) == height
    for row in rows:
        assert row_width(row) == width, row
        assert all(text for _, text in row), row
        plain = to_ascii("".join(text for _, text in row))
        assert plain.isascii()
        assert plain.isprintable()
        assert len(plain) == width, row


@pytest.mark.parametrize("count", [500, pytest.param(3_000, marks=pytest.mark.slow)])
def test_random_pictures_have_the_right_size_and_harm_nothing(count: int) -> None:
    command = [sys.executable, __file__, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""


if __name__ == "__main__":
    draw_random_pictures(int(sys.argv[1]))
