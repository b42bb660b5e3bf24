"""The product: `Engine.step` takes one input in and returns what follows from it. No clock, no chance, no waiting.

Time is what the inputs say. Events take their turn in the order in which they happened: each waits until our clock is
`lateness` past it, so that a slower one which happened earlier still comes first. Rules that need neither order nor
memory (`match` without facts) are told at once.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import heapify, heappop

import msgspec
from msgspec.structs import replace

from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.compile.compiled_rules import Ruleset
from monitor.core.derive import device_liveness as hearing
from monitor.core.derive import message_gaps as counting
from monitor.core.derive import occupancy
from monitor.core.derive.enrich import zone_of
from monitor.core.engine import commands as orders
from monitor.core.engine.rules_changed import change_rules
from monitor.core.engine.signals import Course, Heard
from monitor.core.events import AnyEvent
from monitor.core.events.device import DeviceHeartbeat
from monitor.core.events.inspection import InspectionAmended, InspectionItem, InspectionSubmitted
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorClockSkew,
    MonitorConnected,
    MonitorKeysCapped,
    MonitorPageUndelivered,
    MonitorRejected,
    MonitorStarted,
    MonitorUnknown,
)
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.oncall import on_call as duty
from monitor.core.oncall.pager import Pager
from monitor.core.readiness import checklists as inspection
from monitor.core.readiness import verdict as readiness
from monitor.core.state.state import Moment, State
from monitor.core.transitions import Transition
from monitor.core.utc import utc

CLOCK_NEVER_SET = timedelta(days=366)
"""A sender that is so far behind has lost its clock: our time counts."""
MOST_UNKNOWN = 1_000
UNKNOWN_AGAIN = timedelta(hours=1)
CLOCK_SET_BACK = timedelta(minutes=1)
"""Our own clock may be set back by more than this; then time starts again from there."""
LONGEST_CATCH_UP = 30
"""Times the lateness: so long the turn stands still after a gap, at the most."""
PUBLISH_EVERY = timedelta(seconds=1)


def believed(at: datetime, now: datetime, tolerance: timedelta) -> datetime | None:
    """Return the time that a sender's clock tells, in UTC; ``None`` if it can't be, and our own time counts."""
    t = utc(at)
    return t if now - CLOCK_NEVER_SET <= t <= now + tolerance else None


class Engine:
    """The rules, and the state that they have built up.

    Args:
        state: where it stands; a new one, or one from a snapshot.
        lateness: how much later than an earlier one an event may arrive and still take its turn before it.
        tolerance: how far a sender's clock may be ahead of ours.
        heard: is told of every event when the rules are.

    """

    __slots__ = ("_course", "_desk", "_pager", "lateness", "state", "tolerance")

    def __init__(
        self,
        state: State,
        *,
        lateness: timedelta,
        tolerance: timedelta,
        heard: Heard | None = None,
    ) -> None:
        self.state = state
        self.lateness = lateness
        self.tolerance = tolerance
        self._desk = AlertDesk(state, 3 * lateness)
        self._course = Course(state, Ruleset(state.book, self._clock), self._desk, heard)
        self._pager = Pager(state, self._desk)
        heapify(state.waiting)
        heapify(state.timers)

    def step(self, given: Input) -> list[Transition]:
        """Take one input in; return what follows from it, in order."""
        state, desk = self.state, self._desk
        desk.transitions = []
        state.now = self.now_at(given.received_at)
        if isinstance(given, Notice):
            self._catch_up(given.event)
        self._pager.ring(state.now)
        # What was due before this input comes before it, whether a tick has come in between or not.
        self._take_turns(state.now)
        match given:
            case Arrival(events=events):
                for said in events:
                    self._arrive(said, given.source, news=not (given.retained or said.replay))
            case Rejected(source=source, reason=reason):
                self._course.notice(MonitorRejected(at=state.now, source=source, reason=reason))
            case Notice(event=noticed):
                self._course.notice(noticed)
                if isinstance(noticed, MonitorPageUndelivered):
                    self._pager.undelivered(noticed)
            case RulesChanged():
                change_rules(self._course, given, self._clock)
            case RosterChanged():
                self._change_roster(given)
            case Tick():
                pass
        self._release(state.turn)
        self._publish()
        self._pager.follow()
        return desk.transitions

    @property
    def deadline(self) -> datetime | None:
        """When to step again even if nothing arrives: a `Tick` before it changes nothing."""
        state = self.state
        due = [row.t for row in state.waiting[:1]] + [row.due for row in state.timers[:1]]
        turn = min(due, default=None)
        if state.catching_up_until is not None:
            turn = state.catching_up_until
        elif turn is not None:
            turn = turn + self.lateness + timedelta.resolution
        publish = state.publish_at if state.unpublished or state.ready_unpublished else None
        return min(filter(None, (turn, publish, self._pager.due)), default=None)

    def take_keyless(self) -> Mapping[str, int]:
        """Return how many events fitted a rule or fact and lacked a field of its key since it was asked last, by id."""
        found, self._course.keyless = self._course.keyless, Counter()
        return found

    def now_at(self, received_at: datetime) -> datetime:
        """Return what our clock says when an input comes in: it never goes back, unless it was set back by a person.

        Kept with this time, an input does the same again, also without the ticks that came before it.
        """
        now = self.state.now
        return received_at if received_at > now or now - received_at > CLOCK_SET_BACK else now

    def _clock(self) -> datetime:
        return self.state.now

    # Arrival ----------------------------------------------------------------------------------------------------

    def _arrive(self, said: AnyEvent, source: str, *, news: bool) -> None:
        """Place an event in time, tell who wants to know at once, and let it wait for its turn."""
        state, course = self.state, self._course
        if orders.is_order(said):
            ends = orders.obey(self._desk, said)
            if ends is not None:
                course.wake(ends)
            return
        if site := course.rules.elsewhere(said, zone_of(state, said), source):
            reason = f'what it speaks of is at the site "{site}"; publish it below venue/{site}/'
            course.notice(MonitorRejected(at=state.now, source=source, reason=reason))
            return
        if (unknown := course.rules.unknown_name(said)) is not None:
            self._unknown(*unknown)
        moment = self._moment(said, source, news=news)
        if type(said) is DeviceHeartbeat:
            for clock in hearing.clock(state, course.rules.places, moment):
                course.notice(clock)
        missed: list[Moment] = []
        for part in _parts(said, source):
            place = course.rules.place_of(part)
            state.arrivals += 1
            event = inspection.judged(part, place) if isinstance(part, InspectionItem) else part
            arrived = replace(moment, event=event, n=state.arrivals)
            course.announce(arrived, place)
            if arrived.late:
                missed.append(arrived)
        if missed:
            course.happen(missed)

    def _moment(self, said: AnyEvent, source: str, *, news: bool) -> Moment:
        now = self.state.now
        t = believed(said.at, now, self.tolerance)
        if t is None:
            ahead = (utc(said.at) - now).total_seconds()
            self._course.notice(MonitorClockSkew(at=now, source=source, ahead_s=ahead))
            t = now
        return Moment(t, 0, said, t < self.state.turn, news)

    def _unknown(self, kind: str, name: str) -> None:
        """Say that the venue file doesn't know a name: once an hour, or every message becomes a notice."""
        now, said, which = self.state.now, self.state.unknown, f"{kind} {name}"
        if which in said and said[which] > now - UNKNOWN_AGAIN:
            return
        if len(said) >= MOST_UNKNOWN:
            said = {row: at for row, at in said.items() if at > now - UNKNOWN_AGAIN}
            self.state.unknown = said
        if len(said) < MOST_UNKNOWN:
            said[which] = now
            self._course.notice(MonitorUnknown(at=now, kind=kind, subject=name))  # type: ignore[arg-type]
        else:
            self._course.notice(MonitorKeysCapped(at=now, rule="unknown names"))

    # In order ---------------------------------------------------------------------------------------------------

    def _catch_up(self, noticed: AnyEvent) -> None:
        """After a gap, hold the turn until what the broker kept is here: nobody was silent meanwhile, we were deaf.

        Until the gap time has gone on; whether ticks have said so or not makes no difference.
        """
        state = self.state
        match noticed:
            case MonitorStarted(downtime_s=downtime):
                self._go_on(state.now - timedelta(seconds=downtime))
            case MonitorConnected():
                self._go_on(state.now)
            case MonitorCaughtUp():
                self._pager.ring(state.now)
                state.catching_up_until = None
                return
            case _:
                return
        state.catching_up_until = state.now + LONGEST_CATCH_UP * self.lateness

    def _go_on(self, until: datetime) -> None:
        """Do what was due before a gap."""
        self._pager.ring(until)
        self._take_turns(until)

    def _take_turns(self, now: datetime) -> None:
        """Let happen what is due at a time, unless the turn stands still."""
        state = self.state
        if state.catching_up_until is not None and now >= state.catching_up_until:
            state.catching_up_until = None
        if state.catching_up_until is None:
            state.turn = now - self.lateness
            self._release(state.turn)

    def _release(self, upto: datetime) -> None:
        """Let everything happen that is older than this: events before the timers of the same instant."""
        waiting, timers, course = self.state.waiting, self.state.timers, self._course
        while True:
            t = waiting[0].t if waiting else None
            due = timers[0].due if timers else None
            if t is not None and t < upto and (due is None or t <= due):
                group = [heappop(waiting)]
                while waiting and waiting[0].t == t:
                    group.append(heappop(waiting))
                if len(group) > 1:
                    group.sort(key=_by_content)
                course.happen(group)
            elif due is not None and due < upto:
                course.ring(heappop(timers))
            else:
                return

    # People -----------------------------------------------------------------------------------------------------

    def _change_roster(self, change: RosterChanged) -> None:
        """Put another roster in force; say what is wrong with it, and what not any more."""
        before = self.state.roster
        self._pager.adopt(change.roster)
        duty.forget_gone(self._desk, change.roster)
        for said in duty.troubles(before, change.roster, self.state.now):
            self._course.notice(said)
        for named in duty.channels(before, change.roster, self.state.now):
            self._course.notice(named)

    # Zones ------------------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        """Write down the zones that changed, and their readiness, at most once a second."""
        state = self.state
        changed = state.unpublished or state.ready_unpublished
        if not changed or state.now < state.publish_at <= state.now + PUBLISH_EVERY:
            return
        told: list[Transition] = [*occupancy.publish(state), *readiness.publish(state)]
        if told:
            self._desk.transitions += told
            state.publish_at = state.now + PUBLISH_EVERY


def _parts(said: AnyEvent, source: str) -> tuple[AnyEvent, ...]:
    """Return an event with what it carries inside: the answers of a form, the number of its sender's count."""
    parts: tuple[AnyEvent, ...] = (said,)
    if type(said) is InspectionSubmitted or type(said) is InspectionAmended:
        parts = (said, *inspection.items_of(said))
    if said.source_seq is not None:
        parts = (*parts, counting.counted(said, source))
    return parts


def _by_content(moment: Moment) -> tuple[int, bytes]:
    """Order events of one instant as they were counted, then by what they say: the order of arrival must not matter."""
    return moment.event.source_seq or 0, msgspec.json.encode(moment.event)
