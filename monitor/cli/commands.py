"""The commands with their modules, and the parser of the command line."""

import argparse
import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from monitor.runtime.version import program_version
from monitor.toml.words import nearest, quoted

MODULES = {
    "init": ("init",),
    "run": ("run", "check", "schema"),
    "alerts": ("alerts",),
    "handle": ("ack", "shelve", "unshelve", "hand-over", "escalate", "tick", "note", "close"),
    "masks": ("mask", "unmask", "masks"),
    "zones": ("zones",),
    "readiness": ("readiness",),
    "inspection": ("inspect",),
    "labels": ("labels",),
    "shift_log": ("log",),
    "oncall": ("oncall",),
    "pages": ("pages", "notify"),
    "accounts": ("user",),
    "rules": ("rules",),
    "checklists": ("checklists",),
    "journal": ("journal",),
    "influx": ("metrics", "backfill"),
    "grafana": ("grafana",),
    "deadman": ("watch",),
    "standby": ("standby",),
    "tls": ("tls",),
    "simulate": ("simulate",),
    "demo": ("demo",),
    "completion": ("completion",),
}
"""The modules in the order of ``--help``, each with the commands that it adds."""


_NO_CHOICE = re.compile(r"(argument .+?): invalid choice: '(.*?)' \(choose from (.*)\)", re.DOTALL)
"""How argparse refuses a word that is none of the choices."""


class Parser(argparse.ArgumentParser):
    """A parser that names the nearest choice for a misspelled one."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and a message."""
        super().error(_NO_CHOICE.sub(_instead, message))


def _instead(found: re.Match[str]) -> str:
    argument, word, choices = found.groups()
    near = nearest(word, [choice.strip(" '") for choice in choices.split(",")])
    hint = f"did you mean {quoted(near)}?" if near else f"choose from {choices}"
    return f"{argument}: there is no {quoted(word)}; {hint}"


def parser_of(modules: Iterable[str] = MODULES) -> Parser:
    """Return the parser with the commands of these modules."""
    parser = Parser(
        prog="venue-monitor",
        description="Monitor the venues of a congress: doors, devices, crowds and inspections.",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=Path("config.toml"),
        help="configuration file of the deployment (default: %(default)s)",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    for name in modules:
        import_module(f"monitor.cli.{name}").add(commands)
    return parser


def needed(arguments: Sequence[str] | None) -> Iterable[str]:
    """Return the module of the given command; all of them if help is wanted or there is no such command.

    All modules together take a second to import, and most commands need only few of their libraries.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--config")
    parser.add_argument("--help", "-h", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("command", nargs="?")
    try:
        given, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return MODULES
    if given.command is None and not given.help:
        return ()
    found = [name for name, commands in MODULES.items() if given.command in commands]
    return MODULES if given.help or not found else found
