"""Readiness: what makes a zone a go, what takes the go away, and who has to act; unknown is never a go."""

from datetime import timedelta
from itertools import pairwise, permutations

import msgspec
import pytest

from monitor.core.engine.engine import Engine
from monitor.core.events import Event
from monitor.core.events.inspection import (
    InspectionAmended,
    InspectionApproved,
    InspectionItem,
    InspectionRejected,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.vocabulary import Result
from monitor.core.events.work import (
    ActionDone,
    ActionOpened,
    ActionReopened,
    ActionVerified,
    CertificateIssued,
    CertificateRevoked,
    ReadinessSigned,
    ReadinessWithdrawn,
)
from monitor.core.inputs import RulesChanged
from monitor.core.readiness.verdict import as_of
from monitor.core.rules.model import Hold, RuleBook
from monitor.core.state.state import State
from monitor.core.transitions import ReadinessChanged, ReadinessStanding, Reason
from monitor.core.venue.model import Venue
from tests.support.engine import LATENESS, TOLERANCE, Stage, at, book, fact, on, rule

DAY = 86_400.0
ITEMS = [
    {"id": "exits", "text": "Exits are free", "criticality": "critical"},
    {"id": "pump", "text": "The pump runs", "criticality": "impairment"},
    {"id": "lamp", "text": "The lamp is on"},
    {"id": "carpet", "text": "The carpet is clean", "criticality": "observation"},
]
PLAN = {
    "congress": {"id": "c", "name": "C", "phase": "live", "ends_at": at(3 * DAY)},
    "agencies": [{"id": "fire", "name": "Fire"}, {"id": "site", "name": "Site"}],
    "sites": [{"id": "centre", "name": "Centre", "kind": "venue"}],
    "zones": [
        {"id": "hall", "name": "Hall", "site": "centre", "capacity": 9, "area_m2": 9.0},
        {"id": "foyer", "name": "Foyer", "site": "centre", "capacity": 9, "area_m2": 9.0},
    ],
    "checklists": [
        {
            "id": "safety",
            "name": "Safety",
            "zone": "hall",
            "lead": "fire",
            "coordinating": ["site"],
            "items": ITEMS,
        }
    ],
}


def venue(**parts: object) -> Venue:
    """The venue of these tests: a hall with a checklist, a foyer with none."""
    return msgspec.convert(PLAN | parts, Venue)


def stage(**parts: object) -> Stage:
    """A stage in that venue."""
    return Stage(book(venue=venue(**parts)))


def item(name: str, result: Result, seconds: float, visit: str = "v1", by: str = "ann") -> Event:
    """One answer."""
    return InspectionItem(
        at=at(seconds), checklist="safety", inspection=visit, inspector=by, item=name, result=result
    )


def form(seconds: float, visit: str = "v1", by: str = "ann", **results: Result) -> Event:
    """A whole form, all passed but what is named."""
    names = ("exits", "pump", "lamp", "carpet")
    items = tuple(Item(item=name, result=results.get(name, "pass")) for name in names)
    return InspectionSubmitted(
        at=at(seconds), checklist="safety", inspection=visit, inspector=by, items=items
    )


def approved(seconds: float, visit: str = "v1", by: str = "bob") -> Event:
    """Somebody approves a form."""
    return InspectionApproved(
        at=at(seconds), checklist="safety", inspection=visit, inspector="ann", approver=by
    )


def signed(seconds: float, zone: str = "hall") -> Event:
    """Somebody signs that the zone is ready."""
    return ReadinessSigned(at=at(seconds), zone=zone, who="eve")


def opened(seconds: float, severity: str = "critical", **parts: object) -> Event:
    """Something has to be done."""
    told = {"at": at(seconds), "action": "a1", "zone": "hall", "kind": "repair", "lead": "site"}
    return msgspec.convert(
        {"type": "action.opened", "severity": severity} | told | parts, ActionOpened
    )


def play(found: Stage, *events: Event, until: float | None = None) -> ReadinessStanding:
    """Let events happen; return how ready the hall is then."""
    last = 0.0
    for said in events:
        found.say(said)
        last = max(last, (said.at - at(0)).total_seconds())
    found.tick(last + 10 if until is None else until)
    return found.engine.state.readiness["centre/hall"]


READY = (form(10), approved(20), signed(30))
"""What makes the hall a go."""


def whats(standing: ReadinessStanding) -> list[str]:
    """What the reasons say that are no go."""
    return [row.what for row in standing.reasons if row.state != "go"]


# A go -----------------------------------------------------------------------------------------------------------


def test_inspected_approved_and_signed_is_a_go_with_its_reasons() -> None:
    """A go says what it rests on, and how long that holds."""
    found = play(stage(), *READY)

    assert found.state == "go"
    assert [(row.what, row.until) for row in found.reasons] == [
        ("signed by eve at 2026-01-01 08:00Z", None),
        ("Safety: passed", at(10 + DAY)),
    ]


def test_at_the_start_everything_is_unknown() -> None:
    """Nobody has said anything: not a go, and it says who has to act."""
    found = play(stage())

    assert found.state == "unknown"
    assert whats(found) == [
        "nobody has signed",
        "Safety: not answered: exits, pump",
        "Safety: not answered: lamp",
    ]
    assert {(row.lead, row.coordinating) for row in found.reasons} == {("fire", ("site",))}


def test_where_nothing_is_asked_for_nothing_is_known() -> None:
    """A zone without a checklist and without a sign-off is no go just because nobody looks."""
    found = stage(readiness={"sign_off": False})
    play(found)

    foyer = found.engine.state.readiness["centre/foyer"]
    assert (foyer.state, len(foyer.reasons)) == ("unknown", 1)


@pytest.mark.parametrize(
    ("needs", "events"),
    [
        ({"approval": False}, (form(10), signed(30))),
        ({"sign_off": False}, (form(10), approved(20))),
        ({"approval": False, "sign_off": False}, (form(10),)),
    ],
)
def test_the_congress_decides_what_is_needed(needs: dict[str, bool], events: tuple[Event]) -> None:
    """Approval and sign-off can be left out, each by itself."""
    assert play(stage(readiness=needs), *events).state == "go"
    assert play(stage(), *events).state == "unknown"


# Inspections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "result", "state"),
    [
        ("exits", "fail", "no_go"),
        ("pump", "fail", "no_go"),
        ("lamp", "fail", "go_with_conditions"),
        ("carpet", "fail", "go"),
        ("exits", "na", "unknown"),
        ("exits", "not_done", "unknown"),
        ("exits", "unknown", "unknown"),
        ("lamp", "not_done", "go_with_conditions"),
        ("lamp", "na", "go"),
    ],
)
def test_an_answer_weighs_what_its_item_weighs(name: str, result: Result, state: str) -> None:
    """What is critical blocks, what is not is a condition, an observation is neither."""
    assert play(stage(), form(10, **{name: result}), approved(20), signed(30)).state == state


