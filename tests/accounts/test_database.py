"""The accounts' file: closed to others, shared with commands, and no reason for the monitor to stop."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from monitor.accounts import Account, Accounts, Grant, accounts_path
from monitor.errors import AccountsUnusable
from tests.support.accounts import ADMIN, AccountsHarness


def modes(folder: Path) -> set[int]:
    """The permissions of all files."""
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_it_is_beside_the_journal() -> None:
    """The folder that is backed up has both."""
    assert accounts_path(Path("var/journal.db")) == Path("var/accounts.db")


async def test_only_the_monitors_user_may_read_it(harness: AccountsHarness) -> None:
    """Also what SQLite puts beside it."""
    await harness.add("linh", Grant(role="officer"))

    assert len(list(harness.path.parent.iterdir())) == 3
    assert modes(harness.path.parent) == {0o600}


async def test_wider_permissions_are_taken_away(harness: AccountsHarness) -> None:
    """A backup that was restored with others' permissions is closed when it is opened."""
    await harness.add("linh", Grant(role="officer"))
    for path in harness.path.parent.iterdir():
        path.chmod(0o664)

    with AccountsHarness(harness.path.parent).accounts as accounts:
        assert len(accounts.list()) == 1

    assert modes(harness.path.parent) == {0o600}


def test_a_command_of_root_leaves_the_file_to_the_monitors_user(harness: AccountsHarness) -> None:
    """Who owns the folder owns the file: an account made with sudo does not keep the monitor out."""
    if os.geteuid() == 0:
        os.chown(harness.path.parent, 65534, 65534)

    harness.accounts.add(Account(name="linh"), ADMIN)

    owner = harness.path.parent.stat().st_uid
    assert {path.stat().st_uid for path in harness.path.parent.iterdir()} == {owner}


def test_a_command_and_the_monitor_share_it(harness: AccountsHarness) -> None:
    """What a command changes, the running monitor knows with its next question."""
    with AccountsHarness(harness.path.parent).accounts as command:
        assert harness.accounts.list() == []
        command.add(Account(name="linh"), ADMIN)

        assert [row.name for row in harness.accounts.list()] == ["linh"]
        harness.accounts.disable("linh", ADMIN)
        assert [row.is_disabled for row in command.list()] == [True]


async def test_what_is_deleted_is_gone_from_the_disk(harness: AccountsHarness) -> None:
    """Secrets are erasable: that is why they are not in the journal."""
    await harness.add("linh", Grant(role="officer"))
    (kept,) = harness.accounts._db.row("SELECT password FROM account") or ("",)  # noqa: SLF001 - on the disk
    harness.accounts.reset("linh", ADMIN)
    harness.accounts._db.rows("PRAGMA wal_checkpoint(TRUNCATE)")  # noqa: SLF001

    assert kept
    assert kept.encode() not in harness.path.read_bytes()


def test_a_file_of_a_newer_monitor_is_left_alone(harness: AccountsHarness) -> None:
    """The message says whose it is."""
    harness.accounts.list()
    with closing(sqlite3.connect(harness.path)) as db:
        db.execute("PRAGMA user_version = 99")

    with (
        AccountsHarness(harness.path.parent).accounts as accounts,
        pytest.raises(AccountsUnusable, match="version 99"),
    ):
        accounts.list()


def test_another_programs_database_is_left_alone(harness: AccountsHarness) -> None:
    """It is not filled with our tables."""
    with closing(sqlite3.connect(harness.path)) as db:
        db.execute("CREATE TABLE other (x)")

    with pytest.raises(AccountsUnusable, match="another program"):
        harness.accounts.list()


def test_a_damaged_file_is_reported_and_used_again_once_repaired(harness: AccountsHarness) -> None:
    """The monitor starts and runs without it; nobody has to restart it afterwards."""
    harness.path.write_bytes(b"no database" * 1000)
    with pytest.raises(AccountsUnusable, match=r"accounts\.db: file is not a database"):
        harness.accounts.list()
    harness.path.unlink()

    assert harness.accounts.list() == []


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "var").write_text("")
    harness = AccountsHarness(tmp_path / "var")

    with harness.accounts, pytest.raises(AccountsUnusable, match=r"check owner, permissions"):
        harness.accounts.invitation.first()


def test_an_act_that_fails_leaves_no_trace(harness: AccountsHarness) -> None:
    """An act and its entry in the audit are written together or not at all."""
    harness.accounts.list()
    with closing(sqlite3.connect(harness.path, isolation_level=None)) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )

    with pytest.raises(AccountsUnusable, match="disk full"):
        harness.accounts.add(Account(name="linh"), ADMIN)

    assert harness.accounts.list() == []


def test_accounts_that_were_never_asked_make_no_file(tmp_path: Path) -> None:
    """Opening writes nothing."""
    with Accounts(tmp_path / "accounts.db", AccountsHarness(tmp_path).clock.now):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_file_of_the_first_version_is_continued(tmp_path: Path) -> None:
    """What an earlier monitor wrote is read, and has what came since."""
    path = tmp_path / "accounts.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TABLE account (name TEXT PRIMARY KEY, person TEXT NOT NULL, full_name TEXT NOT NULL,"
            " language TEXT NOT NULL, is_disabled INTEGER NOT NULL DEFAULT 0, grants BLOB NOT NULL,"
            " password TEXT NOT NULL DEFAULT '', pin TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID"
        )
        db.execute(
            "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,"
            " body BLOB NOT NULL) STRICT"
        )
        db.execute("INSERT INTO account VALUES ('linh', '', '', '', 0, x'5b5d', '', '')")
        db.execute("PRAGMA user_version = 1")
        db.commit()

    with AccountsHarness(tmp_path).accounts as accounts:
        assert [row.name for row in accounts.list()] == ["linh"]
        token = accounts.calendars.make("linh", ADMIN)
        assert accounts.calendars.account(token) == accounts.find("linh")
        request = accounts.identities.begin("192.0.2.7", "/", "")
        assert accounts.identities.take(request.state, request.browser) == request
        key = accounts.signing_keys.make("linh", "phone")
        assert not accounts.signing_keys.is_signed("linh", key.id, "", "", accounts.now())
