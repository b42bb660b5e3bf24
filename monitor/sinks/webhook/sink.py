"""Brings one webhook what it asked for, in order, one message after the other."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from monitor.config.outward import Webhook
from monitor.journal import Written
from monitor.runtime.http import Remote
from monitor.sinks.webhook.cloudevents import CONTENT_TYPE, event_of
from monitor.sinks.webhook.filter import is_told
from monitor.sinks.webhook.goalert import incoming_of
from monitor.sinks.webhook.standard_webhooks import signed

_ENCODE = msgspec.json.Encoder()


class WebhookSink:
    """Posts each entry that the webhook asked for; see `relay.Sink`.

    A message may come twice: when its answer was lost, or the monitor was killed. It has the same id then, and the same
    header ``Idempotency-Key``.

    Args:
        settings: one ``[[webhook]]``.
        congress: the congress's id.
        now: the time.

    """

    def __init__(self, settings: Webhook, congress: str, now: Callable[[], datetime]) -> None:
        self.name = f"webhook/{settings.name}"
        self._settings = settings
        self._congress = congress
        self._now = now
        self._remote = Remote(self.name, settings.timeout, ca_file=settings.ca_file)
        self._done = (0, 0)
        """The latest entry delivered: of a batch that is brought again, what has arrived is left out."""

    async def take(self, entries: Sequence[Written]) -> None:
        """Deliver them; see `relay.Sink`."""
        for entry in entries:
            place = entry.seq, entry.n
            if place <= self._done:
                continue
            if is_told(entry.transition, self._settings):
                await self._tell(entry)
            self._done = place

    async def close(self) -> None:
        """Let go of the connection."""
        await self._remote.close()

    async def _tell(self, entry: Written) -> None:
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
        await self._remote.ask("POST", self._settings.address, body, headers)
