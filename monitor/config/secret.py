"""Keeps a password from being shown by accident."""

from typing import NewType


class Secret:
    """A text that shows itself to nobody who doesn't ask: not in a log, a message or a dump of the configuration."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


BrokerPassword = NewType("BrokerPassword", Secret)
"""The only one that an environment variable may stand in for."""
