"""The tables of ``config.toml`` about other systems: Alertmanager, webhooks, and the watchers of the monitor."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from monitor.config.secret import Secret
from monitor.core.rules.model import Severity
from monitor.core.venue.words import Slug

Urls = Annotated[tuple[str, ...], Meta(min_length=1)]
Kind = Literal["alert", "readiness", "zone", "mask"]
"""What a webhook may receive."""


BASE64 = "whsec_"
"""The prefix of a Base64 secret, as standardwebhooks.com defines it."""


class Alertmanager(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[alertmanager]``: open alerts are also sent to Prometheus's Alertmanager; docs/alertmanager.md."""

    urls: Urls
    """Every peer of the cluster, each by its own address, never through a load balancer."""
    resend: timedelta = timedelta(seconds=30)
    """The interval at which all open alerts are sent again; Alertmanager forgets them when it restarts."""
    hold: timedelta = timedelta(minutes=4)
    """How long Alertmanager keeps an alert that is not sent again; at least four times ``resend``."""
    timeout: timedelta = timedelta(seconds=10)
    """A peer that answers later counts as unreachable."""
    username: str = ""
    """The user name for a peer that asks for a password (HTTP basic)."""
    password: Secret | None = None
    """The content of ``password_file``."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the peers (PEM); by default the system's."""
    silent: bool = False
    """Send silent alerts (duress) too; only where everyone who sees Alertmanager may know."""


class Webhook(
    Struct,
    frozen=True,
    kw_only=True,
    rename={"secret": "secret_file", "hidden_url": "url_file"},
):
    """``[[webhook]]``: another system receives what happens, message by message; docs/webhooks.md."""

    name: Slug
    """The name of its cursor in the journal; after a rename it is a new webhook that starts at the end."""
    url: str = ""
    """The address to which messages are posted."""
    hidden_url: Secret | None = None
    """The same, as the content of ``url_file``: for an address that holds a token."""
    format: Literal["cloudevents", "goalert"] = "cloudevents"
    """CloudEvents 1.0, or GoAlert's generic API."""
    secret: Secret | None = None
    """The content of ``secret_file``, with which each message is signed; after ``whsec_`` it is Base64."""
    kinds: tuple[Kind, ...] = ("alert",)
    """What is sent."""
    at_least: Severity = "low"
    """The lowest severity of alerts sent."""
    silent: bool = False
    """Send silent alerts (duress) too; only where everyone who sees them there may know."""
    timeout: timedelta = timedelta(seconds=10)
    """A receiver that answers later counts as unreachable."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the receiver (PEM); by default the system's."""

    @property
    def address(self) -> str:
        """The address to which messages are posted; it may hold a token, so keep it out of logs and messages."""
        return self.hidden_url.reveal() if self.hidden_url else self.url

    @property
    def key(self) -> bytes:
        """The key for signing; empty if messages are not signed. Raises ValueError for invalid Base64."""
        text = self.secret.reveal() if self.secret else ""
        if text.startswith(BASE64):
            return base64.b64decode(text.removeprefix(BASE64), validate=True)
        return text.encode()


class Heartbeat(Struct, frozen=True, kw_only=True, rename={"hidden_url": "url_file"}):
    """``[heartbeat]``: a regular sign that the monitor is running, for a watcher that alarms when it stops."""

    every: timedelta = timedelta(seconds=10)
    """The interval on MQTT."""
    url: str = ""
    """An address to call as well, at a watcher elsewhere."""
    hidden_url: Secret | None = None
    """The same, as the content of ``url_file``: for an address that holds a token."""
    url_every: timedelta = timedelta(minutes=1)
    """The interval of the calls."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """The HTTP method of the calls."""
    timeout: timedelta = timedelta(seconds=10)
    """A call that takes longer has failed."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the watcher (PEM); by default the system's."""

    @property
    def address(self) -> str:
        """The address to call, empty for none; it may hold a token, so keep it out of logs and messages."""
        return self.hidden_url.reveal() if self.hidden_url else self.url
