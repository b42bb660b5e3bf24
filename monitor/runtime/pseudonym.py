"""Pseudonyms of card numbers: a keyed hash that is the same for the same card and does not reveal it."""

from hashlib import blake2b

SHORTEST, LONGEST = 16, 64
"""Bytes of the key; BLAKE2b accepts at most 64 (RFC 7693)."""


def pseudonym(number: str, key: bytes) -> str:
    """Return 32 hexadecimal digits for a card number; an empty string for an empty one.

    Card numbers are short enough to try all of them, so the hash is keyed: without the key it can't be
    reversed, and under another key the same card has another pseudonym.
    """
    plain = number.strip().casefold()
    if not plain:
        return ""
    encoded = plain.encode(errors="surrogatepass")
    return blake2b(encoded, key=key, digest_size=16, person=b"credential").hexdigest()
