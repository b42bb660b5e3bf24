"""Runs the monitor and measures the steps of its live stream: `python -m bench.timed_monitor FILE --config FILE run`.

The event loop runs nothing else during a step; a step's CPU time is what it costs, however busy the machine is.
"""

import sys
import time
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from pathlib import Path
from typing import Any

from monitor.cli import main
from monitor.web.live import LiveStream

steps: list[float] = []
"""CPU seconds of each step."""


class Timed:
    """A coroutine whose steps are timed."""

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, None]:
        """Run step by step."""
        step: Callable[[], Any] = partial(self._coroutine.send, None)
        try:
            while True:
                began = time.thread_time()
                try:
                    awaited = step()
                finally:
                    steps.append(time.thread_time() - began)
                try:
                    yield awaited
                except BaseException as error:  # noqa: BLE001 - such as the end of a time-out: for the coroutine
                    step = partial(self._coroutine.throw, error)
                else:
                    step = partial(self._coroutine.send, None)
        except StopIteration:
            return


run = LiveStream.run


async def timed_run(stream: LiveStream) -> None:
    """Run the live stream."""
    await Timed(run(stream))


if __name__ == "__main__":
    file = Path(sys.argv.pop(1))
    LiveStream.run = timed_run  # type: ignore[assignment,method-assign] # measures what it replaces
    try:
        status = main()
    finally:
        file.write_text("\n".join(f"{step:.6f}" for step in steps))
    sys.exit(status)
