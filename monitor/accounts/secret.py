"""Tokens: 256 random bits for their owner, and a digest for us."""

import secrets
from hashlib import sha256


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(32)


def new_id() -> str:
    """Return an id that differs from all others and is no secret."""
    return secrets.token_hex(8)


def token_digest(token: str) -> bytes:
    """Return what is kept of a token; it is random, so that a fast digest is enough."""
    return sha256(token.encode(errors="replace")).digest()
