"""Marks texts for the catalogues."""


def msgid(text: str) -> str:
    """Return a text as it is; `scripts/texts` finds it, and it is translated where it is shown."""
    return text
