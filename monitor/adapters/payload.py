"""Decoding a vendor's JSON: any bytes give the typed payload or a reason."""

from typing import TypeVar

import msgspec

from monitor.core.decode import too_large
from monitor.core.phrase import Phrase, phrase

T = TypeVar("T", bound=msgspec.Struct)


def read(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T | Phrase:
    """Return the decoded payload, or the reason why it can't be decoded."""
    if why := too_large(payload):
        return why
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        return phrase("not-vendors-json", error=str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return phrase("message-not-json", error=str(error))
    except RecursionError:
        return phrase("message-nested")
