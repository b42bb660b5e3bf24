"""Readiness: what makes a zone a go, what revokes it, and who has to act; unknown is never a go."""

from datetime import timedelta
from itertools import pairwise, permutations

import msgspec
import pytest

from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
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
from monitor.core.events.zone import ZoneOpened
from monitor.core.inputs import RulesChanged
from monitor.core.readiness.verdict import as_of
from monitor.core.rules.model import Hold, RuleSet
from monitor.core.state import snapshot
from monitor.core.transitions import ReadinessChanged, ReadinessStatus, Reason
from monitor.core.venue.model import Needs, Venue
from monitor.texts import ENGLISH, plain
from tests.support.engine import (
    LATENESS,
    SHIPPED,
    TOLERANCE,
    EngineHarness,
    at,
    fact,
    on,
    rule,
    rule_set,
)

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


def harness(**parts: object) -> EngineHarness:
    """An engine in that venue."""
    return EngineHarness(rule_set(venue=venue(**parts)))


def item(
    name: str, result: Result, seconds: float, visit: str = "v1", by: str = "ann"
) -> ReceivedEvent:
    """One answer."""
    return InspectionItem(
        at=at(seconds), checklist="safety", inspection=visit, inspector=by, item=name, result=result
    )


def form(seconds: float, visit: str = "v1", by: str = "ann", **results: Result) -> ReceivedEvent:
    """A whole form, with everything passed except the given items."""
    names = ("exits", "pump", "lamp", "carpet")
    items = tuple(Item(item=name, result=results.get(name, "pass")) for name in names)
    return InspectionSubmitted(
        at=at(seconds), checklist="safety", inspection=visit, inspector=by, items=items
    )


def approved(seconds: float, visit: str = "v1", by: str = "bob") -> ReceivedEvent:
    """A form is approved."""
    return InspectionApproved(
        at=at(seconds), checklist="safety", inspection=visit, inspector="ann", approver=by
    )


def signed(seconds: float, zone: str = "hall") -> ReceivedEvent:
    """The zone is signed off."""
    return ReadinessSigned(at=at(seconds), zone=zone, who="eve")


def opened(seconds: float, severity: str = "critical", **parts: object) -> ReceivedEvent:
    """A corrective action is opened."""
    fields = {"at": at(seconds), "action": "a1", "zone": "hall", "kind": "repair", "lead": "site"}
    return msgspec.convert(
        {"type": "action.opened", "severity": severity} | fields | parts, ActionOpened
    )


def play(
    found: EngineHarness, *events: ReceivedEvent, until: float | None = None
) -> ReadinessStatus:
    """Play these events; return the readiness of the hall afterwards."""
    last = 0.0
    for event in events:
        found.receive(event)
        last = max(last, (event.at - at(0)).total_seconds())
    found.tick(last + 10 if until is None else until)
    return found.engine.state.readiness.statuses["centre/hall"]


READY = (form(10), approved(20), signed(30))
"""What makes the hall a go."""


def whats(state: ReadinessStatus) -> list[str]:
    """The ids of the reasons that prevent a go."""
    return [plain(row.what) for row in state.reasons if row.state != "go"]


# A go -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("required", "raised"), [(True, ["raised"]), (False, [])])
def test_no_sign_off_is_missed_where_none_is_required(required: bool, raised: list[str]) -> None:
    """`[readiness] sign_off = false` silences the rule, too."""
    needs = Needs(sign_off=required)
    shipped = SHIPPED.rule_set(msgspec.structs.replace(venue(), readiness=needs))
    found = EngineHarness(shipped)
    found.receive(ZoneOpened(at=at(10), zone="hall"))
    found.receive(ZoneOpened(at=at(10), zone="unheard-of"))
    found.tick(60)

    assert found.changes("opened-without-sign-off") == 2 * raised


def test_inspected_approved_and_signed_is_a_go_with_its_reasons() -> None:
    """A go states what it is based on, and how long that is valid."""
    found = play(harness(), *READY)

    assert found.state == "go"
    assert [(plain(row.what), row.until) for row in found.reasons] == [
        ("signed off by eve at 2026-01-01 08:00Z", None),
        ("Safety: passed", at(10 + DAY)),
    ]


