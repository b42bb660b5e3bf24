"""Signing in: one answer for every reason, and strangers keep no one out."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from argon2 import PasswordHasher

from monitor.accounts import Grant
from monitor.accounts.lock_out import BURST, PER_ADDRESS
from monitor.accounts.password import LONGEST
from monitor.errors import SignInRefused
from tests.support.accounts import ADDRESS, ADMIN, LAPTOP, PASSWORD, QUICK, AccountsHarness

OFFICER = Grant(role="officer", site="hall")


async def test_the_right_password_begins_a_session(harness: AccountsHarness) -> None:
    """The session has the account with its grants; its token finds it again."""
    account = await harness.add("linh", OFFICER, person="l.pham")

    token, session = await harness.sign_in("linh")

    assert session.account == account
    assert session.device == LAPTOP
    assert harness.accounts.session(token) == session


@pytest.mark.parametrize("name", ["Linh", " linh ", "LINH", "\uff4c\uff49\uff4e\uff48"])
async def test_a_name_is_read_as_phones_write_it(harness: AccountsHarness, name: str) -> None:
    """A capital at the beginning, and a space at the end, are the keyboard's."""
    await harness.add("linh", OFFICER)

    _, session = await harness.sign_in(name)

    assert session.account.name == "linh"


async def test_each_sign_in_has_a_token_of_its_own(harness: AccountsHarness) -> None:
    """No one can prepare a session for another person."""
    await harness.add("linh", OFFICER)

    tokens = {(await harness.sign_in("linh"))[0] for _ in range(3)}

    assert len(tokens) == 3
    assert all(len(token) >= 43 for token in tokens)


async def test_every_reason_has_the_same_answer(harness: AccountsHarness) -> None:
    """A stranger doesn't learn which accounts there are."""
    await harness.add("linh", OFFICER)
    await harness.add("gone", OFFICER)
    harness.accounts.disable("gone", ADMIN)
    await harness.add("reset", OFFICER)
    harness.accounts.reset("reset", ADMIN)
    given = [
        ("linh", "wrong password given"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("reset", PASSWORD),
        ("reset", ""),
        ("linh", "x" * (LONGEST + 1)),
        ("l" * 10_000, PASSWORD),
        ("linh\0", PASSWORD),
    ]

    answers = set()
    for number, (name, password) in enumerate(given):
        with pytest.raises(SignInRefused) as refused:
            await harness.sign_in(name, password, address=f"192.0.2.{number}")
        answers.add((str(refused.value), refused.value.retry_after))

    assert len(answers) == 1


async def test_an_unknown_name_is_computed_for_as_well(harness: AccountsHarness) -> None:
    """The time of the answer doesn't tell which accounts there are."""
    verified = []

    class Noting(PasswordHasher):
        """Notes what is computed."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            verified.append(password)
            return QUICK.verify(hash, password)

    with AccountsHarness(harness.path.parent, Noting()).accounts as accounts:
        for name in ("linh", "nobody"):
            with pytest.raises(SignInRefused):
                await accounts.sign_in(name, PASSWORD, ADDRESS, LAPTOP)

    assert verified == [PASSWORD, PASSWORD]


async def test_wrong_passwords_wait_longer_each_time(harness: AccountsHarness) -> None:
    """Five are free, then the answer says how long to wait; before that, the right one is refused, too."""
    await harness.add("linh", OFFICER)
    waits = [(await harness.refused("linh")).total_seconds() for _ in range(5)]
    with pytest.raises(SignInRefused) as refused:
        await harness.sign_in("linh")
    harness.advance(seconds=1)

    await harness.sign_in("linh")

    assert waits == [0, 0, 0, 0, 1]
    assert refused.value.retry_after == timedelta(seconds=1)


async def test_strangers_do_not_keep_an_officer_out(harness: AccountsHarness) -> None:
    """A device that was signed in from before has tries of its own, and its token is good for one account only."""
    await harness.add("linh", OFFICER)
    await harness.add("minh", OFFICER)
    _, session = await harness.sign_in("linh")
    known = harness.accounts.remember_device(session)
    for number in range(30):
        harness.advance(seconds=60)
        await harness.refused("linh", address=f"198.51.100.{number}")
        await harness.refused("minh", address=f"198.51.100.{number}")

    _, session = await harness.sign_in("linh", known=known)

    assert session.account.name == "linh"
    for name, device in (("linh", ""), ("linh", "guessed"), ("minh", known)):
        with pytest.raises(SignInRefused):
            await harness.sign_in(name, known=device)


async def test_a_known_device_is_slowed_down_as_well(harness: AccountsHarness) -> None:
    """A stolen laptop has five tries, too."""
    await harness.add("linh", OFFICER)
    _, session = await harness.sign_in("linh")
    known = harness.accounts.remember_device(session)

    waits = [await harness.refused("linh", known=known) for _ in range(5)]

    assert waits[-1] == timedelta(seconds=1)


async def test_another_address_signs_in_while_one_guesses(harness: AccountsHarness) -> None:
    """A thousand wrong passwords from A: an officer at B signs in."""
    await harness.add("linh", OFFICER)
    for number in range(1000):
        await harness.refused(f"name-{number}", address="198.51.100.1")

    _, session = await harness.sign_in("linh", address="198.51.100.2")

    assert session.account.name == "linh"


async def test_ten_wrong_passwords_in_a_row_are_in_the_audit(harness: AccountsHarness) -> None:
    """People are informed of who is being guessed, and from where; of a name that is none, without the name."""
    await harness.add("linh", OFFICER)
    for name in ("linh", "my-password-by-mistake"):
        for _ in range(BURST):
            harness.advance(seconds=60)
            await harness.refused(name)

    assert harness.acts()[2:] == [
        ("sign_ins_failed", "linh", ADDRESS),
        ("sign_ins_failed", "", ADDRESS),
    ]


async def test_an_address_that_tries_many_names_is_in_the_audit(harness: AccountsHarness) -> None:
    """One password for each of many accounts stays below the count of each of them."""
    for number in range(PER_ADDRESS):
        await harness.refused(f"name-{number}")

    assert harness.acts() == [("sign_ins_failed", "", ADDRESS)]


async def test_a_password_kept_the_old_way_is_kept_anew(tmp_path: Path) -> None:
    """Stronger parameters reach everyone who signs in, without anyone choosing a new password."""
    old = AccountsHarness(tmp_path)
    with old.accounts:
        await old.add("linh", OFFICER)
    stronger = AccountsHarness(tmp_path, PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))

    with stronger.accounts:
        await stronger.sign_in("linh")
        (kept,) = stronger.accounts._db.row("SELECT password FROM account") or ("",)  # noqa: SLF001 - on the disk
        await stronger.sign_in("linh")

    assert kept.startswith("$argon2id$v=19$m=16,t=2,p=1$")


async def test_who_is_disabled_while_signing_in_is_not_signed_in(tmp_path: Path) -> None:
    """Computing a password takes a while, in which the account may be disabled."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        """Computes when the test lets it."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            begun.set()
            go_on.wait(timeout=30)
            return QUICK.verify(hash, password)

    harness = AccountsHarness(tmp_path, Slow(time_cost=1, memory_cost=8, parallelism=1))
    with harness.accounts:
        await harness.add("linh", OFFICER)
        signing_in = asyncio.ensure_future(harness.sign_in("linh"))
        await asyncio.to_thread(begun.wait, 30)
        harness.accounts.disable("linh", ADMIN)
        go_on.set()

        with pytest.raises(SignInRefused):
            await signing_in
        assert harness.accounts.sessions("linh") == []
