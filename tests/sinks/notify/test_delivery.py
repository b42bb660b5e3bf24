"""Pages reach people by real servers: by the next channel if one fails, and repeated only when marked."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alert import Handling
from monitor.core.events.monitor import MonitorChannelDown, MonitorPageUndelivered
from monitor.errors import JournalError
from monitor.journal import Journal
from monitor.journal.outbox import Opened
from monitor.sinks.notify import Terms
from tests.support.http_stub import Answer, Loopback, loopback
from tests.support.mail import mailbox, text_of
from tests.support.paging import AT, Stand, alert, delivering, page, row
from tests.support.servers import HOST, eventually, free_port

TAKEN = Answer(body=b'{"id":"x"}')
HEALTHY = Answer(body=b'{"healthy":true}')


def ntfy(server: Loopback) -> str:
    """A topic there; what the server says to pages is up to the test."""
    pages = server.decide
    server.decide = lambda asked: HEALTHY if asked.path == "/v1/health" else pages(asked)
    return f"ntfy://{HOST}:{server.port}/topic"


def told(server: Loopback) -> list[str]:
    """The titles of the pages that came in."""
    return [json.loads(asked.body)["title"] for asked in server.asked if asked.method == "POST"]


def settled(stand: Stand) -> set[str]:
    """What has become of all pages."""
    return {each.state for each in stand.journal.outbox.latest(1000)}


async def test_a_page_is_delivered_and_recorded(tmp_path: Path) -> None:
    """When, by which channel, with what result: on the disk."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            record = await stand.until("delivered")

    assert told(server) == ["New: door a1 forced [critical]"]
    assert box.mails == []
    assert [(each.channel, each.result, each.is_repeat) for each in record.attempts] == [
        ("phone", "delivered", False)
    ]


async def test_the_same_page_ordered_again_is_not_sent_again(tmp_path: Path) -> None:
    """A relay may bring the same entries twice."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            await stand.order(page())
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page(), page("p2"))
            await stand.until("delivered", "p2")

    assert len(told(server)) == 2


async def test_the_next_channel_takes_what_the_first_refuses(tmp_path: Path) -> None:
    """At once: nobody waits for a second try while another way is open. What was refused has not arrived: no repeat."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: Answer(500)
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


async def test_what_may_have_arrived_is_marked_when_it_comes_again(tmp_path: Path) -> None:
    """Half an answer: in the title and in the first line."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: Answer(cut=True)
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            record = await stand.until("delivered")

    assert [(each.result, each.is_repeat) for each in record.attempts] == [
        ("unknown", False),
        ("delivered", True),
    ]
    assert box.mails[0]["subject"].startswith("Repeat: New: ")
    assert text_of(box.mails[0]).startswith("This may have reached you before")


async def test_a_record_that_was_left_open_means_a_marked_repeat(tmp_path: Path) -> None:
    """The monitor was killed while it handed the page over."""
    with Journal(tmp_path / "j.db") as journal:
        journal.outbox.add([(1, page())])
        opened = Opened(page="p1", n=1, channel="phone", at=AT, is_repeat=False)
        journal.outbox.write([opened])
        journal.outbox.add([(2, page("p2"))])
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        async with delivering(tmp_path / "j.db", anna=[row("phone", ntfy(server))]) as stand:
            await stand.until("delivered")
            await stand.until("delivered", "p2")
            assert stand.results() == [("phone", "open"), ("phone", "delivered")]

    assert sorted(told(server)) == [
        "New: door a1 forced [critical]",
        "Repeat: New: door a1 forced [critical]",
    ]


async def test_one_that_hangs_delays_nobody_else(tmp_path: Path) -> None:
    """A hundred pages to one whose server never answers; everybody else's arrive meanwhile."""
    async with loopback() as stuck, loopback() as server:
        stuck.decide = lambda _: Answer(hangs=True)
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


async def test_the_service_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    """Retry-After holds for the channel, and the pages behind go by the next one."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: Answer(429, headers={"Retry-After": "120"})
        rows = [row("phone", ntfy(server)), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page("p2"))
            await stand.until("delivered", "p2")
            assert stand.results("p2") == [("mail", "delivered")]

    assert len(told(server)) == 1
    assert len(box.mails) == 2


async def test_no_more_than_a_channel_may_take_in_a_minute(tmp_path: Path) -> None:
    """The rest goes by the next channel at once."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=2), row("mail", box.url("anna"))]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(*(page(f"p{n}") for n in range(5)))
            await eventually(lambda: settled(stand) == {"delivered"})

    assert len(told(server)) == 2
    assert len(box.mails) == 3


async def test_a_fire_goes_past_the_pages_a_minute(tmp_path: Path) -> None:
    """The limit is ours, and a page about lives is not what it is for."""
    fire = page("p2", alerts=(replace(alert(), severity="life_safety"),))
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=1)]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(fire)
            await stand.until("delivered", "p2")
            assert "monitor.page_undelivered" not in stand.kinds()


