"""The program as people run it: ``python -m monitor run``, a process with a deployment of its own in one folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from monitor.app.runfile import read_run_file, staleness
from monitor.journal import Journal
from monitor.mqtt import BrokerAddress
from monitor.rules.read import TEST_VENUE
from tests.support.pipeline import ROOT
from tests.support.servers import PATIENCE, free_port

PUBLIC = "https://monitor.example.org"
"""The start of its links; the paths behind it are served on a free port."""


class MonitorProcess:
    """A monitor process that can be started, killed and stopped repeatedly, with the venue and rules of the repository.

    Args:
        folder: for its configuration and everything that it writes.
        broker: the broker; ``None``: it runs the embedded one, on a fixed port.
        more: further lines of ``config.toml``.
        roster: the content of ``roster.toml``; without it, no one is paged.
        http_port: the port of its web server; 0 for any free one.
        rules: the only rule files that it has; a start runs the tests of all that it has. Empty: all of them.

    """

    def __init__(
        self,
        folder: Path,
        broker: BrokerAddress | None = None,
        more: str = "",
        roster: str = "",
        http_port: int = 0,
        rules: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.journal = folder / "journal.db"
        self.log = folder / "monitor.log"
        self.config = folder / "config.toml"
        self.rules = ROOT / "rules"
        if rules:
            self.rules = folder / "few-rules"
            self.rules.mkdir()
            for name in (*rules, TEST_VENUE):
                shutil.copy(ROOT / "rules" / name, self.rules)
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
port = {http_port}
public_url = "{PUBLIC}"
[log]
format = "json"
[journal]
path = "journal.db"
[files]
venue = "{ROOT / "venue.toml"}"
rules = "{self.rules}"
{'roster = "roster.toml"' if roster else ""}
[privacy]
key_file = "key"
{more}
"""
        )
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = dict(os.environ)
        self.options: tuple[str, ...] = ()
        """Further arguments of ``run``."""

    # Life cycle ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it responds."""
        self.begin()
        self.until(self.answers)

    def begin(self, *options: str) -> None:
        """Start it, with options of ``run``."""
        self.begin_command("run", *self.options, *options)

    def begin_command(self, *arguments: str) -> None:
        """Start one of its commands, which keeps running."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(*arguments),
                stdout=log,
                stderr=log,
                env=self.environment,
                process_group=0,
            )

    def kill(self) -> None:
        """Send SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> int:
        """Send SIGTERM; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        """Start it and wait until it is connected: before its first subscription, the broker keeps nothing for it."""
        try:
            self.start()
            self.until(lambda: bool(self.health()["broker_connected"]))
            self.until(lambda: staleness(self.journal) is None)
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    # Its output -------------------------------------------------------------------------------------------------

    def command(self, *arguments: str) -> list[str]:
        """Return one of its commands, for this deployment."""
        return [sys.executable, "-m", "monitor", "--config", str(self.config), *arguments]

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands to the end."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, check=False, timeout=PATIENCE
        )

    def answers(self) -> bool:
        """Return whether the present process responds over HTTP."""
        running = read_run_file(self.journal)
        if self.process is None or running is None or running.pid != self.process.pid:
            return False
        try:
            self.get("/healthz")
        except OSError:
            return False
        return True

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of a path."""
        return self._fetch("GET", path)

    def post(self, path: str) -> tuple[int, str]:
        """Press the button of the web page at a path; return status and body of the response."""
        return self._fetch("POST", path)

    def _fetch(self, method: str, path: str) -> tuple[int, str]:
        running = read_run_file(self.journal)
        assert running is not None, self.log_text()
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
        """Return its health."""
        found: dict[str, Any] = json.loads(self.get("/healthz")[1])
        return found

    def figure(self, name: str) -> float:
        """Return one of its metrics, as Prometheus would read it."""
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(name)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return its log lines of one event."""
        lines = (json.loads(line) for line in self.log_text().splitlines() if line.startswith("{"))
        return [line for line in lines if line["event"] == event]

    def log_text(self) -> str:
        """Return its whole log."""
        return self.log.read_text(errors="replace")

    @contextmanager
    def read(self) -> Iterator[Journal]:
        """Open its journal while it continues to write."""
        with Journal(self.journal, read_only=True) as journal:
            yield journal

    def open_alerts(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Return condition and occurrences of its open alerts, by rule and key."""
        with self.read() as journal:
            return {
                (alert.rule, alert.key): (alert.condition.value, alert.occurrences)
                for alert in journal.alerts()
            }

    def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until a condition holds; fail if the process exits first or the time is up."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process is not None
            assert self.process.poll() is None, self.log_text()
            assert time.monotonic() < deadline, f"not within {seconds:g} s:\n{self.log_text()}"
            time.sleep(0.05)
