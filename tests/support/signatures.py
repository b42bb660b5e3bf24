"""Lets Litestar read the signature of each handler once: that is half of what making a console costs."""

from collections.abc import Callable
from typing import Any

from litestar.utils.signature import ParsedSignature

_read = ParsedSignature.from_fn
_known: dict[tuple[object, ...], ParsedSignature] = {}


def _from_fn(fn: Callable[..., Any], namespace: dict[str, Any]) -> ParsedSignature:
    """Return the signature of a function; of those made by the same lines of code, it is the same."""
    code, defaults = getattr(fn, "__code__", None), getattr(fn, "__defaults__", None)
    if code is None or getattr(fn, "__kwdefaults__", None):
        return _read(fn, namespace)
    key = (code, defaults, tuple(namespace.items()))
    try:
        found = _known.get(key)
    except TypeError:  # a default that can't be compared
        return _read(fn, namespace)
    if found is None:
        found = _known[key] = _read(fn, namespace)
    return found


def remember_signatures() -> None:
    """Do so from now on."""
    ParsedSignature.from_fn = _from_fn  # type: ignore[assignment]
