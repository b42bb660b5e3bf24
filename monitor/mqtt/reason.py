"""Why a broker refused or ended a connection, in words that name what to check."""

from paho.mqtt.reasoncodes import ReasonCode

_REASONS = {
    "Unspecified error": "the broker closed the connection",
    "Keep alive timeout": "no packet received for two keepalive intervals",
    "Not authorized": "access denied; check user name, password and client id",
    "Bad user name or password": "access denied; check user name and password",
}
"""Replacements for paho's reasons that do not name what to check."""


def reason_of(code: ReasonCode) -> str:
    """Return the reason for people."""
    return _REASONS.get(str(code), str(code))
