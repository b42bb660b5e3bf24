"""Two monitors with one client id at one broker, as real processes: the younger stops, and nothing is split."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from monitor.ingest.session_owner import SessionClaim
from monitor.mqtt import Connection, Publisher
from tests.support.monitor_process import MonitorProcess
from tests.support.servers import PATIENCE, Mosquitto, eventually
from tests.system.test_run import ids, send

TAKEN = 5
TOPIC = "venue/congress/monitor/session"
ASKS_PATIENTLY = f"""
from monitor.ingest import session_owner
session_owner.PATIENCE = {PATIENCE}
"""
"""Makes a start wait longer for an answer than the second in which any older monitor answers that isn't starved."""


@pytest.fixture
def pair(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[list[MonitorProcess]]:
    """Two deployments with journals of their own, not started yet."""
    made = []
    for name in ("older", "younger"):
        (tmp_path / name).mkdir()
        made.append(MonitorProcess(tmp_path / name, mosquitto.address, rules=("monitor.toml",)))
    yield made
    for program in made:
        program.kill()


def ended(program: MonitorProcess) -> int:
    """Wait until the program exits by itself; return the exit code."""
    assert program.process is not None
    return program.process.wait(PATIENCE)


def alerts(program: MonitorProcess) -> set[str]:
    """The rules of its open alerts."""
    return {rule for rule, _ in program.open_alerts()}


async def test_the_younger_stops_before_it_takes_the_session(pair: list[MonitorProcess]) -> None:
    """The younger says why it stops; the older keeps its connection and every message, and raises an alert."""
    older, younger = pair
    (younger.folder / "sitecustomize.py").write_text(ASKS_PATIENTLY)
    younger.environment["PYTHONPATH"] = str(younger.folder)
    with older:
        await send(older, 10)
        younger.begin()
        assert await asyncio.to_thread(ended, younger) == TAKEN
        await send(older, 10, first=10)
        await eventually(lambda: len(ids(older)) == 20)
        await eventually(lambda: "second-monitor" in alerts(older))

        assert ids(younger) == []
        assert 'uses the client id "venue-monitor" at the broker' in younger.log_text()
        assert older.logged("broker_unavailable") == []


async def test_a_kill_never_holds_the_next_start_off(pair: list[MonitorProcess]) -> None:
    """What a killed monitor has left at the broker, even retained, is no sign of life."""
    program, _ = pair
    with program:
        program.kill()
    left = SessionClaim(
        instance="left",
        client_id="venue-monitor",
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        host="m1",
    ).signed(b"")
    async with Publisher(program.broker, "left") as publisher:
        await publisher.publish(TOPIC, msgspec.json.encode(left), retain=True)
    with program:
        assert "second-monitor" not in alerts(program)
        assert program.stop() == 0


async def test_the_younger_stops_when_the_older_comes_back(pair: list[MonitorProcess]) -> None:
    """The older was suspended while the younger started, and could not answer."""
    older, younger = pair
    younger.options = ("--accept-loss",)  # the heartbeat of the older is that of another journal
    with older:
        assert older.process is not None
        os.kill(older.process.pid, signal.SIGSTOP)
        try:
            with younger:
                os.kill(older.process.pid, signal.SIGCONT)
                assert await asyncio.to_thread(ended, younger) == TAKEN
        finally:
            os.kill(older.process.pid, signal.SIGCONT)
        await eventually(lambda: "second-monitor" in alerts(older))
        await eventually(lambda: bool(older.health()["broker_connected"]))
        await send(older, 5)
        await eventually(lambda: len(ids(older)) == 5)


async def test_an_answer_without_our_password_stops_nobody(pair: list[MonitorProcess]) -> None:
    """The answer is reported: someone else can read and write the topic."""
    program, _ = pair
    asked: list[SessionClaim] = []
    stranger = Connection(
        program.broker,
        "stranger",
        deliver=lambda _, body, *__: asked.append(msgspec.json.decode(body, type=SessionClaim)),
    )
    await stranger.open()
    await stranger.subscribe([TOPIC])
    with program:
        await eventually(lambda: asked != [])
        forged = SessionClaim(
            instance="forged",
            client_id="venue-monitor",
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            host="m1",
            rival=asked[0].instance,
        ).signed(b"another password")
        await stranger.publish([(TOPIC, msgspec.json.encode(forged))])
        await eventually(lambda: "second-monitor" in alerts(program))
        assert program.stop() == 0
    await stranger.close()