def test_at_the_start_everything_is_unknown() -> None:
    """Nothing was reported: it is not a go, and the reason names who has to act."""
    found = play(harness())

    assert found.state == "unknown"
    assert whats(found) == [
        "not signed off",
        "Safety: not answered: Exits are free; The pump runs",
        "Safety: not answered: The lamp is on",
    ]
    assert {(row.lead, row.coordinating) for row in found.reasons} == {("fire", ("site",))}


def test_a_zone_without_requirements_is_unknown() -> None:
    """A zone without a checklist and without a sign-off is not a go."""
    found = harness(readiness={"sign_off": False})
    play(found)

    foyer = found.engine.state.readiness.statuses["centre/foyer"]
    assert (foyer.state, len(foyer.reasons)) == ("unknown", 1)


@pytest.mark.parametrize(
    ("needs", "events"),
    [
        ({"approval": False}, (form(10), signed(30))),
        ({"sign_off": False}, (form(10), approved(20))),
        ({"approval": False, "sign_off": False}, (form(10),)),
    ],
)
def test_the_congress_decides_what_is_required(
    needs: dict[str, bool], events: tuple[ReceivedEvent]
) -> None:
    """Approval and sign-off can be left out, each by itself."""
    assert play(harness(readiness=needs), *events).state == "go"
    assert play(harness(), *events).state == "unknown"


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
    """A critical item blocks, a noncritical one is a condition, an observation is neither."""
    assert play(harness(), form(10, **{name: result}), approved(20), signed(30)).state == state


def test_an_expired_answer_is_unknown_on_the_second() -> None:
    """It expires at the end of its interval, with or without an event."""
    found = harness()

    assert play(found, *READY, until=9 + DAY).state == "go"
    assert play(found, until=13 + DAY).state == "unknown"
    assert "Safety: expired: Exits are free; The pump runs" in whats(play(found, until=14 + DAY))


@pytest.mark.parametrize("approver", ["ann", "Ann", " ANN "])
def test_inspectors_cannot_approve_their_own_form(approver: str) -> None:
    """Inspectors cannot approve their own form, however their name is written."""
    found = play(harness(), form(10), approved(20, by=approver), signed(30))

    assert found.state == "unknown"
    assert whats(found) == ["Safety: inspection v1 is approved by no one but its inspector"]


def test_a_form_without_its_inspector_cannot_be_approved() -> None:
    """Without the name, a second person cannot be verified."""
    found = play(harness(), form(10, by=""), approved(20), signed(30))

    assert found.state == "unknown"


def test_an_approval_covers_the_answers_before_it() -> None:
    """An answer after the approval needs a new approval."""
    found = play(harness(), *READY, item("exits", "pass", 40))

    assert found.state == "unknown"
    assert play(harness(), *READY, item("exits", "pass", 40), approved(50)).state == "go"


def test_a_rejected_form_counts_for_nothing() -> None:
    """Its answers are gone."""
    rejected = InspectionRejected(at=at(40), checklist="safety", inspection="v1", approver="bob")

    assert play(harness(), *READY, rejected).state == "unknown"


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
        ((item("lamp", "fail", 40), item("lamp", "pass", 50)), "Safety: failed: The lamp is on"),
        ((AMENDED,), "Safety: inspection v1 was amended"),
        (
            (
                opened(35, severity="noncritical"),
                ActionDone(at=at(40), action="a1"),
                ActionVerified(at=at(50), action="a1", who="bob"),
            ),
            "work a1 (repair) was done",
        ),
        ((ReadinessWithdrawn(at=at(40), zone="hall", who="eve"),), "eve withdrew it"),
        (
            (ReadinessWithdrawn(at=at(40), zone="hall", who="eve", note="smoke"),),
            "eve withdrew it: smoke",
        ),
    ],
)
def test_the_sign_off_is_revoked(events: tuple[ReceivedEvent, ...], why: str) -> None:
    """A later fail, an amended form, a repair or the signer revokes the sign-off; after a new one it is a go again."""
    found = harness()
    lost = play(found, *READY, *events, approved(60))

    assert lost.state == "no_go"
    assert whats(lost) == [f"the sign-off by eve is void since 2026-01-01 08:00Z: {why}"]
    assert play(found, signed(70)).state == "go"


