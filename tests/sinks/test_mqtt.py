"""The board on MQTT shows how things are now to any client, also one that comes later."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import SinkUnavailable
from monitor.journal import Written
from monitor.mqtt import Connection
from monitor.sinks.mqtt import MqttSink
from tests.support.pipeline import Line, said
from tests.support.servers import Mosquitto, eventually

HALL = "venue/centre/standing/hall"


class Screen:
    """A client that shows everything below ``venue``."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        """Topic and content, ``None`` for what was taken off the board, as news."""
        self.kept: dict[str, Any] = {}
        """What the broker had kept when the client came."""

    def hear(self, topic: str, payload: bytes, retained: bool, _id: int) -> None:
        """Notes one message."""
        content = json.loads(payload) if payload else None
        if retained:
            self.kept[topic] = content
        else:
            self.heard.append((topic, content))


@asynccontextmanager
async def screen(broker: Mosquitto, topic: str = "venue/#") -> AsyncIterator[Screen]:
    """A screen that has been told all that the broker keeps."""
    shown = Screen()
    connection = Connection(broker.address, f"screen-{id(shown)}", deliver=shown.hear)
    await connection.open()
    try:
        await connection.subscribe([topic])
        # Retained messages come before the answer to what we publish behind them.
        await connection.publish([("screen/ready", b"")])
        yield shown
    finally:
        await connection.close()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line with rules in force."""
    with Line(tmp_path / "journal.db") as made:
        yield made


@asynccontextmanager
async def board(line: Line, broker: Mosquitto) -> AsyncIterator[MqttSink]:
    """The sink of a line."""
    sink = MqttSink(
        broker.address,
        "board",
        "trial",
        board=lambda: [*line.journal.alerts(), *line.journal.zones()],
    )
    try:
        yield sink
    finally:
        await sink.close()


def happen(line: Line, where: str, kind: str, **fields: object) -> list[Written]:
    """Takes in one event; returns what followed within the next five seconds."""
    before = line.journal.seq
    payload = said(kind, line.clock.time, **fields)
    line.take(line.sent(f"venue/centre/{where}", payload))
    line.wait(5)
    return line.journal.transitions(before)


def close(line: Line, alert: str) -> list[Written]:
    """A guard closes an alert."""
    return happen(line, "staff/ann", "staff.close", who="ann", alert=alert, note="seen")


async def test_an_open_alert_is_on_the_board(mosquitto: Mosquitto, line: Line) -> None:
    """Whoever comes later is told it at once, whole, on the topic of its site."""
    entries = happen(line, "door/d1", "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    async with board(line, mosquitto) as sink:
        await sink.take(entries)
    async with screen(mosquitto) as shown:
        await eventually(lambda: f"venue/centre/alert/{alert.id}" in shown.kept)
    told = shown.kept[f"venue/centre/alert/{alert.id}"]
    assert told["title"] == alert.title
    assert told["do"] == alert.do
    assert told["handling"] == "new"


async def test_a_closed_alert_is_told_once_and_leaves_the_board(
    mosquitto: Mosquitto, line: Line
) -> None:
    """Those who watch see it closed; those who come later don't see it at all."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d1", "door.tamper", point="d1", active=True))
        (alert,) = line.journal.alerts()
        topic = f"venue/centre/alert/{alert.id}"
        async with screen(mosquitto) as shown:
            await sink.take(close(line, alert.id))
            await eventually(lambda: (topic, None) in shown.heard)
        (farewell,) = [told for where, told in shown.heard if where == topic and told]
        assert farewell["handling"] == "closed"
        assert farewell["note"] == "seen"
    async with screen(mosquitto) as later:
        await asyncio.sleep(0)
    assert topic not in later.kept


async def test_a_silent_alert_has_a_topic_of_its_own(mosquitto: Mosquitto, line: Line) -> None:
    """A screen that shows the public alerts never hears of duress; the guards' does."""
    async with board(line, mosquitto) as sink, screen(mosquitto) as shown:
        await sink.take(happen(line, "access/d1", "access.duress", point="d1"))
        (alert,) = line.journal.alerts()
        assert alert.silent
        topic = f"venue/centre/silent-alert/{alert.id}"
        await eventually(lambda: topic in dict(shown.heard))
        await sink.take(close(line, alert.id))
        await eventually(lambda: (topic, None) in shown.heard)
    assert {where for where, _ in shown.heard if "alert/" in where} == {topic}


async def test_zones_stand_on_the_board(mosquitto: Mosquitto, line: Line) -> None:
    """How many are inside, and what nobody has said is null."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "zone/hall", "zone.count", zone="hall", count=7))
    async with screen(mosquitto) as shown:
        await eventually(lambda: HALL in shown.kept)
    told = shown.kept[HALL]
    assert (told["occupancy"], told["capacity"], told["open"]) == (7, 10, None)


async def test_what_belongs_to_no_site_is_told_under_the_congress(
    mosquitto: Mosquitto, line: Line
) -> None:
    """An alert about a name that nobody knows has a topic too."""
    async with board(line, mosquitto) as sink:
        await sink.take(happen(line, "door/d99", "door.opened", point="d99"))
    (alert,) = line.journal.alerts()
    async with screen(mosquitto) as shown:
        await eventually(lambda: f"venue/trial/alert/{alert.id}" in shown.kept)


async def test_of_many_changes_in_one_batch_the_last_is_told(
    mosquitto: Mosquitto, line: Line
) -> None:
    """It is a board, not a history."""
    entries = happen(line, "door/d1", "door.tamper", point="d1", active=True)
    for _ in range(3):
        entries += happen(line, "door/d1", "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    async with board(line, mosquitto) as sink, screen(mosquitto) as shown:
        await sink.take([])  # the first connection tells the whole board
        shown.heard.clear()
        await sink.take(entries)
        topic = f"venue/centre/alert/{alert.id}"
        await eventually(lambda: topic in dict(shown.heard))
    counts = [told["occurrences"] for where, told in shown.heard if where == topic]
    assert set(counts) == {4}


async def test_a_broker_that_forgot_is_told_the_whole_board(
    mosquitto: Mosquitto, line: Line
) -> None:
    """While it is away the sink says so; with the next delivery everything is there again."""
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
