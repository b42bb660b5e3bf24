"""Turns a card number into a keyed hash: the same card is the same word, and no word tells the card."""

from hashlib import blake2b

SHORTEST, LONGEST = 16, 64
"""Bytes of the key; BLAKE2b takes no more than 64 (RFC 7693)."""


def pseudonym(number: str, key: bytes) -> str:
    """Return 32 hexadecimal digits for a number, or nothing for none.

    Card numbers are short enough to try them all, so without the key there is no way back; with
    another key the same card is another word.
    """
    plain = number.strip().casefold()
    if not plain:
        return ""
    told = plain.encode(errors="surrogatepass")
    return blake2b(told, key=key, digest_size=16, person=b"credential").hexdigest()
