"""Reads a vendor's JSON: total, so any bytes give the typed payload or the reason why not."""

from typing import TypeVar

import msgspec

from monitor.core.decode import LARGEST

T = TypeVar("T", bound=msgspec.Struct)


def read(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T | str:
    """Return what the decoder reads, or the reason why it can't."""
    if len(payload) > LARGEST:
        return f"{len(payload)} bytes are more than the {LARGEST} that a message may have"
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        return f"JSON of another shape than this vendor's: {error}"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "JSON nested too deeply"
