"""A webhook receives everything it is configured for, in order, at least once, whatever the receiver does."""

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
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.inputs import RulesChanged
from monitor.core.rules.model import RuleSet, Severity
from monitor.sinks.relay import Relay
from monitor.sinks.webhook import WebhookSink
from monitor.texts import plain
from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub
from tests.support.pipeline import PipelineHarness, event_payload, trial_rule_set
from tests.support.servers import HOST, eventually, free_port

SECRET = "a secret of at least twenty-four bytes"
FORCED = ["venue.alert.raised", "venue.alert.cleared"]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


@pytest.fixture
async def there() -> AsyncIterator[HttpStub]:
    """The receiver."""
    async with http_stub() as made:
        yield made


def happen(line: PipelineHarness, where: str, kind: str, **fields: object) -> None:
    """Process one event and what follows from it."""
    line.take(line.sent(f"venue/centre/{where}", event_payload(kind, line.clock.time, **fields)))
    line.wait(5)


def force(line: PipelineHarness, point: str = "d1") -> None:
    """Force a door open, and close it again."""
    happen(line, f"door/{point}", "door.alarm", point=point, alarm="forced_open")
    happen(line, f"door/{point}", "door.alarm", point=point, alarm="normal")


@asynccontextmanager
async def relaying(
    line: PipelineHarness, *webhooks: Webhook, refused: list[MonitorSinkRefused] | None = None
) -> AsyncIterator[list[Relay]]:
    """Relays to these webhooks, which start with the next transition."""
    noted = [] if refused is None else refused
    sinks = [WebhookSink(webhook, "trial", lambda: datetime.now(UTC)) for webhook in webhooks]
    for sink in sinks:
        line.journal.readers.register_at_tail(sink.name)
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


async def brought(line: PipelineHarness, *webhooks: Webhook, force_: bool = True) -> list[Relay]:
    """Deliver everything to all webhooks."""
    async with relaying(line, *webhooks) as relays:
        if force_:
            force(line)
        for relay in relays:
            relay.wake_up.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
        return relays


def events(there: HttpStub) -> list[dict[str, Any]]:
    """The CloudEvents that arrived."""
    return [json.loads(asked.body) for asked in there.asked]


def types(there: HttpStub) -> list[str]:
    """The types of the CloudEvents that arrived."""
    return [event["type"] for event in events(there)]


async def test_a_cloud_event(line: PipelineHarness, there: HttpStub) -> None:
    """The event has all that the specification requires, with the journal's entry as its data."""
    await brought(line, Webhook(name="soc", url=f"{there.url}/hook"))
    raised, cleared = events(there)
    assert raised["specversion"] == "1.0"
    assert raised["type"] == "venue.alert.raised"
    assert raised["source"] == "/venue-monitor/trial"
    assert raised["subject"] == raised["data"]["alert"]["id"]
    assert datetime.fromisoformat(raised["time"]).tzinfo is not None
    assert raised["datacontenttype"] == "application/json"
    assert raised["data"]["alert"]["title"] == "Door forced open: Door of the hall"
    assert cleared["id"] != raised["id"]
    asked = there.asked[0]
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    assert asked.headers["idempotency-key"] == raised["id"]


def is_genuine(asked: ReceivedRequest, key: bytes) -> bool:
    """Whether the signature fits the id, the time and every byte, as a receiver checks it."""
    found = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key, found + asked.body, hashlib.sha256).digest()
    return asked.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        (SECRET, SECRET.encode()),
        (f"whsec_{base64.b64encode(bytes(range(24))).decode()}", bytes(range(24))),
    ],
)
async def test_a_signature_that_receivers_can_check(
    line: PipelineHarness, there: HttpStub, secret: str, key: bytes
) -> None:
    """The signature includes the time, so that an intercepted message cannot be sent again later."""
    await brought(line, Webhook(name="soc", url=there.url, secret=Secret(secret)))
    for asked in there.asked:
        assert is_genuine(asked, key)
        sent = datetime.fromtimestamp(int(asked.headers["webhook-timestamp"]), UTC)
        assert abs(datetime.now(UTC) - sent) < timedelta(minutes=1)
        assert asked.headers["webhook-id"] == asked.headers["idempotency-key"]