def test_what_is_stale_is_unknown_on_the_second() -> None:
    """At the end of its interval an answer is worth nothing, whether somebody says something or not."""
    found = stage()

    assert play(found, *READY, until=9 + DAY).state == "go"
    assert play(found, until=13 + DAY).state == "unknown"
    assert "Safety: expired: exits, pump" in whats(play(found, until=14 + DAY))


@pytest.mark.parametrize("approver", ["ann", "Ann", " ANN "])
def test_nobody_approves_what_they_inspected(approver: str) -> None:
    """However they write themselves."""
    found = play(stage(), form(10), approved(20, by=approver), signed(30))

    assert found.state == "unknown"
    assert whats(found) == ["Safety: nobody but the inspector has approved inspection v1"]


def test_a_form_without_its_inspector_cannot_be_approved() -> None:
    """Nobody can be somebody else than nobody knows whom."""
    found = play(stage(), form(10, by=""), approved(20), signed(30))

    assert found.state == "unknown"


def test_an_approval_is_for_what_was_answered_before_it() -> None:
    """A new answer needs a new approval."""
    found = play(stage(), *READY, item("exits", "pass", 40))

    assert found.state == "unknown"
    assert play(stage(), *READY, item("exits", "pass", 40), approved(50)).state == "go"


def test_a_rejected_form_is_no_form() -> None:
    """Its answers are gone."""
    rejected = InspectionRejected(at=at(40), checklist="safety", inspection="v1", approver="bob")

    assert play(stage(), *READY, rejected).state == "unknown"


# Sign-off -------------------------------------------------------------------------------------------------------

