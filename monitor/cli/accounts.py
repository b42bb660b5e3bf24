"""The command about accounts: user add, list, link, reset, edit, grant, disable, enable, token."""

import argparse
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from rich.markup import escape

from monitor.accounts import Account, Accounts, Grant
from monitor.accounts.links import LATER, SIGN_IN
from monitor.app.web_address import find_console
from monitor.cli import api_tokens
from monitor.cli.accounts_file import account_of, actor, open_accounts, role_of
from monitor.cli.arguments import parse_time
from monitor.cli.commands import Commands
from monitor.cli.screen import EscapingConsole, table_of
from monitor.cli.words import VenueWords
from monitor.config import Config
from monitor.config import load as load_config
from monitor.errors import ConfigError
from monitor.texts.language import languages
from monitor.toml.words import no_such

_GRANT = "a role, such as officer, or a role at one site, such as officer@hall"


def add(commands: Commands) -> None:
    """Add the command of this module."""
    parser = commands.add_parser("user")
    parts = parser.add_subparsers(metavar="WHAT", required=True)
    parser = parts.add_parser("add", help="add an account, and print a link to set its password")
    parser.add_argument("name", metavar="NAME", help="to sign in with")
    parser.add_argument("grants", metavar="ROLE", nargs="+", help=_GRANT)
    _add_profile(parser, "")
    _add_terms(parser)
    parser.set_defaults(run=_add)
    parser = parts.add_parser("list", help="list all accounts with what they may do")
    parser.add_argument("--json", action="store_true", help="print JSON Lines")
    parser.set_defaults(run=_list)
    for word, run, text in (
        ("link", _link, "print a link with which the owner sets a password, once"),
        ("reset", _reset, "take password and PIN away, end all sessions, and print such a link"),
        ("disable", _disable, "end all sessions, and let no one sign in"),
        ("enable", _enable, "let the owner sign in again"),
    ):
        parser = parts.add_parser(word, help=text)
        parser.add_argument("name", metavar="NAME", help="of the account")
        parser.set_defaults(run=run)
        if word == "link":
            parser.add_argument(
                "--sign-in",
                action="store_true",
                help="the link signs in without a password: for a wall or a phone",
            )
    parser = parts.add_parser("edit", help="change who an account is")
    parser.add_argument("name", metavar="NAME", help="of the account")
    _add_profile(parser, None)
    parser.set_defaults(run=_edit)
    parser = parts.add_parser("grant", help="give an account further roles, or take some away")
    parser.add_argument("name", metavar="NAME", help="of the account")
    parser.add_argument("grants", metavar="ROLE", nargs="+", help=_GRANT)
    parser.add_argument("--remove", action="store_true", help="take them away instead")
    _add_terms(parser)
    parser.set_defaults(run=_grant)
    api_tokens.add(parts)


def _add_profile(parser: argparse.ArgumentParser, default: str | None) -> None:
    for option, text in (
        ("--person", "who it is in the roster"),
        ("--full-name", "what others see"),
        ("--language", "what its owner reads: en, vi, ar (default: the site's)"),
        ("--os-user", "who acts as it at the command line: a user of this machine"),
    ):
        parser.add_argument(option, default=default, help=text)