def test_cleaning_does_not_revoke_the_sign_off() -> None:
    """Only rebuilding revokes the sign-off; cleaning does not."""
    done = ActionDone(at=at(40), action="a1")

    assert play(harness(), *READY, opened(35, "noncritical", kind="clean"), done).state == "go"


# Corrective actions ---------------------------------------------------------------------------------------------


def test_a_critical_action_blocks_until_another_person_has_verified_it() -> None:
    """Done is not verified, and the person who did the work cannot verify it."""
    found = harness()
    open_one = play(found, *READY, opened(40))
    done = play(found, ActionDone(at=at(60), action="a1", who="carl"))
    own = play(found, ActionVerified(at=at(80), action="a1", who="carl"))
    again = (form(90, "v2", by="bob"), approved(95, "v2", by="ann"))
    verified = play(found, *again, ActionVerified(at=at(100), action="a1", who="bob"), signed(110))

    assert whats(open_one) == ["repair a1 (critical) is open"]
    assert open_one.reasons[0].lead == "site"
    assert (
        whats(done)[0] == "repair a1 (critical) was done by carl but not verified by another person"
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
def test_an_open_action_weighs_what_its_severity_weighs(severity: str, state: str) -> None:
    """Impairments and critical deficiencies block."""
    assert play(harness(), *READY, opened(40, severity)).state == state


def test_an_action_without_its_opening_is_unknown() -> None:
    """The severity of an action without its opening is not known."""
    found = play(harness(), *READY, ActionReopened(at=at(40), action="a9", zone="hall"))

    assert found.state == "unknown"


def test_an_action_without_a_zone_counts_for_every_site() -> None:
    """An action without a zone is not lost."""
    found = harness()
    play(found, *READY, opened(40, zone=""))

    assert found.engine.state.readiness.statuses["centre/hall"].state == "go"
    assert found.engine.state.readiness.statuses["centre/"].state == "no_go"


# Certificates ---------------------------------------------------------------------------------------------------


def issued(seconds: float, days: float) -> ReceivedEvent:
    """The hall's lift is certified for this many days from the start."""
    return CertificateIssued(
        at=at(seconds), asset="lift", kind="lift", zone="hall", expires_at=at(days * DAY)
    )


def test_a_certificate_must_outlast_the_congress() -> None:
    """A certificate that expires before the end is a condition, and no go from that second on."""
    assert play(harness(), *READY, issued(40, 4)).state == "go"

    found = harness()
    soon = play(found, *READY, issued(40, 0.5))

    assert soon.state == "go_with_conditions"
    assert (soon.reasons[0].certificate, soon.reasons[0].until) == ("lift lift", at(0.5 * DAY))
    assert play(found, until=0.5 * DAY + 3).state == "no_go"
    assert play(found, issued(0.5 * DAY + 10, 400)).state == "go"


def test_a_revoked_certificate_is_no_go() -> None:
    """A revoked certificate is no go, whatever its date."""
    revoked = CertificateRevoked(at=at(50), asset="lift", kind="lift")

    assert play(harness(), *READY, issued(40, 400), revoked).state == "no_go"


# What follows ---------------------------------------------------------------------------------------------------


def test_the_site_is_as_ready_as_its_worst_zone() -> None:
    """The site's readiness names each zone that is no go, with its worst reason and who has to act."""
    found = harness()
    play(found, *READY)
    before = found.engine.state.readiness.statuses["centre/"]
    play(found, signed(60, "foyer"))
    after = found.engine.state.readiness.statuses["centre/"]

    assert (before.state, before.reasons[0].zone) == ("unknown", "foyer")
    assert plain(before.reasons[0].what) == "Foyer: not signed off"
    assert (after.state, plain(after.reasons[0].what)) == ("go", "ready: Hall, Foyer")


def test_a_change_is_recorded_once_with_its_reasons() -> None:
    """The same answer again changes nothing; changes are recorded at most once a second."""
    found = harness()
    play(found, *READY)
    before = len(found.seen)
    play(found, signed(35 - 5))
    result = [row for row in found.seen if isinstance(row, ReadinessChanged) and row.zone == "hall"]

    assert not [row for row in found.seen[before:] if isinstance(row, ReadinessChanged)]
    assert [row.state for row in result][-1] == "go"
    assert all(row.reasons for row in result)
    moments = [row.at for row in result]
    assert all(b - a >= timedelta(seconds=1) for a, b in pairwise(moments))


def test_rules_receive_the_readiness() -> None:
    """A rule can fire on a zone that is open while not ready."""
    ready = fact(
        "zone-ready",
        "zone",
        set=on("zone.ready", where='state == "go"'),
        clear=on("zone.ready", where='state != "go"'),
    )
    operator = Hold(start=on("zone.opened"), end=on("zone.closed"), longer_than="1s")
    opens = rule(by="zone", hold=operator, while_=("not zone-ready",))
    found = EngineHarness(rule_set(opens, ready, venue=venue()))
    play(
        found,
        *READY,
        msgspec.convert({"type": "zone.opened", "at": at(40), "zone": "hall"}, ReceivedEvent),
    )
    quiet = found.alerts()
    play(found, item("exits", "fail", 60))

    assert quiet == []
    assert [alert.key for alert in found.alerts()] == ["hall"]


STORY = (form(10.0), approved(10.2), signed(10.4), item("lamp", "fail", 10.6), opened(10.8))


@pytest.mark.parametrize("order", list(permutations(range(len(STORY))))[::7])
def test_the_order_of_arrival_changes_nothing(order: tuple[int, ...]) -> None:
    """Events count by their time, and a repeated event changes nothing."""
    expected = play(harness(), *STORY)
    found = harness()
    for place in order:
        found.receive(STORY[place], STORY[place], seconds=11)
    found.tick(30)

    assert found.engine.state.readiness.statuses["centre/hall"] == expected


def test_a_restart_changes_nothing() -> None:
    """Everything that readiness depends on is in the snapshot."""
    found = harness()
    play(found, *READY, opened(40), issued(50, 1))
    kept = snapshot.encode(found.engine.state)
    again = Engine(snapshot.decode(kept), lateness=LATENESS, tolerance=TOLERANCE, wording=ENGLISH)
    before = found.engine.state.readiness.statuses
    found.engine = again
    play(found, until=100)

    assert again.state.readiness.statuses == before
    assert play(found, until=2 * DAY).state == "no_go"


def test_a_zone_that_is_removed_from_the_venue_is_unknown() -> None:
    """A display that still shows a removed zone does not show a go."""
    found = harness()
    play(found, *READY)
    without = venue(zones=PLAN["zones"][1:], checklists=[])  # type: ignore[index]
    found.step(RulesChanged(received_at=at(60), who="x", rule_set=RuleSet(venue=without)))
    found.tick(70)

    assert found.engine.state.readiness.statuses["centre/hall"].state == "unknown"


def test_an_expired_go_is_no_go_for_readers() -> None:
    """A reader of an old journal does not see a go that has expired since."""
    reason = Reason(state="go", what="passed", until=at(60))
    state = ReadinessStatus(zone="hall", site="centre", state="go", reasons=(reason,))

    assert as_of(state, at(59)).state == "go"
    assert as_of(state, at(60)).state == "unknown"


def test_a_zone_without_a_checklist_names_its_lead() -> None:
    """Someone always has to act: where no checklist names a lead, it is the zone's own lead."""
    foyer = {"id": "foyer", "name": "Foyer", "site": "centre", "capacity": 9, "area_m2": 9.0}
    found = harness(zones=[foyer | {"lead": "fire"}], checklists=[])
    found.tick(5)

    (reason,) = found.engine.state.readiness.statuses["centre/foyer"].reasons
    assert (plain(reason.what), reason.lead) == ("not signed off", "fire")
