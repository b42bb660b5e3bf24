"""The whole monitor beside a real Alertmanager: either is killed, and nobody reads that something is over."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.mqtt import Publisher
from tests.support.alertmanager import AlertmanagerServer, Receiver
from tests.support.monitor_process import PATIENCE, Program
from tests.support.pipeline import said
from tests.support.servers import Mosquitto, eventually

DOOR = "hall-gate-north-1"
ALIVE = "VenueMonitorAlive"


@pytest.fixture
def monitor(tmp_path: Path, mosquitto: Mosquitto, server: AlertmanagerServer) -> Iterator[Program]:
    """A deployment that tells the Alertmanager, not yet started."""
    more = f"""[alertmanager]
urls = ["{server.url}"]
resend = "1s"
hold = "4s"
"""
    made = Program(tmp_path, mosquitto.address, more)
    yield made
    made.kill()


async def tell(monitor: Program, where: str, kind: str, **fields: object) -> None:
    """One message to the monitor."""
    async with Publisher(monitor.broker, "door") as publisher:
        payload = said(kind, now(), **fields)
        await publisher.publish(f"venue/hall/{where}", payload)


def now() -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


async def test_killed_on_either_side(
    monitor: Program, server: AlertmanagerServer, heard: Receiver
) -> None:
    """Alertmanager by SIGKILL, the monitor by SIGKILL: told again, and over only when somebody has closed it."""
    with monitor:
        await tell(monitor, f"door/{DOOR}", "door.tamper", point=DOOR, active=True)
        await eventually(lambda: heard.said("door-tamper") == ["firing"], PATIENCE)
        server.kill()
        monitor.until(lambda: bool(monitor.health()["troubles"]))
        server.start()
        await eventually(lambda: "door-tamper" in server.alerts(), PATIENCE)
        monitor.until(lambda: monitor.health()["ok"])
        monitor.kill()
    await eventually(lambda: heard.said(ALIVE)[-1] == "resolved: NO WORD", PATIENCE)
    # Both end at the same time, and are told one after the other.
    await eventually(lambda: heard.said("door-tamper")[-1] == "resolved: NO WORD", PATIENCE)
    assert set(heard.said("door-tamper")) <= {"firing", "resolved: NO WORD"}
    with monitor:
        await eventually(lambda: heard.said("door-tamper")[-1] == "firing", PATIENCE)
        with monitor.read() as journal:
            (alert,) = (row.id for row in journal.alerts() if row.rule == "door-tamper")
        assert monitor.ask("close", alert, "--who", "ann", "--note", "mended").returncode == 0
        over = "resolved: closed by ann: mended"
        await eventually(lambda: heard.said("door-tamper")[-1] == over, PATIENCE)
