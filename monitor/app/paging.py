"""Wires paging: the outbox, the channels of the roster, the texts and their links."""

from collections.abc import Callable, Sequence
from random import SystemRandom
from uuid import uuid4

from litestar.handlers import HTTPRouteHandler

from monitor.app.reload_roster import RosterReload
from monitor.config.http import Http
from monitor.core.alert import Alert
from monitor.core.events.commands import StaffAcknowledge
from monitor.core.phrase import Phrase
from monitor.core.transitions import refusal_in
from monitor.ingest.line import Line, record
from monitor.runtime.key_file import read_key
from monitor.sinks.notify import Delivery, DeliveryRow, NotifySink
from monitor.standby.take_over import may_have_been_sent
from monitor.texts import PageWriter
from monitor.web.acknowledge import AnyRequest, take_routes
from monitor.web.links import Links, Taker
from monitor.web.viewer import Viewer


class Paging:
    """Pages people, and accepts their acknowledgements.

    Args:
        http: where the links lead.
        roster: has the people and their channels.
        pipeline: has the journal and the state.
        troubles: returns what is wrong with the monitor itself.
        on_written: is given what is recorded about deliveries, once it is durable.

    Raises:
        ConfigError: the key of the links can't be read or made.

    """

    def __init__(
        self,
        http: Http,
        roster: RosterReload,
        pipeline: Line,
        troubles: Callable[[], Sequence[Phrase | str]],
        on_written: Callable[[Sequence[DeliveryRow]], None] = lambda _: None,
    ) -> None:
        self._pipeline = pipeline
        self._state = state = pipeline.engine.state
        now = pipeline.clock.now
        self.links = Links(http.public_url, read_key(http.key_file, "[http] key_file"), now)
        self.writer = PageWriter(
            lambda: state.rule_set,
            lambda: {person.id: person for person in roster.file.people},
            self.links.acknowledge,
            lambda: team_names(roster),
            lambda: str(pipeline.journal.head),
            troubles=troubles,
        )
        self.delivery = Delivery(
            pipeline.journal.outbox,
            self.writer,
            lambda: roster.file.channels,
            open_alert=self._open_alert,
            notice=pipeline.notice,
            now=now,
            metrics=pipeline.metrics,
            rng=SystemRandom(),
            on_written=on_written,
        )
        self.sink = NotifySink(
            pipeline.journal.outbox, self.delivery, may_have_been_sent(pipeline.journal, now())
        )

    def routes(
        self, signed_in: Callable[[AnyRequest], Viewer | None] = lambda _: None
    ) -> list[HTTPRouteHandler]:
        """Return the routes for people who follow the link of a page; whoever has signed in is led to the console."""
        return take_routes(self.links, self.writer, self._open_alert, self._acknowledge, signed_in)

    def _open_alert(self, alert: str) -> Alert | None:
        return self._state.alerts.open.get(alert)

    async def _acknowledge(self, taker: Taker) -> bool:
        """Record an acknowledgement, like every other command of staff; return whether it was accepted."""
        now = self._pipeline.clock.now()
        event = StaffAcknowledge(at=now, who=taker.person, alert=taker.alert, taken_from="")
        # A new key each time: when the acknowledgement has run out, the same link acknowledges again.
        transitions = await record(self._pipeline, event, f"link/{taker.person}", uuid4().hex)
        return refusal_in(transitions) is None


def team_names(roster: RosterReload | None) -> dict[str, str]:
    """Return the names of the teams by id; none without a roster."""
    teams = roster.file.document.teams if roster else ()
    return {team.id: team.name or team.id for team in teams}


def team_members(roster: RosterReload | None) -> dict[str, frozenset[str]]:
    """Return the people who take turns in each team, by id: those of its rotations, and those in the present plan."""
    if roster is None:
        return {}
    found: dict[str, set[str]] = {team.id: set() for team in roster.file.document.teams}
    for rotation in roster.file.document.rotations:
        found[rotation.team].update(rotation.people)
    planned = roster.pipeline.engine.state.paging.roster
    for shift in () if planned is None else planned.shifts:
        found.setdefault(shift.team, set()).add(shift.person)
    return {team: frozenset(people) for team, people in found.items()}
