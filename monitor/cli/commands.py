"""The commands with their modules, and the parser of the command line."""

import argparse
import gc
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NoReturn

MODULES = {
    "init": {
        "init": "write a working example into a folder: configuration, venue, roster and rules",
    },
    "run": {
        "run": "run the monitor until SIGTERM",
    },
    "check": {
        "check": "list every mistake in config.toml, venue.toml, the roster and the rules",
        "schema": "print the JSON Schema of events or rules",
    },
    "alerts": {
        "alerts": "list the open alerts, the most severe first",
    },
    "handle": {
        "ack": "acknowledge an alert: it is yours, and no one else is paged",
        "shelve": "hide an alert for a limited time",
        "unshelve": "show a shelved alert again",
        "hand-over": "make another person the owner of an alert, and page them",
        "escalate": "page the next step of an alert's escalation policy now",
        "tick": "tick a step of an alert's procedure as done",
        "note": "add a note to an alert",
        "close": "close an alert that has been dealt with",
    },
    "masks": {
        "mask": "hide expected alerts at a place for a limited time",
        "unmask": "end a mask before its time",
        "masks": "list the masks in force",
    },
    "zones": {
        "zones": "list the zones: people inside, open or closed, checklists passed or not",
    },
    "readiness": {
        "readiness": "show go or no-go for each zone, why, and who has to act",
    },
    "inspection": {
        "inspect": "fill in a checklist, item by item or from a file",
    },
    "labels": {
        "labels": "make labels with QR codes for zones and doors, as a page to print",
    },
    "shift_log": {
        "log": "the shift log: list, add, strike",
    },
    "oncall": {
        "oncall": "show who is on call, why and until when; take a shift",
    },
    "pages": {
        "pages": "list the latest pages with every delivery attempt",
        "notify": "test the channels by which people are paged",
    },
    "accounts": {
        "user": "list accounts; add, invite, grant, disable them",
    },
    "rules": {
        "rules": "test, list and explain the rules",
    },
    "checklists": {
        "checklists": "check, list, show, print and import checklists",
    },
    "journal": {
        "journal": "verify, export or back up the journal",
    },
    "influx": {
        "metrics": "print the measurements in InfluxDB with their tags and fields, as Markdown",
        "backfill": "write the journal to InfluxDB again; existing points don't change",
    },
    "grafana": {
        "grafana": "install the dashboards in an existing Grafana",
    },
    "deadman": {
        "watch": "on another machine: page people when a monitor falls silent",
    },
    "standby": {
        "standby": "on a second machine: copy the primary's journal until SIGTERM",
    },
    "cluster": {
        "cluster": "many sites on many machines, on Kafka and Flink",
    },
    "tls": {
        "tls": "certificates for a venue without internet",
    },
    "simulate": {
        "simulate": "publish a simulated congress day, with incidents, to the broker",
    },
    "demo": {
        "demo": "run broker, monitor and simulator together, with a live screen",
    },
    "completion": {
        "completion": "print the script with which a shell completes commands and options",
    },
}
"""The modules in the order of ``--help``, each with the commands that it adds, and what ``--help`` says of them."""


_NO_CHOICE = re.compile(r"(argument .+?): invalid choice: '(.*?)' \(choose from (.*)\)", re.DOTALL)
"""How argparse refuses a word that is none of the choices."""


class Parser(argparse.ArgumentParser):
    """A parser that names the nearest choice for a misspelled one."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and a message."""
        super().error(_NO_CHOICE.sub(_instead, message))


def _instead(found: re.Match[str]) -> str:
    from monitor.toml.words import nearest, quoted  # noqa: PLC0415 - for a mistake only

    argument, word, choices = found.groups()
    near = nearest(word, [choice.strip(" '") for choice in choices.split(",")])
    hint = f"did you mean {quoted(near)}?" if near else f"choose from {choices}"
    return f"{argument}: there is no {quoted(word)}; {hint}"


class Commands:
    """What a module adds its commands to; those of all other modules have a name only, for help and corrections.

    Args:
        parser: the parser of the command line.

    """

    def __init__(self, parser: Parser) -> None:
        self._parsers = parser.add_subparsers(metavar="COMMAND", dest="command")

    def add_parser(self, name: str, description: str | None = None) -> argparse.ArgumentParser:
        """Add a command of `MODULES`."""
        return self._parsers.add_parser(name, help=_SUMMARIES[name], description=description)


_SUMMARIES = {name: text for commands in MODULES.values() for name, text in commands.items()}


class _Version(argparse.Action):
    """Prints the version, which takes longer to find out than all else here."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from monitor.runtime.version import program_version  # noqa: PLC0415 - slow

        print(parser.prog, program_version())
        parser.exit()


def parser_of(modules: Iterable[str] = MODULES) -> Parser:
    """Return the parser with the commands of these modules, and the names of all others."""
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
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="show program's version number and exit"
    )
    commands, wanted = Commands(parser), {*modules}
    with _uncollected():
        for module, names in MODULES.items():
            if module in wanted:
                import_module(f"monitor.cli.{module}").add(commands)
            else:
                for name in names:
                    commands.add_parser(name)
    return parser


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without collecting garbage: looking through what stays anyway takes a quarter more."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def needed(arguments: Sequence[str] | None) -> list[str]:
    """Return the module of the given command; none if help is wanted or there is no such command.

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
        return []
    return [name for name, commands in MODULES.items() if given.command in commands]
