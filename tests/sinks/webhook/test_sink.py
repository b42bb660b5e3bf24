"""A webhook is told everything it asked for, in order, at least once, whatever the receiver does."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

from monitor.config.outward import Webhook
from monitor.config.secret import Secret
from monitor.core.events.monitor import MonitorSinkRefused
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleBook, Severity
from monitor.sinks.relay import Relay
from monitor.sinks.webhook import WebhookSink
from tests.support.http_stub import Answer, Asked, Loopback, loopback
from tests.support.pipeline import Line, said, trial_book
from tests.support.servers import HOST, eventually, free_port

SECRET = "a secret of at least twenty-four bytes"
FORCED = ["venue.alert.raised", "venue.alert.cleared"]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line with rules in force."""
    with Line(tmp_path / "journal.db") as made:
        yield made


@pytest.fixture
async def there() -> AsyncIterator[Loopback]:
    """The receiver."""
    async with loopback() as made:
        yield made


def happen(line: Line, where: str, kind: str, **fields: object) -> None:
    """Takes in one event, and lets it have its consequences."""
    line.take(line.sent(f"venue/centre/{where}", said(kind, line.clock.time, **fields)))
    line.wait(5)


def force(line: Line, point: str = "d1") -> None:
    """A door is forced open, and closed again."""
    happen(line, f"door/{point}", "door.alarm", point=point, alarm="forced_open")
    happen(line, f"door/{point}", "door.alarm", point=point, alarm="normal")


@asynccontextmanager
async def telling(
    line: Line, *webhooks: Webhook, refused: list[MonitorSinkRefused] | None = None
) -> AsyncIterator[list[Relay]]:
    """Relays to these webhooks, that begin with what comes next."""
    noted = [] if refused is None else refused
    sinks = [WebhookSink(webhook, "trial", lambda: datetime.now(UTC)) for webhook in webhooks]
    for sink in sinks:
        line.journal.welcome(sink.name)
    relays = [Relay(line.journal, sink, noted.append, line.clock.now, Random(1)) for sink in sinks]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield relays
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for sink in sinks:
            await sink.close()


async def brought(line: Line, *webhooks: Webhook, force_: bool = True) -> list[Relay]:
    """What happens is brought to all of them, to the end."""
    async with telling(line, *webhooks) as relays:
        if force_:
            force(line)
        for relay in relays:
            relay.bell.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
        return relays


def events(there: Loopback) -> list[dict[str, Any]]:
    """The CloudEvents that came in."""
    return [json.loads(asked.body) for asked in there.asked]


def types(there: Loopback) -> list[str]:
    """What they tell of."""
    return [event["type"] for event in events(there)]


async def test_a_cloud_event(line: Line, there: Loopback) -> None:
    """All that the specification demands, with the journal's entry as its data."""
    await brought(line, Webhook(name="soc", url=f"{there.url}/hook"))
    raised, cleared = events(there)
    assert raised["specversion"] == "1.0"
    assert raised["type"] == "venue.alert.raised"
    assert raised["source"] == "/venue-monitor/trial"
    assert raised["subject"] == raised["data"]["alert"]["id"]
    assert datetime.fromisoformat(raised["time"]).tzinfo is not None
    assert raised["datacontenttype"] == "application/json"
    assert raised["data"]["alert"]["title"] == "Door d1 forced open"
    assert cleared["id"] != raised["id"]
    asked = there.asked[0]
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    assert asked.headers["idempotency-key"] == raised["id"]


def is_genuine(asked: Asked, key: bytes) -> bool:
    """What a receiver does: the signature fits the id, the time and every byte."""
    told = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key, told + asked.body, hashlib.sha256).digest()
    return asked.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (SECRET, SECRET.encode()),
        (f"whsec_{base64.b64encode(bytes(range(24))).decode()}", bytes(range(24))),
    ],
)
async def test_a_signature_that_receivers_can_check(
    line: Line, there: Loopback, secret: str, key: bytes
) -> None:
    """With the time, so that what was overheard can't be sent again later."""
    await brought(line, Webhook(name="soc", url=there.url, secret=Secret(secret)))
    for asked in there.asked:
        assert is_genuine(asked, key)
        sent = datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), UTC)
        assert abs(datetime.now(UTC) - sent) < timedelta(minutes=1)
        assert asked.headers["webhook-id"] == asked.headers["idempotency-key"]


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500),
        Answer(503),
        Answer(401),
        Answer(429, headers={"Retry-After": "1"}),
        Answer(cut=True),
        Answer(hangs=True),
    ],
)
async def test_the_same_message_comes_until_it_is_taken(
    line: Line, there: Loopback, trouble: Answer
) -> None:
    """With the same id, signed anew; what has arrived doesn't come again."""
    there.answers += [Answer(), trouble]
    patience = timedelta(seconds=0.3) if trouble.hangs else timedelta(seconds=10)
    webhook = Webhook(name="soc", url=there.url, secret=Secret(SECRET), timeout=patience)
    await brought(line, webhook)
    assert types(there) == ["venue.alert.raised", "venue.alert.cleared", "venue.alert.cleared"]
    assert len({event["id"] for event in events(there)}) == 2
    assert all(is_genuine(asked, SECRET.encode()) for asked in there.asked)


