"""The accounts in the running monitor: their audit is in the journal once, and their trouble is not the line's."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from monitor.accounts import Account
from monitor.app.accounts import AuditRelay, show_first_link
from monitor.core.events.monitor_accounts import (
    MonitorAccountChanged,
    NoticedOfAccounts,
)
from monitor.core.inputs import Notice, Rejected
from monitor.core.phrase import Phrase
from monitor.errors import AccountsUnusable, JournalError, LinkInvalid
from tests.support.accounts import ADMIN, AccountsHarness
from tests.support.pipeline import START, PipelineHarness, event_payload
from tests.support.servers import eventually


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[AccountsHarness]:
    """Accounts beside a journal."""
    made = AccountsHarness(tmp_path)
    with made.accounts:
        yield made


def noticed(line: PipelineHarness) -> list[NoticedOfAccounts]:
    """The events about accounts in the journal."""
    found = [given for _, given in line.journal.inputs(0)]
    return [
        row.event
        for row in found
        if isinstance(row, Notice) and isinstance(row.event, NoticedOfAccounts)
    ]


def test_each_act_is_in_the_journal_once(harness: AccountsHarness, tmp_path: Path) -> None:
    """By whom, and in order; what has been moved is no longer kept beside it."""
    with PipelineHarness(tmp_path / "journal.db") as line:
        relay = AuditRelay(harness.accounts, line.pipeline)
        harness.accounts.add(Account(name="linh"), ADMIN)
        harness.accounts.disable("linh", ADMIN)
        relay.move()
        relay.move()
        found = noticed(line)

    acts = [
        (row.act, row.account, row.by) for row in found if isinstance(row, MonitorAccountChanged)
    ]
    assert acts == [("added", "linh", "admin"), ("disabled", "linh", "admin")]
    assert harness.acts() == []


def test_an_act_that_was_moved_before_a_crash_is_not_moved_again(
    harness: AccountsHarness, tmp_path: Path
) -> None:
    """The journal has it, the accounts' file still does: at the next start, nothing is added."""
    harness.accounts.add(Account(name="linh"), ADMIN)
    ((_, event),) = harness.accounts.audit.waiting()
    with PipelineHarness(tmp_path / "journal.db") as line:
        line.pipeline.notice_once(event, "accounts")
    with PipelineHarness(tmp_path / "journal.db", now=START + timedelta(hours=1)) as line:
        AuditRelay(harness.accounts, line.pipeline).move()
        found = noticed(line)

    assert found == [event]
    assert harness.acts() == []


def test_an_act_stays_until_it_is_in_the_journal(harness: AccountsHarness, tmp_path: Path) -> None:
    """A journal that can't be written loses no act."""
    harness.accounts.add(Account(name="linh"), ADMIN)
    with PipelineHarness(tmp_path / "journal.db") as line:
        line.journal.close()
        with pytest.raises(JournalError):
            AuditRelay(harness.accounts, line.pipeline).move()

    assert harness.acts() == [("added", "linh", "admin")]


async def test_many_wrong_passwords_are_an_alert(harness: AccountsHarness, tmp_path: Path) -> None:
    """IT learns of it while it happens."""
    await harness.add("linh")
    for _ in range(10):
        harness.advance(seconds=60)
        await harness.refused("linh")
    with PipelineHarness(tmp_path / "journal.db") as line:
        AuditRelay(harness.accounts, line.pipeline).move()
        alerts = line.journal.alerts()

    assert [(row.rule, row.key) for row in alerts] == [("sign-ins-failed", "linh")]


def test_no_one_may_send_such_an_event(tmp_path: Path) -> None:
    """Over MQTT it is refused, like all that the monitor notices itself."""
    sent = event_payload(
        "monitor.sign_ins_failed", START, subject="linh", done_at="2026-01-01T08:00:00Z"
    )
    with PipelineHarness(tmp_path / "journal.db") as line:
        for topic in ("venue/hall/staff/linh", "venue/hall/monitor/linh"):
            line.take(line.sent(topic, sent))
        rejected = [given for _, given in line.journal.inputs(0) if isinstance(given, Rejected)]

    reasons = [row.reason.id for row in rejected if isinstance(row.reason, Phrase)]
    assert reasons == ["event-type-reserved"]


async def test_the_line_goes_on_without_the_accounts(
    harness: AccountsHarness, tmp_path: Path
) -> None:
    """A damaged file is in the log once, and what waits is moved once it is repaired."""
    harness.path.write_bytes(b"no database" * 1000)
    with PipelineHarness(tmp_path / "journal.db") as line, capture_logs() as logs:
        relay = AuditRelay(harness.accounts, line.pipeline, look_every=0.001)
        running = asyncio.ensure_future(relay.run())
        await eventually(lambda: bool(logs))
        harness.path.unlink()
        with AccountsHarness(tmp_path).accounts as command:
            command.add(Account(name="linh"), ADMIN)
        await eventually(lambda: bool(noticed(line)))
        running.cancel()

    assert [row["event"] for row in logs if row["log_level"] == "error"] == ["accounts_unusable"]
    assert "file is not a database" in logs[0]["reason"]


def test_the_first_start_shows_a_link_that_makes_an_account(harness: AccountsHarness) -> None:
    """Until there is an account; the link is the whole address."""
    with capture_logs() as logs:
        show_first_link(harness.accounts, "http://127.0.0.1:9660")
    (shown,) = logs
    found = re.fullmatch(r"http://127\.0\.0\.1:9660/first/(\S+)", shown["open_within_30_minutes"])
    assert found is not None
    assert harness.accounts.invitation.account(found[1]) is None

    harness.accounts.add(Account(name="linh"), ADMIN)
    with capture_logs() as later:
        show_first_link(harness.accounts, "http://127.0.0.1:9660")

    assert later == []
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.account(found[1])


def test_a_start_without_readable_accounts_says_so(harness: AccountsHarness) -> None:
    """And is a start: alerts don't wait for the sign-in page."""
    harness.path.write_bytes(b"no database" * 1000)

    with capture_logs() as logs:
        show_first_link(harness.accounts, "http://127.0.0.1:9660")

    assert [row["event"] for row in logs] == ["accounts_unusable"]
    with pytest.raises(AccountsUnusable):
        harness.accounts.list()
