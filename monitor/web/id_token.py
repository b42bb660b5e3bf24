"""Verifies an ID token: who signed it, for whom, until when, and for which request (OpenID Connect Core, 3.1.3.7)."""

from datetime import datetime
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from monitor.errors import IdentityRefused

ALGORITHMS = ("RS256", "ES256")
"""Those with a public key that providers use: what the token itself names doesn't count."""
LEEWAY_S = 30
"""Seconds by which the provider's clock may differ from ours; judgement."""
LONGEST = 64 * 1024
"""Characters of a token."""


class Expected(Struct, frozen=True, kw_only=True):
    """What a token has to be about."""

    issuer: str
    client_id: str
    nonce: str
    at: datetime
    """The present time."""


class KeyUnknown(IdentityRefused):
    """It is signed with a key that is not among those known: the provider may have another one since."""


class _Person(Struct, frozen=True):
    sub: str
    aud: str | list[str]
    azp: str = ""
    name: str = ""
    preferred_username: str = ""


class IdToken(Struct, frozen=True, kw_only=True):
    """What a verified token says."""

    subject: str
    wish: str
    full_name: str
    claims: dict[str, Any]


def verify(token: str, keys: KeySet, expected: Expected) -> IdToken:
    """Return what a token says.

    Raises:
        KeyUnknown: it is signed with a key that is not among those given.
        IdentityRefused: it can't be believed, or is about something else.

    """
    if len(token) > LONGEST:
        raise IdentityRefused("the ID token is too long")
    rules = jwt.JWTClaimsRegistry(
        now=int(expected.at.timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": expected.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": expected.nonce},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        rules.validate(claims)
        person = msgspec.convert(claims, _Person)
    except InvalidKeyIdError as error:
        raise KeyUnknown(f"the ID token: {error}") from error
    except (JoseError, ValueError, msgspec.ValidationError) as error:
        raise IdentityRefused(f"the ID token: {error}") from error
    others = (
        []
        if isinstance(person.aud, str)
        else [row for row in person.aud if row != expected.client_id]
    )
    if person.azp != expected.client_id and (person.azp or others):
        raise IdentityRefused("the ID token: it was issued to another client")
    return IdToken(
        subject=person.sub,
        wish=person.preferred_username,
        full_name=person.name,
        claims=claims,
    )
