"""One-time links: the first makes the first account, once; any other lets an owner set a password, once."""

import asyncio
from datetime import timedelta

import pytest

from monitor.accounts import Account, Actor, Grant
from monitor.accounts.links import FIRST, LATER, SIGN_IN
from monitor.errors import AccountRefused, LinkInvalid
from tests.support.accounts import ADMIN, LAPTOP, PASSWORD, AccountsHarness

OFFICER = Grant(role="officer", site="hall")


def first_link(harness: AccountsHarness) -> str:
    """The token of the first link."""
    token = harness.accounts.invitation.first()
    assert token is not None
    return token


async def opened(
    harness: AccountsHarness, token: str, name: str = "linh", password: str = PASSWORD
) -> Account:
    """The account of the session that a link begins."""
    _, session = await harness.accounts.invitation.open(token, name, "Phạm Linh", password, LAPTOP)
    return session.account


async def test_the_first_link_makes_an_account_that_can_set_up_all_others(
    harness: AccountsHarness,
) -> None:
    """No password is shipped: whoever has the log of the start is the first."""
    token = first_link(harness)
    assert harness.accounts.invitation.account(token) is None

    session_token, session = await harness.accounts.invitation.open(
        token, " Linh", "Phạm Linh", PASSWORD, LAPTOP
    )

    now = harness.clock.now()
    assert (session.account.name, session.account.full_name) == ("linh", "Phạm Linh")
    assert session.account.may("people", "", now)
    assert session.account.may("view", "", now)
    assert harness.accounts.session(session_token) == session
    assert (await harness.sign_in("linh"))[1].account == session.account
    assert harness.acts() == [("added", "linh", "linh"), ("password_set", "linh", "linh")]


async def test_a_link_signs_a_device_in_once(harness: AccountsHarness) -> None:
    """It needs no password, ends after half an hour, and is worth nothing as a link for a password."""
    await harness.add("wall", OFFICER)
    token = harness.accounts.invitation.make_sign_in("wall", ADMIN)
    assert harness.accounts.invitation.sign_in_account(token) == "wall"
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.account(token)
    for_password = harness.accounts.link("wall", ADMIN)
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.sign_in(for_password)

    token = harness.accounts.invitation.make_sign_in("wall", ADMIN)
    session_token, session = harness.accounts.invitation.sign_in(token, LAPTOP)
    assert (session.account.name, session.device) == ("wall", LAPTOP)
    assert harness.accounts.session(session_token) == session
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.sign_in(token)

    late = harness.accounts.invitation.make_sign_in("wall", ADMIN)
    harness.advance(seconds=SIGN_IN.total_seconds())
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.sign_in(late)
    assert harness.acts()[-1] == ("link_made", "wall", "admin")


async def test_a_link_signs_nobody_in_whose_account_is_disabled(harness: AccountsHarness) -> None:
    """It was made before."""
    await harness.add("wall", OFFICER)
    token = harness.accounts.invitation.make_sign_in("wall", ADMIN)
    harness.accounts.disable("wall", ADMIN)
    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.sign_in(token)


async def test_two_who_open_the_first_link_at_once_are_one_admin(harness: AccountsHarness) -> None:
    """The second learns that the link is used."""
    token = first_link(harness)

    results = await asyncio.gather(
        opened(harness, token, "linh"), opened(harness, token, "eve"), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in results) == ["Account", "LinkInvalid"]
    assert len(harness.accounts.list()) == 1


async def test_there_is_no_first_link_once_there_is_an_account(harness: AccountsHarness) -> None:
    """However the account came to be, and also for a link that was made before."""
    token = first_link(harness)
    harness.accounts.add(Account(name="linh", grants=(OFFICER,)), ADMIN)

    assert harness.accounts.invitation.first() is None
    with pytest.raises(LinkInvalid):
        await opened(harness, token, "eve")


