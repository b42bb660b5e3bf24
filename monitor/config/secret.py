"""A secret text that no log, message or dump shows by accident."""

from typing import NewType


class Secret:
    """A text that appears in no log, message or dump of the configuration, but only where `reveal` is called."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"


BrokerPassword = NewType("BrokerPassword", Secret)
"""The only secret that an environment variable may replace."""
