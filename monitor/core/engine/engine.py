"""The engine: `Engine.step` processes one input and returns the transitions. No clock, no randomness, no waiting.

The stages are named below, in order; each has a file of its own in `stages`. An event passes through them twice. On
arrival it reaches the rules that need neither order nor memory. Then it is held, in order of time, until the watermark
has passed it, and reaches all others together with the events derived from it. Changes are published, and
people are paged, once at the end of each input.

Time, rules and roster come in as inputs, too: given the same inputs again, an engine returns the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heapify
from typing import assert_never

from monitor.core.alerts.lifecycle import AlertLifecycle
from monitor.core.compile.shared_rules import compiled_rules
from monitor.core.effects import Effects
from monitor.core.engine import clock_step, commands, gap, last_values, rules_changed, timers
from monitor.core.engine.context import Batch, Context, Observer, Placed, Stage, run
from monitor.core.engine.plan import Plan
from monitor.core.engine.stages import order, publish
from monitor.core.engine.stages.arrive import arrive, ignored, noticed, rejected, usual
from monitor.core.engine.stages.derive import FOLLOWED, derive
from monitor.core.engine.stages.enrich import enrich
from monitor.core.engine.stages.learn import learn
from monitor.core.engine.stages.match import match_in_order, match_on_arrival
from monitor.core.events import AnyEvent
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorClockStepped,
    MonitorConnected,
    MonitorDisconnected,
    MonitorPaused,
    MonitorStarted,
)
from monitor.core.events.monitor_delivery import MonitorPageUndelivered
from monitor.core.events.monitor_senders import MonitorRejected
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.oncall import on_call
from monitor.core.oncall.pager import Pager
from monitor.core.rules.model import RuleSet
from monitor.core.rules.title import Wording
from monitor.core.state.state import NO_RULES, State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import WatermarkTimer
from monitor.core.transitions import Transition
from monitor.core.utc import later

_NO_RULES = compiled_rules(NO_RULES)
"""Kept, because every new engine begins with them."""
ON_ARRIVAL: tuple[Stage, ...] = (enrich, match_on_arrival)
"""The stages of an event when it arrives, and of a derived event as soon as it is derived."""


def announce(context: Context, batch: Batch) -> None:
    """Take each derived event through the stages of arrival, since no sender sends it."""
    for placed in batch.derived:
        _announce(context, placed)


IN_ORDER: tuple[Stage, ...] = (derive, announce, enrich, learn, match_in_order)
"""The stages of the events of one instant once the watermark has passed it."""


def _announce(context: Context, placed: Placed) -> None:
    last_values.note(context.state, *placed, context.rules.places.devices)
    if type(placed[0].event) in context.plan.on_arrival:
        run(ON_ARRIVAL, context, Batch((placed,)))


class Engine:
    """The rules in force, and the state that they have built up.

    Args:
        state: a new one, or one from a snapshot.
        lateness: how much later than a younger event an older one may arrive and still be processed first.
        tolerance: how far a sender's clock may be ahead of ours.
        wording: the language of titles, and of reasons that rules see: that of the rule files.
        observer: receives every event when the rules do.

    """

    __slots__ = ("_context", "_pager", "is_idle", "lateness", "state", "tolerance")

    def __init__(
        self,
        state: State,
        *,
        lateness: timedelta,
        tolerance: timedelta,
        wording: Wording,
        observer: Observer | None = None,
    ) -> None:
        self.state = state
        self.lateness = lateness
        self.tolerance = tolerance
        effects = Effects(state.time)
        lifecycle = AlertLifecycle(state, effects, 3 * lateness, wording)
        rules = compiled_rules(state.rule_set)
        state.rule_set = rules.rule_set
        self._context = Context(
            state, rules, Plan(rules, state.rules, lifecycle.open), effects, lifecycle, observer
        )
        self._pager = Pager(state, lifecycle, effects)
        self.is_idle = False
        """Whether the latest input was a tick from which nothing follows: without it, the next leads to the same."""
        heapify(state.time.waiting)

    def step(self, given: Input, number: int = 0) -> list[Transition]:
        """Process one input; return its transitions, in order.

        Args:
            given: the input.
            number: of the input in the journal, where a snapshot without the events that wait finds them; 0: nowhere.

        """
        state, effects = self.state, self._context.effects
        self._context.is_refused = type(given) is Rejected
        was_cut = order.go_on(state.time, given)
        if type(given) is not Arrival or not self._is_next(given.received_at):
            self._begin(given)
        match given:
            case Arrival():
                self._take_in(given, number)
            case Rejected():
                self._reject(given)
            case Notice(event=event):
                self._notice(event)
                if isinstance(event, MonitorPageUndelivered):
                    self._pager.undelivered(event)
            case RulesChanged():
                self._change_rules(given)
            case RosterChanged():
                self._change_roster(given)
            case Tick():
                self._announce_expected()
            case _:
                assert_never(given)
        self._release()
        publish.publish(state, effects)
        self._pager.notify()
        transitions = effects.take_transitions()
        is_kept = was_cut or bool(transitions) or type(given) is not Tick
        self.is_idle = order.is_idle(state.time, is_kept=is_kept)
        return transitions

    def prepare(self, rule_set: RuleSet) -> None:
        """Compile rules ahead of the `RulesChanged` that puts them in force, on any thread; no step waits for it.

        Nothing else changes: with or without it, the same transitions follow.
        """
        context = self._context
        prepared = compiled_rules(rule_set, context.rules)
        _ = prepared.fingerprints, prepared.state_fingerprints  # which a change compares
        context.prepared = rule_set, prepared

    @property
    def deadline(self) -> datetime | None:
        """When to step again even if nothing arrives: a `Tick` before it changes nothing."""
        state = self.state
        time = state.time
        dues = (
            *(order.due(time, self.lateness), publish.due(state)),
            *(self._pager.due, clock_step.due(time)),
        )
        return min(filter(None, dues), default=None)

    @property
    def is_refused(self) -> bool:
        """Whether the latest input was a message that could not be read, or not believed."""
        return self._context.is_refused

    def take_keyless(self) -> Mapping[str, int]:
        """Return, by rule or fact, how many events fitted but lacked a field of its key since the last call."""
        found, self._context.keyless = self._context.keyless, Counter()
        return found

    def now_at(self, received_at: datetime) -> datetime:
        """Return our time when an input is received; see `order.now_at`."""
        return order.now_at(self.state.time, received_at)

    # Time ---------------------------------------------------------------------------------------------------------

    def _is_next(self, at: datetime) -> bool:
        """Return whether nothing is due before a message, as before most; our time is then that of the message."""
        time, due = self.state.time, self._pager.due
        is_due = due is not None and due <= at
        if is_due or at < time.now or time.doubt is not None:
            return False
        return order.advance_quietly(time, at, self.lateness)

    def _begin(self, given: Input) -> None:
        """Set our time to that of an input, and process what is due before it, whether or not a tick came between."""
        time = self.state.time
        self._set_time(given)
        self._pass_time(time.now)
        if time.doubt is not None:
            for sound in clock_step.end_doubt(time):
                self._notice(sound)

    def _set_time(self, given: Input) -> None:
        """Set our time to that of an input; after a gap, begin to catch up."""
        time = self.state.time
        notice = given.event if isinstance(given, Notice) else None
        if isinstance(notice, MonitorClockStepped):
            # As ticks before the step have done, of which the journal keeps only those with consequences.
            stepped_at = later(given.received_at, -timedelta(seconds=notice.by_s))
            time.now = max(time.now, stepped_at)
            self._pass_time(time.now)
            clock_step.rebase(self.state, notice, given.received_at)
        time.now = order.now_at(time, given.received_at)
        if notice is not None:
            self._catch_up(notice)

    def _catch_up(self, event: AnyEvent) -> None:
        """After a gap, hold the watermark until the messages kept by the broker have arrived.

        During the gap no one counts as silent: the monitor was not connected. Before it, time passed as usual.
        """
        state = self.state
        time, devices = state.time, state.devices
        match event:
            case MonitorStarted(downtime_s=downtime) | MonitorPaused(paused_s=downtime):
                if isinstance(event, MonitorStarted):
                    time.step_limit = event.step_limit
                stopped = time.now - timedelta(seconds=downtime)
                self._pass_time(stopped)
                order.catch_up(time, self.lateness)
                gap.resume(self._context, stopped, time.now)
                if isinstance(event, MonitorStarted):
                    devices.disconnected_since = time.now
            case MonitorDisconnected():
                devices.disconnected_since = devices.disconnected_since or time.now
            case MonitorClockStepped(by_s=by) if by < 0:
                pass
            case MonitorConnected() | MonitorClockStepped():
                # A machine that was paused without noticing has its clock put forward afterwards.
                self._pass_time(time.now)
                order.catch_up(time, self.lateness)
                if isinstance(event, MonitorConnected) and devices.disconnected_since is not None:
                    gap.resume(self._context, devices.disconnected_since, time.now)
                    devices.disconnected_since = None
            case MonitorCaughtUp():
                self._pager.fire_timers(time.now)
                time.catching_up_until = None
            case _:
                pass

    def _pass_time(self, until: datetime) -> None:
        """Fire the timers that are due until a time."""
        self._pager.fire_timers(until)
        if order.advance(self.state.time, until, self.lateness):
            self._release()

    def _release(self) -> None:
        """Process everything that the watermark has passed."""
        if not order.has_passed(self.state.time, self.state.time.watermark):
            return
        for due in order.release(self.state.time):
            if isinstance(due, list):
                self._process(due)
            else:
                self._fire(due)

    def _fire(self, timer: WatermarkTimer) -> None:
        context = self._context
        timers.fire(context, timer)
        for event in context.effects.take_derived():
            derived = TimestampedEvent(timer.due, self.state.time.arrivals, event)
            _announce(context, (derived, context.rules.place_of(event)))
            self._process([derived])
        if context.effects.notices:
            self._take_notices()

    # Events -------------------------------------------------------------------------------------------------------

    def _take_in(self, given: Arrival, number: int) -> None:
        """Process the events of a message, and notice what was not read."""
        alone = number if len(given.events) == 1 else 0
        for event in given.events:
            self._arrive(event, given.source, alone, live=not (given.retained or event.replay))
        if given.ignored:
            for notice in ignored(self._context, given):
                self._take(notice)

    def _arrive(self, event: AnyEvent, source: str, message: int, *, live: bool) -> None:
        """Process a command at once; give any other event its time, and hold it until the watermark passes it."""
        context = self._context
        alone = usual(context, event, source, self.tolerance, live=live)
        if alone is not None:
            alone[0].message = message
            self._take(alone)
            return
        if commands.is_command(event):
            commands.execute(context, event, source)
            self._take_notices()
            return
        late: list[TimestampedEvent] = []
        refusal = None
        for placed in arrive(context, event, source, self.tolerance, live=live):
            self._take(placed)
            row = placed[0]
            if isinstance(row.event, MonitorRejected):
                refusal = row.event.phrase
            if row.late:
                late.append(row)
        if late:
            self._process(late)
        commands.answer_signature(context, event, source, refusal)

    def _reject(self, given: Rejected) -> None:
        """Answer the person whose command could not be read; notice any other message."""
        if commands.answer_rejected(self._context, given):
            return
        self._notice(rejected(self._context, given.source, given.reason))

    def _take(self, placed: Placed) -> None:
        """Take an event through the stages of arrival, and hold it if it is needed again."""
        context, row = self._context, placed[0]
        kind = type(row.event)
        _announce(context, placed)
        if not row.late and (kind in context.rules.ordered or kind in FOLLOWED):
            order.hold(self.state.time, row)
        if context.effects.notices:
            self._take_notices()

    def _process(self, events: Sequence[TimestampedEvent]) -> None:
        """Take the events of one instant through all stages."""
        context, place_of = self._context, self._context.rules.place_of
        run(IN_ORDER, context, Batch([(row, place_of(row.event, row.sent_from)) for row in events]))
        if context.effects.notices:
            self._take_notices()

    def _notice(self, event: AnyEvent) -> None:
        """Process the monitor's notices about itself, with the present time."""
        self._take(noticed(self._context, event))

    def _take_notices(self) -> None:
        for event in self._context.effects.take_notices():
            self._notice(event)

    # Rules and people ---------------------------------------------------------------------------------------------

    def _change_rules(self, change: RulesChanged) -> None:
        """Put other rules in force, and let them process the last values."""
        context = self._context
        rules_changed.put_in_force(context, change.rule_set)
        self._process(rules_changed.known(context))
        self.state.rules.expected = list(rules_changed.expected(self.state))
        self._announce_expected()

    def _announce_expected(self) -> None:
        """Announce what is expected under the rules in force, no more in one step than its limit."""
        time, rules = self.state.time, self.state.rules
        if not rules.expected or time.is_cut:
            return
        most = time.step_limit or len(rules.expected)
        part, rules.expected = rules.expected[:most], rules.expected[most:]
        for event in part:
            self._notice(event)
        time.is_cut = bool(rules.expected)

    def _change_roster(self, change: RosterChanged) -> None:
        """Put another roster in force; report its problems, and those that are solved."""
        state, before = self.state, self.state.paging.roster
        self._pager.adopt(change.roster)
        on_call.forget_gone(state, change.roster, self._context.effects)
        now, render = state.time.now, self._context.alerts.titles.render_phrase
        for event in on_call.troubles(before, change.roster, now, render):
            self._notice(event)
        for channel in on_call.channels(before, change.roster, now):
            self._notice(channel)
