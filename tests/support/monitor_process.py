"""The program as people run it: ``python -m monitor run``, a process with a deployment of its own in one folder."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from monitor.app.runfile import read_running
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from tests.support.pipeline import ROOT
from tests.support.servers import free_port

PATIENCE = 30.0
"""Seconds after which a process that should have done something has not; on a busy machine a start takes three."""
PUBLIC = "https://monitor.example.org"
"""Where its links lead; what comes behind it is served at the port that it found free."""


class Program:
    """A monitor that can be started, killed and stopped again and again; the venue and the rules are the repository's.

    Args:
        folder: holds its configuration and everything that it writes.
        broker: where it connects to; without one it runs its own, on a port that stays the same.
        more: further lines of ``config.toml``.
        roster: what stands in ``roster.toml``; without it nobody is paged.

    """

    def __init__(
        self, folder: Path, broker: BrokerAddress | None = None, more: str = "", roster: str = ""
    ) -> None:
        self.folder = folder
        self.journal = folder / "journal.db"
        self.log = folder / "monitor.log"
        self.config = folder / "config.toml"
        self.broker = broker or BrokerAddress("127.0.0.1", free_port())
        where = (
            f'[broker]\nhost = "{broker.host}"\nport = {broker.port}\nkeepalive = "2s"'
            if broker
            else f'[embedded_broker]\ndata = "broker"\nport = {self.broker.port}'
        )
        if roster:
            (folder / "roster.toml").write_text(roster)
        self.config.write_text(
            f"""{where}
[http]
port = 0
public_url = "{PUBLIC}"
[log]
format = "json"
[journal]
path = "journal.db"
[files]
venue = "{ROOT / "venue.toml"}"
rules = "{ROOT / "rules"}"
{'roster = "roster.toml"' if roster else ""}
[privacy]
key_file = "key"
{more}
"""
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = dict(os.environ)

    # Its life -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self.begin()
        self.until(self.answers)

    def begin(self) -> None:
        """Starts it."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("run"), stdout=log, stderr=log, env=self.environment
            )

    def kill(self) -> None:
        """SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        """Starts it and waits until it hears: before its first subscription nobody keeps anything for it."""
        try:
            self.start()
            self.until(lambda: bool(self.health()["broker_connected"]))
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    # What it says -------------------------------------------------------------------------------------------------

    def command(self, *arguments: str) -> list[str]:
        """One of its commands, for this deployment."""
        return [sys.executable, "-m", "monitor", "--config", str(self.config), *arguments]

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one of its commands to the end."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def answers(self) -> bool:
        """The present process answers on its web address."""
        running = read_running(self.journal)
        if self.process is None or running is None or running.pid != self.process.pid:
            return False
        try:
            self.get("/healthz")
        except urllib.error.URLError:
            return False
        return True

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of what it serves at a path."""
        return self._fetch("GET", path)

    def post(self, path: str) -> tuple[int, str]:
        """Presses the button of the page at a path; status and body of what it says then."""
        return self._fetch("POST", path)

    def _fetch(self, method: str, path: str) -> tuple[int, str]:
        running = read_running(self.journal)
        assert running is not None, self.said()
        url = f"http://127.0.0.1:{running.http_port}{path}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, method=method), timeout=PATIENCE
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def health(self) -> dict[str, Any]:
        """What it says of how it fares."""
        found: dict[str, Any] = json.loads(self.get("/healthz")[1])
        return found

    def figure(self, name: str) -> float:
        """One of its figures, as Prometheus would read it."""
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(name)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of its log that tell of an event."""
        lines = (json.loads(line) for line in self.said().splitlines() if line.startswith("{"))
        return [line for line in lines if line["event"] == event]

    def said(self) -> str:
        """Everything that it wrote to its log."""
        return self.log.read_text(errors="replace")

    @contextmanager
    def read(self) -> Iterator[Journal]:
        """Its journal, while it writes on."""
        with Journal(self.journal, read_only=True) as journal:
            yield journal

    def open_alerts(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Condition and occurrences of its open alerts, by rule and key."""
        with self.read() as journal:
            return {
                (alert.rule, alert.key): (alert.condition.value, alert.occurrences)
                for alert in journal.alerts()
            }

    def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Returns as soon as it holds; fails when the process ends before, or it doesn't in time."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"not within {seconds:g} s:\n{self.said()}"
            time.sleep(0.05)
