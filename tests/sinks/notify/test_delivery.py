"""Pages reach people through real servers: by the next channel if one fails, and repeated only when marked."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert, Handling
from monitor.core.events.monitor_delivery import MonitorChannelDown, MonitorPageUndelivered
from monitor.core.phrase import phrase
from monitor.core.rules.title import render_phrase
from monitor.core.transitions import DailyDigest
from monitor.core.venue.display_names import NO_NAMES
from monitor.errors import JournalError
from monitor.journal import Journal
from monitor.journal.outbox import AttemptOpened
from monitor.sinks.notify import DeliveryLimits
from monitor.texts import best, plain
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.mail import mailbox, text_of
from tests.support.paging import AT, NotifyHarness, alert, delivering, page, row
from tests.support.servers import HOST, eventually, free_port

TAKEN = StubResponse(body=b'{"id":"x"}')
HEALTHY = StubResponse(body=b'{"healthy":true}')


def ntfy(server: HttpStub) -> str:
    """A topic on the server, whose answers to pages the test decides."""
    pages = server.decide
    server.decide = lambda asked: HEALTHY if asked.path == "/v1/health" else pages(asked)
    return f"ntfy://{HOST}:{server.port}/topic"


def bodies(server: HttpStub) -> list[str]:
    """The titles of the pages that arrived."""
    return [json.loads(asked.body)["title"] for asked in server.asked if asked.method == "POST"]


def settled(stand: NotifyHarness) -> set[str]:
    """The states of all pages."""
    return {each.state for each in stand.journal.outbox.latest(1000)}


async def test_a_page_is_delivered_and_recorded(tmp_path: Path) -> None:
    """The time, channel and result of a delivery are on disk."""
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            record = await stand.until("delivered")

    assert bodies(server) == ["New: door a1 forced [critical]"]
    assert box.mails == []
    assert [(each.channel, each.result, each.is_repeat) for each in record.attempts] == [
        ("phone", "delivered", False)
    ]


async def test_a_page_that_is_ordered_twice_is_sent_once(tmp_path: Path) -> None:
    """A page is sent once, even if a relay delivers its entry again."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            await stand.order(page())
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page(), page("p2"))
            await stand.until("delivered", "p2")

    assert len(bodies(server)) == 2


async def test_the_next_channel_takes_what_the_first_refuses(tmp_path: Path) -> None:
    """A refused page goes to the next channel at once.

    There is no retry while another channel is left. The page has not arrived, so the next attempt is no repeat.
    """
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: StubResponse(500)
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            assert stand.results() == [("phone", "failed"), ("mail", "delivered")]
            down = [each for each in stand.noticed if isinstance(each, MonitorChannelDown)]

    assert box.mails[0]["subject"] == "New: door a1 forced [critical]"
    assert [(each.person, each.channel, each.reason) for each in down] == [
        ("anna", "phone", "HTTP 500")
    ]
    assert [each.phrase for each in down] == [phrase("channel-status", status=500)]


async def test_a_page_that_may_have_arrived_is_marked_as_a_repeat(tmp_path: Path) -> None:
    """After an incomplete answer, the next attempt is marked as a repeat in the title and in the first line."""
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: StubResponse(cut=True)
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            record = await stand.until("delivered")

    assert [(each.result, each.is_repeat) for each in record.attempts] == [
        ("unknown", False),
        ("delivered", True),
    ]
    assert box.mails[0]["subject"].startswith("Repeat: New: ")
    assert text_of(box.mails[0]).startswith("You may have received this before")


async def test_an_open_record_means_a_marked_repeat(tmp_path: Path) -> None:
    """If the monitor was killed while it handed a page over, the page is sent again as a marked repeat."""
    with Journal(tmp_path / "j.db") as journal:
        journal.outbox.add([(1, page())])
        opened = AttemptOpened(page="p1", n=1, channel="phone", at=AT, is_repeat=False)
        journal.outbox.write([opened])
        journal.outbox.add([(2, page("p2"))])
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            await stand.until("delivered")
            await stand.until("delivered", "p2")
            assert stand.results() == [("phone", "open"), ("phone", "delivered")]

    assert sorted(bodies(server)) == [
        "New: door a1 forced [critical]",
        "Repeat: New: door a1 forced [critical]",
    ]


