"""Puts together what brings pages to people: the outbox, the channels of the roster, the texts and their links."""

from collections.abc import Callable
from random import Random

from litestar.handlers import HTTPRouteHandler

from monitor.app.reload_roster import Rota
from monitor.config.settings import Http
from monitor.core.alert import Alert
from monitor.core.events.commands import StaffAcknowledge
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival
from monitor.ingest.pipeline import Pipeline
from monitor.runtime.key_file import read_key
from monitor.sinks.notify import Delivery, NotifySink
from monitor.texts import Author
from monitor.web.acknowledge import take_routes
from monitor.web.links import Links, Taker


class Paging:
    """What the running monitor needs to page people, and to hear that they take it.

    Args:
        http: where the links lead.
        rota: knows the people and their channels; without one nobody is paged, and no link is accepted.
        pipeline: has the journal and the state.
        notice: takes in what becomes of pages and channels.
        rng: for the waits.

    Raises:
        ConfigError: the key of the links can't be read or made.

    """

    def __init__(
        self,
        http: Http,
        rota: Rota,
        pipeline: Pipeline,
        notice: Callable[[Noticed], None],
        rng: Random,
    ) -> None:
        self._pipeline = pipeline
        self._state = state = pipeline.engine.state
        now = pipeline.clock.now
        self.links = Links(http.public_url, read_key(http.key_file, "[http] key_file"), now)
        self.author = Author(
            lambda: state.book,
            lambda: {person.id: person for person in rota.file.people},
            self.links.acknowledge,
        )
        self.delivery = Delivery(
            pipeline.journal.outbox,
            self.author,
            lambda: rota.file.channels,
            standing=self._standing,
            notice=notice,
            now=now,
            metrics=pipeline.metrics,
            rng=rng,
        )
        self.sink = NotifySink(pipeline.journal.outbox, self.delivery)

    def _standing(self, alert: str) -> Alert | None:
        return self._state.alerts.get(alert)

    def routes(self) -> list[HTTPRouteHandler]:
        """Return what is served to people who follow a link."""
        return take_routes(self.links, self.author, self._standing, self._take)

    def _take(self, taker: Taker) -> StaffAcknowledge:
        """Write down that somebody takes an alert, the way that every staff action goes."""
        now = self._pipeline.clock.now()
        said = StaffAcknowledge(at=now, who=taker.person, alert=taker.alert)
        self._pipeline.submit(Arrival(received_at=now, source="link", events=(said,)))
        return said
