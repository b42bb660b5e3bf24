"""Runs the embedded broker as a child process."""

import asyncio
import fcntl
import json
import os
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random, SystemRandom
from typing import IO, Self

import structlog

from monitor.errors import BrokerUnavailable, ConfigError, MonitorError
from monitor.mqtt import BrokerAddress, Connection, backlog_check
from monitor.mqtt.codec import ProtocolVersion
from monitor.mqtt.nats import HOST, LOG, program, settings
from monitor.runtime.backoff import waits

log = structlog.get_logger()

PATIENCE = 15.0
"""Seconds from the start of the process to its first CONNACK; usually about 0.3."""
STEADY = 30.0
"""Seconds: after a run of this length, the next restart is quick again."""
GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""

START_LOG = "start.log"
"""Its output before it has opened its log."""

_LAUNCHER = """
import ctypes, os, signal, sys
parent, command = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG; it holds across exec
if os.getppid() == parent:
    os.execv(command[0], command)
"""
"""Asks Linux to end this process when its parent ends for any reason, and becomes the broker."""


class EmbeddedBroker:
    """A broker on a loopback port, with its data in one folder; restarted whenever it dies.

    It supports MQTT 3.1.1, requires no password, and keeps sessions, queued and retained messages
    across restarts. On Linux it ends with the *thread* that entered it, so enter it on the main
    thread; elsewhere, one that outlived a killed monitor is detected by its lock on the folder.

    ``async with`` returns when the broker accepts connections.

    Raises:
        BrokerUnavailable: it doesn't start, or its folder is in use.
        ConfigError: its program is not installed, or its folder can't be written.
    """

    def __init__(self, data: Path, port: int = 0, *, rng: Random | None = None) -> None:
        self._data = data.absolute()
        self._config = self._data / "nats-server.json"
        self._port = port
        self._rng = rng or SystemRandom()
        self._lock: IO[str] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[None] | None = None
        self._checks: set[asyncio.Task[None]] = set()
        self.restarts = 0
        """How often it was restarted."""
        self.damage: asyncio.Queue[int] = asyncio.Queue()
        """After a start that found damaged messages in the store: how many, at the least."""

    @property
    def address(self) -> BrokerAddress:
        """The address that it listens on."""
        return BrokerAddress(HOST, self._port, protocol=ProtocolVersion.V3_1_1)

    @property
    def pid(self) -> int | None:
        """The present or latest process; ``None`` before the first."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(self._stop)
            self._prepare()
            await self._start()
            on_failure.pop_all()
        self._supervision = asyncio.create_task(self._supervise(), name="embedded broker")
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = {*self._checks, *([self._supervision] if self._supervision else [])}
        try:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
        finally:
            await self._stop()

    def _prepare(self) -> None:
        """Lock the folder, and write the configuration into it."""
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
                f"embedded broker: another one is using {self._data}; stop it, or choose another "
                "folder in config.toml under [embedded_broker]"
            ) from error
        except OSError as error:
            raise ConfigError([f"embedded broker: {error.filename}: {error.strerror}"]) from error

    async def _start(self) -> None:
        """Start it and wait until it accepts connections."""
        await self._check_store()
        self._process = process = await self._spawn()
        try:
            async with asyncio.timeout(PATIENCE):
                while not (self._listens(process.pid) and await self._answers()):
                    if process.returncode is not None:
                        raise BrokerUnavailable(f"embedded broker: {self._why_it_exited()}")
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise BrokerUnavailable(
                f"embedded broker: no answer for {PATIENCE:g} s: {self._log_tail()}"
            ) from error

    async def _check_store(self) -> None:
        """Begin to look for damage; return as soon as the broker may change the store."""
        if not backlog_check.blocks(self._data):
            return
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", backlog_check.__name__, str(self._data)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        async with AsyncExitStack() as on_failure:
            on_failure.push_async_callback(_kill, process)
            if process.stdout is not None:
                await process.stdout.readline()
            on_failure.pop_all()
        task = asyncio.create_task(self._report(process), name="embedded broker's store")
        self._checks.add(task)
        task.add_done_callback(self._checks.discard)

    async def _report(self, process: asyncio.subprocess.Process) -> None:
        """Report the damage that a check has found."""
        try:
            output, _ = await process.communicate()
        finally:
            await _kill(process)
        if process.returncode:
            log.error("embedded_broker_store_unchecked", status=process.returncode)
        elif messages := int(output):
            log.error("embedded_broker_store_damaged", messages=messages)
            self.damage.put_nowait(messages)

    async def _spawn(self) -> asyncio.subprocess.Process:
        command = [str(program()), "--config", str(self._config)]
        try:
            for old in self._data.glob("*.ports"):
                old.unlink()
            with (self._data / START_LOG).open("wb") as output:
                return await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid())),
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    # Ctrl-C goes to the whole process group, and the broker has to outlive our last messages.
                    start_new_session=True,
                    # The child keeps the lock too: the folder is in use while either process runs.
                    pass_fds=[self._lock.fileno()] if self._lock else [],
                )
        except OSError as error:
            raise BrokerUnavailable(f"embedded broker: {error}") from error

    def _listens(self, pid: int) -> bool:
        """Return whether it has its port; otherwise another program on that port would answer for it."""
        return any(self._data.glob(f"*_{pid}.ports"))

    async def _answers(self) -> bool:
        """Return whether it accepts a CONNECT, which it does only once its sessions are restored."""
        connection = Connection(self.address, "venue-monitor-start")
        try:
            await connection.open()
        except BrokerUnavailable:
            return False
        await connection.close()
        return True

    async def _supervise(self) -> None:
        """Restart it whenever it dies, on the same port and with the same data."""
        loop = asyncio.get_running_loop()
        pauses = waits(self._rng)
        while self._process is not None:
            began = loop.time()
            status = await self._process.wait()
            log.error("embedded_broker_died", status=status, log_tail=self._log_tail())
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

    def _why_it_exited(self) -> str:
        """Return the reason, without its log if that would only hide it."""
        if _is_taken(self._port):
            return (
                f"port {self._port} of {HOST} is already in use; stop the program that listens there, or choose "
                "another port in config.toml: [embedded_broker] port, 0 for any free one"
            )
        return f"exited: {self._log_tail()}"

    def _log_tail(self) -> str:
        """Return the last lines that it wrote, for error messages."""
        lines = []
        for path in (self._data / LOG, self._data / START_LOG):
            if path.is_file():
                lines += path.read_text(errors="replace").splitlines()[-3:]
        return " | ".join(lines) or "no output"


async def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _is_taken(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port