async def test_a_busy_receiver_is_left_alone_as_long_as_it_says(
    line: Line, there: Loopback
) -> None:
    """Retry-After is longer than our own first pause."""
    times: list[float] = []

    def note(_: Asked) -> Answer:
        times.append(asyncio.get_running_loop().time())
        return Answer(429, headers={"Retry-After": "2"}) if len(times) == 1 else Answer()

    there.decide = note
    await brought(line, Webhook(name="soc", url=there.url))
    assert times[1] - times[0] >= 2


async def test_what_it_refuses_is_stepped_over_and_said(line: Line, there: Loopback) -> None:
    """One message that it will never take holds nothing up."""
    refused: list[MonitorSinkRefused] = []
    there.decide = lambda asked: Answer(422) if b"alert.raised" in asked.body else Answer()
    webhook = Webhook(name="soc", url=there.url)
    async with telling(line, webhook, refused=refused) as (relay,):
        force(line)
        relay.bell.set()
        await eventually(lambda: not relay.lag)
    assert types(there)[-1] == "venue.alert.cleared"
    assert [row.sink for row in refused] == ["webhook/soc"]


async def test_a_dead_one_holds_nobody_up_and_loses_nothing(line: Line, there: Loopback) -> None:
    """Each has a cursor of its own, which stays where it is while its receiver is away, also over a restart."""
    port = free_port()
    dead = Webhook(name="dead", url=f"http://{HOST}:{port}")
    async with telling(line, dead, Webhook(name="soc", url=there.url)) as (away, well):
        force(line)
        away.bell.set()
        well.bell.set()
        await eventually(lambda: types(there) == FORCED and bool(away.trouble))
        assert away.lag
    async with loopback(port=port) as back:
        await brought(line, dead, force_=False)
        assert types(back) == FORCED
    assert [row["id"] for row in events(back)] == [row["id"] for row in events(there)]


async def test_a_new_one_begins_with_what_comes_next(line: Line, there: Loopback) -> None:
    """Nobody is flooded with the history; an old one goes on from where it stopped."""
    force(line, "d2")
    webhook = Webhook(name="soc", url=there.url)
    await brought(line, webhook)
    force(line, "d2")
    await brought(line, webhook, force_=False)
    told = [event["data"]["alert"]["point"] for event in events(there)]
    assert told == ["d1", "d1", "d2", "d2"]


async def test_only_what_was_asked_for(line: Line, there: Loopback) -> None:
    """By kind and by severity."""
    low = Webhook(name="zones", url=f"{there.url}/zones", kinds=("zone", "readiness"))
    grave = Webhook(name="grave", url=f"{there.url}/grave", at_least="critical")
    async with telling(line, low, grave) as relays:
        happen(line, "door/e1", "door.opened", point="e1")  # high
        force(line)  # critical
        happen(line, "zone/hall", "zone.count", zone="hall", count=3)
        happen(line, "readiness/hall", "readiness.signed", zone="hall", who="ann")
        for relay in relays:
            relay.bell.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
    by_path = {(asked.path, json.loads(asked.body)["type"]) for asked in there.asked}
    assert {kind for path, kind in by_path if path == "/grave"} == set(FORCED)
    assert {kind for path, kind in by_path if path == "/zones"} == {
        "venue.zone.changed",
        "venue.readiness.changed",
    }


