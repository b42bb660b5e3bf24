"""Sessions: how long they last, when they ask for the PIN, and what ends them."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from monitor.accounts import Actor, Grant
from monitor.accounts.session import LONGEST, UNATTENDED
from monitor.accounts.sessions import WRONG_PINS
from monitor.errors import AccountRefused
from tests.support.accounts import ADMIN, PASSWORD, AccountsHarness
from tests.support.pipeline import START

OFFICER = Grant(role="officer", site="hall")
PIN = "481516"
MINUTE = timedelta(minutes=1)


async def test_a_session_ends_after_a_shift_and_its_hand_over(harness: AccountsHarness) -> None:
    """Fourteen hours, whatever its owner does meanwhile."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    for _ in range(14 * 6):
        harness.advance(minutes=10)
        harness.accounts.touch(session)

    assert session.ends_at == START + LONGEST
    assert harness.accounts.session(token) is None
    assert harness.accounts.sessions("linh") == []


async def test_an_unattended_session_reads_on_and_asks_before_it_acts(
    harness: AccountsHarness,
) -> None:
    """After half an hour without input; what a page asks for by itself is none."""
    await harness.add("linh", OFFICER)
    token, _ = await harness.sign_in("linh")
    harness.advance(minutes=29)
    attended = harness.accounts.session(token)
    harness.advance(minutes=1)
    unattended = harness.accounts.session(token)

    assert attended is not None
    assert not attended.needs_pin(START + UNATTENDED - MINUTE)
    assert unattended is not None
    assert unattended.needs_pin(START + UNATTENDED)


async def test_input_keeps_a_session_attended(harness: AccountsHarness) -> None:
    """The half hour begins anew with each input."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    for _ in range(5):
        harness.advance(minutes=20)
        harness.accounts.touch(session)

    found = harness.accounts.session(token)

    assert found is not None
    assert not found.needs_pin(harness.clock.now())


async def test_input_is_written_once_a_minute(harness: AccountsHarness) -> None:
    """Each write makes the line wait for the disk; a click does not."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    noted = []
    for _ in range(4):
        harness.advance(seconds=30)
        harness.accounts.touch(session)
        found = harness.accounts.session(token)
        assert found is not None
        noted.append((found.last_input_at - START).total_seconds())

    assert noted == [0, 60, 60, 120]


async def test_input_at_an_unattended_session_is_no_pin(harness: AccountsHarness) -> None:
    """Whoever finds an open console can't act by moving the mouse first."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    harness.advance(minutes=30)
    harness.accounts.touch(session)

    found = harness.accounts.session(token)

    assert found is not None
    assert found.needs_pin(harness.clock.now())


async def test_the_pin_continues_a_session(harness: AccountsHarness) -> None:
    """Six digits instead of a password, in the middle of an incident."""
    await harness.add("linh", OFFICER)
    await harness.accounts.set_pin("linh", PIN)
    token, session = await harness.sign_in("linh")
    harness.advance(hours=2)

    assert not await harness.accounts.check_pin(session, "481517")
    assert await harness.accounts.check_pin(session, PIN)
    found = harness.accounts.session(token)
    assert found is not None
    assert not found.needs_pin(harness.clock.now())
    assert found.account.has_pin


async def test_the_fifth_wrong_pin_ends_the_session(harness: AccountsHarness) -> None:
    """A million PINs are few; the account itself is not locked, and its owner signs in again."""
    await harness.add("linh", OFFICER)
    await harness.accounts.set_pin("linh", PIN)
    token, session = await harness.sign_in("linh")
    for _ in range(WRONG_PINS - 1):
        assert not await harness.accounts.check_pin(session, "000001")
    still = harness.accounts.session(token)

    assert not await harness.accounts.check_pin(session, "000001")

    assert still is not None
    assert harness.accounts.session(token) is None
    assert not await harness.accounts.check_pin(session, PIN)
    assert harness.acts()[-1] == ("sign_ins_failed", "linh", "")
    assert (await harness.sign_in("linh"))[1].account.name == "linh"


async def test_a_right_pin_forgives_the_wrong_ones_before(harness: AccountsHarness) -> None:
    """Errors of a whole shift don't add up."""
    await harness.add("linh", OFFICER)
    await harness.accounts.set_pin("linh", PIN)
    token, session = await harness.sign_in("linh")
    for _ in range(WRONG_PINS):
        assert not await harness.accounts.check_pin(session, "000001")
        assert await harness.accounts.check_pin(session, PIN)

    assert harness.accounts.session(token) is not None


