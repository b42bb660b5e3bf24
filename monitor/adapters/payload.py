"""Decoding a vendor's JSON: any bytes give the typed payload or a reason."""

from typing import TypeVar

import msgspec

from monitor.core.decode import too_large
from monitor.texts import plain

T = TypeVar("T", bound=msgspec.Struct)


def read(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T | str:
    """Return the decoded payload, or the reason why it can't be decoded."""
    if why := too_large(payload):
        return plain(why)
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        return f"not this vendor's JSON: {error}"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "JSON nested too deeply"
