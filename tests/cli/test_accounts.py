"""The command about accounts: what it changes, what it prints, and what it advises."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.accounts import Account, Accounts, Session
from monitor.app.runfile import RunFile
from monitor.app.runfile_loop import RunFileLoop
from monitor.cli import MISTAKES, OK, WRONG, main
from monitor.cli.accounts_file import actor, open_accounts
from monitor.config import load
from monitor.core.events.monitor_accounts import MonitorAccountChanged
from tests.support.accounts import PASSWORD
from tests.support.pipeline import ROOT

Command = Callable[..., tuple[int, str, str]]
TOKEN = re.compile(r"/(?:first|join)/(\S+)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A deployment with the example's venue and roster."""
    (tmp_path / "config.toml").write_text(
        f"""[journal]
path = "journal.db"
[files]
venue = "{ROOT}/venue.toml"
roster = "{ROOT}/roster.toml"
rules = "{ROOT}/rules"
"""
    )
    return tmp_path


@pytest.fixture
def user(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `venue-monitor user`; returns exit code, output and errors."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--config", str(folder / "config.toml"), "user", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def accounts(folder: Path) -> Accounts:
    """The accounts as another process sees them."""
    return open_accounts(load(folder / "config.toml"))


def found(accounts: Accounts, name: str) -> Account:
    """An account as it is now."""
    with accounts:
        account = accounts.find(name)
    assert account is not None
    return account


async def opened(accounts: Accounts, output: str) -> tuple[str, Session]:
    """The session that the printed link begins."""
    link = TOKEN.search(output)
    assert link is not None, output
    with accounts:
        return await accounts.invitation.open(link[1], "", "", PASSWORD)


def test_there_is_a_way_to_the_first_account(user: Command) -> None:
    """An empty list says what to type."""
    code, shown, _ = user("list")

    assert code == OK
    assert "user add NAME admin" in shown


async def test_an_account_is_added_with_a_link(user: Command, accounts: Accounts) -> None:
    """Role and site as they were written; the link leads in, with the rights of the account."""
    code, shown, _ = user(
        "add", "linh", "officer@hall", "viewer", "--full-name", "Phạm Linh", "--language", "vi"
    )

    assert code == OK
    account = found(accounts, "linh")
    assert [(row.role, row.site) for row in account.grants] == [("officer", "hall"), ("viewer", "")]
    assert (account.full_name, account.language) == ("Phạm Linh", "vi")
    _, session = await opened(accounts, shown)
    assert session.account.name == "linh"


def test_a_link_leads_to_the_running_monitor(user: Command, folder: Path) -> None:
    """Also if it chose its port itself."""
    running = RunFile(broker_host="", broker_port=0, http_port=4711, congress="c", clock="")
    with RunFileLoop(folder / "journal.db", running, lambda: None):
        _, shown, _ = user("add", "linh", "officer")

    assert "http://127.0.0.1:4711/first/" in shown


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("add", "linh", "oficer"), 'unknown role "oficer"; did you mean "officer"?'),
        (("add", "linh", "officer@hal"), 'unknown site "hal"; did you mean "hall"?'),
        (("add", "linh", "officer", "--person", "linh.phm"), "did you mean"),
        (("add", "linh", "officer", "--until", "soon"), '--until: "soon" is not a time'),
        (
            ("add", "linh", "officer", "--from", "3d", "--until", "1d"),
            "--until: the roles would end before they begin",
        ),
        (("add", "linh", "officer", "--language", "vn"), "--language: unknown language"),
        (("edit", "mihn", "--person", "anna"), "did you mean"),
        (("edit", "minh", "--person", "ana"), 'did you mean "anna"?'),
        (("link", "mihn"), 'unknown account "mihn"; did you mean "minh"?'),
        (("reset", "mihn"), "did you mean"),
        (("disable", "mihn"), "did you mean"),
        (("enable", "mihn"), "did you mean"),
        (("grant", "mihn", "officer"), "did you mean"),
        (("grant", "minh", "admin", "--remove"), "it has officer@hall"),
        (("token", "make", "mihn", "view", "--until", "1d"), "did you mean"),
        (("token", "make", "minh", "viex", "--until", "1d"), 'did you mean "view"?'),
        (("token", "make", "minh", "view", "--until", "1d", "--site", "hal"), "did you mean"),
    ],
)
def test_a_mistake_is_refused_with_advice(
    user: Command, accounts: Accounts, arguments: tuple[str, ...], advice: str
) -> None:
    """Nothing has changed, and the nearest name is in the message."""
    user("add", "minh", "officer@hall")
    with accounts:
        before = accounts.list(), accounts.audit.waiting()

    code, _, shown = user(*arguments)

    assert (code, advice in shown) == (MISTAKES, True), shown
    with accounts:
        assert (accounts.list(), accounts.audit.waiting()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "minh", "officer"),
        ("add", "Minh Tran", "officer"),
        ("token", "revoke", "0123"),
        ("token", "make", "minh", "view", "--until", "2020-01-01T00:00:00Z"),
    ],
)
def test_what_the_accounts_refuse_is_said(user: Command, arguments: tuple[str, ...]) -> None:
    """A name that is taken or can't be one, a token that isn't there or would have ended."""
    user("add", "minh", "officer@hall")

    code, shown, advice = user(*arguments)

    assert (code, shown) == (WRONG, "")
    assert advice.startswith("venue-monitor: ")