async def test_a_restart_has_a_first_link_of_its_own(harness: AccountsHarness) -> None:
    """Only the latest in the log works."""
    before, token = first_link(harness), first_link(harness)

    with pytest.raises(LinkInvalid):
        await opened(harness, before)
    assert (await opened(harness, token)).name == "linh"


@pytest.mark.parametrize("lasts", [FIRST, LATER], ids=["first", "later"])
async def test_a_link_ends(harness: AccountsHarness, lasts: timedelta) -> None:
    """Half an hour for the first, a day for any other."""
    if lasts is FIRST:
        token = first_link(harness)
    else:
        harness.accounts.add(Account(name="linh"), ADMIN)
        token = harness.accounts.link("linh", ADMIN)
    harness.clock.time += lasts - timedelta(microseconds=1)
    harness.accounts.invitation.account(token)
    harness.advance(microseconds=1)

    with pytest.raises(LinkInvalid):
        harness.accounts.invitation.account(token)
    with pytest.raises(LinkInvalid):
        await opened(harness, token)


async def test_a_link_lets_an_owner_set_a_password_once(harness: AccountsHarness) -> None:
    """The administrator who makes it never knows the password."""
    harness.accounts.add(Account(name="linh", grants=(OFFICER,)), ADMIN)
    token = harness.accounts.link("linh", Actor("admin", "s1"))
    assert harness.accounts.invitation.account(token) == "linh"

    account = await opened(harness, token, name="someone-else")

    assert (account.name, account.full_name) == ("linh", "Phạm Linh")
    assert account.grants == (OFFICER,)
    with pytest.raises(LinkInvalid):
        await opened(harness, token)
    assert harness.acts() == [
        ("added", "linh", "admin"),
        ("link_made", "linh", "admin"),
        ("password_set", "linh", "linh"),
    ]


async def test_a_new_link_ends_the_one_before(harness: AccountsHarness) -> None:
    """A link sent to the wrong person is made worthless by another."""
    harness.accounts.add(Account(name="linh"), ADMIN)
    before, token = (harness.accounts.link("linh", ADMIN) for _ in range(2))

    with pytest.raises(LinkInvalid):
        await opened(harness, before)
    assert (await opened(harness, token)).name == "linh"


@pytest.mark.parametrize(
    ("name", "password"),
    [("linh", "too short"), ("no spaces", PASSWORD), ("", PASSWORD), ("-", PASSWORD)],
)
async def test_what_is_not_accepted_leaves_the_link(
    harness: AccountsHarness, name: str, password: str
) -> None:
    """Whoever chooses a weak password, or an odd name, chooses again."""
    token = first_link(harness)

    with pytest.raises(AccountRefused):
        await opened(harness, token, name, password)

    assert harness.accounts.list() == []
    assert (await opened(harness, token)).name == "linh"


async def test_a_reset_takes_all_that_could_be_stolen(harness: AccountsHarness) -> None:
    """Password, PIN, sessions: only the link leads in again."""
    await harness.add("linh", OFFICER)
    await harness.accounts.set_pin("linh", "481516")
    session_token, _ = await harness.sign_in("linh")

    token = harness.accounts.reset("linh", ADMIN)

    account = harness.accounts.find("linh")
    assert account is not None
    assert not account.has_pin
    assert harness.accounts.session(session_token) is None
    assert await harness.refused("linh") == timedelta(0)
    assert (await opened(harness, token)).name == "linh"


async def test_who_is_disabled_has_no_link(harness: AccountsHarness) -> None:
    """An invitation ends with the account's right to sign in, and does not give it back."""
    harness.accounts.add(Account(name="linh"), ADMIN)
    token = harness.accounts.link("linh", ADMIN)
    harness.accounts.disable("linh", ADMIN)

    with pytest.raises(LinkInvalid):
        await opened(harness, token)
    for make in (harness.accounts.link, harness.accounts.reset):
        with pytest.raises(AccountRefused, match="disabled"):
            make("linh", ADMIN)
