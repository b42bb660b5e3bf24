"""Real servers, each a process on a free loopback port."""

import asyncio
import getpass
import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import SystemRandom
from typing import Self

import pytest

from monitor.mqtt import BrokerAddress
from monitor.mqtt.codec import ProtocolVersion
from monitor.mqtt.nats import program, settings
from tests.support.node_programs import node_command

HOST = "127.0.0.1"
PATIENCE = 120.0
"""Seconds to wait for something that should happen, with room for a machine on which all takes ten times as long."""
_CONNECT = bytes.fromhex("100d 0004 4d515454 04 02 003c 0001 70")
"""MQTT 3.1.1, clean session, keepalive 60 s, client id "p"."""


PORTS = range(10_000, 32_768)
"""Below those that Linux gives to whoever asks for any: no other program takes one of ours before its server has it."""
_places = count(SystemRandom().randrange(len(PORTS)))


def free_port() -> int:
    """Return a free loopback port, and not the same one again; each process of a test run begins elsewhere."""
    while True:
        port = PORTS[next(_places) % len(PORTS)]
        with socket.socket() as sock, suppress(OSError):
            sock.bind((HOST, port))
            return port


async def eventually(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"the condition does not hold after {seconds:g} s"
        await asyncio.sleep(0.01)


def program_of(name: str, package: str) -> str:
    """Return the path of a program; if it is missing, fail the test with the Debian package that contains it."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if path is None:
        pytest.fail(f"these tests need {name}: apt-get install --no-install-recommends {package}")
    return path


class Server(ABC):
    """A process on a loopback port with its files in one folder; it can be stopped, killed and restarted."""

    scheme = "http"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / f"{type(self).__name__.lower()}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address that it listens on."""
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    def process_id(self) -> int:
        """The number of its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    @abstractmethod
    def command(self) -> list[str]:
        """Write its configuration; return the command line."""

    @abstractmethod
    def answers(self) -> bool:
        """Return whether it accepts connections."""

    def start(self) -> None:
        """Start it on its port and wait until it accepts connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, env=os.environ | {"HOME": str(self.folder)}
            )
        deadline = time.monotonic() + PATIENCE
        try:
            while not self.answers():
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{type(self).__name__} doesn't start:\n{self.log.read_text()}")
                time.sleep(0.01)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Broker(Server):
    """An MQTT broker."""

    scheme = "mqtt"
    protocol: ProtocolVersion | None = ProtocolVersion.V3_1_1
    """The version that subscribers use."""

    @property
    def address(self) -> BrokerAddress:
        """The address that it listens on."""
        return BrokerAddress(HOST, self.port, protocol=self.protocol)

    def answers(self) -> bool:
        """Return whether it accepts a CONNECT or, if it requires TLS or a password, at least reads one."""
        try:
            with socket.create_connection((HOST, self.port), timeout=PATIENCE) as sock:
                sock.sendall(_CONNECT)
                # On a port without a listener, a socket may happen to connect to itself.
                return sock.recv(1) != _CONNECT[:1]
        except ConnectionRefusedError:
            return False
        except OSError:
            pass
        return True


class Mosquitto(Broker):
    """Eclipse Mosquitto without persistence: it loses everything when killed."""

    protocol: ProtocolVersion | None = None

    def __init__(self, folder: Path, *lines: str) -> None:
        super().__init__(folder)
        self.lines = lines or ("allow_anonymous true",)
        """Its configuration besides port and limits; read again by ``start``."""

    def command(self) -> list[str]:
        """Write its configuration; return the command line."""
        path = program_of("mosquitto", "mosquitto")
        config = self.folder / "mosquitto.conf"
        config.write_text(
            "\n".join(
                [
                    f"user {getpass.getuser()}",
                    f"listener {self.port} {HOST}",
                    "max_inflight_messages 1000",
                    "max_queued_messages 1000000",
                    "set_tcp_nodelay true",
                    *self.lines,
                ]
            )
        )
        return [path, "-c", str(config)]


def password_file(folder: Path, username: str, password: str) -> Path:
    """Write a password file as mosquitto_passwd does: PBKDF2 with SHA-512, 101 rounds."""
    salt = b"twelve bytes"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    path = folder / "passwords"
    path.write_text(f"{username}:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n")
    path.chmod(0o600)
    return path


class Nats(Broker):
    """nats-server, configured like the embedded broker: sessions and messages survive a kill."""

    def command(self) -> list[str]:
        """Write its configuration; return the command line."""
        config = self.folder / "nats.json"
        text = json.dumps(settings(self.folder, self.port))
        # Unacknowledged messages are redelivered sooner than in production: tests wait for it.
        config.write_text(text.replace('"ack_wait": "2s"', '"ack_wait": "1s"'))
        return [str(program()), "--config", str(config)]


class Aedes(Broker):
    """The aedes broker on Node, a third implementation of MQTT 3.1.1: it loses everything when killed."""

    def command(self) -> list[str]:
        """Return the command line."""
        return [*node_command("aedes.js"), str(self.port)]
