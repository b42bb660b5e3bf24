"""Ids derived from content: equal content has the same id after every start and on every machine."""

from hashlib import blake2b


def derived_id(*parts: str, size: int = 8) -> str:
    """Return the id of several parts, in hexadecimal digits, two for each of ``size`` bytes."""
    return content_id("\0".join(parts).encode(), size=size)


def content_id(content: bytes, *, size: int = 8) -> str:
    """Return the id of some content, in hexadecimal digits, two for each of ``size`` bytes."""
    return digest(content, size=size).hex()


def digest(content: bytes, *, size: int) -> bytes:
    """Return a digest of ``size`` bytes."""
    return blake2b(content, digest_size=size).digest()
