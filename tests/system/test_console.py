"""The console of a running monitor: from the link of the first start to an alert that is taken in the browser."""

import re
from datetime import UTC, datetime
from pathlib import Path

from monitor.app.runfile import read_run_file
from monitor.core.alert import Alert, Handling
from monitor.mqtt import Publisher
from tests.support.http_client import http_client
from tests.support.monitor_process import PUBLIC, MonitorProcess
from tests.support.pipeline import event_payload, site_of
from tests.support.servers import Mosquitto, eventually

DOOR = "hall-vip-door"
ROSTER = """
[[person]]
id = "ann"
name = "Ann"

[[escalation]]
id = "duress"
silent = true
step = [{ notify = "ann" }]

[[escalation]]
id = "all-else"

[fallback]
notify = "ann"
"""


async def test_from_the_first_link_to_mine(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """The first start logs a link; who opens it sees an event from the broker as an alert, and takes it."""
    program = MonitorProcess(
        tmp_path, mosquitto.address, roster=ROSTER, rules=("doors.toml", "on-call.toml")
    )
    with program as monitor:
        link = re.search(r"/first/[\w-]+", monitor.log.read_text())
        assert link is not None
        running = read_run_file(monitor.journal)
        assert running is not None
        base = f"http://127.0.0.1:{running.http_port}"
        headers = {"accept": "text/html", "origin": PUBLIC}
        async with http_client(base, headers=headers) as client:
            password = "four cold words at dawn"
            form = {"name": "ann", "password": password, "again": password}
            entered = await client.post(link[0], data=form)
            assert entered.status_code == 303
            # Its cookies are for HTTPS, which the proxy at the public address speaks.
            token = re.search(r"__Host-vm=([^;]+);", entered.headers["set-cookie"])
            assert token is not None
            client.headers["cookie"] = f"__Host-vm={token[1]}"
            again = await client.get(link[0])
            assert again.status_code == 410

            async with Publisher(monitor.broker, "door") as door:
                topic = f"venue/{site_of({'point': DOOR})}/door/{DOOR}"
                now = datetime.now(UTC)
                payload = event_payload("door.alarm", now, point=DOOR, alarm="forced_open")
                await door.publish(topic, payload)
            await eventually(lambda: any(row.rule == "door-forced" for row in alerts(monitor)))
            (alert,) = [row for row in alerts(monitor) if row.rule == "door-forced"]
            assert alert.id in (await client.get("/board")).text
            taken = await client.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k"})
            assert taken.status_code == 303
        (alert,) = [row for row in alerts(monitor) if row.rule == "door-forced"]
        assert (alert.handling, alert.owner) == (Handling.ACKNOWLEDGED, "ann")


def alerts(monitor: MonitorProcess) -> list[Alert]:
    """Return the open alerts of the journal."""
    with monitor.read() as journal:
        return journal.alerts()
