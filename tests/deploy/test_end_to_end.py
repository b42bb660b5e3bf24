"""deploy/compose from a door to a phone, with its own files and without containers.

Debian's mosquitto 2.0.11, nginx and InfluxDB 1.6.7 (behind nginx, which turns the way of InfluxDB 2 to write into its
own) stand in for the images that compose.yaml names.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from monitor.cli import OK
from monitor.mqtt import Publisher
from tests.support.chaos_stream import reached
from tests.support.compose import ComposeBroker, ComposeMonitor, ComposeProxy, Deployment
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.influxd import Influx
from tests.support.proxy import Proxy
from tests.support.servers import HOST, PATIENCE
from tests.support.subscriber import Subscriber

PUBLIC = "https://monitor.example.org:8443"
"""As the shipped configuration has it."""
WHY = ("--who", "anna", "--until", "1h", "--reason", "the lock is being changed")
ROSTER = """
[[person]]
id = "anna"
name = "Anna"
languages = ["en"]
channel = [{{ name = "phone", url_file = "{file}" }}]

[[escalation]]
id = "duress"
silent = true
step = [{{ notify = "anna" }}]

[[escalation]]
id = "all"
step = [{{ notify = "anna", wait = "1h" }}]

[fallback]
notify = "anna"
"""


class Scene:
    """All services but Grafana, and the phone of an officer."""

    def __init__(self, folder: Path, phones: HttpStub) -> None:
        phones.decide = lambda _: StubResponse(body=b'{"healthy":true}')
        self.phones = phones
        # The channel's address is a secret: /run/channels/anna in the container.
        self.deployment = Deployment(
            folder, roster=ROSTER.format(file=folder / "deploy/compose/secrets/channels/anna")
        )
        channels = self.deployment.mounts("monitor")["/run/channels"]
        (channels / "anna").write_text(f"ntfy://{HOST}:{phones.port}/anna")
        for name in ("influx", "way"):
            (folder / name).mkdir()
        self.influx = Influx(folder / "influx")
        self.way = Proxy(folder / "way", self.influx.url)
        self.broker = ComposeBroker(self.deployment)
        self.monitor = ComposeMonitor(self.deployment, self.way.url)
        self.proxy = ComposeProxy(self.deployment, self.monitor)

    def pages(self) -> list[dict[str, Any]]:
        """Return the pages that arrived at the phone."""
        return [json.loads(asked.body) for asked in self.phones.asked if asked.method == "POST"]

    async def opens(self, link: str, method: str = "GET") -> tuple[int, str]:
        """Return status and body of a link in a page, requested from the proxy over TLS."""
        ca = self.deployment.folder / "secrets" / "tls" / "ca.pem"
        context = ssl.create_default_context(cafile=ca)
        url = URL(link.replace(PUBLIC, self.proxy.url), encoded=True)
        async with (
            aiohttp.ClientSession() as phone,
            phone.request(method, url, ssl=context) as answer,
        ):
            return answer.status, await answer.text()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """The running services."""
    async with http_stub() as phones, AsyncExitStack() as stack:
        made = Scene(tmp_path, phones)
        for server in (made.influx, made.way, made.broker, made.monitor, made.proxy):
            await asyncio.to_thread(stack.enter_context, server)
            if server is made.influx:
                made.influx.create()
        yield made


async def test_from_a_forced_door_to_an_officer_who_has_it(scene: Scene) -> None:
    """A controller's message leads to an alert to an officer, a page to a phone, its link, a command, the history."""
    await reached(lambda: not scene.monitor.health()["catching_up"], PATIENCE)
    async with scene.deployment.client("anna") as officer:
        await officer.subscribe("venue/+/alert/#")
        where = scene.deployment.address("hall-controller")
        async with Publisher(where, "hall-controller") as controller:
            event = {
                "type": "door.alarm",
                "at": datetime.now(UTC).isoformat(),
                "point": "hall-vip-door",
                "device": "hall-reader-vip",
                "alarm": "forced_open",
            }
            payload = json.dumps(event).encode()
            await controller.publish("venue/hall/door/hall-vip-door", payload)
        alert = await forced(officer)

    def paged() -> list[dict[str, Any]]:
        return [page for page in scene.pages() if "forced" in page["title"]]

    await reached(lambda: bool(paged()), PATIENCE)
    link = paged()[0]["click"]
    assert link.startswith(f"{PUBLIC}/a/")
    status, body = await scene.opens(link)
    assert (status, "forced open" in body) == (200, True)
    status, body = await scene.opens(link, "POST")
    assert (status, "You have acknowledged it" in body) == (200, True)
    (seen,) = [row for row in await alerts(scene) if row["id"] == alert["id"]]
    assert (seen["handling"], seen["owner"]) == ("acknowledged", "anna")

    done = await asyncio.to_thread(scene.monitor.types, "shelve", alert["id"], *WHY)
    assert done.returncode == OK, done.stderr
    (seen,) = [row for row in await alerts(scene) if row["id"] == alert["id"]]
    assert seen["handling"] == "shelved"

    def stored() -> set[str]:
        rows = scene.influx.query("SELECT alert_id, change FROM alert_event")
        return {row["change"] for row in rows if row["alert_id"] == alert["id"]}

    await reached(lambda: {"raised", "acknowledged", "shelved"} <= stored(), PATIENCE)


async def test_the_proxy_shows_links_in_pages_and_nothing_else(scene: Scene) -> None:
    """Figures, health and lists of alerts stay on the machine."""
    for path in ("/metrics", "/healthz", "/schema", "/", "/alerts/x", "/a/../metrics"):
        status, _ = await scene.opens(f"{PUBLIC}{path}")
        assert (path, status) == (path, 404)
    assert scene.monitor.get("/metrics")[0] == 200


async def forced(officer: Subscriber) -> dict[str, Any]:
    """Return the alert about a forced door as it is published on MQTT."""
    async with asyncio.timeout(PATIENCE):
        while True:
            _, payload = await officer.take()
            alert: dict[str, Any] = json.loads(payload)
            if alert["rule"] == "door-forced":
                return alert


async def alerts(scene: Scene) -> list[dict[str, Any]]:
    """Return the open alerts as the command prints them."""
    done = await asyncio.to_thread(scene.monitor.types, "alerts", "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]
