"""Notifies systemd of the state of the service: ready, stopping, alive (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping
from datetime import timedelta

import structlog

log = structlog.get_logger()


def notify(message: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send a message such as ``READY=1``; do nothing without systemd, and only log a failure."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            sock.sendall(message.encode())
    except OSError as error:
        log.warning("systemd_unreachable", socket=address, reason=str(error))


def watchdog(environ: Mapping[str, str] = os.environ) -> timedelta | None:
    """Return how often to notify the watchdog of systemd; ``None`` if it is off."""
    limit = environ.get("WATCHDOG_USEC", "")
    ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return timedelta(microseconds=int(limit)) / 2 if limit.isdigit() and ours else None
