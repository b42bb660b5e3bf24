"""Random histories of a small venue: events, the delays of messages, actions of staff, ticks of the clock."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from hypothesis import strategies as st

from monitor.core.engine.engine import Engine
from monitor.core.events import EVENT_TYPES, ReceivedEvent
from monitor.core.events.monitor import (
    MonitorCaughtUp,
    MonitorConnected,
    MonitorDisconnected,
    MonitorStarted,
)
from monitor.core.events.monitor_delivery import MonitorPageUndelivered
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RosterChanged, RulesChanged, Tick
from monitor.core.rules.model import RuleSet
from monitor.core.state import snapshot
from monitor.core.state.state import State
from monitor.core.transitions import AlertChanged, Transition
from monitor.core.unknown_keys import known_keys
from monitor.roster import read_roster
from monitor.roster.plan import plan
from monitor.texts import ENGLISH
from tests.support.engine import LATENESS, RULE_SET, START, TOLERANCE, at

Fields = dict[str, Any]
Row = TypeVar("Row")

POINTS = st.sampled_from(["d1", "d2", "e1", "g1"])
ZONES = st.sampled_from(["hall", "foyer"])
CREDENTIALS = st.sampled_from(["", "c1", "c2"])
RESULTS = st.sampled_from(["pass", "pass", "fail", "na", "not_done"])
GAPS = st.sampled_from(
    [0.0, 0.0, 0.1, 0.5, 1.0, 1.0, 2.0, 5.0, 10.0, 29.0, 30.0, 60.0, 300.0, 7200.0]
)
CLOSE = st.sampled_from([0.0, 0.1, 0.1, 0.5, 0.5, 1.0, 2.0, 29.0])
IN_TIME = st.sampled_from([0.0, 0.0, 0.1, 0.9, 1.0, 1.9, 2.0])
ANY_DELAY = st.one_of(IN_TIME, st.sampled_from([2.5, 31.0, 3600.0, 90_000.0]))


def items() -> st.SearchStrategy[list[Fields]]:
    """Answers on a form."""
    exits: st.SearchStrategy[Fields] = st.builds(dict, item=st.just("exits-free"), result=RESULTS)
    cold: st.SearchStrategy[Fields] = st.builds(
        dict,
        item=st.just("cold-store"),
        result=RESULTS,
        value=st.sampled_from([None, 4.0, 7.5]),
        unit=st.sampled_from(["celsius", "volt"]),
    )
    return st.lists(exits | cold, max_size=3)


def long(rows: st.SearchStrategy[Row], size: int) -> st.SearchStrategy[list[Row]]:
    """Lists of any length up to a size; by default Hypothesis makes mostly short ones."""
    return st.integers(0, size).flatmap(lambda n: st.lists(rows, min_size=n, max_size=n))


def kinds(*names: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Fields]:
    """Events of these types with these fields."""
    return st.fixed_dictionaries({"type": st.sampled_from(names), **fields})


INSPECTION = {"checklist": st.just("check"), "inspection": st.sampled_from(["i1", "i2"])}
FINISHED = st.sampled_from([None, None, at(-600), at(-1), at(0), at(1)])
"""When the findings of a form were made, however late it is sent."""
VISIT = {
    "checklist": st.sampled_from(["check", "foyer-check"]),
    "inspection": st.sampled_from(["i1", "i2"]),
}
REPAIR = {"action": st.just("a1"), "zone": st.just("hall"), "who": st.sampled_from(["ann", "bob"])}
HOLDERS = st.sampled_from(["guest", "staff"])
WAYS = st.sampled_from(["in", "out", "unknown"])
WHO = st.sampled_from(["ann", "bob"])
TIMES = st.sampled_from([at(60), at(600), at(-9)])
ACTION = {
    "action": st.sampled_from(["a1", "a2"]),
    "zone": st.sampled_from(["hall", ""]),
    "who": WHO,
}
CERTIFICATE = {"asset": st.sampled_from(["lift", "x1"]), "kind": st.just("lift")}
REPORT = {"report": st.sampled_from(["p1", "p2"]), "zone": ZONES, "who": WHO}
WORK: st.SearchStrategy[Fields] = st.one_of(
    kinds(
        "action.opened",
        **ACTION,
        kind=st.sampled_from(["repair", "upgrade", "clean"]),
        severity=st.sampled_from(["impairment", "critical", "noncritical"]),
        lead=st.sampled_from(["safety", "it"]),
        asset=st.sampled_from(["", "lift"]),
        from_item=st.sampled_from(["", "exits-free"]),
        due_at=TIMES,
    ),
    kinds(
        "action.assigned",
        "action.started",
        "action.done",
        "action.verified",
        "action.reopened",
        "action.cancelled",
        **ACTION,
    ),
    kinds("certificate.issued", **CERTIFICATE, zone=ZONES, expires_at=TIMES),
    kinds("certificate.revoked", **CERTIFICATE),
    kinds("readiness.signed", "readiness.withdrawn", zone=ZONES, who=WHO),
    kinds("inspection.approved", **INSPECTION, inspector=WHO, approver=WHO),
    kinds(
        "reading.recorded",
        asset=st.just("x1"),
        zone=ZONES,
        quantity=st.sampled_from(["temperature", "voltage"]),
        value=st.sampled_from([4.0, 190.0, 230.0]),
        unit=st.sampled_from(["celsius", "volt"]),
    ),
    kinds("report.filed", "report.closed", **REPORT, about=st.sampled_from(["crowd", "smoke"])),
    kinds("report.closed", report=st.sampled_from(["p1", "p2"]), who=WHO),
    kinds("report.received", report=st.sampled_from(["p1", "p2"]), who=WHO),
    kinds("request.opened", request=st.just("q1"), zone=ZONES, who=WHO, answer_by=TIMES),
    kinds("request.answered", request=st.just("q1"), who=WHO),
    kinds("order.given", order=st.just("o1"), zone=ZONES, who=WHO, confirm_by=TIMES),
    kinds("order.confirmed", order=st.just("o1"), who=WHO),
    kinds("post.manned", "post.unmanned", post=st.just("s1"), zone=ZONES, who=WHO),
    kinds("round.started", round=st.just("n1"), who=WHO, due_at=TIMES),
    kinds("round.station", round=st.just("n1"), who=WHO, station=st.sampled_from(["roof", "yard"])),
    kinds("round.finished", round=st.just("n1"), who=WHO),
    kinds(
        "access.muster",
        "access.taken",
        point=POINTS,
        holder=WHO,
        direction=WAYS,
        credential_issue=st.sampled_from([0, 1, 2]),
    ),
    kinds(
        "device.heartbeat",
        device=st.just("r1"),
        counter=st.sampled_from(["", "gw1"]),
        source_seq=st.sampled_from([1, 2, 3, 5, 9]),
    ),
)
"""What people who work there say (repairs, papers, sign-offs, readings, reports, orders, posts, rounds), and what is
counted.
"""
FORM = kinds(
    "inspection.submitted", **INSPECTION, items=items(), finished_at=FINISHED, inspector=WHO
)
CORRECTION = kinds(
    "inspection.amended",
    **INSPECTION,
    items=items(),
    revision=st.integers(2, 3),
    finished_at=FINISHED,
    inspector=WHO,
)
ANSWER = kinds(
    "inspection.item",
    **INSPECTION,
    item=st.just("exits-free"),
    result=RESULTS,
    finished_at=FINISHED,
    inspector=WHO,
)
MISTYPED = kinds(
    "inspection.item",
    **INSPECTION,
    item=st.sampled_from(["exit-free", "unheard-of"]),
    result=RESULTS,
    finished_at=FINISHED,
)
REJECTION = kinds("inspection.rejected", **INSPECTION, approver=st.just("bob"))
HAPPENINGS: st.SearchStrategy[Fields] = st.one_of(
    WORK,
    WORK,
    kinds("door.opened", "door.closed", point=POINTS),
    kinds("door.opened", "door.closed", point=st.just("d1")),
    kinds("door.locked", "door.unlocked", point=POINTS),
    kinds("door.mode", point=POINTS, mode=st.sampled_from(["locked", "unlocked", "blocked"])),
    kinds("door.alarm", point=POINTS, alarm=st.sampled_from(["normal", "forced_open"])),
    kinds("door.tamper", "door.fault", point=POINTS, active=st.booleans()),
    kinds(
        "access.granted",
        "access.taken",
        "access.denied",
        point=POINTS,
        direction=WAYS,
        credential=CREDENTIALS,
        holder_class=HOLDERS,
    ),
    kinds(
        "access.denied",
        point=st.just("d1"),
        credential=st.just("c1"),
        reason=st.sampled_from(["other", "credential_lost"]),
        id=st.sampled_from("123456789"),
    ),
    kinds("access.rex", "access.duress", point=POINTS),
    kinds(
        "device.heartbeat", "device.online", "device.offline", "device.boot", device=st.just("r1")
    ),
    kinds("device.tamper", device=st.just("r1"), active=st.booleans()),
    kinds("zone.opened", "zone.closed", "emergency.fire", "emergency.cleared", zone=ZONES),
    kinds("zone.count", zone=ZONES, count=st.sampled_from([0, 1, 10, 11, 30])),
    kinds("credential.state", credential=st.just("c1"), state=st.sampled_from(["lost", "active"])),
    kinds("inspection.submitted", **INSPECTION, items=items(), finished_at=FINISHED),
    kinds(
        "inspection.started", "inspection.submitted", "inspection.cancelled", **VISIT, inspector=WHO
    ),
    CORRECTION,
    ANSWER,
    REJECTION,
    kinds("inspection.scheduled", **INSPECTION, due_at=st.sampled_from([at(60), at(600), at(-9)])),
)
"""What devices and inspectors say; whatever the shipped rules listen to is among it."""
BUSY: list[st.SearchStrategy[Fields]] = [
    HAPPENINGS,
    kinds("door.alarm", point=st.just("d1"), alarm=st.sampled_from(["normal", "forced_open"])),
    kinds(
        "access.denied", point=st.just("d1"), credential=CREDENTIALS, id=st.sampled_from("12345")
    ),
    kinds("device.heartbeat", "device.offline", "device.online", device=st.just("r1")),
    kinds("door.opened", "door.closed", "access.granted", point=st.just("d1"), direction=WAYS)
    | kinds("door.mode", point=st.just("d1"), mode=st.sampled_from(["locked", "unlocked"])),
    WORK,
    kinds("zone.count", zone=st.just("hall"), count=st.sampled_from([0, 11]))
    | kinds("door.locked", "door.unlocked", point=st.just("e1")),
    kinds("zone.opened", "zone.closed", zone=st.just("hall"))
    | kinds("inspection.submitted", **INSPECTION, items=items())
    | kinds("inspection.amended", **INSPECTION, items=items(), revision=st.integers(2, 3)),
    FORM | FORM | CORRECTION | ANSWER | MISTYPED | REJECTION,
    FORM
    | ANSWER
    | kinds("action.opened", **REPAIR, kind=st.just("repair"), severity=st.just("impairment"))
    | kinds("action.done", "action.reopened", **REPAIR)
    | kinds("action.verified", **REPAIR, inspection=st.sampled_from(["", "i1", "i2", "i3"])),
]
"""Everything, or much about little: one door, one device, one zone."""
STRANGE: st.SearchStrategy[Fields] = kinds("door.opened", point=st.sampled_from(["x1", "x2"]))
"""About doors that are not in venue.toml."""


class Sent(NamedTuple):
    """A message: its event, when that happened, and when it arrived."""

    event: ReceivedEvent
    happened: float
    arrived: float
    retained: bool = False

    @property
    def arrival(self) -> Arrival:
        """The message as an input."""
        return Arrival(
            received_at=at(self.arrived),
            source=f"venue/trial/{self.event.__struct_config__.tag}",
            events=(self.event,),
            retained=self.retained,
        )


def made_event(fields: Fields, seconds: float, *, shift: float = 0.0) -> ReceivedEvent:
    """The event at this time, by a clock that is off by ``shift``; keys that it doesn't have are left out."""
    known = known_keys(EVENT_TYPES[fields["type"]])
    own = {key: value for key, value in fields.items() if key in known}
    event: ReceivedEvent = msgspec.convert({**own, "at": at(seconds + shift)}, ReceivedEvent)
    return event


