"""Tells other processes where the running monitor and its broker are: a small file beside the journal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from monitor.config import Broker, Config
from monitor.errors import BrokerUnavailable, JournalError
from monitor.mqtt import BrokerAddress, Tls
from monitor.venue import load as load_venue


class Running(Struct, frozen=True, kw_only=True):
    """Where the running monitor is."""

    pid: int = 0
    broker_host: str = "127.0.0.1"
    broker_port: int
    http_port: int
    congress: str
    """Its id, as it is in force: the venue file may have a mistake at the moment."""


@contextmanager
def running_file(journal: Path, running: Running) -> Iterator[None]:
    """Keep the file while the monitor runs."""
    path = _path(journal)
    written = path.with_name(path.name + ".new")
    try:
        written.write_bytes(msgspec.json.encode(msgspec.structs.replace(running, pid=os.getpid())))
        written.replace(path)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def read_running(journal: Path) -> Running | None:
    """Return where the monitor that writes this journal is; ``None`` if none runs."""
    try:
        running = msgspec.json.decode(_path(journal).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    return running if _is_alive(running.pid) else None


def find_broker(config: Config) -> BrokerAddress:
    """Return the broker of the deployment: its own, or the one that the running monitor has started.

    Raises:
        BrokerUnavailable: there is none, since the monitor isn't running.

    """
    if config.broker is not None:
        return address_of(config.broker)
    running = read_running(config.journal.path)
    if running is None:
        raise BrokerUnavailable(
            "the monitor isn't running, and with it its broker; start it with `venue-monitor run`"
        )
    return BrokerAddress(running.broker_host, running.broker_port)


def find_congress(config: Config) -> str:
    """Return the congress's id as the running monitor has it; if none runs, as the venue file says.

    Raises:
        ConfigError: none runs, and the venue file has a mistake.

    """
    running = read_running(config.journal.path)
    return load_venue(config.files.venue).congress.id if running is None else running.congress


def address_of(given: Broker) -> BrokerAddress:
    """Return the address that ``[broker]`` describes."""
    return BrokerAddress(
        given.host,
        given.port,
        given.username or None,
        given.password.reveal() if given.password else None,
        Tls(given.tls.ca_file, given.tls.cert_file, given.tls.key_file) if given.tls else None,
        given.keepalive,
    )


def _is_alive(pid: int) -> bool:
    """Tell whether a process is there; the file of one that was killed stays behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs, as somebody else
    return True


def _path(journal: Path) -> Path:
    return journal.with_name(journal.name + ".running")
