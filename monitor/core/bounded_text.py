"""Texts from outside, short enough for a title: an MQTT topic may have 65,535 bytes."""

from monitor.core.ids import derived_id

LONGEST = 200
"""Characters of one value in a title, and of a topic as the source of a message; judgement: two lines of a phone."""

LONGEST_REASON = 500
"""Characters of the reason why a message was refused."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text, with an ellipsis in place of what is beyond the limit."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def short_id(text: str) -> str:
    """Return an id that is short enough; two long ones that differ stay different."""
    if len(text) <= LONGEST:
        return text
    own = derived_id(text)
    return f"{cut(text, LONGEST - len(own))}{own}"