@pytest.mark.parametrize(
    "trouble",
    [
        StubResponse(500),
        StubResponse(503),
        StubResponse(401),
        StubResponse(429, headers={"Retry-After": "1"}),
        StubResponse(cut=True),
        StubResponse(hangs=True),
    ],
)
async def test_a_message_is_repeated_until_it_is_accepted(
    line: PipelineHarness, there: HttpStub, trouble: StubResponse
) -> None:
    """A message is repeated with the same id and a new signature; an accepted message is not sent again."""
    there.answers += [StubResponse(), trouble]
    patience = timedelta(seconds=0.3) if trouble.hangs else timedelta(seconds=10)
    webhook = Webhook(name="soc", url=there.url, secret=Secret(SECRET), timeout=patience)
    await brought(line, webhook)
    assert types(there) == ["venue.alert.raised", "venue.alert.cleared", "venue.alert.cleared"]
    assert len({event["id"] for event in events(there)}) == 2
    assert all(is_genuine(asked, SECRET.encode()) for asked in there.asked)


async def test_retry_after_is_respected(line: PipelineHarness, there: HttpStub) -> None:
    """The next attempt waits as long as the receiver asks, which is longer than our own first pause."""
    times: list[float] = []

    def note(_: ReceivedRequest) -> StubResponse:
        times.append(asyncio.get_running_loop().time())
        return (
            StubResponse(429, headers={"Retry-After": "2"}) if len(times) == 1 else StubResponse()
        )

    there.decide = note
    await brought(line, Webhook(name="soc", url=there.url))
    assert times[1] - times[0] >= 2


async def test_a_refused_message_is_skipped_and_reported(
    line: PipelineHarness, there: HttpStub
) -> None:
    """A message that is never accepted does not hold up the others."""
    refused: list[MonitorSinkRefused] = []
    there.decide = lambda asked: (
        StubResponse(422) if b"alert.raised" in asked.body else StubResponse()
    )
    webhook = Webhook(name="soc", url=there.url)
    async with relaying(line, webhook, refused=refused) as (relay,):
        force(line)
        relay.wake_up.set()
        await eventually(lambda: not relay.lag)
    assert types(there)[-1] == "venue.alert.cleared"
    assert [row.sink for row in refused] == ["webhook/soc"]


async def test_an_unreachable_receiver_delays_no_other_and_loses_nothing(
    line: PipelineHarness, there: HttpStub
) -> None:
    """Each webhook has its own cursor, which waits while its receiver is away, also across a restart."""
    port = free_port()
    dead = Webhook(name="dead", url=f"http://{HOST}:{port}")
    async with relaying(line, dead, Webhook(name="soc", url=there.url)) as (away, well):
        force(line)
        away.wake_up.set()
        well.wake_up.set()
        await eventually(lambda: types(there) == FORCED and bool(away.trouble))
        assert away.lag
    async with http_stub(port=port) as back:
        await brought(line, dead, force_=False)
        assert types(back) == FORCED
    assert [row["id"] for row in events(back)] == [row["id"] for row in events(there)]


async def test_a_new_webhook_starts_with_the_next_transition(
    line: PipelineHarness, there: HttpStub
) -> None:
    """A new webhook does not receive the history; a known one goes on where it stopped."""
    force(line, "d2")
    webhook = Webhook(name="soc", url=there.url)
    await brought(line, webhook)
    force(line, "d2")
    await brought(line, webhook, force_=False)
    found = [event["data"]["alert"]["point"] for event in events(there)]
    assert found == ["d1", "d1", "d2", "d2"]


async def test_filters_apply(line: PipelineHarness, there: HttpStub) -> None:
    """Entries are filtered by kind and by severity."""
    low = Webhook(name="zones", url=f"{there.url}/zones", kinds=("zone", "readiness"))
    grave = Webhook(name="grave", url=f"{there.url}/grave", at_least="critical")
    async with relaying(line, low, grave) as relays:
        happen(line, "door/e1", "door.opened", point="e1")  # high
        force(line)  # critical
        happen(line, "zone/hall", "zone.count", zone="hall", count=3)
        happen(line, "staff/ann", "readiness.signed", zone="hall", who="ann")
        for relay in relays:
            relay.wake_up.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
    by_path = {(asked.path, json.loads(asked.body)["type"]) for asked in there.asked}
    assert {kind for path, kind in by_path if path == "/grave"} == set(FORCED)
    assert {kind for path, kind in by_path if path == "/zones"} == {
        "venue.zone.changed",
        "venue.readiness.changed",
    }


async def test_masks_are_sent_if_configured(line: PipelineHarness, there: HttpStub) -> None:
    """Masks are sent when they begin and when they end."""
    async with relaying(line, Webhook(name="soc", url=there.url, kinds=("mask",))) as (relay,):
        until = (line.clock.time + timedelta(seconds=1)).isoformat()
        fields = {"what": "*", "zone": "hall", "until": until, "reason": "set-up", "who": "bob"}
        happen(line, "staff/bob", "staff.mask", **fields)
        relay.wake_up.set()
        await eventually(lambda: not relay.lag)
    assert types(there) == ["venue.mask.begun", "venue.mask.ended"]


