"""``venue.toml``: every name refers to something, and all mistakes are reported at once."""

import re
import tomllib
from copy import deepcopy
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.venue.places import Places
from monitor.errors import ConfigError
from monitor.venue import load
from monitor.venue.checks import check
from monitor.venue.occupancy import counting_notes
from monitor.venue.read import FORM

ROOT = Path(__file__).parents[2]

GOOD = """\
[congress]
id = "congress"
name = "Congress"
[[agency]]
id = "security"
name = "Security"
[[agency]]
id = "health"
name = "Health"
[[site]]
id = "hall"
name = "Hall"
kind = "venue"
[[zone]]
id = "foyer"
name = "Foyer"
site = "hall"
capacity = 10
area_m2 = 20
[[device]]
id = "reader"
[[point]]
id = "gate"
name = "Gate"
kind = "gate"
zone = "foyer"
devices = "reader"
[[schedule]]
id = "hours"
days = ["mon", "sun"]
opens = "08:00"
closes = 22:30:00
[[class]]
id = "press"
name = "Press"
zones = ["foyer"]
schedule = "hours"
[[checklist]]
id = "hygiene"
name = "Hygiene"
zone = "foyer"
lead = "health"
coordinating = "security"
[[checklist.item]]
id = "cold"
text = "Cold food"
unit = "celsius"
max = 5
"""
"""One of each, and no mistake."""


def mistakes_in(text: str) -> list[str]:
    """The mistakes of a text, in the order of their lines."""
    reading = FORM.read(text, "v")
    check(reading)
    return [str(mistake) for mistake in sorted(reading.mistakes)]


def test_the_example_is_valid() -> None:
    """The shipped file describes a whole congress."""
    venue = load(ROOT / "venue.toml")

    assert {site.kind for site in venue.sites} == {"venue", "hotel", "dining", "press_centre"}
    assert {point.kind for point in venue.points} == {"door", "gate", "turnstile", "emergency_exit"}
    assert venue.congress.phase == "live"
    assert all(3 <= len(checklist.items) <= 6 for checklist in venue.checklists)
    assert Places(venue).points["hall-vip-door"].site == "hall"


def test_one_of_each(tmp_path: Path) -> None:
    """Every table is read into its type."""
    (tmp_path / "venue.toml").write_text(GOOD)

    venue = load(tmp_path / "venue.toml")

    assert venue.points[0].devices == ("reader",)
    assert venue.points[0].held_open_limit == timedelta(seconds=30)
    assert venue.schedules[0].opens == time(8)
    assert venue.schedules[0].closes == time(22, 30)
    assert venue.checklists[0].items[0].max == 5.0
    assert venue.checklists[0].coordinating == ("security",)


def test_no_class_is_named_unknown() -> None:
    """Events that give no class say `unknown`: as a class of the venue it would admit all of them."""
    (found,) = mistakes_in(GOOD.replace('id = "press"', 'id = "unknown"'))

    assert found.endswith('id: "unknown" is the class of an event that gives none; choose another')


def no_such(noun: str, word: str, near: str) -> str:
    """The message for an unknown name, with a suggestion."""
    return f'unknown {noun} "{word}"; did you mean "{near}"?'


