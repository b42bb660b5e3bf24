"""The retained messages show the present state to any client, also one that connects later."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import pytest

from monitor.errors import SinkUnavailable
from monitor.journal import Written
from monitor.mqtt import Connection, Publisher
from monitor.sinks.board_checksum import read_checksum
from monitor.sinks.mqtt import MqttSink
from monitor.sinks.signature import Signer
from monitor.texts import in_english
from tests.support.pipeline import PipelineHarness, event_payload
from tests.support.servers import Mosquitto, eventually

HALL = "venue/centre/standing/hall"
CHECKSUM = "venue/trial/monitor/board"


class Screen:
    """A client that subscribes to everything below ``venue``."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        """Topic and content of each live message; ``None``: the retained message was deleted."""
        self.kept: dict[str, Any] = {}
        """The retained messages at the time of the subscription, by topic."""

    def hear(self, topic: str, payload: bytes, retained: bool, _id: int) -> None:
        """Note one message."""
        content = json.loads(payload) if payload else None
        if retained:
            self.kept[topic] = content
        else:
            self.heard.append((topic, content))


@asynccontextmanager
async def screen(broker: Mosquitto, topic: str = "venue/#") -> AsyncIterator[Screen]:
    """A screen that has received all retained messages."""
    shown = Screen()
    connection = Connection(broker.address, f"screen-{id(shown)}", deliver=shown.hear)
    await connection.open()
    try:
        await connection.subscribe([topic])
        # Retained messages arrive before the acknowledgement of what is published after them.
        await connection.publish([("screen/ready", b"")])
        yield shown
    finally:
        await connection.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


@asynccontextmanager
async def board(
    line: PipelineHarness,
    broker: Mosquitto,
    reported: list[tuple[str, int]] | None = None,
    *,
    embedded_process: Callable[[], int] | None = None,
) -> AsyncIterator[MqttSink]:
    """The sink of a pipeline; it notes the topics that others wrote to."""
    reported = [] if reported is None else reported
    sink = MqttSink(
        broker.address,
        "board",
        "trial",
        Signer(b"k" * 32),
        board=lambda: [*line.journal.alerts(), *line.journal.zones()],
        is_ours=lambda own: line.journal.alert(own) is not None,
        report=lambda topic, more: reported.append((topic, more)),
        embedded_process=embedded_process,
    )
    try:
        yield sink
    finally:
        await sink.close()


def happen(line: PipelineHarness, where: str, kind: str, **fields: object) -> list[Written]:
    """Submit one event; return the transitions of the next five seconds."""
    before = line.journal.seq
    payload = event_payload(kind, line.clock.time, **fields)
    line.take(line.sent(f"venue/centre/{where}", payload))
    line.wait(5)
    return line.journal.transitions(before)


def close(line: PipelineHarness, alert: str) -> list[Written]:
    """Close an alert as a guard."""
    return happen(line, "staff/ann", "staff.close", who="ann", alert=alert, note="seen")


async def test_an_open_alert_is_on_the_board(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """A client that connects later receives an open alert at once, complete, on the topic of its site."""
    entries = happen(line, "door/d1", "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    async with board(line, mosquitto) as sink:
        await sink.take(entries)
    async with screen(mosquitto) as shown:
        await eventually(lambda: f"venue/centre/alert/{alert.id}" in shown.kept)
    content = shown.kept[f"venue/centre/alert/{alert.id}"]
    assert content["title"] == alert.title
    assert content["do"] == alert.do
    assert content["handling"] == "new"


async def test_a_closed_alert_is_published_once_and_deleted(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Connected clients see the alert closed; clients that connect later do not see it at all."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (alert,) = line.journal.alerts()
        topic = f"venue/centre/alert/{alert.id}"
        async with screen(mosquitto) as shown:
            await sink.take(close(line, alert.id))
            await eventually(lambda: (topic, None) in shown.heard)
        (last,) = [content for where, content in shown.heard if where == topic and content]
        assert last["handling"] == "closed"
        assert last["note"] == "seen"
    async with screen(mosquitto) as later:
        await asyncio.sleep(0)
    assert topic not in later.kept


async def test_a_silent_alert_has_a_topic_of_its_own(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """A screen for public alerts never receives a duress alert; the guards' screen does."""
    async with board(line, mosquitto) as sink, screen(mosquitto) as shown:
        await sink.take(happen(line, "access/d1", "access.duress", point="d1"))
        (alert,) = line.journal.alerts()
        assert alert.silent
        topic = f"venue/centre/silent-alert/{alert.id}"
        await eventually(lambda: topic in dict(shown.heard))
        await sink.take(close(line, alert.id))
        await eventually(lambda: (topic, None) in shown.heard)
    assert {where for where, _ in shown.heard if "alert/" in where} == {topic}


