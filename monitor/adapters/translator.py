"""Reads any message: our own topics by the core's decoder, a vendor's by the adapter that its topic belongs to."""

from collections.abc import Sequence
from datetime import datetime

from monitor.adapters.adapter import Adapter
from monitor.core.decode import decode
from monitor.core.events import Event
from monitor.core.inputs import Arrival, Rejected
from monitor.errors import ConfigError

REMEMBERED = 10_000
"""Topics whose adapter is remembered: senders choose topics, so the memory needs an end."""
LONGEST_TOPIC = 1024
"""Bytes or less in every vendor's scheme; MQTT itself allows 65,535."""


class Translator:
    """Holds the adapters of ``config.toml``, in their order; the first whose filter matches reads."""

    __slots__ = ("_known", "_routes")

    def __init__(self, routes: Sequence[tuple[str, Adapter]]) -> None:
        """Take pairs of an MQTT topic filter and the adapter for it.

        Raises:
            ConfigError: a topic filter is none; all of them are named.

        """
        mistakes = [
            f'[[adapter]] "{adapter.format}": "{topic_filter}" is no MQTT topic filter; '
            "+ stands for one whole level, # for all that follow, at the end"
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
        """Read one message; never raises."""
        if topic.startswith("venue/"):
            return decode(topic, payload, received_at, retained=retained)
        told = self._translate(topic, payload, received_at, retained=retained)
        if isinstance(told, str):
            return Rejected(received_at=received_at, source=topic, reason=told)
        return Arrival(received_at=received_at, source=topic, events=told, retained=retained)

    def _translate(
        self, topic: str, payload: bytes, received_at: datetime, *, retained: bool
    ) -> tuple[Event, ...] | str:
        if len(topic) > LONGEST_TOPIC:
            return f"a topic of {len(topic)} characters is no vendor's; at most {LONGEST_TOPIC}"
        adapter = self._find(topic)
        if adapter is None:
            return (
                "no adapter reads this topic; add an [[adapter]] with a topic filter that matches "
                "it to config.toml, or make the filters above narrower"
            )
        return adapter.translate(topic, payload, received_at, retained=retained)

    @property
    def remembered(self) -> int:
        """How many topics it knows without a search."""
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
    """Tell whether this is a topic filter (MQTT 3.1.1, section 4.7.1)."""
    *levels, last = text.split("/")
    return bool(text) and all(
        level == "+" or not {"+", "#"} & set(level)
        for level in (*levels, "" if last == "#" else last)
    )


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether a topic belongs to a filter (MQTT 3.1.1, section 4.7)."""
    if topic.startswith("$") and topic_filter.startswith(("+", "#")):
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place == len(levels) or level not in ("+", levels[place]):
            return False
    return len(wanted) == len(levels)
