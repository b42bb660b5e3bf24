"""`step` is total: whatever is sent, whenever it arrives and whatever its clock, it gives a result."""

from datetime import timedelta
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.events import ReceivedEvent
from monitor.core.events.monitor import Noticed
from monitor.core.inputs import Arrival, Input, Notice, Rejected, RulesChanged, Tick
from monitor.core.rules.model import Absence, Count, Hold, Level, Match, RuleSet
from monitor.core.state import snapshot
from monitor.core.transitions import Transition
from tests.support.anything import events
from tests.support.engine import RULE_SET, START, fact, on, rule
from tests.support.histories import long, new, restarted

LISTENED_TO = [
    struct
    for struct in get_args(ReceivedEvent)
    if struct.__struct_config__.tag.startswith(("door.", "zone.", "inspection.", "reading."))
]
SENT = st.one_of(st.sampled_from(get_args(ReceivedEvent)), st.sampled_from(LISTENED_TO)).flatmap(
    events
)
NOTICED = st.sampled_from(get_args(Noticed)).flatmap(events)
JUMPS = st.sampled_from([0.0, 0.5, 1.0, 30.0, 3600.0, 1e6, -0.5, -30.0, -90.0, -3600.0])
EVERYTHING = tuple(sorted(row.__struct_config__.tag for row in get_args(ReceivedEvent)))
NUMBERED = tuple(
    row.__struct_config__.tag for row in get_args(ReceivedEvent) if "value" in row.__struct_fields__
)
ALL_KINDS = RuleSet(
    rules=(
        rule(id="match", by="id", title="{id} {n}", match=Match(of=on(*EVERYTHING))),
        rule(id="both", by="id", match=Match(of=on(*EVERYTHING), end=on(*EVERYTHING))),
        rule(id="waits", by="id", match=Match(of=on(*EVERYTHING)), while_=["known", "not known"]),
        rule(id="count", by="id", count=Count(of=on(*EVERYTHING), at_least=2, within=timedelta(1))),
        rule(
            id="hold",
            by="id",
            title="{at}",
            hold=Hold(start=on(*EVERYTHING), end=on(*EVERYTHING[::2]), longer_than="999999d"),
            while_=["known"],
        ),
        rule(
            id="silence",
            by="id",
            absence=Absence(after=on(*EVERYTHING), of=on(*EVERYTHING), within="1ms"),
            cooldown=timedelta(days=999),
        ),
        rule(
            id="deadline",
            by="inspection",
            title="due {due_at}",
            severity="life_safety",
            absence=Absence(
                after=on("inspection.scheduled"), of=on("inspection.started"), until="due_at"
            ),
        ),
        rule(
            id="level",
            by="id",
            level=Level(set=on(*NUMBERED), value="value", up=on(*EVERYTHING[1::2]), above=-1.5),
        ),
        rule(
            id="crowd",
            by="zone",
            level=Level(set=on("zone.occupancy"), value="count", above=0, clear_at="zone.capacity"),
        ),
        rule(id="capped", by="rule", match=Match(of=on("monitor.keys_capped"))),
    ),
    facts=(fact("known", "id", set=on(*EVERYTHING[::3]), clear=on(*EVERYTHING[1::3])),),
    venue=RULE_SET.venue,
)
"""Every operator on every event type, with limits at their edges."""


@st.composite
def inputs(draw: st.DrawFn) -> list[Input]:
    """Anything, in any order, on a clock of ours that jumps."""
    now, found = START, list[Input]()
    for jump in draw(long(JUMPS, 25)):
        now += timedelta(seconds=jump)
        match draw(st.sampled_from(["sent", "sent", "sent", "noticed", "tick", "bad", "rules"])):
            case "sent":
                result = tuple(draw(st.lists(SENT, max_size=3)))
                kept = draw(st.booleans())
                found.append(Arrival(received_at=now, source="x", events=result, retained=kept))
            case "noticed":
                found.append(Notice(received_at=now, event=draw(NOTICED)))
            case "tick":
                found.append(Tick(received_at=now))
            case "bad":
                found.append(Rejected(received_at=now, source="x", reason="y"))
            case _:
                rule_set = draw(
                    st.sampled_from([RULE_SET, ALL_KINDS, RuleSet(venue=RULE_SET.venue)])
                )
                found.append(RulesChanged(received_at=now, who="ann", rule_set=rule_set))
    return found


@given(inputs(), st.sampled_from([RULE_SET, ALL_KINDS]))
def test_step_always_gives_a_result(given_: list[Input], rule_set: RuleSet) -> None:
    """No event, date or order raises an error; transitions and state can be serialised."""
    engine = new(rule_set)
    for row in given_:
        found = engine.step(row)
        body = msgspec.json.encode(found)
        assert msgspec.json.decode(body, type=list[Transition]) == found
        assert engine.deadline is None or engine.deadline.tzinfo is not None
    restored = restarted(engine)
    again = snapshot.decode(snapshot.encode(engine.state))
    assert snapshot.encode(restored.state) == snapshot.encode(again)
    for _ in range(20):
        if (due := engine.deadline) is None:
            break
        engine.step(Tick(received_at=max(due, engine.state.time.now)))
