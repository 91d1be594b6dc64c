"""Input that no byte can break."""

from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable
from functools import partial

from textual.drivers import linux_driver


def harden_input() -> None:
    """Let the keyboard thread read any byte: a stray one would end the tutor with a traceback.

    Textual's driver decodes strictly, and one key of a terminal that is not set to UTF-8 is enough.
    """

    def forgiving(name: str) -> Callable[[], IncrementalDecoder]:
        return partial(getincrementaldecoder(name), errors="replace")

    linux_driver.getincrementaldecoder = forgiving  # type: ignore[assignment,attr-defined]
