"""Why a broker refused or ended a connection, in words that name what to check (MQTT 3.1.1, 3.2.2.3; 5.0, 2.4)."""

from monitor.mqtt.codec.version import ProtocolVersion

SESSION_TAKEN_OVER = 0x8E
_UNSUPPORTED_VERSION = frozenset({0x01, 0x84})
"""In MQTT 3.1.1 and 5.0; an old broker answers in its own version."""
_DENIED = "access denied; check user name, password and client id"
_RETURN_CODES = {
    0x01: "the broker does not support this version of MQTT; check protocol",
    0x02: "the broker does not accept this client id; check client_id",
    0x03: "the broker is not available",
    0x04: "access denied; check user name and password",
    0x05: _DENIED,
}
_REASON_CODES = {
    0x00: "the broker closed the connection",
    0x80: "the broker closed the connection",
    0x81: "the broker took a packet of ours for malformed",
    0x82: "the broker took a packet of ours for a protocol error",
    0x83: "the broker does not accept it",
    0x84: _RETURN_CODES[0x01],
    0x85: _RETURN_CODES[0x02],
    0x86: _RETURN_CODES[0x04],
    0x87: _DENIED,
    0x88: "the broker is not available",
    0x89: "the broker is busy",
    0x8A: "the broker has banned us; check user name, password and client id",
    0x8B: "the broker is shutting down",
    0x8C: "access denied; the broker wants another authentication method",
    0x8D: "no packet received by the broker for one and a half keepalive intervals",
    SESSION_TAKEN_OVER: "another client took over the session; it uses our client id",
    0x8F: "the broker does not accept the topic filter",
    0x90: "the broker does not accept the topic name",
    0x93: "more messages under way than the broker allows",
    0x95: "a packet of ours is larger than the broker allows",
    0x96: "the broker receives more messages from us than it allows",
    0x97: "the broker's quota is exceeded",
    0x98: "the broker's administrator closed the connection",
    0x9A: "the broker does not keep retained messages",
    0x9B: "the broker does not support this QoS",
    0x9C: "the broker asks us to use another one for now",
    0x9D: "the broker has moved",
    0x9F: "the broker accepts no more connections at this rate",
    0xA0: "the broker does not keep a connection for this long",
}


def refusal(code: int, version: ProtocolVersion) -> str:
    """Return why a broker refused CONNECT, for people."""
    known = _REASON_CODES if version is ProtocolVersion.V5 else {}
    return known.get(code) or _RETURN_CODES.get(code) or f"refused with code 0x{code:02x}"


def is_unsupported_version(code: int) -> bool:
    """Return whether a broker refused CONNECT because of its version."""
    return code in _UNSUPPORTED_VERSION


def reason(code: int) -> str:
    """Return why a broker disconnected or refused a request, for people."""
    return _REASON_CODES.get(code) or f"reason code 0x{code:02x}"
