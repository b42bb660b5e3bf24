"""A change of rules: what new rules learn about people, devices and zones that were known before."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec.structs import replace

from monitor.core.alerts import masks
from monitor.core.compile.shared_rules import compiled_rules
from monitor.core.derive import device_liveness, fire_alarm, occupancy, presence, schedules
from monitor.core.engine.context import Context
from monitor.core.engine.plan import Plan
from monitor.core.engine.remind import judge_anew, remind
from monitor.core.engine.state_migration import (
    migrate_state,
    restarted_rules,
    rules_of_the_phase,
)
from monitor.core.events import AnyEvent
from monitor.core.events.derived import (
    ChecklistExpected,
    DeviceExpected,
    ZoneInspected,
    ZoneSensing,
)
from monitor.core.events.derived_people import PostExpected, RoundExpected
from monitor.core.oncall import on_call
from monitor.core.phrase import Phrase, phrase
from monitor.core.readiness import checklists, verdict
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import NO_RULES, State
from monitor.core.state.time import TimestampedEvent
from monitor.core.state.timers import ChecklistTimer
from monitor.core.transitions import LogNoted
from monitor.core.venue.checklist import digest_of
from monitor.core.venue.words import Phase

PHASES: Mapping[Phase, Phrase] = {
    "prepare": phrase("log-phase-prepare"),
    "live": phrase("log-phase-live"),
    "teardown": phrase("log-phase-teardown"),
}


def put_in_force(context: Context, rule_set: RuleSet) -> None:
    """Compile rules and put them in force; delete the state that the change makes void, and remind new rules."""
    before = context.rules
    _note_phase(context, rule_set)
    _keep_versions(context.state, rule_set)
    prepared, context.prepared = context.prepared, None
    if prepared is None or prepared[0] is not rule_set:
        prepared = rule_set, compiled_rules(rule_set, before)
    context.rules = prepared[1]
    context.state.rule_set = context.rules.rule_set
    migrate_state(context, before)
    context.plan = Plan(context.rules, context.state.rules, context.alerts.open)
    restarted = restarted_rules(before, context.rules)
    if restarted is not None:
        remind(context, restarted)
    begun = rules_of_the_phase(before, context.rules)
    if begun is not None:
        judge_anew(context, begun)
    masks.forget_gone(context.alerts, context.effects)


def _note_phase(context: Context, rule_set: RuleSet) -> None:
    """Enter a change of the congress's phase in the shift log."""
    before, after = context.state.rule_set.venue.congress, rule_set.venue.congress
    if (before.id, before.phase) in {
        (after.id, after.phase),
        (NO_RULES.venue.congress.id, "prepare"),
    }:
        return
    now = context.state.time.now
    context.effects.emit(LogNoted(at=now, happened_at=now, what=PHASES[after.phase]))


def _keep_versions(state: State, rule_set: RuleSet) -> None:
    """Keep the definitions of checklists that are in force no longer: forms that answer them may still come."""
    present = {row.id: digest_of(row) for row in rule_set.venue.checklists}
    for row in state.rule_set.venue.checklists:
        digest = digest_of(row)
        if present.get(row.id) != digest:
            versions = state.work.versions.setdefault(row.id, {})
            versions.pop(digest, None)
            versions[digest] = row


def known(context: Context) -> list[TimestampedEvent]:
    """Return events with the state of zones, alarms, readiness and schedules, for rules that have not received them."""
    state, effects, t = context.state, context.effects, context.state.time.watermark
    for checklist in state.rule_set.venue.checklists:
        for expires in checklists.expiries(state, checklist):
            effects.wake(ChecklistTimer(max(expires, t), checklist.id))
    events = list(_known(context, t))
    return [TimestampedEvent(t, state.time.arrivals, event, live=False) for event in events]


def expected(state: State) -> Iterator[AnyEvent]:
    """Yield every channel, device, post, round and checklist from which events are expected from now on."""
    now, venue, roster = state.time.now, state.rule_set.venue, state.paging.roster
    yield from on_call.channels(roster, roster, now)
    for device in venue.devices:
        yield DeviceExpected(at=now, device=device.id)
    for post in venue.posts:
        if not state.people.manned.get(post.id):
            yield PostExpected(at=now, post=post.id, zone=post.zone)
    for row in venue.rounds:
        yield RoundExpected(at=now, round=row.id)
    for checklist in venue.checklists:
        yield ChecklistExpected(at=now, checklist=checklist.id)


def _known(context: Context, t: datetime) -> Iterator[AnyEvent]:
    state, effects, places = context.state, context.effects, context.rules.places
    venue, render = state.rule_set.venue, context.alerts.titles.render_phrase
    for zone in venue.zones:
        record = occupancy.zone_state(state, places, zone.id)
        sensing = device_liveness.sensing(state, places, zone.id)
        status = replace(record.status, site=zone.site, capacity=zone.capacity, sensing=sensing)
        occupancy.touch(state, record, status)
        checklists.inspect(state, places, zone.id, t, effects, render)
        effects.take_derived()  # every zone's verdict follows, changed or not
        now = record.status
        yield ZoneInspected(
            at=t, zone=zone.id, state=checklists.of_rules(now.inspected), reason=render(now.reason)
        )
        sensors = len(places.sensors[zone.id])
        yield ZoneSensing(at=t, zone=zone.id, state=now.sensing, sensors=sensors)
        if now.occupancy is not None:
            yield occupancy.current(record, now.occupancy, t)
        yield presence.current(record, t)
    yield from fire_alarm.current(state, places, t)
    verdict.forget_gone(state, venue)
    verdict.assess(state, venue, {"", *places.zones}, t, effects, render)
    effects.take_derived()  # readiness, too
    yield from verdict.current(state, venue, t, render)
    if context.rules.keeps_hours:
        schedules.restart(state, venue, t, effects)
        yield from effects.take_derived()
