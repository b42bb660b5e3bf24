"""Standard output and standard error: whatever a command prints, what others wrote controls nothing there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from monitor.runtime.screen_text import escaped


class EscapingStream:
    """A text stream that escapes control and format characters; everything else is that of the stream beneath.

    Args:
        beneath: the stream that it writes to.

    """

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, text: str) -> int:
        """Write a text, escaped."""
        self.beneath.write(escaped(text))
        return len(text)

    def writelines(self, lines: Any) -> None:  # noqa: ANN401 - as in the standard library
        """Write texts, escaped."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        """Return what the stream beneath has."""
        return getattr(self.beneath, name)


@contextmanager
def escaping() -> Iterator[None]:
    """Escape what is written to standard output and standard error."""
    before = sys.stdout, sys.stderr
    sys.stdout = cast("TextIO", EscapingStream(before[0]))
    sys.stderr = cast("TextIO", EscapingStream(before[1]))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