async def test_zone_statuses_are_on_the_board(mosquitto: Mosquitto, line: PipelineHarness) -> None:
    """Zone statuses are on the board with their occupancy; unknown values are null."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
    async with screen(mosquitto) as shown:
        await eventually(lambda: HALL in shown.kept)
    content = shown.kept[HALL]
    assert (content["occupancy"], content["capacity"], content["open"]) == (7, 10, None)


async def test_what_belongs_to_no_site_is_published_under_the_congress(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """An alert about an unknown name has a topic too."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d99", "door.opened", point="d99"))
    (alert,) = line.journal.alerts()
    async with screen(mosquitto) as shown:
        await eventually(lambda: f"venue/trial/alert/{alert.id}" in shown.kept)


async def test_of_several_changes_in_one_batch_the_last_is_published(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """The topics show the present state, not its history."""
    entries = happen(line, "door/d1", "door.tamper", point="d1", active=True)
    for _ in range(3):
        entries += happen(line, "door/d1", "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    async with board(line, mosquitto) as sink, screen(mosquitto) as shown:
        await sink.take([])  # the first connection publishes the whole board
        shown.heard.clear()
        await sink.take(entries)
        topic = f"venue/centre/alert/{alert.id}"
        await eventually(lambda: topic in dict(shown.heard))
    counts = [content["occurrences"] for where, content in shown.heard if where == topic]
    assert set(counts) == {4}


async def test_a_broker_that_lost_the_board_gets_all_of_it_again(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """While the broker is down the sink is unavailable; the next delivery restores everything."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (first,) = line.journal.alerts()
        mosquitto.kill()
        entries = happen(line, "door/d2", "door.tamper", point="d2", active=True)
        with pytest.raises(SinkUnavailable, match=str(mosquitto.port)):
            await sink.take(entries)
        mosquitto.start()
        await sink.take(entries)
        topics = {f"venue/centre/alert/{alert.id}" for alert in line.journal.alerts()}
        assert len(topics) == 2
        async with screen(mosquitto) as shown:
            await eventually(lambda: topics <= shown.kept.keys())
    assert f"venue/centre/alert/{first.id}" in shown.kept


async def write(broker: Mosquitto, topic: str, payload: bytes) -> None:
    """Publish a retained message as another client."""
    async with Publisher(broker.address, "stranger") as publisher:
        await publisher.publish(topic, payload, retain=True)


async def kept(broker: Mosquitto) -> dict[str, Any]:
    """The retained messages below ``venue``, without the checksum."""
    async with screen(broker) as shown:
        return {topic: row for topic, row in shown.kept.items() if topic != CHECKSUM}


async def kept_as_bytes(broker: Mosquitto) -> dict[str, bytes]:
    """All retained messages below ``venue``, as they are."""
    async with screen(broker) as shown:
        return {topic: encoded(row) for topic, row in shown.kept.items()}


def unsigned(rows: dict[str, Any]) -> dict[str, Any]:
    """The contents without their signatures."""
    return {
        topic: {key: value for key, value in row.items() if key != "signature"}
        for topic, row in rows.items()
    }


def encoded(content: object) -> bytes:
    """A content as the monitor writes it."""
    return msgspec.json.encode(content)


def shown(line: PipelineHarness) -> dict[str, Any]:
    """What the board shows of a pipeline without alerts."""
    zones = line.journal.zones()
    assert line.journal.alerts() == []
    return {
        f"venue/{row.site}/standing/{row.zone}": msgspec.to_builtins(in_english(row))
        for row in zones
    }


GHOST = "venue/centre/alert/ghost"


async def test_a_ghost_from_before_the_start_is_deleted_and_reported(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Alerts, zones and sites that the journal does not know disappear with the first connection."""
    ghosts = [GHOST, "venue/nowhere/standing/x", "venue/nowhere/readiness-state"]
    for ghost in ghosts:
        await write(mosquitto, ghost, b'{"title": "All clear"}')
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    assert unsigned(await kept(mosquitto)) == shown(line)
    assert sorted(topic for topic, _ in reported) == sorted(ghosts)


async def test_a_broker_that_went_back_to_an_earlier_board_is_no_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """A broker that was killed brings back all that it had saved: closed alerts are deleted, and no one wrote them."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (alert,) = line.journal.alerts()
        before = await kept_as_bytes(mosquitto)
        await sink.take(close(line, alert.id))
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=9))
    for topic in await kept_as_bytes(mosquitto):
        await write(mosquitto, topic, before.get(topic, b""))
    for topic, payload in before.items():
        await write(mosquitto, topic, payload)
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    assert f"venue/centre/alert/{alert.id}" not in await kept(mosquitto)
    assert (await kept(mosquitto))[HALL]["occupancy"] == 9
    assert reported == []


@pytest.mark.parametrize(
    "deed", ["put back", "closed alert put back", "deleted", "checksum deleted"]
)
async def test_what_is_put_back_or_deleted_while_the_monitor_is_stopped_is_reported(
    mosquitto: Mosquitto, line: PipelineHarness, deed: str
) -> None:
    """An earlier message of ours is signed, and a deleted one is nowhere: the checksum of the board tells both."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (alert,) = line.journal.alerts()
        before = await kept_as_bytes(mosquitto)
        await sink.take(close(line, alert.id))
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=9))
        await sink.send_periodic()
    topic, payload = {
        "put back": (HALL, before[HALL]),
        "closed alert put back": (closed := f"venue/centre/alert/{alert.id}", before[closed]),
        "deleted": (HALL, b""),
        "checksum deleted": (CHECKSUM, b""),
    }[deed]
    await write(mosquitto, topic, payload)
    happen(line, "zone/hall", "zone.count", zone="hall", count=11)
    reported: list[tuple[str, int]] = []
    for _ in range(2):
        async with board(line, mosquitto, reported) as sink:
            await sink.send_periodic()
    assert (await kept(mosquitto))[HALL]["occupancy"] == 11
    assert closed not in await kept(mosquitto)
    assert reported == [(CHECKSUM, 0)]


async def test_what_the_embedded_broker_loses_is_no_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """When it is killed it may lose one message and keep a later one; no one else could write meanwhile."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        await sink.send_periodic()
    await write(mosquitto, HALL, b"")
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported, embedded_process=lambda: 1) as sink:
        await sink.send_periodic()
    assert (await kept(mosquitto))[HALL]["occupancy"] == 7
    assert reported == []


@pytest.mark.parametrize("process", [1, 2])
async def test_what_is_deleted_while_disconnected_is_reported_unless_the_embedded_broker_died(
    mosquitto: Mosquitto, line: PipelineHarness, process: int
) -> None:
    """While the monitor stands still its embedded broker goes on, and others can write to the board."""
    reported: list[tuple[str, int]] = []
    processes = [1]
    async with board(line, mosquitto, reported, embedded_process=lambda: processes[-1]) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        await sink.send_periodic()
        await sink.close()
        await write(mosquitto, HALL, b"")
        processes.append(process)
        await sink.send_periodic()
    assert (await kept(mosquitto))[HALL]["occupancy"] == 7
    assert reported == ([(CHECKSUM, 0)] if process == 1 else [])


async def test_a_kill_while_the_board_changes_is_no_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Only a part of the messages after the checksum has arrived, or none of them."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        await sink.send_periodic()
        before = await kept_as_bytes(mosquitto)
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=9))
    await write(mosquitto, HALL, before[HALL])
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    assert reported == []


async def test_a_kill_while_a_board_is_published_anew_is_no_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """An alert closed while the monitor was stopped is deleted with the new board: no moment's checksum counts it."""
    entries = happen(line, "door/d1", "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    async with board(line, mosquitto) as sink:
        await sink.take(entries)
    close(line, alert.id)
    rows = await kept_as_bytes(mosquitto)
    moments: list[dict[str, bytes]] = []

    def publish(topic: str, payload: bytes, retained: bool, _id: int) -> None:
        if not retained:
            rows[topic] = payload
            moments.append({of: row for of, row in rows.items() if row})

    watching = Connection(mosquitto.address, "watching", deliver=publish)
    await watching.open()
    try:
        await watching.subscribe(["venue/#"])
        async with board(line, mosquitto) as sink:
            await sink.send_periodic()
        await watching.publish([("screen/ready", b"")])
    finally:
        await watching.close()

    assert moments
    for moment in moments:
        checksum = read_checksum(moment[CHECKSUM])
        assert checksum is not None
        assert checksum.matches({of: row for of, row in moment.items() if of != CHECKSUM})


@pytest.mark.parametrize("payload", [b"", b'{"title": "All clear"}', b"nonsense"])
async def test_a_foreign_write_is_restored_at_once_and_reported(
    mosquitto: Mosquitto, line: PipelineHarness, payload: bytes
) -> None:
    """A deleted or replaced alert is restored, and an invented one is removed, within the next second."""
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (alert,) = line.journal.alerts()
        topic = f"venue/centre/alert/{alert.id}"
        before = await kept(mosquitto)
        await write(mosquitto, topic, payload)
        await write(mosquitto, GHOST, payload or b"{}")
        await periodic_until(sink, lambda: len(reported) == 2)
        assert await kept(mosquitto) == before
    assert reported == [(topic, 0), (GHOST, 0)]


async def test_a_foreign_write_while_the_monitor_is_stopped_is_reported(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Alerts and zones that others changed are restored and reported, also when they have changed since."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        await sink.take(happen(line, "door/d2", "door.tamper", point="d2", active=True))
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
    opened, closed = line.journal.alerts()
    before = await kept(mosquitto)
    topics = [f"venue/centre/alert/{opened.id}", f"venue/centre/alert/{closed.id}", HALL]
    for topic, field in zip(topics, ("title", "title", "occupancy"), strict=True):
        await write(mosquitto, topic, encoded(before[topic] | {field: 1}))
    close(line, closed.id)
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    after = await kept(mosquitto)
    assert after[topics[0]] == before[topics[0]]
    assert topics[1] not in after
    assert after[HALL]["occupancy"] == 7
    assert sorted(reported) == sorted((topic, 0) for topic in topics)


def signed_by_0_2_0(topic: str, row: dict[str, Any]) -> bytes:
    """A message on the board as that version signed it."""
    payload = encoded(row)
    content = topic.encode() + b"\0" + payload
    signature = blake2b(content, key=b"k" * 32, digest_size=16, person=b"board").hexdigest()
    return b'%s,"signature":"%s"}' % (payload[:-1], signature.encode())


@pytest.mark.parametrize("earlier", [lambda _, row: encoded(row), signed_by_0_2_0])
async def test_what_changed_while_the_monitor_was_stopped_is_no_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness, earlier: Callable[[str, dict[str, Any]], bytes]
) -> None:
    """The broker keeps an earlier state of ours, or the board of an earlier version, which has no checksum."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
    happen(line, "door/d1", "door.tamper", point="d1", active=False)
    happen(line, "zone/hall", "zone.count", zone="hall", count=9)
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    for topic, row in unsigned(await kept(mosquitto)).items():
        await write(mosquitto, topic, earlier(topic, row))
    await write(mosquitto, CHECKSUM, b"")
    happen(line, "zone/hall", "zone.count", zone="hall", count=11)
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    assert (await kept(mosquitto))[HALL]["occupancy"] == 11
    assert reported == []


async def test_a_replayed_message_of_ours_is_a_foreign_write(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """An earlier message of ours that someone publishes again is a foreign write: we publish each state only once."""
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        earlier = encoded((await kept(mosquitto))[HALL])
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=9))
        await write(mosquitto, HALL, earlier)
        await periodic_until(sink, lambda: bool(reported))
        assert (await kept(mosquitto))[HALL]["occupancy"] == 9
    assert reported == [(HALL, 0)]


async def test_the_comparison_finds_what_was_missed(
    mosquitto: Mosquitto, line: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every minute, all that the broker keeps is compared with what was published, whoever wrote it and when."""
    reported: list[tuple[str, int]] = []
    monkeypatch.setattr("monitor.sinks.mqtt.COMPARE_EVERY", 0.0)
    async with board(line, mosquitto, reported) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
        before = await kept(mosquitto)
        await write(mosquitto, HALL, b"{}")
        await write(mosquitto, GHOST, b"{}")
        sink._topics.take_written()  # noqa: SLF001 - as if the broker had dropped the messages
        await sink.send_periodic()
        assert await kept(mosquitto) == before
        await sink.send_periodic()
    assert {topic for topic, _ in reported} == {HALL, GHOST}


async def test_our_own_changes_are_no_foreign_writes(
    mosquitto: Mosquitto, line: PipelineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many changes, closings and a lost connection: nothing is reported, and nothing is missing."""
    reported: list[tuple[str, int]] = []
    monkeypatch.setattr("monitor.sinks.mqtt.COMPARE_EVERY", 0.0)
    async with board(line, mosquitto, reported) as sink:
        for n in range(20):
            await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=n))
            await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
            await sink.send_periodic()
        for alert in line.journal.alerts():
            await sink.take(close(line, alert.id))
        mosquitto.kill()
        entries = happen(line, "zone/hall", "zone.count", zone="hall", count=30)
        with pytest.raises(SinkUnavailable):
            await sink.take(entries)
        mosquitto.start()
        await sink.send_periodic()
        await sink.take(entries)
        await sink.send_periodic()
        assert (await kept(mosquitto))[HALL]["occupancy"] == 30
    assert reported == []


async def test_a_flood_of_ghosts_is_reported_with_a_count(
    mosquitto: Mosquitto, line: PipelineHarness
) -> None:
    """Ten topics are reported one by one, the others with the last; all are deleted."""
    async with Publisher(mosquitto.address, "stranger") as publisher:
        await publisher.publish_many(
            ((f"venue/centre/alert/g{n}", b"{}") for n in range(500)), retain=True
        )
    reported: list[tuple[str, int]] = []
    async with board(line, mosquitto, reported) as sink:
        await sink.send_periodic()
    assert unsigned(await kept(mosquitto)) == shown(line)
    assert [more for _, more in reported] == [0] * 9 + [490]


async def periodic_until(sink: MqttSink, holds: Callable[[], bool]) -> None:
    """Let the sink do its periodic work until a condition holds."""
    async with asyncio.timeout(20):
        while not holds():
            await sink.send_periodic()
            await asyncio.sleep(0)
