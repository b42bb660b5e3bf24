"""The commands about API tokens: user token make, list, revoke."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from rich.markup import escape

from monitor.accounts import ALL_RIGHTS, Right
from monitor.cli.accounts_file import account_of, actor, open_accounts
from monitor.cli.arguments import parse_time
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.words import VenueWords
from monitor.config import load as load_config
from monitor.errors import ConfigError
from monitor.toml.words import no_such


def add(parts: Any) -> None:  # noqa: ANN401 - argparse keeps this type to itself
    """Add the commands of this module."""
    parser = parts.add_parser("token", help="let programs act in the name of an account")
    parts = parser.add_subparsers(metavar="WHAT", required=True)
    parser = parts.add_parser("make", help="print a new token; it is shown this once")
    parser.add_argument("name", metavar="NAME", help="of the account in whose name it acts")
    parser.add_argument(
        "rights",
        metavar="RIGHT",
        nargs="+",
        help=f"what it may do, as far as the account may: {', '.join(ALL_RIGHTS)}",
    )
    parser.add_argument("--site", default="", help="where (default: wherever the account may)")
    parser.add_argument("--until", required=True, help="when it ends: a time, or 90d, 52w")
    parser.add_argument("--label", default="", help="what it is for")
    parser.set_defaults(run=_make)
    parser = parts.add_parser("list", help="list all tokens with their last use")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_list)
    parser = parts.add_parser("revoke", help="end a token")
    parser.add_argument("token", metavar="ID", help="its id, as in the list")
    parser.set_defaults(run=_revoke)


def _make(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    rights = _rights(given.rights)
    ends_at = parse_time(given.until, datetime.now(UTC))
    if given.site:
        VenueWords.read(config).require_site(given.site)
    with open_accounts(config) as accounts:
        name = account_of(accounts, given.name).name
        token = accounts.tokens.make(
            name, rights, given.site, ends_at, label=given.label, by=actor()
        )
    print(token)
    return 0


def _rights(words: Sequence[str]) -> Sequence[Right]:
    mistakes = [no_such("right", word, ALL_RIGHTS) for word in words if word not in ALL_RIGHTS]
    if mistakes:
        raise ConfigError(mistakes)
    return [right for right in ALL_RIGHTS if right in words]


def _list(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with open_accounts(config) as accounts:
        rows = accounts.tokens.all()
    if given.json:
        for row in rows:
            print(msgspec.json.encode(row).decode())
        return 0
    if not rows:
        print("No tokens.")
        return 0
    words = VenueWords.read(config)
    table = table_of("Id", "Account", "For", "May", "Ends", "Last used", whole="Id")
    for row in rows:
        may = ", ".join(right for right in ALL_RIGHTS if right in row.rights)
        may += f" at {words.site(row.site)}" if row.site else ""
        used = f"{words.minute(row.used_at)} from {row.used_from}" if row.used_at else "never"
        ends = words.minute(row.ends_at)
        table.add_row(row.id, row.account, escape(row.label), escape(may), ends, escape(used))
    EscapingConsole(highlight=False).print(table)
    return 0


def _revoke(given: argparse.Namespace) -> int:
    with open_accounts(load_config(given.config)) as accounts:
        accounts.tokens.revoke(given.token, actor())
    print(f"{given.token} is revoked")
    return 0
