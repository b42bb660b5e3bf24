"""The variable byte integer: seven bits a byte, lowest first, at most four bytes (MQTT 3.1.1, 2.2.3; 5.0, 1.5.5)."""

from monitor.mqtt.codec.error import Clause, Malformed

MOST = 268_435_455
"""The greatest number that four bytes hold."""
CONTINUES = 0x80
"""The bit of a byte that another one follows."""
_MOST_BYTES = 4


def read_integer(data: bytes, at: int, stop: int, clause: Clause) -> tuple[int, int]:
    """Return the number from a position on, and the position behind it.

    Raises:
        Malformed: it has more than four bytes, or goes on beyond ``stop``.

    """
    value = 0
    for n in range(_MOST_BYTES):
        if at + n >= stop:
            raise Malformed(f"a {clause} that is cut off", clause, at)
        byte = data[at + n]
        value |= (byte & ~CONTINUES) << 7 * n
        if byte < CONTINUES:
            return value, at + n + 1
    raise Malformed(f"a {clause} of more than four bytes", clause, at)


def write_integer(value: int) -> bytes:
    """Return the bytes of a number.

    Raises:
        ValueError: it is negative, or does not fit into four bytes.

    """
    if not 0 <= value <= MOST:
        raise ValueError(f"{value} is not between 0 and {MOST}")
    written = bytearray()
    while value >= CONTINUES:
        written.append(value & 0x7F | CONTINUES)
        value >>= 7
    written.append(value)
    return bytes(written)