FOYER = 'zone "foyer"'
GATE = 'point "gate"'
HYGIENE = 'checklist "hygiene"'
COLD = f'{HYGIENE}: item "cold"'
READER = 'device "reader"'
AGENCIES = 'write one of "security", "health"'
ALWAYS_OFFLINE = 'must be more than 0, or the device would always be offline; write e.g. "60s"'
MIDNIGHT = "put the hours after midnight in a schedule of their own"
SAME_ZONE = "is the same as zone; leave it out if the outer side is not a zone"


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("[congress]", "[congres]", '1: congres: unknown key; did you mean "congress"?'),
        (
            'name = "Congress"',
            'name = "Congress"\nphase = "livee"',
            '4: congress: phase: "livee" is not allowed; did you mean "live"?',
        ),
        (
            'name = "Congress"',
            'name = "Congress"\nlanguages = []',
            '4: congress: languages: is empty; write e.g. ["en"]',
        ),
        (
            'name = "Congress"',
            'name = "Congress"\ntimezone = "Asia/Ho_Chi_Min"',
            f"4: congress: timezone: {no_such('time zone', 'Asia/Ho_Chi_Min', 'Asia/Ho_Chi_Minh')}",
        ),
        (
            'site = "hall"',
            'site = "hal"',
            f'17: zone "foyer": site: {no_such("site", "hal", "hall")}',
        ),
        (
            'id = "reader"',
            'id = "reader"\ngateway = "bridge"',
            f'22: {READER}: gateway: unknown device "bridge"; write "reader"',
        ),
        (
            'id = "reader"',
            'id = "reader"\ngateway = "reader"',
            f"22: {READER}: gateway: is the device itself; leave it out for a device without a gateway",
        ),
        (
            'id = "reader"',
            'id = "reader"\nsilence_limit = "0s"',
            f"22: {READER}: silence_limit: {ALWAYS_OFFLINE}",
        ),
        (
            'zone = "foyer"\ndev',
            'zone = "foier"\ndev',
            f"26: {GATE}: zone: {no_such('zone', 'foier', 'foyer')}",
        ),
        (
            'kind = "gate"',
            'kind = "gate"\nouter_zone = "street"',
            f'26: {GATE}: outer_zone: unknown zone "street"; write "foyer"',
        ),
        (
            'kind = "gate"',
            'kind = "gate"\nouter_zone = "foyer"',
            f"26: {GATE}: outer_zone: {SAME_ZONE}",
        ),
        (
            'devices = "reader"',
            'devices = ["reader", "raeder"]',
            f"27: {GATE}: devices: {no_such('device', 'raeder', 'reader')}",
        ),
        (
            'devices = "reader"',
            'devices = ["reader", "reader"]',
            f'27: {GATE}: devices: "reader" is already at point "gate"; list it at one point only',
        ),
        (
            "closes = 22:30:00",
            "closes = 02:00:00",
            f'32: schedule "hours": closes: 02:00 is not after 08:00; {MIDNIGHT}',
        ),
        (
            'zones = ["foyer"]',
            'zones = ["foyer", "plenary"]',
            '36: class "press": zones: unknown zone "plenary"; write "foyer"',
        ),
        (
            'schedule = "hours"',
            'schedule = "hour"',
            f'37: class "press": schedule: {no_such("schedule", "hour", "hours")}',
        ),
        (
            'name = "Hygiene"\nzone = "foyer"',
            'name = "Hygiene"\nzone = "kitchen"',
            f'41: {HYGIENE}: zone: unknown zone "kitchen"; write "foyer"',
        ),
        (
            'lead = "health"',
            'lead = "helth"',
            f"42: {HYGIENE}: lead: {no_such('agency', 'helth', 'health')}",
        ),
        (
            'coordinating = "security"',
            'coordinating = ["security", "it"]',
            f'43: {HYGIENE}: coordinating: unknown agency "it"; {AGENCIES}',
        ),
        (
            'coordinating = "security"',
            'coordinating = ["health"]',
            f'43: {HYGIENE}: coordinating: "health" is already the lead; remove it here',
        ),
        (
            'lead = "health"',
            'lead = "health"\ninterval = "0h"',
            f'43: {HYGIENE}: interval: must be more than 0, or no inspection would stay valid; write e.g. "24h"',
        ),
        (
            'unit = "celsius"',
            'unit = "celsiuss"',
            f"47: {COLD}: unit: {no_such('unit', 'celsiuss', 'celsius')}",
        ),
        (
            'unit = "celsius"\n',
            "",
            f'44: {COLD}: unit: missing; write e.g. unit = "celsius"',
        ),
        (
            "max = 5",
            "max = 5\nmin = 6.5",
            f"49: {COLD}: min: 6.5 is more than max (5); change one of them",
        ),
        (
            "capacity = 10",
            "capacity = 44",
            f"18: {FOYER}: capacity: 44 persons are too many: 20 square metres hold 43 (NFPA 101); write at most 43",
        ),
        (
            "area_m2 = 20",
            "area_m2 = 20\nopens_at = [2026-12-02T07:00:00Z, 2026-12-01T07:00:00Z]",
            f"20: {FOYER}: opens_at: the times are not in order; sort them and remove duplicates",
        ),
        (
            "area_m2 = 20",
            "area_m2 = 20\nentry = [{ at = 2026-12-01T07:00:00Z, persons = 5 }]",
            f"20: {FOYER}: entry: a plan needs at least two milestones; add the first or the last one",
        ),
        (
            "area_m2 = 20",
            "area_m2 = 20\nway_on = 0",
            f"20: {FOYER}: way_on: must be more than 0; leave it out where nothing narrows the way on",
        ),
        (
            'kind = "gate"',
            'kind = "gate"\ninterlock = "gate"',
            f"26: {GATE}: interlock: is the door itself; name the other door of the mantrap",
        ),
        (
            'kind = "gate"',
            'kind = "gate"\nflow_limit = 0',
            f"26: {GATE}: flow_limit: must be more than 0; leave it out for 11 persons a minute and lane",
        ),
        (
            "area_m2 = 20",
            'area_m2 = 20\nstays = "0s"',
            f'20: {FOYER}: stays: must be more than 0; write e.g. "12h"',
        ),
    ],
)
def test_a_mistake_is_reported_with_its_cure(old: str, new: str, mistake: str) -> None:
    """A mistake is reported with line, place, what is wrong and what to write instead, and with nothing else."""
    assert GOOD.count(old) == 1

    assert mistakes_in(GOOD.replace(old, new)) == [f"v:{mistake}"]


