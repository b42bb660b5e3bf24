"""The tables of ``config.toml`` about other people's alerting."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from monitor.config.secret import Secret

Urls = Annotated[tuple[str, ...], Meta(min_length=1)]


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
