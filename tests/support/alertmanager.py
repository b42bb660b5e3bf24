"""A real Alertmanager on a loopback port, and a receiver that hears what it tells."""

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
        """What to run."""
        return [
            program_of(PACKAGE, PACKAGE),
            f"--config.file={self.config}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={HOST}:{self.port}",
            "--cluster.listen-address=",
        ]

    def answers(self) -> bool:
        """It has begun to serve."""
        try:
            self.ask("GET", "status")
        except (OSError, HTTPException):
            return False
        return True

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The firing alerts by their name; they have different names in these tests."""
        rows: list[dict[str, Any]] = json.loads(self.ask("GET", "alerts"))
        return {row["labels"]["alertname"]: row for row in rows}

    def silences(self) -> list[dict[str, Any]]:
        """The silences in force."""
        rows: list[dict[str, Any]] = json.loads(self.ask("GET", "silences"))
        return [row for row in rows if row["status"]["state"] == "active"]

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """What its API answers to what a person, or another program, does there."""
        with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            text = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"}
            connection.request(method, f"/api/v2/{path}", text, headers)
            with connection.getresponse() as answer:
                told = answer.read()
                assert answer.status == 200, told
                return told


@dataclass
class Receiver:
    """What Alertmanager's webhook brings."""

    port: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    """Single alerts, in the order in which they were told."""

    def said(self, name: str) -> list[str]:
        """What was told of an alert: ``firing``, or ``resolved`` with its reason."""
        return [
            row["status"] if row["status"] == "firing" else f"resolved: {_why(row)}"
            for row in self.told
            if row["labels"]["alertname"] == name
        ]


def _why(row: dict[str, Any]) -> str:
    told = row["annotations"]
    why: str = told.get("resolution") or ("replaced" if "replaced" in told else "NO WORD")
    return why


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook receiver, while it is needed."""
    heard = Receiver(free_port())

    async def hear(request: web.Request) -> web.Response:
        heard.told += (await request.json())["alerts"]
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, heard.port).start()
        yield heard
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)


def settings(folder: Path, heard: Receiver) -> Path:
    """A configuration that tells everything at once, each alert by itself."""
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
                        "webhook_configs": [{"url": f"http://{HOST}:{heard.port}/"}],
                    }
                ],
            }
        )
    )
    return path
