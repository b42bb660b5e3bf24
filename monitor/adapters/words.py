"""Reads single values of vendors' payloads: yes or no from an explicit list, texts cut to size."""

from collections.abc import Mapping

LONGEST = 256
"""Characters of ``raw``, as the event vocabulary has it."""

_YES_NO: Mapping[str, bool] = {
    "true": True,
    "false": False,
    "1": True,
    "0": False,
    "on": True,
    "off": False,
}


def yes_no(told: object) -> bool | None:
    """Read a boolean, as itself or as one of the listed words; None is whatever else."""
    if isinstance(told, bool):
        return told
    return _YES_NO.get(text(told).lower())


def text(told: object) -> str:
    """Read a text, or a number or boolean that lost its quotes; whatever else is empty."""
    if isinstance(told, bool):
        return str(told).lower()
    if not isinstance(told, str | int | float):
        return ""
    return clean(str(told), LONGEST)


def clean(told: str, longest: int = LONGEST) -> str:
    """Cut a vendor's text to size and replace what is no Unicode, so that it can be kept."""
    return told[:longest].encode(errors="replace").decode()


def brief(told: object, longest: int = 64) -> str:
    """Show a value in a message for people, in quotes and cut to size."""
    shown = clean(told if isinstance(told, str) else repr(told)[: longest + 1], longest + 1)
    return f'"{shown}"' if len(shown) <= longest else f'"{shown[:longest]}…"'


def raw(*parts: str) -> str:
    """Join what there is to say in an event's ``raw``."""
    return clean("; ".join(part for part in parts if part))