@pytest.mark.parametrize(
    "kind", ["agency", "site", "zone", "point", "device", "schedule", "class", "checklist"]
)
def test_an_id_is_used_once(kind: str) -> None:
    """If two tables have one id, the second is reported with the line of the first."""
    table = re.search(rf"\[\[{kind}\]\]\n(.*?)(?=\[\[(?!checklist.item)|\Z)", GOOD, re.DOTALL)
    assert table is not None
    line = GOOD[: table.start()].count("\n") + 2
    own = table[0].split('"')[1]

    found = mistakes_in(GOOD + table[0])

    assert any(
        f'{kind} "{own}": id: "{own}" is already used on line {line}; choose another' in mistake
        for mistake in found
    )


EXITS = """
[[point]]
id = "wide"
name = "Wide"
kind = "emergency_exit"
zone = "foyer"
width_m = 3
[[point]]
id = "narrow"
name = "Narrow"
kind = "emergency_exit"
zone = "foyer"
width_m = 0.015
"""


@pytest.mark.parametrize(("extra", "fit"), [("", 9), ('risk = "high"', 7), ('risk = "low"', 12)])
def test_a_zone_holds_no_more_than_its_exits_allow(extra: str, fit: int) -> None:
    """Without the widest exit, the others must suffice within 8, 6 or 10 minutes."""
    zone = "capacity = 10"
    good = GOOD.replace(zone, f"capacity = {fit}\n{extra}") + EXITS
    bad = GOOD.replace(zone, f"capacity = {fit + 1}\n{extra}") + EXITS

    assert mistakes_in(good) == []
    (mistake,) = mistakes_in(bad)
    assert f"without the widest exit, the others let {fit} out in" in mistake


AT_THE_GATE = 'devices = "reader"'


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        (
            'devices = ["reader"]',
            'holders, each for at most 12 h after the last entry: those who leave by "gate" are',
        ),
        ("controlled = false", "holders, each for at most 12 h"),
        ("exit_reader = false", "holders, each for at most 12 h"),
        ('devices = ["reader"]\npassage_sensor = true', "passages"),
        ('devices = ["reader"]\nexit_reader = true', "passages"),
        ('devices = ["reader"]\nexit_only = true', "passages"),
        ("", 'passages, assuming that "gate" has readers on both sides'),
    ],
)
def test_how_a_zone_counts_is_derived_from_its_points_and_named(
    tmp_path: Path, keys: str, note: str
) -> None:
    """A point with one reader has none on the other side, unless the file says so; `check` names what was assumed."""
    path = tmp_path / "venue.toml"
    path.write_text(GOOD.replace(AT_THE_GATE, keys))
    venue = load(path)
    (found,) = [row for row in counting_notes(venue) if row.startswith('zone "foyer"')]

    assert found.startswith(f'zone "foyer" counts {note}')
    assert Places(venue).counting["foyer"] == note.partition(",")[0]