@st.composite
def messages(
    draw: st.DrawFn,
    happenings: st.SearchStrategy[Fields] = HAPPENINGS,
    *,
    gaps: st.SearchStrategy[float] = GAPS,
    delays: st.SearchStrategy[float] = IN_TIME,
    kept: bool = False,
    size: int = 30,
) -> list[Sent]:
    """A history in order of time."""
    seconds, found = 0.0, []
    for gap, fields, delay in draw(long(st.tuples(gaps, happenings, delays), size)):
        seconds += gap
        replay = kept and draw(st.booleans())
        retained = kept and not replay
        event = made_event({**fields, "replay": replay}, seconds)
        found.append(Sent(event, seconds, seconds + delay, retained))
    return found


def arrivals(history: Iterable[Sent]) -> list[Input]:
    """The messages in the order in which they arrive."""
    return [row.arrival for row in sorted(history, key=lambda row: row.arrived)]


# Whole runs: messages, staff, notices, ticks, other rules -------------------------------------------------------

Move = Callable[[Engine, float], Input]
"""What comes next, given how things stand and the time."""


def _message(fields: Fields, delay: float, *, retained: bool) -> Move:
    def move(_: Engine, seconds: float) -> Input:
        return Sent(made_event(fields, seconds - delay), seconds, seconds, retained).arrival

    return move


