"""The whole monitor beside a real Alertmanager: either is killed, and no alert is reported as resolved by that."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.mqtt import Publisher
from tests.support.alertmanager import AlertmanagerServer, Receiver
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import event_payload
from tests.support.servers import PATIENCE, Mosquitto, eventually

DOOR = "hall-gate-north-1"
ALIVE = "VenueMonitorAlive"


@pytest.fixture
def monitor(
    tmp_path: Path, mosquitto: Mosquitto, server: AlertmanagerServer
) -> Iterator[MonitorProcess]:
    """A deployment that sends to the Alertmanager, not yet started."""
    more = f"""[alertmanager]
urls = ["{server.url}"]
resend = "1s"
hold = "4s"
"""
    made = MonitorProcess(tmp_path, mosquitto.address, more)
    yield made
    made.kill()


async def send(monitor: MonitorProcess, where: str, kind: str, **fields: object) -> None:
    """Send one message to the monitor."""
    async with Publisher(monitor.broker, "door") as publisher:
        payload = event_payload(kind, now(), **fields)
        await publisher.publish(f"venue/hall/{where}", payload)


def now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


async def test_killed_on_either_side(
    monitor: MonitorProcess, server: AlertmanagerServer, received: Receiver
) -> None:
    """After a SIGKILL of either, the alert is sent again, and resolved with a reason only when a person closes it."""
    with monitor:
        await send(monitor, f"door/{DOOR}", "door.tamper", point=DOOR, active=True)
        await eventually(lambda: received.statuses("door-tamper") == ["firing"], PATIENCE)
        server.kill()
        monitor.until(lambda: bool(monitor.health()["troubles"]))
        server.start()
        await eventually(lambda: "door-tamper" in server.alerts(), PATIENCE)
        monitor.until(lambda: monitor.health()["ok"])
        monitor.kill()
    await eventually(lambda: received.statuses(ALIVE)[-1] == "resolved: NO WORD", PATIENCE)
    # Both end at the same time, and are notified one after the other.
    await eventually(lambda: received.statuses("door-tamper")[-1] == "resolved: NO WORD", PATIENCE)
    assert set(received.statuses("door-tamper")) <= {"firing", "resolved: NO WORD"}
    with monitor:
        await eventually(lambda: received.statuses("door-tamper")[-1] == "firing", PATIENCE)
        with monitor.read() as journal:
            (alert,) = (row.id for row in journal.alerts() if row.rule == "door-tamper")
        assert monitor.ask("close", alert, "--who", "ann", "--note", "mended").returncode == 0
        over = "resolved: closed by ann: mended"
        await eventually(lambda: received.statuses("door-tamper")[-1] == over, PATIENCE)