async def test_a_hanging_channel_delays_no_one_else(tmp_path: Path) -> None:
    """A hundred pages to one person whose server never answers; those of everyone else arrive meanwhile."""
    async with http_stub() as stuck, http_stub() as server:
        stuck.decide = lambda _: StubResponse(hangs=True)
        server.decide = lambda _: TAKEN
        rows = {"anna": [row("phone", f"json://{HOST}:{stuck.port}/x", seconds=60)]}
        rows |= {f"p{n}": [row("phone", ntfy(server))] for n in range(20)}
        async with delivering(tmp_path / "j.db", None, **rows) as stand:
            await stand.order(*(page(f"stuck{n}") for n in range(100)))
            await stand.order(*(page(f"other{n}", f"p{n}") for n in range(20)))
            for n in range(20):
                await stand.until("delivered", f"other{n}")
            assert stand.record("stuck0").state == "waiting"
            await eventually(lambda: stand.delivery.waiting == 100)


async def test_retry_after_is_respected(tmp_path: Path) -> None:
    """Retry-After applies to the channel, and the pages behind go by the next one."""
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: StubResponse(429, headers={"Retry-After": "120"})
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page("p2"))
            await stand.until("delivered", "p2")
            assert stand.results("p2") == [("mail", "delivered")]

    assert len(bodies(server)) == 1
    assert len(box.mails) == 2


async def test_a_channel_has_a_limit_per_minute(tmp_path: Path) -> None:
    """Pages beyond the limit per minute go by the next channel at once."""
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=2), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(*(page(f"p{n}") for n in range(5)))
            await eventually(lambda: settled(stand) == {"delivered"})

    assert len(bodies(server)) == 2
    assert len(box.mails) == 3


async def test_a_fire_ignores_the_limit_per_minute(tmp_path: Path) -> None:
    """The channel's limit is our own, and does not apply to life safety."""
    fire = page("p2", alerts=(replace(alert(), severity="life_safety"),))
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=1)]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(fire)
            await stand.until("delivered", "p2")
            assert "monitor.page_undelivered" not in stand.kinds()


async def test_a_critical_page_never_waits_behind_lower_ones(tmp_path: Path) -> None:
    """Lower pages use up neither the critical part of the channel's limit nor its simultaneous requests."""
    lesser = (replace(alert(), severity="medium"),)
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=1)]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page(alerts=lesser))
            await stand.until("delivered")
            await stand.order(page("p2"))
            await stand.until("delivered", "p2")
            await stand.order(page("p3", alerts=lesser), page("p4"))
            await asyncio.sleep(0.1)
            assert [stand.record(each).state for each in ("p3", "p4")] == ["waiting", "waiting"]


async def test_a_fire_waits_as_long_as_the_service_asks(tmp_path: Path) -> None:
    """Even a fire waits as long as the service asks: each earlier attempt would be refused and prolong the wait."""
    fire = page(alerts=(replace(alert(), severity="life_safety"),))
    async with http_stub() as server:
        server.decide = lambda _: StubResponse(429, headers={"Retry-After": "120"})
        limits = DeliveryLimits(late_after=timedelta(seconds=0.1))
        async with delivering(
            tmp_path / "j.db", limits, anna=[row("phone", ntfy(server))]
        ) as stand:
            await stand.order(fire)
            await stand.until("late")

    assert len(bodies(server)) == 1


