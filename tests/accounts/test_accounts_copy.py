"""Copies of the accounts: of one instant, closed to others, and as good as the original."""

import stat
from pathlib import Path

from monitor.accounts import Accounts, Grant
from monitor.accounts.accounts_copy import backup_path, content_of, digest_of, write_copy
from tests.support.accounts import ADMIN, PASSWORD, QUICK, AccountsHarness


async def test_a_copy_of_an_open_file_is_whole(harness: AccountsHarness, tmp_path: Path) -> None:
    """What is still in the log is in the copy; people sign in with it, and it replaces what was there."""
    await harness.add("linh", Grant(role="officer"))
    copy = tmp_path / "copy" / "accounts.db"
    copy.parent.mkdir()
    with Accounts(copy, harness.clock.now, QUICK) as before:
        assert before.list() == []
    for suffix in ("-wal", "-shm"):
        copy.with_name(copy.name + suffix).write_bytes(b"of the file before")

    write_copy(copy, content_of(harness.path))

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with Accounts(copy, harness.clock.now, QUICK) as copied:
        _, session = await copied.sign_in("linh", PASSWORD, "192.0.2.7", "test")
    assert session.account == harness.accounts.find("linh")


async def test_what_is_the_same_is_known_by_its_digest(
    harness: AccountsHarness, tmp_path: Path
) -> None:
    """A standby fetches the accounts only after a change."""
    await harness.add("linh", Grant(role="officer"))
    copy = tmp_path / "copy.db"
    write_copy(copy, content_of(harness.path))
    first = digest_of(copy)
    write_copy(copy, content_of(harness.path))
    same = digest_of(copy)
    harness.accounts.set_grants("linh", [], by=ADMIN)
    write_copy(copy, content_of(harness.path))

    assert same == first != digest_of(copy)
    assert content_of(tmp_path / "nowhere.db") == b""
    assert digest_of(tmp_path / "nowhere.db") == b""


def test_a_backup_has_both_files_side_by_side() -> None:
    """Backups of several days in one folder don't overwrite each other."""
    assert backup_path(Path("/backup/monday.db")) == Path("/backup/monday.accounts.db")