def _add_terms(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--silent", action="store_true", help="also show silent alerts")
    parser.add_argument(
        "--while-on-call", action="store_true", help="they count only while its person is on call"
    )
    parser.add_argument("--from", dest="from_", help="when the roles begin (default: now)")
    parser.add_argument(
        "--until", help="when they end: a time such as 2026-01-01T18:00:00Z, or 8h, 3d"
    )


def _add(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    _check_profile(given, config)
    account = Account(
        name=given.name,
        person=given.person,
        full_name=given.full_name,
        language=given.language,
        os_user=given.os_user,
        grants=tuple(_grants(given, config)),
    )
    with open_accounts(config) as accounts:
        accounts.add(account, actor())
        _print_link(config, accounts, account.name, accounts.link(account.name, actor()))
    return 0


def _check_profile(given: argparse.Namespace, config: Config) -> None:
    """Refuse a person who is not in the roster, or a language without texts, with the nearest.

    Raises:
        ConfigError: one of them is unknown.

    """
    if given.person:
        VenueWords.read(config).require_person(given.person)
    if given.language and given.language not in languages():
        raise ConfigError([f"--language: {no_such('language', given.language, languages())}"])


def _edit(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    _check_profile(given, config)
    with open_accounts(config) as accounts:
        name = account_of(accounts, given.name).name
        accounts.set_profile(
            name,
            actor(),
            person=given.person,
            full_name=given.full_name,
            language=given.language,
            os_user=given.os_user,
        )
        account = account_of(accounts, name)
    person = VenueWords.read(config).person(account.person) if account.person else "no one"
    acts = f", at the command line {account.os_user}" if account.os_user else ""
    print(f"{name}: {account.full_name or name}, in the roster {person}{acts}")
    return 0


def _list(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with open_accounts(config) as accounts:
        rows = accounts.list()
    if given.json:
        for row in rows:
            print(msgspec.json.encode(row).decode())
        return 0
    if not rows:
        print("No accounts. `venue-monitor user add NAME admin` adds the first one.")
        return 0
    words = VenueWords.read(config)
    table = table_of("Name", "Person", "May", "State", whole="Name")
    for row in rows:
        person = words.person(row.person) if row.person else row.full_name
        may = ", ".join(_in_words(grant, words) for grant in row.grants)
        table.add_row(row.name, escape(person), escape(may), _state(row))
    EscapingConsole(highlight=False).print(table)
    return 0


def _in_words(grant: Grant, words: VenueWords) -> str:
    parts = [grant.role, f"at {words.site(grant.site)}" if grant.site else ""]
    parts += ["with silent alerts" if grant.silent else ""]
    parts += ["while on call" if grant.while_on_call else ""]
    parts += [f"from {words.minute(grant.from_)}" if grant.from_ else ""]
    parts += [f"until {words.minute(grant.until)}" if grant.until else ""]
    return " ".join(filter(None, parts))


def _state(account: Account) -> str:
    if account.is_disabled:
        return "disabled"
    return "" if account.has_password else "no password yet"


def _link(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with open_accounts(config) as accounts:
        name = account_of(accounts, given.name).name
        if given.sign_in:
            ends = VenueWords.read(config).minute(accounts.now() + SIGN_IN)
            print(f"Whoever opens this first is signed in as {name}, once, until {ends}:")
            print(f"{find_console(config)}/join/{accounts.invitation.make_sign_in(name, actor())}")
        else:
            _print_link(config, accounts, name, accounts.link(name, actor()))
    return 0


def _reset(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    with open_accounts(config) as accounts:
        name = account_of(accounts, given.name).name
        _print_link(config, accounts, name, accounts.reset(name, actor()))
    return 0


def _print_link(config: Config, accounts: Accounts, name: str, token: str) -> None:
    ends = VenueWords.read(config).minute(accounts.now() + LATER)
    print(f"{name} sets a password here, once, until {ends}:")
    print(f"{find_console(config)}/first/{token}")


def _disable(given: argparse.Namespace) -> int:
    with open_accounts(load_config(given.config)) as accounts:
        name = account_of(accounts, given.name).name
        accounts.disable(name, actor())
    print(f"{name} is disabled; its sessions have ended")
    return 0


def _enable(given: argparse.Namespace) -> int:
    with open_accounts(load_config(given.config)) as accounts:
        name = account_of(accounts, given.name).name
        accounts.enable(name, actor())
    print(f"{name} may sign in again")
    return 0


def _grant(given: argparse.Namespace) -> int:
    config = load_config(given.config)
    wanted = _grants(given, config)
    with open_accounts(config) as accounts:
        account = account_of(accounts, given.name)
        places = {(row.role, row.site) for row in wanted}
        others = [row for row in account.grants if (row.role, row.site) not in places]
        if given.remove and len(others) == len(account.grants):
            held = ", ".join(_word(row) for row in account.grants) or "none"
            raise ConfigError([f"{account.name} has none of these roles; it has {held}"])
        grants = others if given.remove else [*others, *wanted]
        accounts.set_grants(account.name, grants, actor())
    words = VenueWords.read(config)
    print(f"{account.name}: {', '.join(_in_words(row, words) for row in grants) or 'no roles'}")
    return 0


def _grants(given: argparse.Namespace, config: Config) -> Sequence[Grant]:
    """Return the grants that the arguments name.

    Raises:
        ConfigError: a role, a site or a time is not one.

    """
    now, words = datetime.now(UTC), VenueWords.read(config)
    from_ = None if given.from_ is None else parse_time(given.from_, now, "--from")
    until = None if given.until is None else parse_time(given.until, now)
    if until is not None and until <= (from_ or now):
        raise ConfigError(["--until: the roles would end before they begin"])
    return list(_each_grant(given, words, from_, until))


def _each_grant(
    given: argparse.Namespace, words: VenueWords, from_: datetime | None, until: datetime | None
) -> Iterable[Grant]:
    for word in given.grants:
        role, _, site = word.partition("@")
        if site:
            words.require_site(site)
        yield Grant(
            role=role_of(role),
            site=site,
            from_=from_,
            until=until,
            silent=given.silent,
            while_on_call=given.while_on_call,
        )


def _word(grant: Grant) -> str:
    return f"{grant.role}@{grant.site}" if grant.site else grant.role
