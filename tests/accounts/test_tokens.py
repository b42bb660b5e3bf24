"""API tokens: never more than their account may, and revocable."""

from collections.abc import Collection
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.accounts import ALL_RIGHTS, ROLES, Account, Actor, ApiToken, Grant, Right
from monitor.accounts.tokens import left_by
from monitor.errors import AccountRefused
from tests.support.accounts import ADMIN, AccountsHarness
from tests.support.pipeline import START

DAY = timedelta(days=1)
PROGRAM = "203.0.113.9"
VIEW: tuple[Right, ...] = ("view",)


def make(
    harness: AccountsHarness,
    rights: Collection[Right] = VIEW,
    site: str = "",
    lasts: timedelta = DAY,
) -> str:
    """Make a token of the account."""
    return harness.accounts.tokens.make(
        "grafana", rights, site, START + lasts, label="wall", by=ADMIN
    )


@pytest.fixture(autouse=True)
def account(harness: AccountsHarness) -> Account:
    """The account of a program: officer in the hall, viewer everywhere."""
    account = Account(
        name="grafana", grants=(Grant(role="officer", site="hall"), Grant(role="viewer"))
    )
    harness.accounts.add(account, ADMIN)
    return account


def test_a_token_acts_for_its_account_within_its_scope(harness: AccountsHarness) -> None:
    """A right that it leaves out is not there, nor one that the account lacks."""
    token = make(harness, ("view", "act", "mask"), "hall")

    account = harness.accounts.tokens.account(token, PROGRAM)

    assert account is not None
    assert account.name == "grafana"
    rights = {right for right in ALL_RIGHTS if account.may(right, "hall", START)}
    assert rights == {"view", "act"}
    assert account.sites("view", START) == frozenset({"hall"})


@given(
    st.lists(
        st.builds(Grant, role=st.sampled_from(ROLES), site=st.sampled_from(("", "hall", "hotel"))),
        max_size=4,
    ),
    st.frozensets(st.sampled_from(ALL_RIGHTS), min_size=1),
    st.sampled_from(("", "hall", "hotel")),
    st.sampled_from(ALL_RIGHTS),
    st.sampled_from(("hall", "hotel", "airport")),
)
def test_a_token_allows_what_both_it_and_its_account_allow(
    grants: list[Grant], rights: frozenset[Right], scope: str, right: Right, site: str
) -> None:
    """Never more than the account has, never more than the token names, and all of both."""
    owner = Account(name="grafana", grants=tuple(grants))
    token = ApiToken(
        id="1",
        account="grafana",
        label="",
        rights=rights,
        site=scope,
        ends_at=START,
        used_at=None,
        used_from="",
    )

    narrowed = left_by(token, owner)

    allowed = owner.may(right, site, START) and right in rights and scope in {"", site}
    assert narrowed.may(right, site, START) == allowed


def test_a_token_loses_what_its_account_loses(harness: AccountsHarness) -> None:
    """Rights are those of now, and a disabled account has none."""
    token = make(harness, ("view", "act"), "hall")
    harness.accounts.set_grants("grafana", [Grant(role="viewer")], ADMIN)
    account = harness.accounts.tokens.account(token, PROGRAM)
    harness.accounts.disable("grafana", ADMIN)

    assert account is not None
    assert not account.may("act", "hall", START)
    assert harness.accounts.tokens.account(token, PROGRAM) is None


def test_a_token_ends(harness: AccountsHarness) -> None:
    """No token is for ever."""
    token = make(harness)
    harness.advance(days=1)

    assert harness.accounts.tokens.account(token, PROGRAM) is None


def test_a_token_is_revoked_by_its_id(harness: AccountsHarness) -> None:
    """The id is in lists and in the audit; the others go on."""
    token, other = make(harness), make(harness)
    own = token.split("_")[1]

    harness.accounts.tokens.revoke(own, Actor("admin", "s1"))

    assert harness.accounts.tokens.account(token, PROGRAM) is None
    assert harness.accounts.tokens.account(other, PROGRAM) is not None
    assert harness.acts()[1:] == [
        ("token_made", "grafana", "admin"),
        ("token_made", "grafana", "admin"),
        ("token_revoked", "grafana", "admin"),
    ]
    with pytest.raises(AccountRefused, match=own):
        harness.accounts.tokens.revoke(own, ADMIN)


def test_when_a_token_was_last_used_is_known(harness: AccountsHarness) -> None:
    """To the minute, and from where: a token that no one uses can be revoked."""
    token = make(harness)
    (unused,) = harness.accounts.tokens.all()
    harness.advance(hours=1, seconds=30)
    harness.accounts.tokens.account(token, PROGRAM)
    (used,) = harness.accounts.tokens.all()

    assert (unused.used_at, unused.used_from) == (None, "")
    assert (used.used_at, used.used_from) == (START + timedelta(hours=1), PROGRAM)


def test_every_form_of_a_wrong_token_is_refused(harness: AccountsHarness) -> None:
    """The secret of another, an id without secret, another prefix, garbage."""
    token, other = make(harness), make(harness)
    prefix, own, secret = token.split("_", 2)
    wrong = [
        "",
        own,
        secret,
        f"{prefix}_{own}_",
        f"{prefix}_{own}",
        f"{prefix}_{other.split('_')[1]}_{secret}",
        f"xyz_{own}_{secret}",
        f"{token}x",
        "vmt_\0_\udcff",
    ]

    assert [text for text in wrong if harness.accounts.tokens.account(text, PROGRAM)] == []
    assert harness.accounts.tokens.account(token, PROGRAM) is not None


@pytest.mark.parametrize(("rights", "lasts"), [((), DAY), (VIEW, timedelta(0)), (VIEW, -DAY)])
def test_a_token_that_could_do_nothing_is_refused(
    harness: AccountsHarness, rights: Collection[Right], lasts: timedelta
) -> None:
    """Without rights, or ended before it begins."""
    with pytest.raises(AccountRefused):
        make(harness, rights, lasts=lasts)
    with pytest.raises(AccountRefused):
        harness.accounts.tokens.make("nobody", VIEW, "", START + DAY, label="", by=ADMIN)

    assert harness.accounts.tokens.all() == []
