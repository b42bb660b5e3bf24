"""Tables and colours for the terminal; to import rich takes long, so only those who draw do."""

from rich.table import Column, Table

from monitor.runtime.screen import EscapingConsole

__all__ = ["EscapingConsole", "table_of"]


def table_of(*columns: str, whole: str = "") -> Table:
    """Return a table that breaks a word which is too long for a narrow terminal, instead of cutting it.

    Args:
        columns: their titles.
        whole: the column whose ids stay in one line, so that they can be copied.

    """
    return Table(*(Column(row, overflow="fold", no_wrap=row == whole) for row in columns))
