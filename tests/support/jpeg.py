"""Small JPEG files: whole by their markers, which is all that the monitor looks at."""


def jpeg(width: int = 640, height: int = 480, *, tag: bytes = b"", seed: bytes = b"") -> bytes:
    """Return a file of this size; with a tag, it has an APP1 segment, and a seed makes its digest another one."""
    app = _segment(0xE1, b"Exif\0\0" + tag) if tag else b""
    size = height.to_bytes(2) + width.to_bytes(2)
    frame = _segment(0xC0, b"\x08" + size + b"\x01\x01\x11\x00")
    scan = _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    return b"\xff\xd8" + app + _segment(0xE0, b"JFIF\0") + frame + scan + b"\0" + seed + b"\xff\xd9"


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2) + content
