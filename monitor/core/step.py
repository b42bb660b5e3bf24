"""The product: `Engine.step` takes one input in and returns what follows from it. No clock, no chance, no waiting.

Time is what the inputs say. Events take their turn in the order in which they happened: each waits until our clock is
`lateness` past it, so that a slower one which happened earlier still comes first. Rules that need neither order nor
memory (`match` without facts) are told at once.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heapify, heappop, heappush
from typing import get_args

import msgspec
from msgspec.structs import replace

from monitor.core import inspection, occupancy
from monitor.core.desk import AlertDesk
from monitor.core.event import (
    AnyEvent,
    ChecklistExpected,
    DeviceExpected,
    InspectionAmended,
    InspectionItem,
    InspectionSubmitted,
    MonitorCaughtUp,
    MonitorClockSkew,
    MonitorConnected,
    MonitorKeysCapped,
    MonitorRejected,
    MonitorStarted,
    MonitorUnknown,
    Staff,
)
from monitor.core.input import Arrival, Input, Notice, Rejected, RulesChanged, Tick
from monitor.core.operators import End, Fire, HoldOperator, Signal, Wake
from monitor.core.ruleset import Condition, Listener, Ruleset, Runner
from monitor.core.rule import RuleBook
from monitor.core.state import Held, Known, Moment, State, Timer
from monitor.core.transition import Transition, ZoneChanged
from monitor.core.venue import Place

CLOCK_NEVER_SET = timedelta(days=366)
"""A sender that is so far behind has lost its clock: our time counts."""
FARTHEST = timedelta(days=3660)
"""Nothing is waited for longer than ten years."""
MOST_KEYS = 50_000
"""What one rule may follow; attackers choose credentials."""
MOST_UNKNOWN = 1_000
UNKNOWN_AGAIN = timedelta(hours=1)
CLOCK_SET_BACK = timedelta(minutes=1)
"""Our own clock may be set back by more than this; then time starts again from there."""
LONGEST_CATCH_UP = 30
"""Times the lateness: so long the turn stands still after a gap, at the most."""
PUBLISH_EVERY = timedelta(seconds=1)


class Engine:
    """The rules, and the state that they have built up.

    Args:
        state: where it stands; a new one, or one from a snapshot.
        lateness: how much later than an earlier one an event may arrive and still take its turn before it.
        tolerance: how far a sender's clock may be ahead of ours.

    """

    __slots__ = ("_desk", "lateness", "rules", "state", "tolerance")

    def __init__(self, state: State, *, lateness: timedelta, tolerance: timedelta) -> None:
        self.state = state
        self.lateness = lateness
        self.tolerance = tolerance
        self.rules = Ruleset(state.book, self._clock)
        self._desk = AlertDesk(state, 3 * lateness)
        heapify(state.waiting)
        heapify(state.timers)

    def step(self, given: Input) -> list[Transition]:
        """Take one input in; return what follows from it, in order."""
        state, desk = self.state, self._desk
        desk.transitions = []
        if given.received_at > state.now or state.now - given.received_at > CLOCK_SET_BACK:
            state.now = given.received_at
        match given:
            case Arrival(events=events):
                for said in events:
                    self._arrive(said, given.source, news=not (given.retained or said.replay))
            case Rejected(source=source, reason=reason):
                self._notice(MonitorRejected(at=state.now, source=source, reason=reason))
            case Notice(event=noticed):
                self._catch_up(noticed)
                self._notice(noticed)
            case RulesChanged():
                self._change_rules(given)
            case Tick():
                pass
        self._take_turns()
        self._publish()
        return desk.transitions

    @property
    def deadline(self) -> datetime | None:
        """When to step again even if nothing arrives: a `Tick` before it changes nothing."""
        state = self.state
        due = [row.t for row in state.waiting[:1]] + [row.due for row in state.timers[:1]]
        first = min(due, default=None)
        if state.catching_up_until is not None:
            turn = state.catching_up_until
        else:
            turn = None if first is None else first + self.lateness + timedelta(microseconds=1)
        return min(filter(None, (turn, state.publish_at)), default=None)

    def _clock(self) -> datetime:
        return self.state.now

    # Arrival ----------------------------------------------------------------------------------------------------

    def _arrive(self, said: AnyEvent, source: str, *, news: bool) -> None:
        """Place an event in time, tell who wants to know at once, and let it wait for its turn."""
        state = self.state
        if type(said) in _STAFF:
            until = self._desk.order(said)
            if until is not None:
                self._wake(Timer(until, "shelf", said.alert))
            return
        moment = self._moment(said, source, news=news)
        if (unknown := self.rules.unknown_name(said)) is not None:
            self._unknown(*unknown)
        parts: Iterable[AnyEvent] = (said,)
        if isinstance(said, InspectionSubmitted | InspectionAmended):
            parts = (said, *inspection.items_of(said))
        for part in parts:
            place = self.rules.place_of(part)
            state.arrivals += 1
            event = inspection.judged(part, place) if isinstance(part, InspectionItem) else part
            self._take_in(
                replace(moment, event=event, n=state.arrivals) if event is not said else moment,
                place,
            )

    def _take_in(self, moment: Moment, place: Place) -> None:
        kind = type(moment.event)
        if kind in self.rules.on_arrival:
            self._tell(self.rules.on_arrival[kind], moment, place)
        if moment.late:
            self._happen([moment])
        elif kind in self.rules.in_order or kind in self.rules.facts or kind in _FOLLOWED:
            heappush(self.state.waiting, moment)

    def _moment(self, said: AnyEvent, source: str, *, news: bool) -> Moment:
        now, at = self.state.now, said.at
        t = at if at.tzinfo is UTC else _utc(at, now)
        if t - now > self.tolerance:
            self._notice(MonitorClockSkew(at=now, source=source, ahead_s=(t - now).total_seconds()))
            t = now
        elif t < now - CLOCK_NEVER_SET:
            self._notice(MonitorClockSkew(at=now, source=source, ahead_s=(t - now).total_seconds()))
            t = now
        return Moment(t, self.state.arrivals + 1, said, t < self.state.turn, news)

    def _notice(self, noticed: AnyEvent) -> None:
        """Take in what the monitor says about itself: it happens now."""
        self.state.arrivals += 1
        self._take_in(
            Moment(self.state.now, self.state.arrivals, noticed), self.rules.place_of(noticed)
        )

    def _unknown(self, kind: str, name: str) -> None:
        """Say that the venue file doesn't know a name: once an hour, or thousands of messages become thousands of notices."""
        now, said = self.state.now, self.state.unknown
        if name in said and said[name] > now - UNKNOWN_AGAIN:
            return
        if len(said) >= MOST_UNKNOWN:
            said = self.state.unknown = {
                row: at for row, at in said.items() if at > now - UNKNOWN_AGAIN
            }
        if len(said) < MOST_UNKNOWN:
            said[name] = now
            self._notice(MonitorUnknown(at=now, kind=kind, subject=name))  # type: ignore[arg-type]
        else:
            self._notice(MonitorKeysCapped(at=now, rule="unknown names"))

    # In order ---------------------------------------------------------------------------------------------------

    def _catch_up(self, noticed: AnyEvent) -> None:
        """After a gap, hold the turn until what the broker kept is here: nobody was silent meanwhile, we were deaf."""
        state = self.state
        if isinstance(noticed, MonitorStarted | MonitorConnected):
            state.catching_up_until = state.now + LONGEST_CATCH_UP * self.lateness
        elif isinstance(noticed, MonitorCaughtUp):
            state.catching_up_until = None

    def _take_turns(self) -> None:
        state = self.state
        if state.catching_up_until is not None and state.now >= state.catching_up_until:
            state.catching_up_until = None
        if state.catching_up_until is None:
            state.turn = state.now - self.lateness
            self._release(state.turn)

    def _release(self, upto: datetime) -> None:
        """Let everything happen that is older than this: events before the timers of the same instant."""
        waiting, timers = self.state.waiting, self.state.timers
        while True:
            t = waiting[0].t if waiting else None
            due = timers[0].due if timers else None
            if t is not None and t < upto and (due is None or t <= due):
                group = [heappop(waiting)]
                while waiting and waiting[0].t == t:
                    group.append(heappop(waiting))
                if len(group) > 1:
                    group.sort(key=_by_content)
                self._happen(group)
            elif due is not None and due < upto:
                self._ring(heappop(timers))
            else:
                return

    def _happen(self, group: list[Moment]) -> None:
        """Let events of one instant happen: first the facts of all of them, then the rules."""
        rules = self.rules
        told: list[tuple[Moment, Place]] = []
        for moment in group:
            place = rules.place_of(moment.event)
            told.append((moment, place))
            if type(moment.event) in _FOLLOWED:
                told.extend(
                    (replace(moment, event=derived), rules.place_of(derived))
                    for derived in self._derive(moment, place)
                )
        for moment, place in told:
            for setter in rules.facts.get(type(moment.event), ()):
                if setter.fits is None or setter.fits(moment.event, place):
                    key = setter.key_of(moment.event, place)
                    if key:
                        self._learn(setter.fact, key, Known(moment.t, setter.holds))
        for moment, place in told:
            listeners = rules.in_order.get(type(moment.event))
            if listeners is not None:
                self._tell(listeners, moment, place)

    def _derive(self, moment: Moment, place: Place) -> Iterator[AnyEvent]:
        state, rules = self.state, self.rules
        yield from occupancy.follow(state, rules.places, moment, place)
        for checklist, expires in inspection.follow(state, moment, place):
            self._wake(Timer(expires, "checklist", checklist))
            yield from inspection.zone_verdict(
                state, rules.places, rules.book.venue, place.zone, moment.t
            )

    def _tell(self, listeners: Iterable[Listener], moment: Moment, place: Place) -> None:
        for runner, role, fits, key_of in listeners:
            if fits is not None and not fits(moment.event, place):
                continue
            key = key_of(moment.event, place)
            if not key:
                continue
            keys = self.state.keys.setdefault(runner.rule.id, {})
            if len(keys) >= MOST_KEYS and key not in keys:
                self._capped(runner)
                continue
            holds = partial(self._holds, runner)
            signals = runner.operator.on_event(keys, key, role, moment, place, holds)
            self._follow(runner, key, place, signals)

    def _follow(self, runner: Runner, key: str, place: Place, signals: Iterator[Signal]) -> None:
        for signal in signals:
            match signal:
                case Fire():
                    if not self._desk.fire(runner, key, signal, place):
                        self._capped(runner)
                case End(t=t):
                    self._desk.end(runner.rule.id, key, t)
                case Wake(due=due):
                    self._wake(Timer(due, "rule", runner.rule.id, key))

    def _capped(self, runner: Runner) -> None:
        if runner.rule.id != _CAP_RULE:
            self._notice(MonitorKeysCapped(at=self.state.now, rule=runner.rule.id))

    # Facts ------------------------------------------------------------------------------------------------------

    def _learn(self, fact: str, key: str, known: Known) -> None:
        of_fact = self.state.facts.setdefault(fact, {})
        before = of_fact.get(key)
        if before is not None and before.at > known.at:
            return
        if before is None and len(of_fact) >= MOST_KEYS:
            self._notice(MonitorKeysCapped(at=self.state.now, rule=fact))
            return
        of_fact[key] = known
        if before is None or before.holds != known.holds:
            for runner in self.rules.followers.get(fact, ()):
                self._fact_turned(runner, fact, key, known.at)

    def _fact_turned(self, runner: Runner, fact: str, fact_key: str, t: datetime) -> None:
        operator = runner.operator
        if not isinstance(operator, HoldOperator):
            return
        for key, held in list(self.state.keys.get(runner.rule.id, {}).items()):
            if not isinstance(held, Held):
                continue
            place = self.rules.place_of(held.event)
            if any(_names(row, fact, fact_key, held.event, place) for row in runner.conditions):
                holds = self._holds(runner, held.event, t)
                self._follow(runner, key, place, operator.on_fact(held, t, place, holds=holds))

    def _holds(self, runner: Runner, said: AnyEvent, t: datetime) -> bool:
        """Tell whether the facts of a rule's ``while`` hold at the place of an event."""
        if not runner.conditions:
            return True
        place = self.rules.place_of(said)
        return all(self._condition(row, runner, said, place, t) for row in runner.conditions)

    def _condition(
        self, row: Condition, runner: Runner, said: AnyEvent, place: Place, t: datetime
    ) -> bool:
        key_of = row.key_of.get(type(said))
        known = (
            None if key_of is None else self.state.facts.get(row.fact, {}).get(key_of(said, place))
        )
        if known is None:
            return runner.rule.unknown == "alerts"
        lasts = row.lasts is None or t - known.at <= row.lasts
        return (known.holds and lasts) is row.wanted

    # Timers -----------------------------------------------------------------------------------------------------

    def _wake(self, timer: Timer) -> None:
        heappush(self.state.timers, replace(timer, due=min(timer.due, self.state.now + FARTHEST)))

    def _ring(self, timer: Timer) -> None:
        match timer.what:
            case "rule":
                runner = self.rules.runners.get(timer.of)
                keys = self.state.keys.get(timer.of, {})
                if runner is None or timer.key not in keys:
                    return
                event = getattr(keys[timer.key], "event", None)
                place = self.rules.place_of(event)
                holds = partial(self._holds, runner)
                self._follow(
                    runner,
                    timer.key,
                    place,
                    runner.operator.on_timer(keys, timer.key, timer.due, holds),
                )
            case "checklist":
                place = self.rules.places.checklists.get(timer.of)
                if place is not None:
                    venue = self.rules.book.venue
                    for said in inspection.zone_verdict(
                        self.state, self.rules.places, venue, place.zone, timer.due
                    ):
                        self._happen([Moment(timer.due, self.state.arrivals, said)])
            case _:
                self._desk.unshelve(timer.of, timer.due)

    # Rules ------------------------------------------------------------------------------------------------------

    def _change_rules(self, change: RulesChanged) -> None:
        """Put other rules in force. What they remember stays, but for the rules that are not the same any more."""
        state, before = self.state, self.rules.signatures
        state.book = change.book
        self.rules = Ruleset(change.book, self._clock)
        for rule, was in before.items():
            if self.rules.signatures.get(rule) != was:
                state.keys.pop(rule, None)
            if rule not in self.rules.runners:
                self._desk.withdraw(rule, "the rule is no longer in force")
        self._expect(change.book)

    def _expect(self, book: RuleBook) -> None:
        """From now on, what the venue file names must be heard of."""
        state, places = self.state, self.rules.places
        for zone in book.venue.zones:
            record = occupancy.zone_state(state, places, zone.id)
            standing = replace(record.standing, site=zone.site, capacity=zone.capacity)
            occupancy.touch(state, record, standing)
            for said in inspection.zone_verdict(state, places, book.venue, zone.id, state.now):
                self._happen([Moment(state.now, state.arrivals, said)])
        for device in book.venue.devices:
            self._notice(DeviceExpected(at=state.now, device=device.id))
        for checklist in book.venue.checklists:
            self._notice(ChecklistExpected(at=state.now, checklist=checklist.id))

    # Zones ------------------------------------------------------------------------------------------------------

    def _publish(self) -> None:
        """Write down the zones that changed, at most once a second."""
        state = self.state
        if not state.unpublished:
            return
        if state.publish_at is None:
            state.publish_at = state.now + PUBLISH_EVERY
        if state.now < state.publish_at:
            return
        for zone in state.unpublished:
            standing = state.zones[zone].standing
            if state.published.get(zone) != standing:
                state.published[zone] = standing
                self._desk.transitions.append(ZoneChanged(at=state.now, standing=standing))
        state.unpublished = {}
        state.publish_at = None


_CAP_RULE = "monitor-keys-capped"
_STAFF = frozenset(get_args(Staff))
_FOLLOWED = frozenset(occupancy.FOLLOWED + inspection.FOLLOWED)


def _names(row: Condition, fact: str, fact_key: str, said: AnyEvent, place: Place) -> bool:
    key_of = row.key_of.get(type(said))
    return row.fact == fact and key_of is not None and key_of(said, place) == fact_key


def _by_content(moment: Moment) -> bytes:
    """Order events of one instant by what they say: the order of arrival must not matter."""
    return msgspec.json.encode(moment.event)


def _utc(at: datetime, now: datetime) -> datetime:
    """Return a moment in UTC; one at the edge of the calendar is as good as never set."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return now - 2 * CLOCK_NEVER_SET