def test_who_an_account_is_can_be_corrected(user: Command, accounts: Accounts) -> None:
    """The first account has no person until someone names one; what is not given stays."""
    user("add", "minh", "officer@hall", "--full-name", "Minh T.", "--language", "vi")

    code, shown, _ = user("edit", "minh", "--person", "anna")

    account = found(accounts, "minh")
    assert code == OK
    assert "minh: Minh T., in the roster" in shown
    assert (account.who, account.full_name, account.language) == ("anna", "Minh T.", "vi")
    assert "in the roster no one" in user("edit", "minh", "--person", "")[1]


def test_roles_are_added_changed_and_taken_away(user: Command, accounts: Accounts) -> None:
    """The same role at the same place is replaced, not held twice."""
    user("add", "minh", "officer@hall", "--until", "8h")
    _, shown, _ = user("grant", "minh", "officer@hall", "engineer", "--silent")
    granted = found(accounts, "minh").grants
    user("grant", "minh", "engineer", "--remove")

    assert "officer at Congress hall with silent alerts, engineer with silent alerts" in shown
    assert [(row.role, row.site, row.until, row.silent) for row in granted] == [
        ("officer", "hall", None, True),
        ("engineer", "", None, True),
    ]
    assert [row.role for row in found(accounts, "minh").grants] == ["officer"]


async def test_a_running_monitor_sees_what_a_command_does(
    user: Command, accounts: Accounts
) -> None:
    """A session ends with the command that disables its account, and another link begins a new one."""
    _, shown, _ = user("add", "minh", "officer@hall")
    token, _ = await opened(accounts, shown)
    user("disable", "minh")
    with accounts:
        assert accounts.session(token) is None
    user("enable", "minh")
    _, shown, _ = user("reset", "minh")

    _, session = await opened(accounts, shown)

    assert session.account.name == "minh"
    assert not session.account.is_disabled


def test_the_list_is_for_people_and_for_programs(user: Command) -> None:
    """Names, places and states in words; as JSON one object a line, without secrets."""
    user("add", "minh", "officer@hall", "--person", "anna")
    user("add", "adm", "admin", "--full-name", "The [b]Admin")
    user("disable", "adm")
    _, table, _ = user("list")
    _, lines, _ = user("list", "--json")

    rows = [json.loads(line) for line in lines.splitlines()]
    assert [row["name"] for row in rows] == ["adm", "minh"]
    assert rows[0]["is_disabled"]
    assert rows[1]["grants"][0]["site"] == "hall"
    assert "officer at Congress hall" in table
    assert "The [b]Admin" in table
    assert "disabled" in table
    assert "no password yet" in table


def test_a_token_is_shown_once(user: Command, accounts: Accounts) -> None:
    """It acts for its account until it is revoked by the id in the list."""
    user("add", "wall", "viewer@hall")
    assert "No tokens" in user("token", "list")[1]
    token = user("token", "make", "wall", "view", "--until", "90d", "--label", "lobby")[1].strip()
    with accounts:
        account = accounts.tokens.account(token, "192.0.2.7")
    (row,) = map(json.loads, user("token", "list", "--json")[1].splitlines())
    table = user("token", "list")[1]
    code, _, _ = user("token", "revoke", row["id"])

    assert account is not None
    assert account.may("view", "hall", accounts.now())
    assert (row["account"], row["label"], row["rights"]) == ("wall", "lobby", ["view"])
    assert row["used_from"] == "192.0.2.7"
    assert token.split("_", 2)[2] not in table
    assert "192.0.2.7" in table
    assert code == OK
    with accounts:
        assert accounts.tokens.account(token, "192.0.2.7") is None


def test_who_used_the_command_line_is_in_the_audit(user: Command, accounts: Accounts) -> None:
    """The user of the operating system, and the machine."""
    user("add", "minh", "officer@hall")
    with accounts:
        waiting = accounts.audit.waiting()

    changes = [row.event for row in waiting if isinstance(row.event, MonitorAccountChanged)]
    assert [(row.act, row.by) for row in changes] == [
        ("added", actor().name),
        ("link_made", actor().name),
    ]
    assert "@" in actor().name


def test_a_link_signs_a_wall_in(user: Command, accounts: Accounts) -> None:
    """Without a password, once."""
    user("add", "wall", "viewer")
    code, out, _ = user("link", "wall", "--sign-in")

    found_token = TOKEN.search(out)
    assert code == OK
    assert found_token
    with accounts:
        _, session = accounts.invitation.sign_in(found_token[1])
    assert session.account.name == "wall"