def _order(which: int, fields: Fields) -> Move:
    """A person acts on one of the open alerts, or on an unknown one; ``ann`` is in no roster."""

    def move(engine: Engine, seconds: float) -> Input:
        known = [*sorted(engine.state.alerts.open), "none"]
        values = {**fields, "alert": known[which % len(known)]}
        if fields["type"] == "staff.shelve":
            values |= {"until": at(seconds + 600), "reason": "repair"}
        if fields["type"] == "staff.hand_over":
            values["to"] = ROSTER.people[which % len(ROSTER.people)].id
        if fields["type"] == "staff.tick":
            values["step"] = which + 1
        return Sent(made_event(values, seconds), seconds, seconds).arrival

    return move


def _mask(what: str, place: Fields, minutes: int) -> Move:
    """A person masks alerts for a while."""

    def move(_: Engine, seconds: float) -> Input:
        fields = {"type": "staff.mask", "who": "ann", "what": what, "kind": "maintenance", **place}
        fields |= {"reason": "repair", "until": at(seconds + 60 * minutes)}
        return Sent(made_event(fields, seconds), seconds, seconds).arrival

    return move


def _unmask(which: int) -> Move:
    """A person ends a mask, or an unknown one."""

    def move(engine: Engine, seconds: float) -> Input:
        known = [*sorted(engine.state.alerts.masks), "none"]
        fields = {"type": "staff.unmask", "who": "bob", "mask": known[which % len(known)]}
        return Sent(made_event(fields, seconds), seconds, seconds).arrival

    return move