async def test_silent_alerts_are_sent_only_if_configured(
    line: PipelineHarness, there: HttpStub
) -> None:
    """Duress must not reach systems that are not meant to know."""
    quiet = Webhook(name="quiet", url=f"{there.url}/quiet")
    event = Webhook(name="told", url=f"{there.url}/told", silent=True)
    async with relaying(line, quiet, event) as relays:
        happen(line, "access/d1", "access.duress", point="d1", credential="c1")
        for relay in relays:
            relay.wake_up.set()
        await eventually(lambda: not any(relay.lag for relay in relays))
    assert {asked.path for asked in there.asked} == {"/told"}


async def test_over_tls(line: PipelineHarness, tmp_path: Path) -> None:
    """A receiver with an untrusted certificate is sent nothing, however long it takes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(tls)
    async with http_stub(tls) as there:
        async with relaying(line, Webhook(name="stranger", url=there.url)) as (relay,):
            force(line)
            relay.wake_up.set()
            await eventually(lambda: "its TLS certificate is not accepted" in plain(relay.trouble))
        assert there.asked == []
        await brought(line, Webhook(name="soc", url=there.url, ca_file=tmp_path / "ca.pem"))
        assert types(there) == FORCED


async def test_goalert(line: PipelineHarness, there: HttpStub) -> None:
    """Raised, shelved, unshelved and closed are sent with the alert's own id, since GoAlert would go by the summary."""
    address = Secret(f"{there.url}/api/v2/generic/incoming?token=t")
    async with relaying(line, Webhook(name="g", hidden_url=address, format="goalert")) as (relay,):
        happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
        (alert,) = line.journal.alerts()
        happen(line, "staff/ann", "staff.acknowledge", who="ann", alert=alert.id)
        until = (line.clock.time + timedelta(seconds=1)).isoformat()
        fields = {"who": "ann", "alert": alert.id, "until": until, "reason": "painters"}
        happen(line, "staff/ann", "staff.shelve", **fields)
        happen(line, "door/d1", "door.alarm", point="d1", alarm="normal")
        relay.wake_up.set()
        await eventually(lambda: not relay.lag)
    found = events(there)
    assert [row.get("action", "") for row in found] == ["", "close", "", "close"]
    assert {row["dedup"] for row in found} == {alert.id}
    assert {row["summary"] for row in found} == {"Door forced open: Door of the hall"}
    assert found[0]["details"].startswith("critical\ncentre / hall / d1\nsince 2026-01-01 08:00Z")
    assert {asked.path for asked in there.asked} == {"/api/v2/generic/incoming?token=t"}
    assert {asked.headers["content-type"] for asked in there.asked} == {"application/json"}


async def test_goalert_never_receives_what_was_masked_from_the_start(
    line: PipelineHarness, there: HttpStub
) -> None:
    """Neither the alert nor its end is sent: closing an unknown alert would be noise."""
    async with relaying(line, Webhook(name="g", url=there.url, format="goalert")) as (relay,):
        until = (line.clock.time + timedelta(hours=1)).isoformat()
        fields = {"what": "*", "zone": "hall", "until": until, "reason": "set-up", "who": "bob"}
        happen(line, "staff/bob", "staff.mask", **fields)
        happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
        relay.wake_up.set()
        await eventually(lambda: not relay.lag)
    assert there.asked == []


def with_severity(severity: Severity) -> RuleSet:
    """The shipped rules, with a forced door of this severity."""
    rule_set = trial_rule_set()
    rules = [
        replace(row, severity=severity) if row.id == "door-forced" else row
        for row in rule_set.rules
    ]
    return replace(rule_set, rules=tuple(rules))


async def test_goalert_receives_an_alert_whose_severity_rises(
    tmp_path: Path, there: HttpStub
) -> None:
    """The alert is below the limit at first; once its severity rises and it recurs, it is sent once."""
    hook = Webhook(name="g", url=there.url, format="goalert", at_least="critical")
    with PipelineHarness(tmp_path / "journal.db", rule_set=with_severity("medium")) as line:
        async with relaying(line, hook) as (relay,):
            happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
            changed = RulesChanged(
                received_at=line.clock.time, who="ann", rule_set=with_severity("critical")
            )
            line.pipeline.submit(changed)
            for _ in range(2):
                happen(line, "door/d1", "door.alarm", point="d1", alarm="forced_open")
            relay.wake_up.set()
            await eventually(lambda: not relay.lag)
    assert [row["details"].split("\n")[0] for row in events(there)] == ["critical"]
