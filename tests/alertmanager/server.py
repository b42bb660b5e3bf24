"""A real Alertmanager on a loopback port, and a receiver that hears what it tells."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from aiohttp import web

from tests.servers import HOST, PATIENCE, free_port


def program(name: str) -> str:
    """Where one of the package's programs is."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(
            f"these tests need {name}: apt-get install --no-install-recommends prometheus-alertmanager"
        )
    return path


class AlertmanagerServer:
    """A process that can be stopped, killed and started again on the same data and port.

    Args:
        folder: holds its data and log.
        config: its configuration file.

    """

    def __init__(self, folder: Path, config: Path) -> None:
        self.folder = folder
        self.config = config
        self.port = free_port()
        self.log = folder / "alertmanager.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program("prometheus-alertmanager"),
                    f"--config.file={self.config}",
                    f"--storage.path={self.folder / 'data'}",
                    f"--web.listen-address={HOST}:{self.port}",
                    "--cluster.listen-address=",
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"Alertmanager doesn't start:\n{self.log.read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

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

    def _answers(self) -> bool:
        try:
            self.ask("GET", "status")
        except (OSError, HTTPException):
            return False
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


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
    resolution: str = row["annotations"].get("resolution", "NO WORD")
    return resolution


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
