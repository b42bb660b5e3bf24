"""The command line: what people type, and where it leads."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.cli import alerts as look
from monitor.cli import deadman, grafana, influx, masks, oncall, pages, readiness, rules
from monitor.cli import handle as act
from monitor.cli import run as start
from monitor.cli import simulate as play
from monitor.errors import ConfigError, MonitorError

OK, WRONG, MISTAKES = 0, 1, 2
"""Exit codes: done; could not be done or the answer is no; somebody has to change a file first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="venue-monitor",
        description="Watches the venues of a congress: doors, devices, inspections.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        help="the deployment's file (%(default)s)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in (
        start,
        look,
        readiness,
        act,
        masks,
        oncall,
        pages,
        rules,
        influx,
        grafana,
        deadman,
        play,
    ):
        part.add(commands)
    given = parser.parse_args(arguments)
    try:
        return int(given.run(given) or OK)
    except ConfigError as error:
        print(*error.mistakes, sep="\n", file=sys.stderr)
        return MISTAKES
    except MonitorError as error:
        print(f"venue-monitor: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; nothing more can be written, not even at exit.
        sys.stdout = open("/dev/null", "w")  # noqa: PTH123, SIM115
        return OK
