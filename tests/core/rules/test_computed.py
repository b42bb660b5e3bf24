"""Computed fields: what follows from the fields of one event, usable wherever a field is."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from monitor.core.events import EVENT_TYPES, AnyEvent, kind_of
from monitor.core.events.access import AccessGranted
from monitor.core.events.device import DeviceOffline
from monitor.core.events.inspection import (
    InspectionApproved,
    InspectionItem,
    InspectionSubmitted,
    Item,
)
from monitor.core.events.work import ActionOpened, CertificateIssued, ReadingRecorded
from monitor.core.events.zone import ZoneCount
from monitor.core.rules.computed import COMPUTED
from monitor.core.rules.expression import compile_expression
from monitor.core.rules.fields import fields, reader
from monitor.core.rules.model import Level, Match
from monitor.core.venue.model import AccreditationClass
from monitor.core.venue.places import NOWHERE, Place, Places
from tests.support.engine import VENUE, EngineHarness, at, on, played, rule, rule_set

CLASSES = (
    AccreditationClass(id="staff", name="Staff", zones=("hall", "foyer")),
    AccreditationClass(id="press", name="Press", zones=("foyer",)),
)
PLACES = Places(replace(VENUE, classes=CLASSES))
HALL = PLACES.points["d1"]
FORM = InspectionSubmitted(at=at(0), checklist="check", inspection="i1", inspector="ann")
ITEMS = (
    Item(item="exits-free", result="pass"),
    Item(item="cold-store", result="fail", value=9.0, unit="celsius"),
    Item(item="carpet", result="not_done"),
)
COLD = InspectionItem(
    at=at(0), checklist="check", inspection="i1", item="cold-store", result="pass"
)
CHECK = PLACES.checklists["check"]
APPROVED = InspectionApproved(at=at(0), checklist="check", inspection="i1", approver="ann")
CARD = AccessGranted(at=at(0), point="d1")


@pytest.mark.parametrize(
    ("name", "event", "place", "expected"),
    [
        ("class_allowed", replace(CARD, holder_class="staff"), HALL, True),
        ("class_allowed", replace(CARD, holder_class="press"), HALL, False),
        ("class_allowed", CARD, HALL, False),
        ("class_allowed", replace(CARD, holder_class="staff"), NOWHERE, False),
        ("class_allowed", CARD, Places(replace(VENUE, classes=())).points["d1"], True),
        ("issue", CARD, HALL, ""),
        ("issue", replace(CARD, credential_issue=2), HALL, "2"),
        ("passage", CARD, HALL, ""),
        ("passage", replace(CARD, direction="in"), HALL, "in"),
        ("via", DeviceOffline(at=at(0), device="r1"), Place(gateway="gw"), "gw"),
        ("via", DeviceOffline(at=at(0), device="r1"), NOWHERE, "r1"),
        ("seconds_per_item", FORM, CHECK, None),
        (
            "seconds_per_item",
            replace(FORM, items=ITEMS, started_at=at(-30), finished_at=at(0)),
            CHECK,
            15.0,
        ),
        ("answered", replace(FORM, items=ITEMS), CHECK, 2),
        ("failed", replace(FORM, items=ITEMS), CHECK, 1),
        ("answers", FORM, CHECK, ""),
        ("delay_s", FORM, CHECK, None),
        ("delay_s", replace(FORM, finished_at=at(-90)), CHECK, 90.0),
        ("self_approved", APPROVED, CHECK, None),
        ("self_approved", replace(APPROVED, inspector="ann"), CHECK, True),
        ("self_approved", replace(APPROVED, inspector="bob"), CHECK, False),
        ("out_of_range", COLD, CHECK, None),
        ("out_of_range", replace(COLD, value=9.0, unit="celsius"), CHECK, True),
        ("out_of_range", replace(COLD, value=5.0, unit="celsius"), CHECK, False),
        ("out_of_range", replace(COLD, value=9.0, unit="lux"), CHECK, None),
        ("wrong_unit", COLD, CHECK, True),
        ("wrong_unit", replace(COLD, value=9.0, unit="lux"), CHECK, True),
        ("wrong_unit", replace(COLD, value=9.0, unit="celsius"), CHECK, False),
        ("wrong_unit", replace(COLD, item="exits-free"), CHECK, None),
        ("photographed", COLD, CHECK, False),
        ("reading", COLD, CHECK, ""),
        (
            "reading",
            ReadingRecorded(at=at(0), asset="a", quantity="q", value=4.50, unit="bar"),
            NOWHERE,
            "4.5 bar",
        ),
        ("due_in_s", ActionOpened(at=at(0), action="a", kind="clean"), NOWHERE, None),
        (
            "due_in_s",
            ActionOpened(at=at(0), action="a", kind="clean", due_at=at(60)),
            NOWHERE,
            60.0,
        ),
        (
            "valid_for_s",
            CertificateIssued(at=at(0), asset="a", kind="lift", expires_at=at(-5)),
            NOWHERE,
            -5.0,
        ),
        ("percent_full", ZoneCount(at=at(0), zone="hall", count=9), PLACES.zones["hall"], 90.0),
        ("percent_full", ZoneCount(at=at(0), zone="x", count=9), NOWHERE, None),
        ("density", ZoneCount(at=at(0), zone="hall", count=50), PLACES.zones["hall"], 0.5),
        ("managers_needed", ZoneCount(at=at(0), zone="hall", count=251), NOWHERE, 2),
        ("subject", ActionOpened(at=at(0), action="a", kind="clean", zone="z"), NOWHERE, "z"),
        (
            "subject",
            ActionOpened(at=at(0), action="a", kind="clean", zone="z", asset="lift"),
            NOWHERE,
            "lift",
        ),
    ],
)
def test_each_is_computed_from_its_event(
    name: str, event: AnyEvent, place: Place, expected: object
) -> None:
    """One event and its place are enough to compute a field; without the data the field is missing."""
    found = reader(kind_of(event), name)(event, place)

    assert found == expected
    assert type(found) is type(expected)


def test_answers_are_equal_only_if_all_of_them_are() -> None:
    """The order of answers does not matter; a note does."""
    read = COMPUTED["answers"].read
    turned = replace(FORM, items=ITEMS[::-1])
    noted = replace(FORM, items=(replace(ITEMS[0], note="by the door"), *ITEMS[1:]))

    assert read(replace(FORM, items=ITEMS), CHECK) == read(turned, CHECK) != read(noted, CHECK)


def test_every_row_of_the_table_is_used() -> None:
    """Each computed field belongs to an event type, is among its fields, and hides none of the event's own."""
    for name, row in COMPUTED.items():
        assert row.kinds, name
        for kind in row.kinds:
            assert name not in EVENT_TYPES[kind].__struct_fields__
            assert fields(kind)[name].source == "d"


