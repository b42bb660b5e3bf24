"""Single values of vendors' payloads: booleans from an explicit list of words, texts cut to size."""

from collections.abc import Mapping

from monitor.core.bounded_text import cut

LONGEST = 256
"""Characters of ``raw``, as in the event vocabulary."""

_YES_NO: Mapping[str, bool] = {
    "true": True,
    "false": False,
    "1": True,
    "0": False,
    "on": True,
    "off": False,
}


def yes_no(value: object) -> bool | None:
    """Read a boolean, as such or as one of the listed words; anything else is ``None``."""
    if isinstance(value, bool):
        return value
    return _YES_NO.get(text(value).lower())


def text(value: object) -> str:
    """Read a text, or a number or boolean without quotes; anything else is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        return ""
    return clean(str(value), LONGEST)


def clean(value: str, longest: int = LONGEST) -> str:
    """Cut a vendor's text to size and replace what is not Unicode, so that it can be stored."""
    return value[:longest].encode(errors="replace").decode()


def brief(value: object, longest: int = 64) -> str:
    """Return a value as in a file, in straight quotes and cut to size."""
    return f'"{shown(value, longest)}"'


def shown(value: object, longest: int = 64) -> str:
    """Return a value for a sentence, cut to size."""
    found = clean(value if isinstance(value, str) else repr(value)[: longest + 1], longest + 1)
    return cut(found, longest + 1)


def raw(*parts: str) -> str:
    """Join the parts of an event's ``raw`` that are not empty."""
    return clean("; ".join(part for part in parts if part))
