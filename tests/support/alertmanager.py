"""A real Alertmanager on a loopback port, and a receiver of its notifications."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.support.servers import HOST, PATIENCE, Server, free_port, program_of

PACKAGE = "prometheus-alertmanager"


class AlertmanagerServer(Server):
    """A process that can be stopped, killed and started again on the same data and port.

    Args:
        folder: holds its data and log.
        config: its configuration file.

    """

    def __init__(self, folder: Path, config: Path) -> None:
        super().__init__(folder)
        self.config = config

    def command(self) -> list[str]:
        """Return the command line."""
        return [
            program_of(PACKAGE, PACKAGE),
            f"--config.file={self.config}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={HOST}:{self.port}",
            "--cluster.listen-address=",
        ]

    def answers(self) -> bool:
        """Whether it serves requests."""
        try:
            self.ask("GET", "status")
        except (OSError, HTTPException):
            return False
        return True

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The firing alerts by their name; names are unique in these tests."""
        rows: list[dict[str, Any]] = json.loads(self.ask("GET", "alerts"))
        return {row["labels"]["alertname"]: row for row in rows}

    def silences(self) -> list[dict[str, Any]]:
        """The silences in force."""
        rows: list[dict[str, Any]] = json.loads(self.ask("GET", "silences"))
        return [row for row in rows if row["status"]["state"] == "active"]

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Send a request to the API, as a person or another program does; return the body of its response."""
        with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            text = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            connection.request(method, f"/api/v2/{path}", text, headers)
            with connection.getresponse() as answer:
                found = answer.read()
                assert answer.status == 200, found
                return found


@dataclass
class Receiver:
    """The receiver of Alertmanager's webhook."""

    port: int = 0
    alerts: list[dict[str, Any]] = field(default_factory=list)
    """Single alerts, in the order of arrival."""

    def statuses(self, name: str) -> list[str]:
        """The statuses of an alert in order: ``firing``, or ``resolved`` with its reason."""
        return [
            row["status"] if row["status"] == "firing" else f"resolved: {_why(row)}"
            for row in self.alerts
            if row["labels"]["alertname"] == name
        ]


def _why(row: dict[str, Any]) -> str:
    found = row["annotations"]
    why: str = found.get("resolution") or ("replaced" if "replaced" in found else "NO WORD")
    return why


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A running webhook receiver."""
    event = Receiver(free_port())

    async def hear(request: web.Request) -> web.Response:
        event.alerts += (await request.json())["alerts"]
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, event.port).start()
        yield event
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)


def settings(folder: Path, received: Receiver) -> Path:
    """A configuration that notifies at once, with each alert by itself."""
    path = folder / "alertmanager.yml"
    path.write_text(
        json.dumps(
            {
                "route": {
                    "receiver": "test",
                    "group_by": ["..."],
                    "group_wait": "0s",
                    "group_interval": "1s",
                    "repeat_interval": "1h",
                },
                "receivers": [
                    {
                        "name": "test",
                        "webhook_configs": [{"url": f"http://{HOST}:{received.port}/"}],
                    }
                ],
            }
        )
    )
    return path
