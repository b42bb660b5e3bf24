"""How far a command that takes long has come: on standard error, and only if that is a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Report = Callable[[int, int], None]
"""Takes how much is done, and how much there is."""


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """Show a bar while a command runs; yield what it has to be reported to.

    Args:
        what: what is counted: ``inputs``, ``pages``.

    """
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    console = Console(file=getattr(sys.stderr, "beneath", sys.stderr))
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(what), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