def _started(engine: Engine, seconds: float) -> Input:
    """The monitor restarts after a stop."""
    downtime = max(timedelta(), at(seconds) - engine.state.time.now).total_seconds()
    event = MonitorStarted(at=at(seconds), downtime_s=downtime)
    return Notice(received_at=at(seconds), event=event)


def _undelivered(engine: Engine, seconds: float) -> Input:
    """A person cannot be reached any more: none of their pages arrives."""
    event = MonitorPageUndelivered(
        at=at(seconds), page="p", person="anna", alerts=tuple(sorted(engine.state.alerts.open))
    )
    return Notice(received_at=at(seconds), event=event)


def _takes(team: str, person: str) -> Move:
    def move(_: Engine, seconds: float) -> Input:
        fields = {"type": "staff.override", "who": "ann", "team": team, "person": person}
        return Sent(
            made_event({**fields, "until": at(seconds + 3600)}, seconds), seconds, seconds
        ).arrival

    return move


def _plainly(make: Callable[[float], Input]) -> Move:
    return lambda _, seconds: make(seconds)


ROSTER = plan(
    read_roster(Path(__file__).with_name("roster.toml"), RULE_SET.venue),
    RULE_SET.venue,
    START,
)
_FEWER = msgspec.structs.replace(ROSTER, policies=ROSTER.policies[1:], people=ROSTER.people[1:])
_LESS = msgspec.structs.replace(RULE_SET, rules=RULE_SET.rules[::2])
_NOTICES: list[Move] = [
    _started,
    _plainly(lambda t: Notice(received_at=at(t), event=MonitorConnected(at=at(t), broker="b"))),
    _plainly(lambda t: Notice(received_at=at(t), event=MonitorCaughtUp(at=at(t)))),
    _plainly(lambda t: Notice(received_at=at(t), event=MonitorDisconnected(at=at(t), broker="b"))),
    _plainly(lambda t: Rejected(received_at=at(t), source="venue/x/y/z", reason="nonsense")),
    _plainly(lambda t: RulesChanged(received_at=at(t), who="ann", rule_set=_LESS)),
    _plainly(lambda t: RulesChanged(received_at=at(t), who="ann", rule_set=RULE_SET)),
]
_CALLS: list[Move] = [
    _undelivered,
    _undelivered,
    _takes("guards", "dung"),
    _takes("guards", "nobody"),
    _plainly(lambda t: RosterChanged(received_at=at(t), who="ann", roster=ROSTER)),
    _plainly(lambda t: RosterChanged(received_at=at(t), who="ann", roster=_FEWER)),
    _plainly(lambda t: RosterChanged(received_at=at(t), who="ann", roster=None)),
]
"""What happens to those who are on call."""
NEVER = st.sampled_from([False])
MOVES: st.SearchStrategy[Move] = st.one_of(
    st.builds(_message, HAPPENINGS, ANY_DELAY, retained=NEVER),
    st.builds(_message, HAPPENINGS, IN_TIME, retained=NEVER),
    st.builds(_message, HAPPENINGS | STRANGE, ANY_DELAY, retained=st.booleans()),
    st.builds(_message, HAPPENINGS, st.sampled_from([-9.0, -172_800.0, 9e8]), retained=NEVER),
    st.builds(
        _order,
        st.integers(0, 5),
        kinds(
            "staff.acknowledge",
            "staff.shelve",
            "staff.unshelve",
            "staff.close",
            "staff.hand_over",
            "staff.escalate",
            "staff.tick",
            "staff.note",
            who=st.sampled_from(["anna", "ann"]),
            note=st.sampled_from(["", "seen"]),
        ),
    ),
    st.builds(
        _mask,
        st.sampled_from(["*", "door-forced", "door-held-open", "duress", "nonsense"]),
        st.sampled_from([{"point": "d1"}, {"zone": "hall"}, {"site": "centre"}, {}]),
        st.sampled_from([1, 10, 0]),
    ),
    st.builds(_unmask, st.integers(0, 3)),
    st.sampled_from(_NOTICES),
    st.sampled_from(_CALLS),
)


