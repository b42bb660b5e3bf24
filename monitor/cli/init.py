"""The command that begins a deployment: init."""

import argparse
from pathlib import Path

from monitor.app.example import write_example
from monitor.cli.commands import Commands


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("init")
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