AMENDED = InspectionAmended(
    at=at(40),
    checklist="safety",
    inspection="v1",
    inspector="ann",
    revision=2,
    items=tuple(Item(item=name, result="pass") for name in ("exits", "pump", "lamp")),
)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ((item("lamp", "fail", 40), item("lamp", "pass", 50)), "safety, lamp: failed"),
        ((AMENDED,), "safety: inspection v1 was amended"),
        (
            (
                opened(35, severity="noncritical"),
                ActionDone(at=at(40), action="a1"),
                ActionVerified(at=at(50), action="a1", who="bob"),
            ),
            "repair a1 was done",
        ),
        ((ReadinessWithdrawn(at=at(40), zone="hall", who="eve"),), "eve took it back"),
    ],
)
def test_the_sign_off_is_taken_away(events: tuple[Event, ...], why: str) -> None:
    """By a later fail, an amended form, a repair, or whoever gave it; signed anew it is a go again."""
    found = stage()
    lost = play(found, *READY, *events, approved(60))

    assert lost.state == "no_go"
    assert whats(lost) == [f"the sign-off of eve is void since 2026-01-01 08:00Z: {why}"]
    assert play(found, signed(70)).state == "go"


def test_cleaning_changes_nothing_that_was_signed_for() -> None:
    """Only what was rebuilt is another thing than before."""
    done = ActionDone(at=at(40), action="a1")

    assert play(stage(), *READY, opened(35, "noncritical", kind="clean"), done).state == "go"


# Corrective actions ---------------------------------------------------------------------------------------------


def test_a_critical_action_blocks_until_somebody_else_has_verified_it() -> None:
    """Done is not verified; and who did it is not who verifies it."""
    found = stage()
    open_one = play(found, *READY, opened(40))
    done = play(found, ActionDone(at=at(60), action="a1", who="carl"))
    own = play(found, ActionVerified(at=at(80), action="a1", who="carl"))
    verified = play(found, ActionVerified(at=at(100), action="a1", who="bob"), signed(110))

    assert whats(open_one) == ["repair a1 (critical) is open"]
    assert open_one.reasons[0].lead == "site"
    assert (
        whats(done)[0] == "repair a1 (critical) was done by carl, and nobody else has verified it"
    )
    assert (open_one.state, done.state, own.state) == ("no_go", "no_go", "no_go")
    assert verified.state == "go"
    assert play(found, ActionReopened(at=at(130), action="a1")).state == "no_go"


@pytest.mark.parametrize(
    ("severity", "state"),
    [
        ("impairment", "no_go"),
        ("critical", "no_go"),
        ("noncritical", "go_with_conditions"),
        ("observation", "go"),
    ],
)
def test_an_open_action_weighs_what_its_severity_says(severity: str, state: str) -> None:
    """Impairments and critical deficiencies block."""
    assert play(stage(), *READY, opened(40, severity)).state == state


def test_an_action_whose_opening_nobody_heard_is_unknown() -> None:
    """How bad it is nobody knows."""
    found = play(stage(), *READY, ActionReopened(at=at(40), action="a9", zone="hall"))

    assert found.state == "unknown"


def test_an_action_that_names_no_zone_counts_for_every_site() -> None:
    """Nothing is lost for want of a name."""
    found = stage()
    play(found, *READY, opened(40, zone=""))

    assert found.engine.state.readiness["centre/hall"].state == "go"
    assert found.engine.state.readiness["centre/"].state == "no_go"


# Certificates ---------------------------------------------------------------------------------------------------


def issued(seconds: float, days: float) -> Event:
    """The lift of the hall is certified for so many days from the start."""
    return CertificateIssued(
        at=at(seconds), asset="lift", kind="lift", zone="hall", expires_at=at(days * DAY)
    )


def test_a_certificate_holds_beyond_the_end_of_the_congress() -> None:
    """One that ends before is a condition, and no go from that second on."""
    assert play(stage(), *READY, issued(40, 4)).state == "go"

    found = stage()
    soon = play(found, *READY, issued(40, 0.5))

    assert soon.state == "go_with_conditions"
    assert (soon.reasons[0].certificate, soon.reasons[0].until) == ("lift lift", at(0.5 * DAY))
    assert play(found, until=0.5 * DAY + 3).state == "no_go"
    assert play(found, issued(0.5 * DAY + 10, 400)).state == "go"


def test_a_revoked_certificate_is_no_go() -> None:
    """Whatever it once said."""
    revoked = CertificateRevoked(at=at(50), asset="lift", kind="lift")

    assert play(stage(), *READY, issued(40, 400), revoked).state == "no_go"


# What follows ---------------------------------------------------------------------------------------------------


