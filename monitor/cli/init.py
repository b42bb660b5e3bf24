"""The command that begins a deployment: init."""

import argparse
from pathlib import Path
from typing import Any

from monitor.app.example import write_example


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the command of this module."""
    parser = commands.add_parser(
        "init", help="write a working example into a folder: configuration, venue, roster and rules"
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a new folder, or one without these files"
    )
    parser.set_defaults(run=_init)


def _init(given: argparse.Namespace) -> None:
    written = write_example(given.folder)
    print(f"{given.folder}: {len(written)} files written.\n")
    print(f"    cd {given.folder}")
    print("    venue-monitor demo     # a simulated congress day at this venue")
    print(
        "    venue-monitor check    # after each change of config.toml, venue.toml, roster.toml, checklists/ or rules/"
    )
    print("    venue-monitor run      # run the monitor")
