"""Tells systemd how the service fares: ready, stopping, alive (sd_notify(3))."""

import os
import socket
from collections.abc import Mapping
from datetime import timedelta

import structlog

log = structlog.get_logger()


def notify(message: str, environ: Mapping[str, str] = os.environ) -> None:
    """Send a message such as ``READY=1``; without systemd nothing happens, and what it can't hear is only logged."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            wire.connect("\0" + address[1:] if address.startswith("@") else address)
            wire.sendall(message.encode())
    except OSError as error:
        log.warning("systemd_unreachable", socket=address, reason=str(error))


def watchdog(environ: Mapping[str, str] = os.environ) -> timedelta | None:
    """Return how often systemd wants to hear from us; ``None`` if it doesn't."""
    limit = environ.get("WATCHDOG_USEC", "")
    ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return timedelta(microseconds=int(limit)) / 2 if limit.isdigit() and ours else None