@pytest.mark.parametrize(
    ("keys", "note"),
    [
        ("anti_passback = true", "passages"),
        ('counted_by = ["reader"]', 'by "reader"'),
        ('counting = "none"', 'no passages (counting = "none")'),
        (
            'counting = "passages"',
            'passages, although it seems that those who leave by "gate" are not recorded',
        ),
    ],
)
def test_what_a_zone_says_itself_counts_more(tmp_path: Path, keys: str, note: str) -> None:
    """Its own keys decide, whatever its points suggest."""
    path = tmp_path / "venue.toml"
    path.write_text(GOOD.replace("area_m2 = 20", f"area_m2 = 20\n{keys}"))

    assert f'zone "foyer" counts {note}' in list(counting_notes(load(path)))


BLIND = GOOD.replace("area_m2 = 20", 'area_m2 = 20\ncounting = "passages"')
TIMED = 'kind = "gate"\ntimed_passback = true'


@pytest.mark.parametrize("blind", [TIMED, 'kind = "gate"\nexit_reader = false'])
def test_a_count_that_can_only_grow_is_a_mistake(blind: str) -> None:
    """The mistake names the zone and the points by which people leave unrecorded."""
    assert mistakes_in(BLIND) == []
    assert mistakes_in(GOOD.replace('kind = "gate"', blind)) == []
    (mistake,) = mistakes_in(BLIND.replace('kind = "gate"', blind))
    assert mistake.startswith(f"v:20: {FOYER}: counting: the count can only grow")
    assert 'leave by "gate"' in mistake


def test_stairs_take_longer() -> None:
    """Stairs let 66 persons a minute and metre pass, not 82."""
    stepped = EXITS + "stepped = true\n"

    assert mistakes_in(GOOD.replace("capacity = 10", "capacity = 7") + stepped) == []
    (mistake,) = mistakes_in(GOOD.replace("capacity = 10", "capacity = 8") + stepped)
    assert "let 7 out in 8 minutes (Green Guide)" in mistake


def test_a_single_exit_is_not_checked() -> None:
    """Without its single exit a zone has none; whether one is enough is for the fire-safety officer."""
    assert mistakes_in(GOOD + EXITS.partition('[[point]]\nid = "narrow"')[0]) == []


def test_items_have_unique_ids_within_a_checklist() -> None:
    """Two checklists may have the same item, but one may not have it twice."""
    item = '[[checklist.item]]\nid = "cold"\ntext = "Again"\n'
    other = '[[checklist]]\nid = "b"\nname = "B"\nzone = "foyer"\nlead = "health"\n'

    assert mistakes_in(GOOD + other + item) == []
    assert mistakes_in(GOOD + item) == [
        f'v:50: {COLD}: id: "cold" is already used on line 45; choose another'
    ]


def test_a_device_is_at_one_point() -> None:
    """A reader that is named by two points is a mistake."""
    other = '[[point]]\nid = "door"\nname = "D"\nkind = "door"\nzone = "foyer"\n'

    assert mistakes_in(f'{GOOD}{other}devices = ["reader"]') == [
        'v:54: point "door": devices: "reader" is already at point "gate"; list it at one point only'
    ]


