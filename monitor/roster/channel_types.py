"""The services that can carry pages, by the start of their addresses: ``ntfy://``."""

COMMON_SERVICES = (
    "ntfy://",
    "ntfys://",
    "tgram://",
    "mailto://",
    "mailtos://",
    "json://",
    "jsons://",
    "gotify://",
    "gotifys://",
    "matrix://",
    "matrixs://",
    "signal://",
    "signals://",
    "slack://",
    "twilio://",
    "pover://",
)
"""Those that are suggested instead of an unknown one; Apprise has many more."""


def is_known_service(scheme: str) -> bool:
    """Return whether an address may begin with ``scheme://``."""
    if f"{scheme}://" in COMMON_SERVICES:
        return True
    # Apprise loads its 150 services at the first use, which takes a third of a second: only if need be.
    from apprise.plugins import N_MGR  # noqa: PLC0415

    return scheme in N_MGR.schemas()  # type: ignore[no-untyped-call]
