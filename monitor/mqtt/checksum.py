"""HighwayHash-64, the checksum of the embedded broker's message store.

Source: https://github.com/google/highwayhash (portable implementation).
"""

from struct import Struct

_LANES = Struct("<4Q")
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_LOW = 0xFFFF_FFFF
_START_0 = (0xDBE6D5D5FE4CCE2F, 0xA4093822299F31D0, 0x13198A2E03707344, 0x243F6A8885A308D3)
_START_1 = (0x3BD39E10CB0EF593, 0xC0ACF169B5F18A8C, 0xBE5466CF34E90C6C, 0x452821E638D01377)
PACKET = 32
"""Bytes that are hashed at a time."""


def checksum(key: bytes, content: bytes) -> int:
    """Return the checksum, a number of 64 bits, of any content with a key of 32 bytes."""
    state = _State(key)
    whole = len(content) - len(content) % PACKET
    for start in range(0, whole, PACKET):
        state.update(_LANES.unpack_from(content, start))
    if rest := content[whole:]:
        state.update_rest(rest)
    return state.finish()


class _State:
    def __init__(self, key: bytes) -> None:
        lanes = _LANES.unpack(key)
        self._mul_0, self._mul_1 = list(_START_0), list(_START_1)
        self._v_0 = [start ^ lane for start, lane in zip(_START_0, lanes, strict=True)]
        self._v_1 = [start ^ _swapped(lane) for start, lane in zip(_START_1, lanes, strict=True)]

    def update(self, lanes: tuple[int, ...]) -> None:
        """Take in four lanes of 64 bits."""
        v_0, v_1, mul_0, mul_1 = self._v_0, self._v_1, self._mul_0, self._mul_1
        for i in range(4):
            v_1[i] = (v_1[i] + mul_0[i] + lanes[i]) & _MASK
            mul_0[i] ^= (v_1[i] & _LOW) * (v_0[i] >> 32)
            v_0[i] = (v_0[i] + mul_1[i]) & _MASK
            mul_1[i] ^= (v_0[i] & _LOW) * (v_1[i] >> 32)
        _zipper_merge(v_1, v_0)
        _zipper_merge(v_0, v_1)

    def update_rest(self, rest: bytes) -> None:
        """Take in the last 1 to 31 bytes."""
        size = len(rest)
        self._v_0 = [(lane + (size << 32) + size) & _MASK for lane in self._v_0]
        self._v_1 = [
            _rotated(lane & _LOW, size) | _rotated(lane >> 32, size) << 32 for lane in self._v_1
        ]
        packet = bytearray(PACKET)
        whole, odd = size & ~3, size & 3
        packet[:whole] = rest[:whole]
        if size & 16:
            packet[28:] = rest[-4:]
        elif odd:
            packet[16:19] = rest[whole], rest[whole + (odd >> 1)], rest[-1]
        self.update(_LANES.unpack(packet))

    def finish(self) -> int:
        """Return the checksum."""
        for _ in range(4):
            v = self._v_0
            self.update((_swapped(v[2]), _swapped(v[3]), _swapped(v[0]), _swapped(v[1])))
        total: int = self._v_0[0] + self._v_1[0] + self._mul_0[0] + self._mul_1[0]
        return total & _MASK


def _swapped(lane: int) -> int:
    """Exchange the halves of a lane."""
    return (lane >> 32) | (lane & _LOW) << 32


def _rotated(half: int, by: int) -> int:
    """Rotate 32 bits to the left."""
    return (half << by | half >> (32 - by)) & _LOW


def _zipper_merge(source: list[int], target: list[int]) -> None:
    """Add to each pair of lanes the bytes of the other vector's pair, in another order."""
    for i in (0, 2):
        even, odd = source[i], source[i + 1]
        target[i] += (
            ((even & 0xFF000000) | (odd & 0xFF00000000)) >> 24
            | ((even & 0xFF0000000000) | (odd & 0xFF000000000000)) >> 16
            | (even & 0xFF0000)
            | (even & 0xFF00) << 32
            | (odd & 0xFF00000000000000) >> 8
            | even << 56
        )
        target[i + 1] += (
            ((odd & 0xFF000000) | (even & 0xFF00000000)) >> 24
            | (odd & 0xFF0000)
            | (odd & 0xFF0000000000) >> 16
            | (odd & 0xFF00) << 24
            | (even & 0xFF000000000000) >> 8
            | (odd & 0xFF) << 48
            | (even & 0xFF00000000000000)
        )
        target[i] &= _MASK
        target[i + 1] &= _MASK