async def test_a_mask_is_told_to_who_asked(line: Line, there: Loopback) -> None:
    """When it begins and when it ends."""
    async with telling(line, Webhook(name="soc", url=there.url, kinds=("mask",))) as (relay,):
        until = (line.clock.time + timedelta(seconds=1)).isoformat()
        fields = {"what": "*", "zone": "hall", "until": until, "reason": "set-up", "who": "bob"}
        happen(line, "staff/bob", "staff.mask", **fields)
        relay.bell.set()
        await eventually(lambda: not relay.lag)
    assert types(there) == ["venue.mask.begun", "venue.mask.ended"]


async def test_silent_alerts_stay_out_unless_asked_for(line: Line, there: Loopback) -> None:
    """Duress is nobody's business who was not named."""
    quiet = Webhook(name="quiet", url=f"{there.url}/quiet")
    told = Webhook(name="told", url=f"{there.url}/told", silent=True)
    async with telling(line, quiet, told) as relays:
        happen(line, "access/d1", "access.duress", point="d1", credential="c1")
        for relay in relays:
            relay.bell.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
    assert {asked.path for asked in there.asked} == {"/told"}


async def test_over_tls(line: Line, tmp_path: Path) -> None:
    """A receiver whose certificate nobody vouches for is told nothing, however long it takes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(tls)
    async with loopback(tls) as there:
        async with telling(line, Webhook(name="stranger", url=there.url)) as (relay,):
            force(line)
            relay.bell.set()
            await eventually(lambda: "certificate verify failed" in relay.trouble)
        assert there.asked == []
        await brought(line, Webhook(name="soc", url=there.url, ca_file=tmp_path / "ca.pem"))
        assert types(there) == FORCED


async def test_goalert(line: Line, there: Loopback) -> None:
    """Raised, shelved, back again, over; each with the alert's own id, since GoAlert would go by the summary."""
    address = Secret(f"{there.url}/api/v2/generic/incoming?token=t")
    async with telling(line, Webhook(name="g", hidden_url=address, format="goalert")) as (relay,):
        happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
        (alert,) = line.journal.alerts()
        happen(line, "staff/ann", "staff.acknowledge", who="ann", alert=alert.id)
        until = (line.clock.time + timedelta(seconds=1)).isoformat()
        fields = {"who": "ann", "alert": alert.id, "until": until, "reason": "painters"}
        happen(line, "staff/ann", "staff.shelve", **fields)
        happen(line, "door/d1", "door.alarm", point="d1", alarm="normal")
        relay.bell.set()
        await eventually(lambda: not relay.lag)
    told = events(there)
    assert [row.get("action", "") for row in told] == ["", "close", "", "close"]
    assert {row["dedup"] for row in told} == {alert.id}
    assert {row["summary"] for row in told} == {"Door d1 forced open"}
    assert told[0]["details"].startswith("critical\ncentre / hall / d1\nsince 2026-01-01 08:00Z")
    assert {asked.path for asked in there.asked} == {"/api/v2/generic/incoming?token=t"}
    assert {asked.headers["content-type"] for asked in there.asked} == {"application/json"}


async def test_goalert_never_hears_of_what_was_masked_from_the_start(
    line: Line, there: Loopback
) -> None:
    """Nor that it is over: closing what it doesn't have would be noise."""
    async with telling(line, Webhook(name="g", url=there.url, format="goalert")) as (relay,):
        until = (line.clock.time + timedelta(hours=1)).isoformat()
        fields = {"what": "*", "zone": "hall", "until": until, "reason": "set-up", "who": "bob"}
        happen(line, "staff/bob", "staff.mask", **fields)
        happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
        relay.bell.set()
        await eventually(lambda: not relay.lag)
    assert there.asked == []


def graver(severity: Severity) -> RuleBook:
    """The rules of the repository, with a forced door as grave as this."""
    book = trial_book()
    rules = [
        replace(row, severity=severity) if row.id == "door-forced" else row for row in book.rules
    ]
    return replace(book, rules=tuple(rules))


async def test_goalert_hears_of_what_became_graver(tmp_path: Path, there: Loopback) -> None:
    """Not grave enough at first; an officer says otherwise, and it happens again: once is enough."""
    hook = Webhook(name="g", url=there.url, format="goalert", at_least="critical")
    with Line(tmp_path / "journal.db", book=graver("medium")) as line:
        async with telling(line, hook) as (relay,):
            happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
            changed = RulesChanged(received_at=line.clock.time, who="ann", book=graver("critical"))
            line.pipeline.submit(changed)
            for _ in range(2):
                happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
            relay.bell.set()
            await eventually(lambda: not relay.lag)
    assert [row["details"].split("\n")[0] for row in events(there)] == ["critical"]
