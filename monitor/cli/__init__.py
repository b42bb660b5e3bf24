"""The command line: what people type and what it prints. The work itself is done by other packages, never here."""

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.cli.commands import MODULES, needed, parser_of
from monitor.cli.screen_text import escaping
from monitor.errors import ConfigError, JournalDamaged, JournalLoss, MonitorError, SessionTaken

__all__ = ["LOSS", "MISTAKES", "MODULES", "OK", "TAKEN", "WRONG", "main"]

OK, WRONG, MISTAKES, LOSS = 0, 1, 2, 4
"""Exit codes: done; failed, refused, or the answer is no; correct a file or an argument first; history was lost."""

TAKEN, DAMAGED = 5, 6
"""Exit codes: another monitor uses the session at the broker; the journal's file is damaged."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        with escaping():
            return _run(arguments)
    except BrokenPipeError:
        # The reader of our output is gone, so nothing more can be written, not even when Python flushes at exit.
        sys.stdout = open("/dev/null", "w")  # noqa: PTH123, SIM115
        return OK


def _run(arguments: Sequence[str] | None) -> int:
    given = parser_of(needed(arguments)).parse_args(arguments)
    if given.command is None:
        print(_what_next(given.config), file=sys.stderr)
        return MISTAKES
    try:
        return int(given.run(given) or OK)
    except ConfigError as error:
        print(*error.mistakes, sep="\n", file=sys.stderr)
        return MISTAKES
    except SessionTaken as error:
        print(f"venue-monitor: {error}", file=sys.stderr)
        return TAKEN
    except JournalLoss as error:
        print(f"venue-monitor: {error}", file=sys.stderr)
        return LOSS
    except JournalDamaged as error:
        print(f"venue-monitor: {error}", file=sys.stderr)
        return DAMAGED
    except MonitorError as error:
        print(f"venue-monitor: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130


def _what_next(config: Path) -> str:
    """Return what to type instead of no command: it depends on whether there is a deployment."""
    program = (
        "venue-monitor" if config == Path("config.toml") else f"venue-monitor --config {config}"
    )
    if not config.exists():
        return (
            f"There is no {config} here. To begin:\n"
            "    venue-monitor init DIR    write a working example into a folder\n"
            "    venue-monitor --help      list all commands"
        )
    return (
        f"The deployment of {config}:\n"
        f"    {program} check     list every mistake in its files\n"
        f"    {program} run       run the monitor\n"
        f"    {program} alerts    list what is wrong now\n"
        f"    {program} demo      play a simulated day; the venue is not touched\n"
        f"    {program} --help    list all commands"
    )
