"""Removes addresses from error messages: most contain a password, a token or a secret topic."""

import re
from urllib.parse import unquote, unquote_plus

from msgspec.structs import replace

from monitor.core.phrase import Phrase

LONGEST = 200
"""Characters of a reason that are kept."""
_SHORTEST = 3
"""The length from which a part is removed: shorter ones occur in any sentence."""
_COMMON = frozenset(
    {
        "http",
        "https",
        "json",
        "jsons",
        "mailto",
        "mailtos",
        "ntfy",
        "ntfys",
        "smtp",
        "yes",
        "starttls",
        "tgram",
        "ssl",
        "insecure",
    }
)


def hidden_in(why: Phrase | str, url: str) -> Phrase | str:
    """Return a sentence with every part of an address removed from the texts in it."""
    if isinstance(why, str):
        return hidden(why, url)
    args = {
        name: value if isinstance(value, int) else hidden_in(value, url)
        for name, value in why.args.items()
    }
    return replace(why, args=args)


def hidden(reason: str, url: str) -> str:
    """Return a reason on one line, with every part of an address removed."""
    parts = {
        form(part) for part in re.split(r"[:/?&=@,]+", url) for form in (str, unquote, unquote_plus)
    }
    parts |= {unquote(url.partition("://")[2])}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST and part.lower() not in _COMMON:
            reason = reason.replace(part, "...")
    return " ".join(reason.split())[:LONGEST]
