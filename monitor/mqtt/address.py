"""Where the broker is and how to get in."""

import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.errors import BrokerUnavailable


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of a TLS connection: whom we trust, and who we are."""

    ca_file: Path | None = None
    """Without it, the system's certificates."""
    cert_file: Path | None = None
    key_file: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Reads the files, anew for each connection, since certificates are renewed.

        Raises:
            BrokerUnavailable: one of them is missing or is not what it should be.
        """
        reading = self.ca_file
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                reading = self.cert_file
                context.load_cert_chain(reading, self.key_file)
        except OSError as error:
            why = error.strerror or str(error)
            raise BrokerUnavailable(f"TLS file {reading}: {why}; give a PEM file") from error
        return context


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and how to get in."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    keepalive: timedelta = timedelta(seconds=20)
    """A connection that is silent for twice as long is given up; whole seconds, at least one."""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"