def test_a_missing_value_makes_a_comparison_false() -> None:
    """A missing computed value makes a comparison false, as with any other field."""
    slow = compile_expression("seconds_per_item >= 3", "inspection.submitted")
    quick = compile_expression("seconds_per_item < 3", "inspection.submitted")

    assert not slow(FORM, CHECK)
    assert not quick(FORM, CHECK)


def test_keys_titles_and_levels_accept_them() -> None:
    """``by``, ``{field}`` and ``value`` name computed fields like any others."""
    harness = EngineHarness(
        rule_set(
            rule(
                by="passage point", match=Match(of=on("access.granted")), title="{passage} {issue}"
            )
        )
    )
    harness.receive(CARD)
    harness.receive(replace(CARD, at=at(1), direction="out", credential_issue=3))
    (alert,) = harness.alerts()
    assert (alert.key, alert.title) == ("out / d1", "out 3")

    full = Level(set=on("zone.count"), value="percent_full", above=90.0)
    lines = ["+0s zone.count zone=hall count=9", "+1s zone.count zone=hall count=10"]
    assert played(rule(by="zone", level=full), events=lines) == ["+1s raised hall"]


def test_they_cannot_be_sent() -> None:
    """Computed fields cannot be set in a test line or in a message."""
    idle = rule(match=Match(of=on("access.granted")))
    with pytest.raises(ValueError, match=r'"access\.granted" has no field "issue"'):
        played(idle, events=["+0s access.granted point=d1 issue=2"])


def test_seconds_are_exact() -> None:
    """Computed seconds include fractions."""
    form = replace(FORM, finished_at=FORM.at - timedelta(milliseconds=1500))

    assert COMPUTED["delay_s"].read(form, CHECK) == 1.5
