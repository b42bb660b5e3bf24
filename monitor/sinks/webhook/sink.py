"""Sends one webhook the transitions that it asks for, in order, one request at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from monitor.config.outward import Webhook
from monitor.journal import Written
from monitor.runtime.http import HttpClient
from monitor.sinks.webhook.cloudevents import CONTENT_TYPE, event_of
from monitor.sinks.webhook.filter import is_wanted
from monitor.sinks.webhook.goalert import incoming_of
from monitor.sinks.webhook.standard_webhooks import signed

_ENCODE = msgspec.json.Encoder()


class WebhookSink:
    """Posts each entry that the webhook asks for; see `relay.Sink`.

    A message may arrive twice: if its response was lost, or the monitor was killed. Both have the same id, also in the
    header ``Idempotency-Key``.

    Args:
        settings: a ``[[webhook]]`` section.
        congress: the congress's id.
        now: the monitor's clock.

    """

    def __init__(self, settings: Webhook, congress: str, now: Callable[[], datetime]) -> None:
        self.name = f"webhook/{settings.name}"
        self._settings = settings
        self._congress = congress
        self._now = now
        self._client = HttpClient(self.name, settings.timeout, ca_file=settings.ca_file)
        self._done = (0, 0)
        """The latest entry delivered: when a batch is retried, entries already delivered are skipped."""

    async def take(self, entries: Sequence[Written]) -> None:
        """Deliver them; see `relay.Sink`."""
        for entry in entries:
            position = entry.seq, entry.n
            if position <= self._done:
                continue
            if is_wanted(entry.transition, self._settings):
                await self._post(entry)
            self._done = position

    async def close(self) -> None:
        """Close the connection."""
        await self._client.close()

    async def _post(self, entry: Written) -> None:
        if self._settings.format == "cloudevents":
            event = event_of(entry, self._congress)
            body = _ENCODE.encode(event)
            headers = {"Content-Type": CONTENT_TYPE, "Idempotency-Key": event.id}
            if key := self._settings.key:
                headers |= signed(key, event.id, int(self._now().timestamp()), body)
        else:
            incoming = incoming_of(entry.transition)
            if incoming is None:
                return
            body = _ENCODE.encode(incoming)
            headers = {"Content-Type": "application/json"}
        await self._client.ask("POST", self._settings.address, body, headers)
