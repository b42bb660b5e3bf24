"""The address of a broker, with the credentials for it."""

import ssl
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from monitor.errors import BrokerUnavailable
from monitor.mqtt.codec import ProtocolVersion


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a TLS connection: the authorities that we trust, and our own certificate."""

    ca_file: Path | None = None
    """``None``: the system's certificates."""
    cert_file: Path | None = None
    key_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Read the files; for each connection, since certificates are renewed.

        Raises:
            BrokerUnavailable: a file is missing or invalid.
        """
        reading = self.ca_file
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                reading = self.cert_file
                context.load_cert_chain(reading, self.key_file)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BrokerUnavailable(f"TLS file {reading}: {reason}; give a PEM file") from error
        return context


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """A broker as we connect to it."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    keepalive: timedelta = timedelta(seconds=20)
    """A connection without a packet for twice this time is closed; whole seconds, at least one."""
    protocol: ProtocolVersion | None = None
    """The version with which we subscribe; ``None``: 5, or 3.1.1 if the broker refuses that."""
    alternatives: tuple[tuple[str, int], ...] = ()
    """Host and port of other brokers that hold the same session."""

    def in_turn(self) -> tuple[Self, ...]:
        """Return this broker and then its alternatives, in the order in which to try them."""
        others = (replace(self, host=host, port=port) for host, port in self.alternatives)
        return self, *others

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