CALLED = st.sampled_from([[], [RosterChanged(received_at=START, who="start", roster=ROSTER)]])


class History(list[Input]):
    """A drawn history, shown without the content of rule sets and rosters, which would fill pages."""

    def __repr__(self) -> str:
        """Show each input, and of rule sets and rosters only which of the known ones it is."""
        return f"[{', '.join(map(_shown, self))}]"


def _shown(given: Input) -> str:
    match given:
        case RulesChanged(rule_set=rule_set):
            which = "RULE_SET" if rule_set is RULE_SET else "every second rule"
            return f"<{which} at {given.received_at}>"
        case RosterChanged(roster=roster):
            which = "ROSTER" if roster is ROSTER else "no roster" if roster is None else "fewer"
            return f"<{which} at {given.received_at}>"
        case _:
            return repr(given)


@st.composite
def runs(draw: st.DrawFn, *, size: int = 30) -> list[Input]:
    """Inputs as a monitor processes them: a rule set first, then anything, with a tick whenever a timer is due."""
    seconds = 0.0
    engine = new()
    found: list[Input] = [
        RulesChanged(received_at=START, who="start", rule_set=RULE_SET),
        *draw(CALLED),
    ]
    run(engine, found)
    for gap, ticks, move in draw(long(st.tuples(GAPS, st.booleans(), MOVES), size)):
        seconds += gap
        if ticks:
            found += rung(engine, seconds)
        given = move(engine, seconds)
        engine.step(given)
        found.append(given)
    return History(found + rung(engine, seconds + 400))


def rung(engine: Engine, until: float) -> list[Input]:
    """The ticks by which the engine has reached a time: one at each deadline, one at the end."""
    found: list[Input] = []
    while (due := engine.deadline) is not None and due < at(until):
        found.append(Tick(received_at=max(due, engine.state.time.now)))
        engine.step(found[-1])
    found.append(Tick(received_at=max(at(until), engine.state.time.now)))
    engine.step(found[-1])
    return found


# Engines --------------------------------------------------------------------------------------------------------


def new(rule_set: RuleSet | None = None) -> Engine:
    """A newly installed monitor, or one with these rules in force."""
    engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    if rule_set is not None:
        engine.step(RulesChanged(received_at=START, who="start", rule_set=rule_set))
    return engine


def restarted(engine: Engine) -> Engine:
    """The engine restored from a snapshot of this one."""
    body = snapshot.encode(engine.state)
    return Engine(snapshot.decode(body), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)


def run(engine: Engine, inputs: Iterable[Input]) -> list[list[Transition]]:
    """The transitions of each input."""
    return [engine.step(given) for given in inputs]


def run_with_clock(
    engine: Engine, inputs: Sequence[Input], *, rest: timedelta = timedelta(seconds=400)
) -> list[Transition]:
    """All transitions, with a tick at every deadline, until all has been at rest for a while."""
    seen: list[Transition] = []
    last = max((given.received_at for given in inputs), default=START) + rest
    for given in [*inputs, Tick(received_at=last)]:
        while (due := engine.deadline) is not None and due <= given.received_at:
            seen += engine.step(Tick(received_at=max(due, engine.state.time.now)))
        seen += engine.step(given)
    return seen


def changes(seen: Iterable[Transition]) -> list[AlertChanged]:
    """The transitions of alerts."""
    return [row for row in seen if isinstance(row, AlertChanged)]
