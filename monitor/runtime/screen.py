"""The terminal as rich sees it: its own colours pass, and no control character of a text."""

import os
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from monitor.runtime.screen_text import escaped

WIDEST = 100_000
"""Columns of what is not a terminal: a program reads whole lines."""


class EscapingConsole(Console):
    """A rich console on standard output that escapes the control and format characters of all texts."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of rich
        file = getattr(sys.stdout, "beneath", sys.stdout)
        # A name such as ":key:" stays as it is, and the table of 3,600 emoji is not loaded.
        super().__init__(file=file, emoji=False, **options)
        if not self.is_terminal and "width" not in options and "COLUMNS" not in os.environ:
            self.width = WIDEST

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - those of rich
        """Return a text with its control characters escaped, before its width is measured."""
        return super().render_str(escaped(text), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield what is drawn, escaped: titles of panels and ready-made texts come only this way."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(escaped(segment.text), segment.style)
