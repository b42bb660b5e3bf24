"""The tables of ``config.toml`` about the web server."""

import re
import ssl
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from monitor.config.openid_connect import OpenIdConnect
from monitor.toml import KeyMistakes, no_file, quoted

Port = Annotated[int, Meta(ge=1, le=65_535)]
AnyPort = Annotated[int, Meta(ge=0, le=65_535)]
"""A port, or 0 for any free one."""
Word = Annotated[str, Meta(min_length=1)]
_PUBLIC = re.compile(r"https?://[^\s?#]*[^\s?#/]")


class HttpTls(Struct, frozen=True, kw_only=True):
    """``[http.tls]``: encryption of the connections to the console."""

    cert_file: Path
    """The monitor's certificate, followed by those between it and its authority (PEM)."""
    key_file: Path
    """The private key of the certificate (PEM), without a password."""
    ca_file: Path | None = None
    """The authority, if it is one of your own (PEM): ``/ca`` offers it to phones."""

    def context(self) -> ssl.SSLContext:
        """Read certificate and key.

        Raises:
            OSError: one of the files is missing or invalid, or they do not belong together.

        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file, password="")
        return context


class Http(Struct, frozen=True, kw_only=True):
    """``[http]``: where the console and the metrics are served."""

    host: Word = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all."""
    port: AnyPort = 9660
    """TCP port; 0 for any free one."""
    public_url: str = ""
    """The address under which phones reach it, such as ``https://monitor.example.org``; without it, pages have no
    links."""
    grafana_url: str = ""
    """Grafana's address, such as ``https://grafana.example.org``; without it, alerts have no links to dashboards."""
    key_file: Path = Path("var/links.key")
    """The key that signs retained messages and the links in pages; another key invalidates links already sent."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of the reverse proxies that are believed about a client's address."""
    tls: HttpTls | None = None
    """Encryption; by default none."""
    oidc: OpenIdConnect | None = None
    """People also sign in with an identity provider; by default with name and password alone."""


def check_http(http: Http) -> KeyMistakes:
    """Yield the mistakes of ``[http]``."""
    if http.public_url and not _PUBLIC.fullmatch(http.public_url):
        yield (
            "public_url",
            'is not a base URL; write e.g. "https://monitor.example.org", without a / at the end',
        )
    if http.grafana_url and not _PUBLIC.fullmatch(http.grafana_url):
        yield (
            "grafana_url",
            'is not a base URL; write e.g. "https://grafana.example.org", without a / at the end',
        )
    if http.tls is not None and http.public_url.startswith("http:"):
        yield "public_url", 'begins with "http:", and [http.tls] encrypts; write "https:"'
    if http.oidc is not None and not http.public_url:
        yield (
            "public_url",
            "missing; with [http.oidc], the provider leads browsers back to this address",
        )
    for each in http.trusted_proxies:
        try:
            ip_network(each)
        except ValueError:
            yield (
                "trusted_proxies",
                f'{quoted(each)} is neither an address nor a network; write e.g. "10.0.0.5" or "10.0.0.0/24"',
            )


def check_http_tls(tls: HttpTls) -> KeyMistakes:
    """Yield the mistakes of ``[http.tls]``."""
    missing = False
    for key in ("cert_file", "key_file", "ca_file"):
        file = getattr(tls, key)
        if file is not None and not file.is_file():
            missing = True
            yield key, no_file(file)
    if missing:
        return
    try:
        tls.context()
    except OSError as error:
        reason = error.strerror or str(error)
        yield (
            "key_file",
            f"does not go with cert_file: {reason}; name a certificate and its key, both in PEM",
        )