def test_the_site_is_as_ready_as_the_gravest_of_its_zones() -> None:
    """It names each zone that is no go, with its gravest reason and who has to act."""
    found = stage()
    play(found, *READY)
    before = found.engine.state.readiness["centre/"]
    play(found, signed(60, "foyer"))
    after = found.engine.state.readiness["centre/"]

    assert (before.state, before.reasons[0].zone) == ("unknown", "foyer")
    assert before.reasons[0].what == "foyer: nobody has signed"
    assert (after.state, after.reasons[0].what) == ("go", "ready: hall, foyer")


def test_a_change_is_written_down_once_with_its_reasons() -> None:
    """The same answer again changes nothing; what changed is told at most once a second."""
    found = stage()
    play(found, *READY)
    before = len(found.seen)
    play(found, signed(35 - 5))
    told = [row for row in found.seen if isinstance(row, ReadinessChanged) and row.zone == "hall"]

    assert not [row for row in found.seen[before:] if isinstance(row, ReadinessChanged)]
    assert [row.state for row in told][-1] == "go"
    assert all(row.reasons for row in told)
    moments = [row.at for row in told]
    assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(moments))


def test_rules_hear_of_it() -> None:
    """A rule can say: open while not ready."""
    ready = fact(
        "zone-ready",
        "zone",
        set=on("zone.ready", where='state == "go"'),
        clear=on("zone.ready", where='state != "go"'),
    )
    operator = Hold(start=on("zone.opened"), end=on("zone.closed"), longer_than="1s")
    opens = rule(by="zone", hold=operator, while_=("not zone-ready",))
    found = Stage(book(opens, ready, venue=venue()))
    play(
        found, *READY, msgspec.convert({"type": "zone.opened", "at": at(40), "zone": "hall"}, Event)
    )
    quiet = found.alerts()
    play(found, item("exits", "fail", 60))

    assert quiet == []
    assert [alert.key for alert in found.alerts()] == ["hall"]


STORY = (form(10.0), approved(10.2), signed(10.4), item("lamp", "fail", 10.6), opened(10.8))


@pytest.mark.parametrize("order", list(permutations(range(len(STORY))))[::7])
def test_the_order_of_arrival_changes_nothing(order: tuple[int, ...]) -> None:
    """What happened counts, not what was told first; and told twice it is the same."""
    expected = play(stage(), *STORY)
    found = stage()
    for place in order:
        found.say(STORY[place], STORY[place], seconds=11)
    found.tick(30)

    assert found.engine.state.readiness["centre/hall"] == expected


def test_a_restart_changes_nothing() -> None:
    """All that readiness rests on is in the snapshot."""
    found = stage()
    play(found, *READY, opened(40), issued(50, 1))
    kept = msgspec.json.encode(found.engine.state)
    again = Engine(msgspec.json.decode(kept, type=State), lateness=LATENESS, tolerance=TOLERANCE)
    before = found.engine.state.readiness
    found.engine = again
    play(found, until=100)

    assert again.state.readiness == before
    assert play(found, until=2 * DAY).state == "no_go"


def test_a_zone_that_the_venue_loses_is_unknown_from_then_on() -> None:
    """Whoever still shows it shows no go."""
    found = stage()
    play(found, *READY)
    without = venue(zones=PLAN["zones"][1:], checklists=[])  # type: ignore[index]
    found.step(RulesChanged(received_at=at(60), who="x", book=RuleBook(venue=without)))
    found.tick(70)

    assert found.engine.state.readiness["centre/hall"].state == "unknown"


def test_a_go_that_nobody_has_looked_at_since_it_expired_is_none() -> None:
    """A reader of an old journal is not told that all is well."""
    reason = Reason(state="go", what="passed", until=at(60))
    standing = ReadinessStanding(zone="hall", site="centre", state="go", reasons=(reason,))

    assert as_of(standing, at(59)).state == "go"
    assert as_of(standing, at(60)).state == "unknown"


def test_a_zone_without_a_checklist_names_who_answers_for_it() -> None:
    """Somebody always has to act: the zone's own lead, where no checklist names one."""
    foyer = {"id": "foyer", "name": "Foyer", "site": "centre", "capacity": 9, "area_m2": 9.0}
    found = stage(zones=[foyer | {"lead": "fire"}], checklists=[])
    found.tick(5)

    (reason,) = found.engine.state.readiness["centre/foyer"].reasons
    assert (reason.what, reason.lead) == ("nobody has signed", "fire")
