"""The tables of ``config.toml`` about other people's alerting: Alertmanager, webhooks, and who watches the monitor."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from monitor.config.secret import Secret
from monitor.core.rules.model import Severity
from monitor.core.venue.model import Slug

Urls = Annotated[tuple[str, ...], Meta(min_length=1)]
Kind = Literal["alert", "readiness", "zone", "mask"]
"""What a webhook may be told of."""


BASE64 = "whsec_"
"""Begins a secret that is Base64, as standardwebhooks.com writes them."""


class Alertmanager(Struct, frozen=True, kw_only=True, rename={"password": "password_file"}):
    """``[alertmanager]``: open alerts are also told to Prometheus's Alertmanager; docs/alertmanager.md."""

    urls: Urls
    """Every peer of the cluster, each by its own address and never through a balancer."""
    resend: timedelta = timedelta(seconds=30)
    """So often all open alerts are sent again; Alertmanager forgets them when it restarts."""
    hold: timedelta = timedelta(minutes=4)
    """So long Alertmanager believes in an alert that it doesn't hear of again; at least four times ``resend``."""
    timeout: timedelta = timedelta(seconds=10)
    """A peer that answers later counts as away."""
    username: str = ""
    """For a peer that asks for a password (HTTP basic)."""
    password: Secret | None = None
    """What stands in the file ``password_file``."""
    ca_file: Path | None = None
    """Certificates of who may vouch for the peers (PEM); without it, the system's."""
    silent: bool = False
    """Silent alerts too (duress); only where all who see Alertmanager may know."""


class Webhook(
    Struct,
    frozen=True,
    kw_only=True,
    rename={"secret": "secret_file", "hidden_url": "url_file"},
):
    """``[[webhook]]``: another system is told what happens, message by message; docs/webhooks.md."""

    name: Slug
    """Its cursor in the journal has this name: renamed, it is a new one and begins with what happens next."""
    url: str = ""
    """Where the messages go."""
    hidden_url: Secret | None = None
    """The same, as what stands in the file ``url_file``: for an address that holds a token."""
    format: Literal["cloudevents", "goalert"] = "cloudevents"
    """CloudEvents 1.0, or GoAlert's generic API."""
    secret: Secret | None = None
    """What stands in the file ``secret_file``: each message is signed with it. After ``whsec_`` it is Base64."""
    kinds: tuple[Kind, ...] = ("alert",)
    """What is told."""
    at_least: Severity = "low"
    """No alerts below this."""
    silent: bool = False
    """Silent alerts too (duress); only where all who see them there may know."""
    timeout: timedelta = timedelta(seconds=10)
    """A receiver that answers later counts as away."""
    ca_file: Path | None = None
    """Certificates of who may vouch for the receiver (PEM); without it, the system's."""

    @property
    def address(self) -> str:
        """Where the messages go; it may hold a token and is not for messages."""
        return self.hidden_url.reveal() if self.hidden_url else self.url

    @property
    def key(self) -> bytes:
        """What messages are signed with; empty: they aren't. Raises ValueError for bad Base64."""
        text = self.secret.reveal() if self.secret else ""
        if text.startswith(BASE64):
            return base64.b64decode(text.removeprefix(BASE64), validate=True)
        return text.encode()


class Heartbeat(Struct, frozen=True, kw_only=True, rename={"hidden_url": "url_file"}):
    """``[heartbeat]``: the monitor says that it lives; who hears nothing for a while has to act."""

    every: timedelta = timedelta(seconds=10)
    """So often on MQTT."""
    url: str = ""
    """An address to call as well, at a watcher elsewhere."""
    hidden_url: Secret | None = None
    """The same, as what stands in the file ``url_file``: for an address that holds a token."""
    url_every: timedelta = timedelta(minutes=1)
    """So often there."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """How."""
    timeout: timedelta = timedelta(seconds=10)
    """An answer that comes later is none."""
    ca_file: Path | None = None
    """Certificates of who may vouch for the watcher (PEM); without it, the system's."""

    @property
    def address(self) -> str:
        """What is called; it may hold a token and is not for messages. Empty: nothing."""
        return self.hidden_url.reveal() if self.hidden_url else self.url
