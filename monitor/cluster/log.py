"""Messages and notices as records of a site's log."""

from collections.abc import Container
from datetime import datetime
from typing import get_args

from msgspec.structs import replace

from monitor.adapters import Translator
from monitor.cluster.records import LoggedInput, content_digest
from monitor.core.decode import is_output
from monitor.core.events.access import Access, Credential
from monitor.core.events.monitor import Noticed
from monitor.core.identity import identity
from monitor.core.inputs import Arrival, Notice, Rejected
from monitor.ingest.command_senders import named_only, sender_unnamed
from monitor.mqtt import Message

_BADGES = (*get_args(Access), *get_args(Credential))


class LogWriter:
    """Writes what the inbox of one site receives as records of the topic `in`.

    Args:
        site: the id of the site's congress.
        translator: decodes messages.
        staff_senders: who may act for people over MQTT.
        group: the deployment whose rules see the passages of several sites; empty: none.

    """

    def __init__(
        self, site: str, translator: Translator, staff_senders: Container[str], group: str = ""
    ) -> None:
        self.site = site
        self._group = "" if group == site else group
        self._translator = translator
        self._staff_senders = staff_senders

    def message(self, message: Message, received_at: datetime) -> list[LoggedInput]:
        """Return the records of a message.

        There are none if it is our own output, a second one if something is noticed, and one for the group if it is
        about a badge. The group knows by its identity what it has had, as the site does.
        """
        if is_output(message.topic):
            return []
        given = self._decode(message, received_at)
        key = identity(given, message.topic, message.payload)
        is_ours = message.topic.startswith("venue/")
        is_plain = is_ours and isinstance(given, Arrival)
        entry = LoggedInput(
            site=self.site,
            received_at=received_at,
            topic=message.topic,
            # A vendor's message may hold card numbers and names; the events translated from it do not.
            payload=message.payload if is_ours or isinstance(given, Rejected) else b"",
            retained=message.retained,
            id=key,
            content=content_digest(key, given),
            input=None if is_plain else given,
        )
        unnamed = sender_unnamed(given) if isinstance(given, Rejected) else None
        if unnamed is not None:
            return [entry, self.notice(unnamed, received_at)]
        return [entry, replace(entry, site=self._group)] if self._is_for_group(given) else [entry]

    def notice(self, event: Noticed, received_at: datetime) -> LoggedInput:
        """Return the record of something that the inbox noticed about itself."""
        given = Notice(received_at=received_at, event=event)
        return LoggedInput(site=self.site, received_at=received_at, input=given)

    def _is_for_group(self, given: Arrival | Rejected) -> bool:
        if not self._group or isinstance(given, Rejected):
            return False
        return all(isinstance(event, _BADGES) for event in given.events)

    def _decode(self, message: Message, received_at: datetime) -> Arrival | Rejected:
        given = self._translator.decode(
            message.topic, message.payload, received_at, retained=message.retained
        )
        return named_only(given, self._staff_senders)