@pytest.mark.parametrize("pin", ["", PIN, PASSWORD])
async def test_without_a_pin_none_is_right(harness: AccountsHarness, pin: str) -> None:
    """An account that has set none can't be continued with an empty one."""
    await harness.add("linh", OFFICER)
    _, session = await harness.sign_in("linh")

    assert not await harness.accounts.check_pin(session, pin)


async def test_a_session_has_the_rights_of_now(harness: AccountsHarness) -> None:
    """Rights that are taken away are gone with the next request, not with the next sign-in."""
    await harness.add("linh", OFFICER)
    token, _ = await harness.sign_in("linh")
    harness.accounts.set_grants("linh", [Grant(role="viewer")], ADMIN)

    session = harness.accounts.session(token)

    assert session is not None
    assert not session.account.may("act", "hall", harness.clock.now())
    assert session.account.may("view", "hotel", harness.clock.now())


async def test_who_is_disabled_is_signed_out_everywhere(harness: AccountsHarness) -> None:
    """And is not signed in again by being enabled."""
    await harness.add("linh", OFFICER)
    tokens = [(await harness.sign_in("linh"))[0] for _ in range(2)]
    harness.accounts.disable("linh", ADMIN)
    disabled = [harness.accounts.session(token) for token in tokens]
    harness.accounts.enable("linh", ADMIN)

    assert disabled == [None, None]
    assert [harness.accounts.session(token) for token in tokens] == [None, None]
    assert (await harness.sign_in("linh"))[1].account.name == "linh"


async def test_a_new_password_ends_the_other_sessions(harness: AccountsHarness) -> None:
    """Whoever suspects that a password is known sets another, and stays signed in alone."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    other, _ = await harness.sign_in("linh")

    await harness.accounts.set_password("linh", "five other words right here", Actor.of(session))

    assert harness.accounts.session(token) is not None
    assert harness.accounts.session(other) is None


async def test_a_password_set_by_another_ends_all_sessions(harness: AccountsHarness) -> None:
    """Also those of a thief who would have set it."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    known = harness.accounts.remember_device(session)

    await harness.accounts.set_password("linh", "five other words right here", ADMIN)

    assert harness.accounts.session(token) is None
    assert not harness.accounts._sessions.knows_device("linh", known)  # noqa: SLF001 - no page shows it


async def test_sessions_are_listed_and_ended_one_by_one(harness: AccountsHarness) -> None:
    """The latest first; signing out ends one's own, an administrator any."""
    await harness.add("linh", OFFICER)
    sessions = []
    for _ in range(3):
        harness.advance(minutes=1)
        sessions.append((await harness.sign_in("linh"))[1])
    first, second, third = sessions
    assert [row.id for row in harness.accounts.sessions("linh")] == [third.id, second.id, first.id]

    harness.accounts.sign_out(first.id)
    harness.accounts.end_session(second.id, ADMIN)
    harness.accounts.end_session(second.id, ADMIN)

    assert [row.id for row in harness.accounts.sessions("linh")] == [third.id]
    assert [row for row in harness.acts() if row[0] == "session_ended"] == [
        ("session_ended", "linh", "admin")
    ]


async def test_a_token_is_nowhere_on_the_disk(harness: AccountsHarness) -> None:
    """A stolen backup lets no one in."""
    await harness.add("linh", OFFICER)
    token, session = await harness.sign_in("linh")
    known = harness.accounts.remember_device(session)
    link = harness.accounts.link("linh", ADMIN)
    with closing(sqlite3.connect(harness.path)) as db:
        stored = "\n".join(db.iterdump())

    assert session.id in stored
    assert [secret for secret in (token, known, link, PASSWORD) if secret in stored] == []


@pytest.mark.parametrize("token", ["", "x", "\udcff", "a" * 100_000])
def test_garbage_is_no_session(harness: AccountsHarness, token: str) -> None:
    """Whatever a cookie brings is looked up and not found."""
    assert harness.accounts.session(token) is None


async def test_what_is_not_accepted_changes_nothing(harness: AccountsHarness) -> None:
    """A refused password or PIN ends no session, and is not in the audit."""
    await harness.add("linh", OFFICER)
    token, _ = await harness.sign_in("linh")
    before = harness.acts()

    for refused in (
        harness.accounts.set_password("linh", "too short"),
        harness.accounts.set_pin("linh", "123456"),
        harness.accounts.set_password("nobody", PASSWORD),
        harness.accounts.set_pin("nobody", PIN),
    ):
        with pytest.raises(AccountRefused):
            await refused

    assert harness.accounts.session(token) is not None
    assert harness.acts() == before
