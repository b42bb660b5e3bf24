"""The course of events: tells facts and rules what happens, when it is its turn, and does what they ask for."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from heapq import heappush
from typing import Literal

from msgspec.structs import replace

from monitor.core.alerts import masks
from monitor.core.alerts.lifecycle import AlertDesk
from monitor.core.compile.compiled_rules import Listener, Ruleset, Runner
from monitor.core.derive import device_liveness as hearing
from monitor.core.derive import schedules as hours
from monitor.core.derive.chain import FOLLOWED as CONCLUDED
from monitor.core.derive.chain import conclude
from monitor.core.derive.enrich import COMPLETED, completed
from monitor.core.engine import last_values as standing
from monitor.core.events import AnyEvent
from monitor.core.events.derived import ZoneInspected, ZoneReady
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.oncall import on_call as duty
from monitor.core.operators import HoldOperator, LevelOperator
from monitor.core.operators.protocol import Due, End, Fire, Holds, Signal, Told, Wake
from monitor.core.readiness import checklists as inspection
from monitor.core.readiness import open_items as findings
from monitor.core.readiness import verdict as readiness
from monitor.core.state.state import Awaited, Held, Known, Moment, State, Timer
from monitor.core.venue.places import NOWHERE, Place

FARTHEST = timedelta(days=3660)
"""Nothing is waited for longer than ten years."""
MOST_KEYS = 50_000
"""What one rule or fact may follow; attackers choose credentials."""
When = Literal["at once", "in turn"]
Heard = Callable[[Moment, Place, When], None]
"""Takes each event as rules are told of it, its place, and when they are."""


class Course:
    """The rules in force, what they remember, and the desk to which they report.

    ``heard`` is told of every event when the rules are, after the facts have learnt of it: for who asks why.
    ``keyless`` counts, by rule and fact, the events that fit and lack a field of its key: it is no match, and nothing
    follows from it, but whoever looks for the reason of a silence finds one.
    """

    __slots__ = ("_past", "desk", "heard", "keyless", "rules", "state")

    def __init__(
        self, state: State, rules: Ruleset, desk: AlertDesk, heard: Heard | None = None
    ) -> None:
        self.state = state
        self.rules = rules
        self.desk = desk
        self.heard = heard
        self.keyless: Counter[str] = Counter()
        self._past: dict[tuple[str, str], tuple[Runner, Place, Fire | End]] | None = None
        """While rules are reminded of what stands: the latest of what each has to say of a key."""

    def announce(self, moment: Moment, place: Place) -> None:
        """Tell whoever wants to know of an event at once; then it waits for its turn, unless it has missed that."""
        kind = type(moment.event)
        standing.note(self.state, moment)
        self._tell_at_once(moment, place)
        if not moment.late and (kind in self.rules.ordered or kind in _FOLLOWED):
            heappush(self.state.waiting, moment)

    def _tell_at_once(self, moment: Moment, place: Place) -> None:
        kind = type(moment.event)
        if (at_once := self.rules.on_arrival.get(kind)) is not None:
            if kind in COMPLETED:
                moment, place = self._recall(moment)
            if self.heard is not None:
                self.heard(moment, place, "at once")
            self._tell(at_once.of(moment.event, place), moment, place)

    def notice(self, noticed: AnyEvent) -> None:
        """Announce what the monitor says about itself: it happens now."""
        self.state.arrivals += 1
        moment = Moment(self.state.now, self.state.arrivals, noticed)
        self.announce(moment, self.rules.place_of(noticed))

    def happen(self, group: Sequence[Moment]) -> None:
        """Let events of one instant happen: first the facts of all, then what they end, then what they begin."""
        place_of = self.rules.place_of
        told = [(moment, place_of(moment.event)) for moment in group]
        concluded = [(row, place_of(row.event)) for row in list(self._derive(told))]
        self._concluded(concluded)
        self._tell_in_turn([*told, *concluded])

    def _concluded(self, told: Iterable[tuple[Moment, Place]]) -> None:
        """Note what the monitor itself has concluded: nobody sent it, so nobody was told on arrival."""
        for moment, place in told:
            standing.note(self.state, moment)
            self._tell_at_once(moment, place)

    def _come(self, said: Iterable[AnyEvent], t: datetime) -> None:
        """Let happen what follows from it that a time has come."""
        told = [Moment(t, self.state.arrivals, row) for row in said]
        if told:
            self._concluded((row, self.rules.place_of(row.event)) for row in told)
            self.happen(told)

    def remind(self, others: Ruleset) -> None:
        """Tell rules that are new, or begin anew, what stands; what has yet to have its turn they hear of then."""
        rules, self.rules = self.rules, others
        past = self._past = {}
        try:
            for row in list(standing.all_of(self.state)):
                kind, place = type(row.event), others.place_of(row.event)
                self._tell_at_once(row, place)
                if row.t < self.state.turn:
                    self._tell_in_turn([(row, place)])
                elif kind in others.ordered and kind not in _FOLLOWED:
                    heappush(self.state.waiting, row)
        finally:
            self.rules, self._past = rules, None
        for (rule, key), (runner, place, signal) in past.items():
            if isinstance(signal, End):
                # An open alert is mostly about what came after it.
                self._report(runner, key, place, End(signal.t, later_stays=True))
            elif not self.desk.has(rule, key):
                self._report(runner, key, place, signal)
        for rule in others.runners:
            for key, known in self.state.keys.get(rule, {}).items():
                if isinstance(known, Held | Awaited) and self.desk.has(rule, key):
                    known.raised = True  # it has been told already

    def _tell_in_turn(self, told: Sequence[tuple[Moment, Place]]) -> None:
        rules = self.rules
        told = [
            row if type(row[0].event) not in COMPLETED else self._recall(row[0]) for row in told
        ]
        for moment, place in told:
            for setter in rules.facts.get(type(moment.event), ()):
                if setter.fits is None or setter.fits(moment.event, place):
                    key = setter.key_of(moment.event, place)
                    if key:
                        self._learn(setter.fact, key, moment, holds=setter.holds)
                    else:
                        self.keyless[setter.fact] += 1
        if self.heard is not None:
            for moment, place in told:
                self.heard(moment, place, "in turn")
        for listeners in rules.in_order:
            for moment, place in told:
                if (listening := listeners.get(type(moment.event))) is not None:
                    self._tell(listening.of(moment.event, place), moment, place)

    def _recall(self, moment: Moment) -> tuple[Moment, Place]:
        """Return an event with what it leaves out, as far as that has been told, and where it belongs."""
        full = replace(moment, event=completed(self.state, moment.event))
        return full, self.rules.place_of(full.event)

    def wake(self, timer: Timer) -> None:
        """Have a timer ring when its time has its turn."""
        due = min(timer.due, self.state.now + FARTHEST)
        heappush(self.state.timers, replace(timer, due=due))

    def ring(self, timer: Timer) -> None:
        """Do what a timer was set for."""
        match timer.what:
            case "rule":
                self._ring(timer)
            case "checklist" | "readiness" | "schedule":
                self._come(self._follows(timer), timer.due)
            case "hearing":
                self._miss(timer)
            case "mask":
                masks.run_out(self.desk, timer.of, timer.due)
            case "override":
                duty.run_out(self.desk, timer.of, timer.due)
            case "keep":
                self.desk.let_go(timer.of, timer.due)
            case _:
                self.desk.unshelve(timer.of, timer.due)

    def stand_of_hours(self, t: datetime) -> list[hours.Hours]:
        """Return how every schedule stands at a time; its next turn is waited for."""
        return [self._until_turn(row) for row in hours.told(self.state, self.rules.book.venue, t)]

    def _until_turn(self, turned: tuple[hours.Hours, Timer | None]) -> hours.Hours:
        said, timer = turned
        if timer is not None:
            self.wake(timer)
        return said

    def _follows(self, timer: Timer) -> Sequence[AnyEvent]:
        """Return what the monitor concludes from it that a time has come."""
        if timer.what == "readiness":
            return self.look({timer.of}, timer.due)
        if timer.what == "checklist":
            place = self.rules.places.checklists.get(timer.of, NOWHERE)
            said = self.verdict(place.zone, timer.due)
            return [] if said is None else [said]
        turned = hours.turned(self.state, self.rules.book.venue, timer)
        return [] if turned is None else [self._until_turn(turned)]

    def verdict(self, zone: str, t: datetime) -> ZoneInspected | None:
        """Put down what the checklists of a zone say together at a time; return it if it is news."""
        rules = self.rules
        if zone not in rules.places.zones:
            return None
        return inspection.zone_verdict(self.state, rules.places, rules.book.venue, zone, t)

    def look(self, zones: Iterable[str], t: datetime) -> list[ZoneReady]:
        """Put down how ready zones and their sites are at a time; return what is news. No name: the sites."""
        state, venue = self.state, self.rules.book.venue
        told: list[ZoneReady] = []
        for zone in sorted(zones):
            said = readiness.look_at_zone(state, venue, zone, t) if zone else None
            told += [] if said is None else [said]
            due, armed = readiness.next_look(state, venue, zone, t), state.rechecks.get(zone)
            if due is not None and (armed is None or armed <= t or due < armed):
                state.rechecks[zone] = due
                self.wake(Timer(due, "readiness", zone))
        if told or "" in zones:
            readiness.look_at_sites(state, venue, t)
        return told

    # Events -----------------------------------------------------------------------------------------------------

    def _derive(self, told: Iterable[tuple[Moment, Place]]) -> Iterator[Moment]:
        """Yield what follows for the zones. What came late doesn't change the past: it follows now."""
        inspected: dict[str, Moment] = {}
        concerned: dict[str, Moment] = {}
        for moment, place in told:
            if type(moment.event) not in _FOLLOWED:
                continue
            now = replace(moment, t=self.state.turn) if moment.late else moment
            # First, so that what follows from an action finds it as it stands now.
            concerned |= dict.fromkeys(self._concerned(moment, place), now)
            for said in conclude(self.state, self.rules.places, moment, place):
                if isinstance(said, Timer):
                    self.wake(said)
                else:
                    yield replace(now, event=said)
            expires = inspection.follow(self.state, moment, place)
            if expires is not None and place.of_checklist is not None:
                self.wake(Timer(max(expires, now.t), "checklist", place.of_checklist.id))
                inspected[place.zone] = now
        for zone, now in inspected.items():
            verdict = self.verdict(zone, now.t)
            if verdict is not None:
                yield replace(now, event=verdict)
        if concerned:
            t = next(iter(concerned.values())).t
            for ready in self.look(concerned, t):
                yield replace(concerned[ready.zone], event=ready)

    def _concerned(self, moment: Moment, place: Place) -> list[str]:
        """Return the zones whose readiness an event may change; those unknown to the venue have no name."""
        if type(moment.event) not in findings.FOLLOWED:
            return []
        if findings.is_full(self.state, moment.event):
            self._capped("corrective actions and certificates", moment.event)
            return []
        known = self.rules.places.zones
        return [
            zone if zone in known else "" for zone in findings.follow(self.state, moment, place)
        ]

    def _tell(self, listeners: Iterable[Listener], moment: Moment, place: Place) -> None:
        said, followed = moment.event, self.state.keys
        for runner, role, fits, key_of in listeners:
            if fits is not None and not fits(said, place):
                continue
            key, rule = key_of(said, place), runner.rule.id
            if not key:
                self.keyless[rule] += 1
                continue
            keys = followed.get(rule)
            if keys is None:
                keys = followed[rule] = {}
            if key not in keys:
                if role in runner.idle and not self.desk.has(rule, key):
                    continue
                if len(keys) >= MOST_KEYS:
                    self._capped(rule, said)
                    continue
            told = Told(role, moment, place, runner.holds or self._ask(runner))
            self._follow(runner, key, place, runner.operator.on_event(keys, key, told))

    def _ask(self, runner: Runner) -> Holds:
        """Return what tells a rule whether its facts hold; made once for each rule: an event may be told to twenty."""
        runner.holds = partial(self._holds, runner)
        return runner.holds

    def _follow(self, runner: Runner, key: str, place: Place, signals: Iterator[Signal]) -> None:
        for signal in signals:
            if isinstance(signal, Wake):
                self.wake(Timer(signal.due, "rule", runner.rule.id, key))
            elif self._past is not None:
                self._past[runner.rule.id, key] = (runner, place, signal)
            else:
                self._report(runner, key, place, signal)

    def _report(self, runner: Runner, key: str, place: Place, signal: Fire | End) -> None:
        if isinstance(signal, Fire):
            if not self.desk.fire(runner, key, signal, place):
                self._capped(runner.rule.id, signal.event)
        elif (kept := self.desk.end(runner.rule, key, signal)) is not None:
            self.wake(kept)

    def _ring(self, timer: Timer) -> None:
        runner, keys = self.rules.runners.get(timer.of), self.state.keys.get(timer.of, {})
        if runner is None or isinstance(runner.operator, LevelOperator) or timer.key not in keys:
            return
        event: AnyEvent | None = getattr(keys[timer.key], "event", None)
        place = NOWHERE if event is None else self.rules.place_of(event)
        due = Due(timer.due, self._ask(runner))
        self._follow(runner, timer.key, place, runner.operator.on_timer(keys, timer.key, due))

    def _miss(self, timer: Timer) -> None:
        """Say what follows from a device that was not heard in time."""
        for said in hearing.ring(self.state, self.rules.places, timer):
            if isinstance(said, Timer):
                self.wake(said)
            else:
                self._come([said], timer.due)

    def _capped(self, which: str, said: AnyEvent) -> None:
        if not isinstance(said, MonitorKeysCapped):
            self.notice(MonitorKeysCapped(at=self.state.now, rule=which))

    # Facts ------------------------------------------------------------------------------------------------------

    def _learn(self, fact: str, key: str, moment: Moment, *, holds: bool) -> None:
        of_fact = self.state.facts.setdefault(fact, {})
        before = of_fact.get(key)
        if before is not None and before.at > moment.t:
            return
        if before is None and len(of_fact) >= MOST_KEYS:
            self._capped(fact, moment.event)
            return
        of_fact[key] = Known(moment.t, holds)
        if before is None or before.holds != holds:
            for runner in self.rules.followers.get(fact, ()):
                self._turned(runner, fact, key, moment)

    def _turned(self, runner: Runner, fact: str, fact_key: str, moment: Moment) -> None:
        """Tell a `hold` that one of its facts turned: each of its keys that the fact speaks of."""
        operator = runner.operator
        if not isinstance(operator, HoldOperator):
            return
        for key, held in list(self.state.keys.get(runner.rule.id, {}).items()):
            if not isinstance(held, Held):
                continue
            place = self.rules.place_of(held.event)
            if any(
                row.fact == fact and row.whose(held.event, place) == fact_key
                for row in runner.conditions
            ):
                holds = self._holds(runner, held.event, moment.t)
                signals = operator.on_fact(held, moment, place, holds=holds)
                self._follow(runner, key, place, signals)

    def _holds(self, runner: Runner, said: AnyEvent, t: datetime) -> bool:
        """Tell whether the facts of a rule's ``while`` hold at the place of an event."""
        if not runner.conditions:
            return True
        place = self.rules.place_of(said)
        for row in runner.conditions:
            known = self.state.facts.get(row.fact, {}).get(row.whose(said, place))
            if known is None:
                if runner.rule.unknown != "alerts":
                    return False
            elif (
                known.holds and (row.lasts is None or t - known.at <= row.lasts)
            ) is not row.wanted:
                return False
        return True


_FOLLOWED = frozenset((*CONCLUDED, *inspection.FOLLOWED, *findings.FOLLOWED))
