"""The table of ``config.toml`` about signing in with an identity provider."""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from monitor.config.secret import Secret
from monitor.toml import KeyMistakes, no_file, no_such, quoted

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OpenIdConnect(
    Struct, frozen=True, kw_only=True, rename={"client_secret": "client_secret_file"}
):
    """``[http.oidc]``: people also sign in with an OpenID Connect provider; docs/accounts.md."""

    issuer: str
    """The provider's address, exactly as it names itself, such as ``https://id.example.org/realms/congress``."""
    client_id: str
    """The monitor's name at the provider."""
    client_secret: Secret
    """The content of ``client_secret_file``."""
    groups: dict[str, tuple[str, ...]]
    """What each group of the provider gives: roles, such as ``officer``, or roles at one site: ``officer@hall``."""
    groups_claim: str = "groups"
    """The claim of the ID token that lists the groups."""
    scopes: tuple[str, ...] = ("openid", "profile")
    """What is asked for; some providers need one more to tell the groups."""
    timeout: timedelta = timedelta(seconds=5)
    """A provider that takes longer to answer is away."""
    ca_file: Path | None = None
    """Certificates of the authorities that may vouch for the provider (PEM); by default the system's."""


def check_openid_connect(table: OpenIdConnect) -> KeyMistakes:
    """Yield the mistakes of ``[http.oidc]``."""
    # Here, because the watcher reads this file, too, and works without the accounts.
    from monitor.accounts.rights import ROLES  # noqa: PLC0415

    if any(find_spec(package) is None for package in ("authlib", "joserfc")):
        yield "issuer", "needs packages that are missing; run pip install 'venue-monitor[oidc]'"
    if not _is_issuer(table.issuer):
        yield (
            "issuer",
            'is not the address of a provider; write e.g. "https://id.example.org", with https and without ? or #',
        )
    if "openid" not in table.scopes:
        yield "scopes", 'lacks "openid", without which the provider vouches for nobody; add it'
    for group, words in table.groups.items():
        for word in words:
            role = word.partition("@")[0]
            if role not in ROLES:
                yield "groups", f"{quoted(group)}: {no_such('role', role, ROLES)}"
    if not table.timeout:
        yield "timeout", 'must be more than 0; write e.g. "5s"'
    if table.ca_file is not None and not table.ca_file.is_file():
        yield "ca_file", no_file(table.ca_file)


def _is_issuer(address: str) -> bool:
    """Return whether a provider can be reached there; unencrypted on this machine alone."""
    parts = urlsplit(address)
    is_here = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return (
        bool(parts.hostname)
        and (parts.scheme == "https" or is_here)
        and not set(address) & set("?# ")
    )
