"""Decodes the stream of bytes from a broker into packets."""

from monitor.mqtt.codec.decode_packet import decode_packet, decode_publish
from monitor.mqtt.codec.error import Clause, Malformed, RemoteProtocolError
from monitor.mqtt.codec.integer import CONTINUES, read_integer
from monitor.mqtt.codec.packet import Received
from monitor.mqtt.codec.packet_type import PacketType
from monitor.mqtt.codec.version import ProtocolVersion

LARGEST = 1024 * 1024
"""Bytes of a packet that are kept: four times the largest message that the monitor accepts."""
_PUBLISH = PacketType.PUBLISH.value
_SHORTEST = 2
_LENGTH_BYTES = 4
_PACKET_TOO_LARGE = 0x95


class Decoder:
    """The packets of one connection, whatever the pieces in which its bytes arrive.

    A message larger than ``largest`` is cut off there: it is delivered, refused for its size and acknowledged, where a
    protocol error would have the broker send it again at every connection, for ever. Other harmless flaws are accepted
    for the same reason: topics that are not UTF-8 or contain wildcards, and the DUP flag with QoS 0.

    Args:
        version: of the protocol on this connection.
        largest: bytes that are kept of a packet, without its fixed header.

    """

    def __init__(self, version: ProtocolVersion, largest: int = LARGEST) -> None:
        self._version = version
        self._largest = largest
        self._data = b""
        self._at = 0
        """Where in the data the next packet begins."""
        self._base = 0
        """Where in the stream the data begins."""
        self._pieces: list[bytes] = []
        """What has arrived, behind the data, of a packet that is not complete."""
        self._missing = 0
        """Bytes without which there is no further packet, at the least."""
        self._skipping = 0
        """Bytes of a message that was cut off which have not arrived yet."""
        self._error: RemoteProtocolError | None = None
        self.offset = 0
        """Where in the stream the packet begins that ended the latest list, in bytes."""

    def receive(self, data: bytes) -> None:
        """Take in the next bytes of the stream."""
        if self._skipping:
            skipped = min(self._skipping, len(data))
            self._skipping -= skipped
            self._base += skipped
            data = data[skipped:]
        if self._missing > len(data):
            self._missing -= len(data)
            self._pieces.append(data)
            return
        if self._at < len(self._data) or self._pieces:
            data = b"".join((self._data[self._at :], *self._pieces, data))
            self._pieces.clear()
        self._base += self._at
        self._data, self._at, self._missing = data, 0, 0

    def packets(self, most: int) -> list[Received]:
        """Return the next packets, at most this many; what is no message ends the list. Empty: more bytes are needed.

        Raises:
            RemoteProtocolError: the next packet is invalid, and with it everything behind it.

        """
        if self._error is not None:
            raise self._error
        found: list[Received] = []
        if self._missing:
            return found
        try:
            self._decode(found, most)
        except Malformed as error:
            offset = self._base + error.at
            self._error = RemoteProtocolError(
                error.what, error.clause, self._version, offset, error.code
            )
            if not found:
                raise self._error from error
        return found

    def _decode(self, found: list[Received], most: int) -> None:
        data, at, end = self._data, self._at, len(self._data)
        has_properties = self._version is ProtocolVersion.V5
        is_message = True
        while is_message and len(found) < most:
            if end - at < _SHORTEST:
                self._missing = _SHORTEST - max(0, end - at)
                break
            first, length, body = data[at], data[at + 1], at + 2
            if length >= CONTINUES:
                if _is_length_cut_off(data, at, end):
                    self._missing = 1
                    break
                length, body = _long_length(data, at, end)
            kept = length if length <= self._largest else self._size_kept(first, length, at)
            if body + kept > end:
                self._missing = body + kept - end
                break
            self.offset = self._base + at
            is_message = first >> 4 == _PUBLISH
            if is_message:
                found.append(decode_publish(data, first, body, body + kept, has_properties))
            else:
                found.append(decode_packet(data, first, body, body + kept, self._version))
            self._at = at = body + length
        if at > end:
            self._skipping, self._at = at - end, end

    def _size_kept(self, first: int, length: int, at: int) -> int:
        if first >> 4 != _PUBLISH:
            what = f"{length} bytes where it may have {self._largest}"
            raise Malformed(what, Clause.MAXIMUM_PACKET_SIZE, at, _PACKET_TOO_LARGE)
        return self._largest


def _is_length_cut_off(data: bytes, at: int, end: int) -> bool:
    """Return whether the rest of the remaining length has not arrived yet; its first byte goes on."""
    if data[min(at + 2, end - 1)] < CONTINUES:
        return False
    arrived = data[at + 1 : at + 1 + _LENGTH_BYTES]
    return len(arrived) < _LENGTH_BYTES and arrived[-1] >= CONTINUES


def _long_length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a remaining length of more than one byte, and where the packet goes on."""
    second = data[at + 2]
    if second < CONTINUES:
        return second << 7 | data[at + 1] ^ CONTINUES, at + 3
    return read_integer(data, at + 1, end, Clause.REMAINING_LENGTH)
