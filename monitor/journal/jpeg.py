"""What a JPEG file is by its own header: its size in pixels, or why it is not taken as evidence."""

from typing import Literal

from msgspec import Struct

LONGEST_EDGE = 4096
"""Pixels; a decoder needs four bytes for each: 64 MB for the largest."""
Flaw = Literal["no-jpeg", "truncated", "tagged", "too-wide"]
"""Why a file is not taken: it is none, its end is missing, it carries place or device, or it has too many pixels."""
_START, _END = b"\xff\xd8", b"\xff\xd9"
_SCAN = 0xDA
_TAGGED = frozenset({0xE1, 0xED})
"""APP1 holds EXIF and XMP, APP13 IPTC: place, time, device and names."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


class Pixels(Struct, frozen=True):
    """The size of a picture."""

    width: int
    height: int


def examined(content: bytes) -> Pixels | Flaw:
    """Return the size of a JPEG file, or why it is not taken."""
    if not content.startswith(_START + b"\xff"):
        return "no-jpeg"
    if not content.endswith(_END):
        return "truncated"
    found: Pixels | None = None
    at = len(_START)
    while at + 4 <= len(content):
        if content[at] != 0xFF:  # noqa: PLR2004 - each marker begins with it (ITU-T T.81, B.1.1.2)
            return "no-jpeg"
        marker = content[at + 1]
        if marker in _TAGGED:
            return "tagged"
        if marker == _SCAN:
            break
        if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 - a fill byte
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        if marker in _FRAMES:
            found = _pixels(content[at + 5 : at + 9])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    if found is None or not found.width or not found.height:
        return "no-jpeg"
    return "too-wide" if max(found.width, found.height) > LONGEST_EDGE else found


def bare(content: bytes) -> bytes:
    """Return a JPEG file without the segments that tell place, time and device; anything else as it is."""
    parts, at, start = [], len(_START), 0
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != _SCAN:  # noqa: PLR2004
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if content[at + 1] in _TAGGED:
            parts.append(content[start:at])
            start = end
        at = end
    return b"".join([*parts, content[start:]])


def _pixels(size: bytes) -> Pixels:
    return Pixels(width=int.from_bytes(size[2:]), height=int.from_bytes(size[:2]))
