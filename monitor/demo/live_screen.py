"""The live screen of a demonstration, for the person who watches it."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from rich.live import Live
from rich.text import Text

from monitor.app.runfile import RunFile
from monitor.demo.account import DemoAccount
from monitor.demo.health import address_of, health_of
from monitor.demo.screen import Screen
from monitor.demo.verdict import Verdict
from monitor.runtime.screen import EscapingConsole
from monitor.runtime.shared_clock import SharedClock

PAUSE = 0.01
"""Seconds between two looks at the monitor."""
DRAW_EVERY = 0.25
"""Seconds between two drawings."""


class LiveScreen:
    """Draws the screen while the demonstration runs.

    Args:
        screen: what is drawn.
        running: where the monitor answers.
        clock: the clock of the demonstration.
        config: the configuration of its monitor, for other terminals.
        account: signs whoever watches in at the console.
        is_shown: false if no one watches.

    """

    def __init__(  # noqa: PLR0913 - what is drawn
        self,
        screen: Screen,
        running: RunFile,
        clock: SharedClock,
        config: Path,
        account: DemoAccount,
        *,
        is_shown: bool,
    ) -> None:
        self._screen = screen
        self._running = running
        self._clock = clock
        self._live = (
            Live(console=EscapingConsole(), screen=True, auto_refresh=False) if is_shown else None
        )
        self._config = config
        self._account = account
        self._at = time.monotonic()
        self._before = 0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def draw(self, verdict: Verdict | None = None) -> None:
        """Show the present state, at most four times a second."""
        passed = time.monotonic() - self._at
        if self._live is None or passed < DRAW_EVERY:
            return
        health = health_of(self._running)
        trouble = "the monitor doesn't answer" if health is None else "; ".join(health.troubles)
        rate = (self._screen.inputs - self._before) / passed
        self._before, self._at = self._screen.inputs, time.monotonic()
        drawn = self._screen.draw(self._clock.now(), rate, trouble, self._hint(verdict))
        self._live.update(drawn, refresh=True)

    def stay(self, refuse_end: Callable[[], None], verdict: Verdict) -> None:
        """Show the end of the day until Ctrl-C; the monitor still answers.

        A KeyboardInterrupt that is raised while an object is finalized is lost, and with it the only Ctrl-C.
        """
        pressed = Event()
        before = signal.signal(signal.SIGINT, lambda *_: pressed.set())
        try:
            while not pressed.is_set():
                refuse_end()
                self.draw(verdict)
                time.sleep(PAUSE)
        finally:
            signal.signal(signal.SIGINT, before)

    def _hint(self, verdict: Verdict | None) -> Text:
        """Return what to do next: first of all the link, whole and on a line of its own, to be clicked or copied."""
        address = address_of(self._running)
        lines = [
            f"Open the console, {address}: a link that signs you in as {self._account.full_name}, officer, once:",
            f"{address}{self._account.path}",
            "There: ? lists the keys; click an alert to read why and what to do; press a to take it.",
            f"In another terminal: venue-monitor --config {self._config} alerts; zones; readiness; oncall; ack ID",
        ]
        if verdict is None:
            lines.append("Ctrl-C ends the demonstration before the day is over.")
        else:
            lines.append(
                f"The day is over and its clock stands still: {verdict.lost} of {verdict.published} messages lost; of "
                f"{verdict.alerts_expected} alerts {verdict.alerts_missed} missed, {verdict.alerts_false} false. "
                "Ctrl-C ends the demonstration."
            )
        hint = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
        hint.highlight_words([lines[1]], "bold underline")
        return hint
