"""The plan of a team from now on: the shifts, the one that was taken, and the gaps, without a break."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.oncall.on_call import on_call
from monitor.core.oncall.shift_plan import shift_plan
from monitor.core.roster import Person, Roster, Shift, Team
from monitor.core.transitions import Override

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEOPLE = tuple(Person(id=own, name=own.title()) for own in ("anna", "bao", "linh"))
HOUR = timedelta(hours=1)


def shift(person: str, begins: float, ends: float, team: str = "guards") -> Shift:
    """Return a shift, in hours from noon."""
    return Shift(
        team=team,
        person=person,
        starts=NOON + begins * HOUR,
        ends=NOON + ends * HOUR,
        why="rotation",
    )


def roster(*shifts: Shift) -> Roster:
    """Return a roster with one team and these shifts."""
    return Roster(people=PEOPLE, teams=(Team(id="guards"),), shifts=shifts)


def taken(person: str, begins: float, ends: float) -> dict[str, Override]:
    """Return a shift that was taken, in hours from noon."""
    since, until = NOON + begins * HOUR, NOON + ends * HOUR
    return {"guards": Override(team="guards", person=person, since=since, until=until, who=person)}


def in_hours(
    read: Roster, overrides: dict[str, Override], end: float = 24
) -> list[tuple[float, float, str]]:
    """Return the plan from noon on: begin and end in hours, and who."""
    return [
        (
            (row.begins - NOON) / HOUR,
            (row.ends - NOON) / HOUR,
            " ".join(sorted(one.person.id for one in row.on_call)),
        )
        for row in shift_plan(read, overrides, "guards", NOON, NOON + end * HOUR)
    ]


def test_shifts_follow_one_another_and_gaps_show() -> None:
    """A shift that has begun begins now; where nobody is on call, there is a stretch without anybody."""
    read = roster(shift("anna", -5, 7), shift("bao", 7, 12), shift("linh", 13, 30))
    assert in_hours(read, {}) == [(0, 7, "anna"), (7, 12, "bao"), (12, 13, ""), (13, 24, "linh")]


def test_only_the_last_stretch_is_open() -> None:
    """What reaches the end of the time that was asked about may go on; an earlier end is one."""
    read = roster(shift("anna", -5, 7), shift("bao", 7, 30))
    rows = shift_plan(read, {}, "guards", NOON, NOON + 24 * HOUR)
    assert [row.is_open for row in rows] == [False, True]


def test_a_shift_that_was_taken_stands_in_place_of_the_plan() -> None:
    """Until it ends, whoever took it is on call alone."""
    read = roster(shift("anna", -5, 7), shift("bao", -5, 12))
    assert in_hours(read, taken("linh", -1, 8), 12) == [(0, 8, "linh"), (8, 12, "bao")]


def test_the_same_person_for_another_reason_is_another_stretch() -> None:
    """Two shifts of one person in a row are one; a shift that they took themselves is not."""
    read = roster(shift("anna", -5, 7), shift("anna", 7, 12))
    assert in_hours(read, {}, 12) == [(0, 12, "anna")]
    assert in_hours(read, taken("anna", 0, 3), 12) == [(0, 3, "anna"), (3, 12, "anna")]


def test_without_shifts_there_is_one_gap() -> None:
    """Shifts of other teams fill none."""
    assert in_hours(roster(shift("anna", 0, 9, "medics")), {}) == [(0, 24, "")]


HOURS = st.integers(-8, 32)
SHIFTS = st.lists(
    st.builds(
        lambda person, begins, length: shift(person, begins, begins + length),
        st.sampled_from(["anna", "bao", "linh"]),
        HOURS,
        st.integers(1, 12),
    ),
    max_size=8,
)


@given(
    shifts=SHIFTS, override=st.tuples(st.sampled_from(["anna", "bao"]), HOURS, st.integers(1, 9))
)
def test_the_plan_says_what_the_pager_does(
    shifts: list[Shift], override: tuple[str, int, int]
) -> None:
    """At any time, those are on call whom an alert would page; and the stretches leave nothing out."""
    person, begins, length = override
    overrides, read = taken(person, begins, begins + length), roster(*shifts)
    found = shift_plan(read, overrides, "guards", NOON, NOON + 24 * HOUR)
    assert [row.begins for row in found[1:]] == [row.ends for row in found[:-1]]
    assert (found[0].begins, found[-1].ends) == (NOON, NOON + 24 * HOUR)
    for hour in range(24):
        at = NOON + (hour + 0.5) * HOUR
        (stretch,) = (row for row in found if row.begins <= at < row.ends)
        expected = on_call(read, overrides, "guards", at)
        assert {one.person.id: one.why for one in stretch.on_call} == {
            one.person.id: one.why for one in expected
        }