async def test_a_delay_by_the_limit_is_reported_as_such(tmp_path: Path) -> None:
    """A delay by the limit is reported as such: the limit has to be raised, and the channel works."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=1)]
        limits = DeliveryLimits(late_after=timedelta(seconds=0.1))
        async with delivering(tmp_path / "j.db", limits, anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page("p2"))
            await stand.until("late", "p2")
            found = next(each for each in stand.noticed if isinstance(each, MonitorPageUndelivered))

    assert found.reason == "phone: its limit of pages per minute is reached"
    assert found.phrase is not None
    assert "giới hạn" in render_phrase(found.phrase, NO_NAMES, best(("vi",)))


async def test_an_undelivered_page_is_reported_and_retried(tmp_path: Path) -> None:
    """After every channel has failed twice the alert can escalate; once the server is back, the page still arrives."""
    port = free_port()
    async with delivering(
        tmp_path / "j.db", anna=[row("phone", f"ntfy://{HOST}:{port}/topic")]
    ) as stand:
        await stand.order(page(more=("a2",)))
        await stand.until("late")
        await eventually(lambda: (stand.delivery.waiting, stand.delivery.at_work) == (1, 0))
        found = next(each for each in stand.noticed if isinstance(each, MonitorPageUndelivered))
        assert (found.page, found.person, found.alerts) == ("p1", "anna", ("a1", "a2"))
        assert found.reason.startswith("phone: ")
        async with http_stub(port=port) as server:
            server.decide = lambda _: TAKEN
            await stand.until("delivered")
            assert "monitor.page_delivered" in stand.kinds()
            assert stand.kinds().count("monitor.page_undelivered") == 1


async def test_a_person_without_a_channel_is_reported_unreachable(tmp_path: Path) -> None:
    """A person without a channel is reported as unreachable at once, without an attempt."""
    async with delivering(tmp_path / "j.db", anna=[]) as stand:
        await stand.order(page(), page("p2", "stranger"))
        await stand.until("undelivered")
        await stand.until("undelivered", "p2")
        assert stand.kinds() == ["monitor.page_undelivered"] * 2


@pytest.mark.parametrize("alerts", [(), (alert(),)])
async def test_a_daily_digest_is_needed_whatever_its_alerts_are(
    tmp_path: Path, alerts: tuple[Alert, ...]
) -> None:
    """It is tried again although none of its alerts is open, and also if it has none."""
    async with http_stub() as server:
        answers = iter([StubResponse(503)])
        server.decide = lambda _: next(answers, TAKEN)
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            stand.alerts = {}
            await stand.order(page(kind="daily", alerts=alerts, daily=DailyDigest()))
            await stand.until("delivered")
            assert stand.results() == [("phone", "failed"), ("phone", "delivered")]


async def test_a_late_page_about_an_acknowledged_alert_is_dropped(tmp_path: Path) -> None:
    """A page that could not be delivered in time is no longer needed."""
    async with delivering(
        tmp_path / "j.db", anna=[row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
    ) as stand:
        await stand.order(page())
        await stand.until("late")
        stand.alerts = {"a1": replace(alert(), handling=Handling.ACKNOWLEDGED, owner="linh")}
        await stand.until("needless")


async def test_delivery_is_given_up_in_the_end(tmp_path: Path) -> None:
    """Delivery is given up in the end; the alert has escalated long before."""
    limits = DeliveryLimits(late_after=timedelta(seconds=0.1), give_up_after=timedelta(seconds=0.2))
    rows = [row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
    async with delivering(tmp_path / "j.db", limits, anna=rows) as stand:
        await stand.order(page())
        await stand.until("undelivered")
        assert stand.journal.outbox.unreached() == ["anna"]


async def test_channels_are_checked_without_a_page(tmp_path: Path) -> None:
    """An unreachable server is reported before it is needed."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server)), row("gotify", f"gotify://{HOST}:{free_port()}/token")]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await eventually(lambda: len(stand.noticed) == 2)
            assert sorted(stand.kinds()) == ["monitor.channel_down", "monitor.channel_up"]
            assert [plain(row) for row in stand.delivery.troubles()] == [
                "channel gotify to anna: connection refused"
            ]


async def test_a_changed_roster_applies_to_the_next_attempt(tmp_path: Path) -> None:
    """An address that is corrected while the page waits applies to the next attempt."""
    async with mailbox() as box:
        broken = [row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
        async with delivering(tmp_path / "j.db", anna=broken) as stand:
            await stand.order(page())
            await stand.until("late")
            stand.channels = {"anna": [row("mail", box.url("anna"))]}
            await stand.until("delivered")

    assert len(box.mails) == 1


async def test_nothing_is_delivered_without_a_record(tmp_path: Path) -> None:
    """A journal that cannot be written stops the monitor; the page stays in the outbox."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        path = tmp_path / "j.db"
        with Journal(path) as journal:
            stand = NotifyHarness(journal, DeliveryLimits(), anna=[row("phone", ntfy(server))])
            await stand.order(page())
            journal._db.execute("PRAGMA query_only = 1")  # noqa: SLF001 - a disk that has become read-only
            with pytest.raises(JournalError, match="readonly"):
                await stand.delivery.run()

    assert bodies(server) == []


@pytest.mark.parametrize(
    ("kind", "owner", "is_needed"),
    [
        ("handed_over", "anna", True),
        ("handed_over", "bao", False),
        ("escalated", "bao", True),
        ("escalated", "anna", False),
    ],
)
async def test_a_page_that_a_person_called_for_outlives_an_acknowledgement(
    tmp_path: Path, kind: str, owner: str, *, is_needed: bool
) -> None:
    """It is tried again until its recipient has the alert; a new owner has it, and must hear of it."""
    async with http_stub() as server:
        server.decide = lambda _: StubResponse(500)
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            stand.alerts["a1"] = replace(alert(), handling=Handling.ACKNOWLEDGED, owner=owner)
            await stand.order(page(kind=kind, by_hand=True))
            if is_needed:
                await eventually(lambda: len(stand.results()) > 1)
                server.decide = lambda _: TAKEN
            await stand.until("delivered" if is_needed else "needless")
