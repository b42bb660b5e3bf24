"""Keeps a broker of our own running as a child process."""

import asyncio
import fcntl
import json
import os
import socket
import sys
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import IO, Self

import structlog

from monitor.errors import BrokerUnavailable, ConfigError, MonitorError
from monitor.mqtt import BrokerAddress, Connection
from monitor.mqtt.nats import HOST, LOG, program, settings
from monitor.runtime.backoff import waits

log = structlog.get_logger()

PATIENCE = 15.0
"""Seconds from the start of the process to its first CONNACK; it takes about 0.3."""
STEADY = 30.0
"""Seconds: a broker that ran for so long was a good one, and is started again soon."""
GRACE = 5.0
"""Seconds it has to end in peace; then it is killed."""

START_LOG = "start.log"
"""What it says before it has opened its log."""

_TETHER = """
import ctypes, os, signal, sys
parent, command = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG; it holds across exec
if os.getppid() == parent:
    os.execv(command[0], command)
"""
"""Becomes the broker, after it has asked Linux to end it when we end, whatever we die of."""


class EmbeddedBroker:
    """A broker on a loopback port, with its data in one folder, started again whenever it dies.

    It speaks MQTT 3.1.1, asks nobody for a password, and keeps sessions, queued and retained
    messages over restarts. On Linux it ends with the *thread* that entered it, so enter it on the
    main thread; elsewhere, one that outlived a killed monitor is noticed by its lock on the folder.

    ``async with`` returns when it answers.

    Raises:
        BrokerUnavailable: it doesn't start, or its folder is in use.
        ConfigError: there is no program for it, or its folder can't be written.
    """

    def __init__(self, data: Path, port: int = 0, *, rng: Random | None = None) -> None:
        self._data = data.absolute()
        self._config = self._data / "nats-server.json"
        self._port = port
        self._rng = rng or SystemRandom()
        self._lock: IO[str] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self.restarts = 0
        """How often it died and was started again."""

    @property
    def address(self) -> BrokerAddress:
        """Where it listens."""
        return BrokerAddress(HOST, self._port)

    @property
    def pid(self) -> int | None:
        """The process that runs or ran last; ``None`` before the first."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        try:
            self._prepare()
            await self._start()
        except BaseException:
            await self._stop()
            raise
        self._supervision = asyncio.create_task(self._supervise(), name="embedded broker")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._supervision is not None:
                self._supervision.cancel()
                await asyncio.wait({self._supervision})
        finally:
            await self._stop()

    def _prepare(self) -> None:
        """Takes the folder for ourselves, and writes the configuration into it."""
        try:
            self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = (self._data / "lock").open("a")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._port = self._port or _free_port()
            self._config.write_text(
                json.dumps(settings(self._data, self._port), ensure_ascii=False, indent=2)
            )
        except BlockingIOError as error:
            raise BrokerUnavailable(
                f"embedded broker: another one is at work in {self._data}; end it, or name another "
                "folder in config.toml under [embedded_broker]"
            ) from error
        except OSError as error:
            raise ConfigError([f"embedded broker: {error.filename}: {error.strerror}"]) from error

    async def _start(self) -> None:
        """Starts it and waits until it answers."""
        self._process = process = await self._spawn()
        try:
            async with asyncio.timeout(PATIENCE):
                while not (self._listens(process.pid) and await self._answers()):
                    if process.returncode is not None:
                        raise BrokerUnavailable(f"embedded broker: it ended: {self._last_words()}")
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise BrokerUnavailable(
                f"embedded broker: no answer for {PATIENCE:g} s: {self._last_words()}"
            ) from error

    async def _spawn(self) -> asyncio.subprocess.Process:
        command = [str(program()), "--config", str(self._config)]
        try:
            for left in self._data.glob("*.ports"):
                left.unlink()
            with (self._data / START_LOG).open("wb") as complaints:
                return await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", "-c", _TETHER, str(os.getpid())),
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=complaints,
                    stderr=complaints,
                    # The child keeps the lock: the folder is taken while either of us is at work.
                    pass_fds=[self._lock.fileno()] if self._lock else [],
                )
        except OSError as error:
            raise BrokerUnavailable(f"embedded broker: {error}") from error

    def _listens(self, pid: int) -> bool:
        """It has its port: else whoever has it would answer in its place."""
        return any(self._data.glob(f"*_{pid}.ports"))

    async def _answers(self) -> bool:
        """It takes a CONNECT, which it does only when its sessions are in place."""
        connection = Connection(self.address, "venue-monitor-start")
        try:
            await connection.open()
        except BrokerUnavailable:
            return False
        await connection.close()
        return True

    async def _supervise(self) -> None:
        """Starts it again whenever it dies, on the same port with the same data."""
        loop = asyncio.get_running_loop()
        pauses = waits(self._rng)
        while self._process is not None:
            began = loop.time()
            status = await self._process.wait()
            log.error("embedded_broker_died", status=status, last_words=self._last_words())
            if loop.time() - began > STEADY:
                pauses = waits(self._rng)
            for pause in pauses:
                await asyncio.sleep(pause.total_seconds())
                try:
                    await self._start()
                except MonitorError as error:
                    log.error("embedded_broker_unavailable", reason=str(error))  # noqa: TRY400
                    await self._end()
                else:
                    break
            self.restarts += 1

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(GRACE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _stop(self) -> None:
        try:
            await self._end()
        finally:
            if self._lock is not None:
                self._lock.close()

    def _last_words(self) -> str:
        """The last lines that it wrote, for whoever has to find out why it doesn't run."""
        lines = []
        for path in (self._data / LOG, self._data / START_LOG):
            if path.is_file():
                lines += path.read_text(errors="replace").splitlines()[-3:]
        return " | ".join(lines) or "it said nothing"


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port
