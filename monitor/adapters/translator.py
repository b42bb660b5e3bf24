"""Decoding any message: the monitor's own topics by the core's decoder, vendors' by the adapter for the topic."""

from collections.abc import Sequence
from datetime import datetime

from monitor.adapters.adapter import Adapter
from monitor.core.decode import decode
from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival, Rejected
from monitor.core.phrase import Phrase, phrase
from monitor.core.validate_ids import objection_to_ids
from monitor.errors import ConfigError

REMEMBERED = 10_000
"""Topics whose adapter is cached; senders choose topics, so the cache needs a limit."""
LONGEST_TOPIC = 1024
"""Characters; no vendor's topics are longer, although MQTT allows 65,535 bytes."""


class Translator:
    """The adapters of ``config.toml`` in their order; the first whose filter matches decodes the message."""

    __slots__ = ("_known", "_routes")

    def __init__(self, routes: Sequence[tuple[str, Adapter]]) -> None:
        """Take pairs of an MQTT topic filter and the adapter for it.

        Raises:
            ConfigError: topic filters are invalid; the error lists all of them.

        """
        mistakes = [
            f'[[adapter]] "{adapter.format}": "{topic_filter}" is not an MQTT topic filter; '
            "write + for one whole level, and # only at the end, for all further levels"
            for topic_filter, adapter in routes
            if not is_filter(topic_filter)
        ]
        if mistakes:
            raise ConfigError(mistakes)
        self._routes = tuple(routes)
        self._known: dict[str, Adapter | None] = {}

    def decode(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool = False
    ) -> Arrival | Rejected:
        """Decode one message; never raises."""
        if topic.startswith("venue/"):
            return decode(topic, payload, received_at, retained=retained)
        events = self._translate(topic, payload, received_at, retained=retained)
        if isinstance(events, Phrase):
            return Rejected(received_at=received_at, source=topic, reason=events)
        return Arrival(received_at=received_at, source=topic, events=events, retained=retained)

    def _translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[ReceivedEvent, ...] | Phrase:
        if len(topic) > LONGEST_TOPIC:
            return phrase("topic-too-long", size=len(topic), most=LONGEST_TOPIC)
        adapter = self._find(topic)
        if adapter is None:
            return phrase("topic-no-adapter")
        events = adapter.translate(topic, payload, received_at, retained=retained)
        if isinstance(events, Phrase):
            return events
        return next(filter(None, map(objection_to_ids, events)), events)

    @property
    def remembered(self) -> int:
        """The number of topics whose adapter is cached."""
        return len(self._known)

    def _find(self, topic: str) -> Adapter | None:
        try:
            return self._known[topic]
        except KeyError:
            pass
        found = next((adapter for wanted, adapter in self._routes if matches(wanted, topic)), None)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[topic] = found
        return found


def is_filter(text: str) -> bool:
    """Return whether a text is a topic filter (MQTT 3.1.1, section 4.7.1)."""
    *levels, last = text.split("/")
    return bool(text) and all(
        level == "+" or not {"+", "#"} & set(level)
        for level in (*levels, "" if last == "#" else last)
    )


def matches(topic_filter: str, topic: str) -> bool:
    """Return whether a topic matches a filter (MQTT 3.1.1, section 4.7)."""
    if topic.startswith("$") and topic_filter.startswith(("+", "#")):
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place == len(levels) or level not in ("+", levels[place]):
            return False
    return len(wanted) == len(levels)