async def test_a_fire_waits_as_long_as_the_service_asks(tmp_path: Path) -> None:
    """It would be refused, and longer the more often it is tried."""
    fire = page(alerts=(replace(alert(), severity="life_safety"),))
    async with loopback() as server:
        server.decide = lambda _: Answer(429, headers={"Retry-After": "120"})
        terms = Terms(late_after=timedelta(seconds=0.1))
        async with delivering(tmp_path / "j.db", terms, anna=[row("phone", ntfy(server))]) as stand:
            await stand.order(fire)
            await stand.until("late")

    assert len(told(server)) == 1


async def test_late_for_too_many_pages_is_said_so(tmp_path: Path) -> None:
    """Whoever reads it has to raise the limit, not to mend a channel."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server), per_minute=1)]
        terms = Terms(late_after=timedelta(seconds=0.1))
        async with delivering(tmp_path / "j.db", terms, anna=rows) as stand:
            await stand.order(page())
            await stand.until("delivered")
            await stand.order(page("p2"))
            await stand.until("late", "p2")
            said = next(each for each in stand.noticed if isinstance(each, MonitorPageUndelivered))

    assert said.reason == "phone: over its pages a minute"


async def test_a_page_that_reaches_nobody_is_said_to_and_tried_on(tmp_path: Path) -> None:
    """After every channel has failed twice the alert can climb; when the server is back it arrives all the same."""
    port = free_port()
    async with delivering(
        tmp_path / "j.db", anna=[row("phone", f"ntfy://{HOST}:{port}/topic")]
    ) as stand:
        await stand.order(page(more=("a2",)))
        await stand.until("late")
        await eventually(lambda: (stand.delivery.waiting, stand.delivery.at_work) == (1, 0))
        said = next(each for each in stand.noticed if isinstance(each, MonitorPageUndelivered))
        assert (said.page, said.person, said.alerts) == ("p1", "anna", ("a1", "a2"))
        assert said.reason.startswith("phone: ")
        async with loopback(port=port) as server:
            server.decide = lambda _: TAKEN
            await stand.until("delivered")
            assert "monitor.page_delivered" in stand.kinds()
            assert stand.kinds().count("monitor.page_undelivered") == 1


async def test_somebody_without_a_channel_is_said_to_be_unreachable(tmp_path: Path) -> None:
    """At once, and there is nothing to try."""
    async with delivering(tmp_path / "j.db", anna=[]) as stand:
        await stand.order(page(), page("p2", "stranger"))
        await stand.until("undelivered")
        await stand.until("undelivered", "p2")
        assert stand.kinds() == ["monitor.page_undelivered"] * 2


async def test_nobody_is_told_late_of_what_somebody_has_taken(tmp_path: Path) -> None:
    """A page that could not be delivered in time is needless then."""
    async with delivering(
        tmp_path / "j.db", anna=[row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
    ) as stand:
        await stand.order(page())
        await stand.until("late")
        stand.alerts = {"a1": replace(alert(), handling=Handling.ACKNOWLEDGED, owner="linh")}
        await stand.until("needless")


async def test_it_is_given_up_in_the_end(tmp_path: Path) -> None:
    """The ladder has climbed long before."""
    terms = Terms(late_after=timedelta(seconds=0.1), give_up_after=timedelta(seconds=0.2))
    rows = [row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
    async with delivering(tmp_path / "j.db", terms, anna=rows) as stand:
        await stand.order(page())
        await stand.until("undelivered")
        assert stand.journal.outbox.unreached() == ["anna"]


async def test_channels_are_looked_at_also_when_nobody_is_paged(tmp_path: Path) -> None:
    """One whose server is away is known before it is needed."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        rows = [row("phone", ntfy(server)), row("gotify", f"gotify://{HOST}:{free_port()}/token")]
        async with delivering(tmp_path / "j.db", anna=rows) as stand:
            await eventually(lambda: len(stand.noticed) == 2)
            assert sorted(stand.kinds()) == ["monitor.channel_down", "monitor.channel_up"]
            assert stand.delivery.troubles() == ["anna's channel gotify: Connection refused"]


async def test_a_changed_roster_holds_for_the_next_try(tmp_path: Path) -> None:
    """Somebody mends the address while the page waits."""
    async with mailbox() as box:
        broken = [row("phone", f"ntfy://{HOST}:{free_port()}/topic")]
        async with delivering(tmp_path / "j.db", anna=broken) as stand:
            await stand.order(page())
            await stand.until("late")
            stand.channels = {"anna": [row("mail", box.url("anna"))]}
            await stand.until("delivered")

    assert len(box.mails) == 1


async def test_nothing_is_delivered_without_a_record(tmp_path: Path) -> None:
    """A journal that can't be written stops the monitor; the page waits on the disk."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        path = tmp_path / "j.db"
        with Journal(path) as journal:
            stand = Stand(journal, Terms(), anna=[row("phone", ntfy(server))])
            await stand.order(page())
            journal._db.execute("PRAGMA query_only = 1")  # noqa: SLF001 - a disk that has become read-only
            with pytest.raises(JournalError, match="readonly"):
                await stand.delivery.run()

    assert told(server) == []