def test_every_mistake_is_reported_at_once() -> None:
    """A wrong type hides no unknown name, and an unreadable table causes no further mistakes."""
    text = (
        GOOD.replace('kind = "gate"\nzone = "foyer"', 'kind = "gaet"\nzone = "foier"')
        .replace("capacity = 10", 'capacity = "ten"')
        .replace("max = 5", "max = 5\nmin = 6")
    )

    assert mistakes_in(text) == [
        'v:18: zone "foyer": capacity: "ten" is not a whole number; write e.g. 10',
        f'v:25: {GATE}: kind: "gaet" is not allowed; did you mean "gate"?',
        f"v:26: {GATE}: zone: {no_such('zone', 'foier', 'foyer')}",
        f"v:49: {COLD}: min: 6 is more than max (5); change one of them",
    ]


def test_mistakes_are_raised_together(tmp_path: Path) -> None:
    """`load` raises one error that holds all mistakes."""
    file = tmp_path / "venue.toml"
    file.write_text(GOOD.replace("capacity = 10", "capacity = 0").replace("max = 5", 'max = "5"'))

    with pytest.raises(ConfigError) as raised:
        load(file)

    assert raised.value.mistakes == (
        f'{file}:18: zone "foyer": capacity: 0 is not allowed; write at least 1',
        f'{file}:48: {COLD}: max: "5" is not a number; write e.g. 0.5',
    )


def places(value: object, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path to every value in a document."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [above, *(way for key, one in inner for way in places(one, (*above, key)))]


DOCUMENT = tomllib.loads(GOOD)
ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, -1, 10**30, float("nan"), "", "foyer", "health", [], [[]], {}, [{}], {"id": 1}]
)


@given(st.lists(st.tuples(st.sampled_from(places(DOCUMENT)[1:]), ODD), max_size=4))
def test_no_document_raises_anything_else(
    changes: list[tuple[tuple[str | int, ...], object]],
) -> None:
    """Whatever value is in whatever place, the checks report mistakes and raise nothing."""
    document = deepcopy(DOCUMENT)
    for way, new in changes:
        if way in places(document):
            inner: Any = document
            for key in way[:-1]:
                inner = inner[key]
            inner[way[-1]] = deepcopy(new)

    reading = FORM.read_tables(document, "v", dict)
    check(reading)

    assert reading.mistakes or reading.whole().congress.id


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        ("[[0, 0], [20, 0]]", "has 2 corners; write 3 to 100"),
        ("[[0, 0], [20, 0, 5], [20, 10]]", "corner 2 is not two numbers; write x and y in metres"),
        ("[[0, 0], [-20, 0], [20, 10]]", "corner 2 is off the plan"),
        ("[[0, 0], [20, 10], [20, 0], [0, 10]]", "crosses itself; list its corners in order"),
        ("[[0, 0], [20, 0], [40, 0]]", "encloses no area"),
        ('[[0, 0], ["x", 0], [20, 10]]', "is not a number"),
    ],
)
def test_a_shape_that_cannot_be_drawn_is_refused(shape: str, what: str) -> None:
    """The message says which corner, and what to write instead."""
    text = GOOD.replace("area_m2 = 20\n", f"area_m2 = 20\nshape = {shape}\n")
    (mistake,) = mistakes_in(text)
    assert what in mistake


@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("[20, 0]", 'zone "foyer" has no shape; give it one, or leave this out'),
        ("[20]", "is not two numbers"),
    ],
)
def test_a_position_without_a_plan_is_refused(at: str, what: str) -> None:
    """A point is drawn among shapes, so a position needs one."""
    text = GOOD.replace('devices = "reader"\n', f'devices = "reader"\nat = {at}\n')
    (mistake,) = mistakes_in(text)
    assert what in mistake


def test_a_plan_is_read() -> None:
    """Shape and position are numbers, in metres."""
    text = GOOD.replace("area_m2 = 20\n", "area_m2 = 20\nshape = [[0, 0], [5, 0], [5, 4.5]]\n")
    text = text.replace('devices = "reader"\n', 'devices = "reader"\nat = [5, 2]\n')
    reading = FORM.read(text, "v")
    check(reading)
    venue = reading.whole()
    assert venue.zones[0].shape == ((0, 0), (5, 0), (5, 4.5))
    assert venue.points[0].at == (5, 2)
