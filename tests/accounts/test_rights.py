"""What roles may do: the table, and grants with their site, time and narrowing."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts import ALL_RIGHTS, RIGHTS, ROLES, Account, Grant, Right, Role
from tests.support.pipeline import START

HOUR = timedelta(hours=1)
SITES = ("hall", "hotel", "airport")
GRANTS = st.builds(
    Grant,
    role=st.sampled_from(ROLES),
    site=st.sampled_from(("", *SITES)),
    from_=st.none() | st.integers(-3, 3).map(lambda hours: START + hours * HOUR),
    until=st.none() | st.integers(-3, 3).map(lambda hours: START + hours * HOUR),
    silent=st.booleans(),
    only=st.none() | st.frozensets(st.sampled_from(ALL_RIGHTS)),
)
ACCOUNTS = st.builds(
    Account,
    name=st.just("linh"),
    is_disabled=st.booleans(),
    grants=st.lists(GRANTS, max_size=4).map(tuple),
)
TABLE: tuple[tuple[Role, str], ...] = (
    ("viewer", "view"),
    ("officer", "view act close shelve log lookup withdraw take_shift export"),
    ("engineer", "view act log inspect approve take_shift"),
    ("on_call", "view act close shelve log take_shift"),
    (
        "supervisor",
        (
            "view act close shelve mask log strike lookup inspect approve sign_off withdraw take_shift give_shift"
            " export speak_for metrics invite"
        ),
    ),
    ("admin", "people metrics invite"),
)


@pytest.mark.parametrize(("role", "rights"), TABLE, ids=[role for role, _ in TABLE])
def test_each_role_has_the_rights_of_the_table(role: Role, rights: str) -> None:
    """Whoever reads the table in docs/accounts.md knows what a grant gives."""
    account = Account(name="linh", grants=(Grant(role=role),))

    assert {right for right in ALL_RIGHTS if account.may(right, "hall", START)} == set(
        rights.split()
    )


def test_no_role_sees_silent_alerts() -> None:
    """A duress alert is seen only by those whom a grant names for it."""
    assert [role for role in ROLES if "silent" in RIGHTS[role]] == []
    named = Account(name="linh", grants=(Grant(role="officer", site="hall", silent=True),))
    assert named.sites("silent", START) == frozenset({"hall"})


def test_an_admin_who_sees_the_board_has_two_grants() -> None:
    """Roles add up; administration alone shows no alert."""
    admin = Account(name="linh", grants=(Grant(role="admin"),))
    both = Account(name="linh", grants=(Grant(role="admin"), Grant(role="viewer", site="hall")))

    assert not admin.may("view", "hall", START)
    assert both.may("view", "hall", START)
    assert both.may("people", "hotel", START)
    assert not both.may("view", "hotel", START)


def test_a_grant_counts_from_its_beginning_until_its_end() -> None:
    """An officer of one day has no rights the day after, without anyone taking them away."""
    grant = Grant(role="officer", from_=START, until=START + HOUR)
    account = Account(name="linh", grants=(grant,))

    times = (START - timedelta(microseconds=1), START, START + HOUR)

    assert [account.may("act", "hall", at) for at in times] == [False, True, False]


@given(ACCOUNTS, st.sampled_from(ALL_RIGHTS), st.sampled_from(SITES))
def test_a_right_at_a_site_is_one_that_the_list_of_sites_has(
    account: Account, right: Right, site: str
) -> None:
    """A board filtered by sites, and a question about one of them, never disagree."""
    sites = account.sites(right, START)

    assert account.may(right, site, START) == (sites is None or site in sites)


@given(ACCOUNTS, st.sampled_from(ALL_RIGHTS), st.sampled_from(SITES))
def test_a_right_comes_from_a_grant_in_force(account: Account, right: Right, site: str) -> None:
    """Nothing but a grant of that right, at that site, at that time, to an enabled account, gives a right."""
    found = [
        grant
        for grant in account.grants
        if not account.is_disabled
        and (right in RIGHTS[grant.role] or (right == "silent" and grant.silent))
        and (grant.only is None or right in grant.only)
        and grant.site in {"", site}
        and (grant.from_ is None or grant.from_ <= START)
        and (grant.until is None or grant.until > START)
    ]

    assert account.may(right, site, START) == bool(found)


def test_acts_are_recorded_under_the_name_in_the_roster() -> None:
    """The journal names the person that pages go to; an account without one is named itself."""
    assert Account(name="linh", person="l.pham").who == "l.pham"
    assert Account(name="grafana").who == "grafana"
