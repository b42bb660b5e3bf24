"""Fuzzes the MQTT session with whatever a broker may send: started by scripts/fuzz, which says how.

An input is a first byte of choices and the stream of the broker. Only the broker may be to blame, whatever the pieces
in which the stream arrives, and what we hold stays within bounds.
"""

import sys

import atheris

with atheris.instrument_imports(include=["monitor.mqtt"]):
    from monitor.mqtt.codec import (
        Connect,
        ProtocolVersion,
        Publish,
        Received,
        RemoteProtocolError,
        Subscribe,
    )
    from monitor.mqtt.phase import Phase
    from monitor.mqtt.session import Session

LARGEST = 500
CONNACK = {ProtocolVersion.V3_1_1: b"\x20\x02\x00\x00", ProtocolVersion.V5: b"\x20\x03\x00\x00\x00"}
Outcome = tuple[list[Received], int | None, bytes]
"""Packets, the place of an error, and what the session answered."""


def outcome(stream: bytes, version: ProtocolVersion, size: int, *, is_connected: bool) -> Outcome:
    """Return what a session makes of a stream in pieces of this size."""
    session = Session(version, LARGEST)
    found: list[Received] = []
    error_at: int | None = None
    session.send(Connect(client_id="fuzz", clean=False, keepalive=20))
    if is_connected:
        session.receive(CONNACK[version])
        session.packets(1)
        session.send(Subscribe(1, ("a", "b"), 1))
    try:
        for start in range(0, len(stream), size):
            session.receive(stream[start : start + size])
            while packets := session.packets(3):
                found += packets
    except RemoteProtocolError as error:
        error_at = error.offset
    if session.phase is Phase.CONNECTED:
        session.acknowledge(
            [each.packet_id for each in found if isinstance(each, Publish) and each.packet_id]
        )
    return found, error_at, session.answers


def check(given: bytes) -> None:
    """Compare the outcomes of one stream in pieces of several sizes."""
    if not given:
        return
    choices, stream = given[0], given[1:]
    version = ProtocolVersion.V5 if choices & 1 else ProtocolVersion.V3_1_1
    whole, *pieces = (
        outcome(stream, version, size, is_connected=bool(choices & 2))
        for size in (len(stream) or 1, 1, 2 + choices // 4)
    )
    for each in pieces:
        if each != whole:
            raise AssertionError(f"pieces make a difference: {whole} {each}")
    for packet in whole[0]:
        if isinstance(packet, Publish) and len(packet.payload) > LARGEST:
            raise AssertionError("a message larger than what is kept")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
