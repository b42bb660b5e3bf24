"""deploy/compose without a container engine: its own files, prepared by its own script, started on loopback ports.

Host names, ports and container paths are replaced as the volumes, secrets and ports of ``compose.yaml`` replace them.
Debian's mosquitto, nginx and InfluxDB 1.x stand in for the images; users, limits and networks are not tried.
"""

import asyncio
import getpass
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from monitor.mqtt import BrokerAddress, Tls
from tests.support.monitor_process import MonitorProcess
from tests.support.pipeline import ROOT
from tests.support.servers import HOST, PATIENCE, Broker, Server, free_port, program_of
from tests.support.subscriber import Subscriber

SOURCE = ROOT / "deploy" / "compose"


class Deployment:
    """A copy of the part of the repository that compose needs, after ``./prepare``.

    Args:
        folder: an empty folder for it.
        devices: further lines of ``venue.toml``.
        roster: contents of ``roster.toml``; empty: the repository's example.

    """

    def __init__(self, folder: Path, devices: str = "", roster: str = "") -> None:
        self.folder = folder / "deploy" / "compose"
        shutil.copytree(SOURCE, self.folder, ignore=_left_behind)
        for name in ("venue.toml", "roster.toml", "rules", "checklists"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        for name in ("dashboards", "monitor"):
            (folder / name).symlink_to(ROOT / name)
        with (folder / "venue.toml").open("a") as venue:
            venue.write(devices)
        if roster:
            (folder / "roster.toml").write_text(roster)
        self.compose: dict[str, Any] = yaml.safe_load((self.folder / "compose.yaml").read_text())
        self.port = free_port()
        """The broker's listener for everyone; 8883 in the containers."""
        self.inner_port = free_port()
        """Its listener for the monitor; 8884 in the containers."""
        self.web_port = free_port()
        """The web proxy; 8443 in the containers."""
        self.prepare()

    def prepare(self) -> None:
        """Run the script that an administrator runs."""
        subprocess.run(
            [self.folder / "prepare", HOST],
            env=os.environ | {"PYTHON": sys.executable},
            check=True,
            capture_output=True,
            timeout=60,
        )

    def inside(self, service: str, text: str) -> str:
        """A text with the container paths of a service replaced by the paths that are mounted there."""
        mounts = self.mounts(service)
        longest_first = sorted(map(re.escape, mounts), key=len, reverse=True)
        inner = rf"({'|'.join(longest_first)})(?=[/\s\"';]|$)"
        return re.sub(inner, lambda found: str(mounts[found[1]]), text)

    def mounts(self, service: str) -> dict[str, Path]:
        """The path on this machine of each container path of a service."""
        found = {}
        row = self.compose["services"][service]
        for volume in row.get("volumes", ()):
            outer, inner, *_ = volume.split(":")
            path = self.folder / (outer if outer.startswith(".") else f"volumes/{outer}")
            path = path.resolve()
            if not outer.startswith("."):
                path.mkdir(parents=True, exist_ok=True)
            found[inner] = path
        for secret in row.get("secrets", ()):
            found[f"/run/secrets/{secret}"] = self.folder / self.compose["secrets"][secret]["file"]
        for place in row.get("tmpfs", ()):
            path = self.folder / "tmpfs" / service
            path.mkdir(parents=True, exist_ok=True)
            found[place.partition(":")[0]] = path
        return found

    def address(self, account: str, *, inner: bool = False) -> BrokerAddress:
        """The broker's address for this account."""
        password = (self.folder / "secrets" / "accounts" / account).read_text()
        port = self.inner_port if inner else self.port
        tls = Tls(self.folder / "secrets" / "tls" / "ca.pem")
        return BrokerAddress(HOST, port, username=account, password=password, tls=tls)

    def client(self, account: str, identifier: str = "", *, inner: bool = False) -> Subscriber:
        """A client of the broker, with this account's password."""
        return Subscriber(self.address(account, inner=inner), identifier or account)


class ComposeBroker(Broker):
    """mosquitto with the configuration of deploy/compose; its data survives a stop.

    Args:
        deployment: the deployment that it belongs to.
        change: what else is replaced in its configuration.

    """

    scheme = "mqtts"

    def __init__(self, deployment: Deployment, change: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(deployment.folder)
        self.deployment = deployment
        self.change = change
        self.port = deployment.port
        self.health_port = free_port()

    def command(self) -> list[str]:
        """Write its configuration; return the command line."""
        one = self.deployment
        text = one.inside("mosquitto", (one.folder / "mosquitto/mosquitto.conf").read_text())
        for old, new in (
            ("listener 8883", f"listener {one.port} {HOST}"),
            ("listener 8884", f"listener {one.inner_port} {HOST}"),
            ("listener 1880", f"listener {self.health_port}"),
            *self.change,
        ):
            assert old in text, old
            text = text.replace(old, new)
        path = one.folder / "mosquitto.conf"
        path.write_text(f"user {getpass.getuser()}\n{text}")
        return [program_of("mosquitto", "mosquitto"), "-c", str(path)]

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid


class ComposeMonitor(MonitorProcess):
    """The monitor with the configuration of deploy/compose.

    Args:
        deployment: the deployment that it belongs to.
        influx: the address at which InfluxDB accepts writes.

    """

    def __init__(self, deployment: Deployment, influx: str) -> None:
        self.folder = deployment.folder / "monitor"
        self.config = self.folder / "config.toml"
        self.log = deployment.folder / "monitor.log"
        self.options = ()
        self.http_port = free_port()
        for path in (self.config, self.folder / "cli.toml"):
            text = deployment.inside("monitor", path.read_text())
            text = text.replace('host = "mosquitto"', f'host = "{HOST}"')
            text = text.replace("port = 8884", f"port = {deployment.inner_port}")
            text = text.replace("http://influxdb:8086", influx)
            text = text.replace('host = "0.0.0.0"', f'host = "{HOST}"\nport = {self.http_port}')
            path.write_text(text)
        self.journal = deployment.mounts("monitor")["/var/lib/venue-monitor"] / "journal.db"
        self.broker = deployment.address("venue-monitor", inner=True)
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = dict(os.environ)

    def types(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command as an administrator does in the container: with ``cli.toml``."""
        config, self.config = self.config, self.folder / "cli.toml"
        try:
            return self.ask(*arguments)
        finally:
            self.config = config


class ComposeProxy(Server):
    """nginx with the configuration of deploy/compose.

    Args:
        deployment: the deployment that it belongs to.
        monitor: the server behind it.

    """

    scheme = "https"

    def __init__(self, deployment: Deployment, monitor: ComposeMonitor) -> None:
        super().__init__(deployment.folder)
        self.deployment = deployment
        self.monitor = monitor
        self.port = deployment.web_port

    def command(self) -> list[str]:
        """Write its configuration; return the command line."""
        one = self.deployment
        text = one.inside("proxy", (one.folder / "proxy/nginx.conf").read_text())
        text = text.replace("listen 8443", f"listen {HOST}:{self.port}")
        text = text.replace("http://monitor:9660", f"http://{HOST}:{self.monitor.http_port}")
        path = one.folder / "nginx.conf"
        path.write_text(text)
        errors = str(one.folder / "nginx.log")
        return [program_of("nginx", "nginx-light"), "-c", str(path), "-e", errors]

    def kill(self) -> None:
        """Send SIGTERM instead: its worker would outlive a master that is killed."""
        self.stop()

    def answers(self) -> bool:
        """Return whether it listens: it has then written its pid."""
        return (self.deployment.mounts("proxy")["/tmp"] / "nginx.pid").exists()  # noqa: S108 - its tmpfs


async def received_by(client: Subscriber, end: str, ready: asyncio.Event) -> set[tuple[str, str]]:
    """Topic and payload of what a client receives below ``venue/``, up to a message on the topic ``end``."""
    found: set[tuple[str, str]] = set()
    async with client:
        await client.subscribe("venue/#")
        ready.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while True:
                    topic, payload = await client.take()
                    if topic == end:
                        return found
                    found.add((topic, payload.decode()))
    raise AssertionError(f"{end} never came")


def _left_behind(_: str, names: list[str]) -> set[str]:
    """What a working copy may contain that is not in the repository."""
    return {name for name in names if name in {"__pycache__", "secrets", "dashboards"}}
