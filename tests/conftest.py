"""What makes tests quick, and the same on every machine.

Screens are drawn, and found to be at rest, sooner than people would notice. Random examples are the
same in every run, and may take as long as a busy machine makes them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import time

os.environ.setdefault("TEXTUAL_FPS", "1000")

import pytest
import textual.app
import textual.pilot
from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

LOOK = 0.004
SOON = 0.02
"""Seconds: between two looks whether a screen is at rest, and to what it is not to wait for."""


async def wait_for_rest(min_sleep: float = SOON, max_sleep: float = 1) -> None:
    """Wait until nothing is left to do: what Textual's pilot does by the load of a process alone.

    On a busy machine a process that has to wait its turn looks idle. So what the event loop has
    to do, now or soon, counts, too; what threads do shows in the time of the process.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    # So many looks, not so many seconds: a busy machine takes longer for what is to be done.
    for _ in range(round(max_sleep / LOOK)):
        worked = time.process_time()
        await asyncio.sleep(LOOK)
        is_idle = time.process_time() - worked < LOOK / 20 and not is_due(loop)
        if is_idle and loop.time() >= began + min_sleep:
            return


def is_due(loop: asyncio.AbstractEventLoop) -> bool:
    soon = loop.time() + SOON
    timers = (timer for timer in loop._scheduled if not timer.cancelled())  # type: ignore[attr-defined]
    return bool(loop._ready) or any(timer.when() <= soon for timer in timers)  # type: ignore[attr-defined]


textual.app.wait_for_idle = wait_for_rest
textual.pilot.wait_for_idle = wait_for_rest


@pytest.fixture(scope="module", autouse=True)
def _spared() -> None:
    """Spare the collector what stays: each page that closes has it look at all there is."""
    gc.collect()
    gc.freeze()
