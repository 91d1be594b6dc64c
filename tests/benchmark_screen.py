"""The tutor beside a bare Textual application.

`pytest -n 0 -m benchmark -s tests/benchmark_screen.py` measures; nothing else may run meanwhile.

It prints and asserts no time: times belong to a machine, ratios to the tutor.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from measure import Program, measure_interleaved, summary

RUNS = 8
KEYS = 24  # In each run.

BARE = Program([sys.executable, str(Path(__file__).with_name("bare_app.py"))], keys="f")

# What the tutor should stay below at 80x24; "x" is times the bare application.
LIMITS = {
    "start to first glyph, ms": "1.4 x",
    "start to finished screen, ms": "2.2 x",
    "start, bytes": "50000",
    "key to last byte, median ms": "4 x",
    "key to last byte, 95 % ms": "8 x",
    "key, mean bytes": "1500",
    "key, median processor ms": "8",
}

LIMITS_OF = {"gradient": LIMITS | {"key to last byte, median ms": "6 x"}}
"""Of lessons that may cost more: contours are drawn anew."""

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="reads /proc"),
]


def tutor(lesson: str) -> Program:
    return Program([sys.executable, "-m", "gd_tutor", lesson], keys="fbu")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
@pytest.mark.parametrize("lesson", ["derivative", "gradient"])
def test_screen(lesson: str, columns: int, rows: int) -> None:
    report(lesson, tutor(lesson), columns, rows)


def report(name: str, program: Program, columns: int, rows: int) -> None:
    """Measure the program beside the bare application and print the table."""
    bare, measured = (
        summary(runs)
        for runs in measure_interleaved([BARE, program], columns, rows, runs=RUNS, key_count=KEYS)
    )
    print(f"\n\n{name} at {columns}x{rows}: {RUNS} runs, {RUNS * KEYS} keys")
    print(f"{'':32}{'bare':>10}{'gd-tutor':>10}{'ratio':>8}{'limit':>8}")
    for measure, floor in bare.items():
        value = measured[measure]
        ratio = f"{value / floor:.2f}" if floor else "-"
        limits = LIMITS_OF.get(name, LIMITS) if (columns, rows) == (80, 24) else {}
        limit = limits.get(measure, "")
        print(f"{measure:32}{floor:10.1f}{value:10.1f}{ratio:>8}{limit:>8}")


@pytest.mark.parametrize("lesson", ["derivative", "gradient-matrix"])
def test_frames_of_a_long_history(lesson: str) -> None:
    """A step with 100 and with 100,000 iterations behind it."""
    short, long = (
        summary(runs)
        for runs in measure_interleaved(
            [tutor(f"{lesson}:{count}:update") for count in (100, 100_000)],
            80,
            24,
            runs=3,
            key_count=KEYS,
        )
    )
    measure = "key to last byte, median ms"
    print(f"\n\n{lesson}: {measure} after 100 iterations {short[measure]:.1f}, ", end="")
    print(
        f"after 100,000 {long[measure]:.1f}, ratio {long[measure] / short[measure]:.2f} (limit 1.3)"
    )
