"""Which passwords and PINs are accepted, and what is kept of them."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from monitor.accounts.password import (
    AT_ONCE,
    LONGEST,
    Passwords,
    objection_to_password,
    objection_to_pin,
)
from monitor.core.phrase import phrase
from tests.support.accounts import PASSWORD, QUICK


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "năm từ không liên quan gì",
        "خمس كلمات لا صلة بينها",
        "kT9$wq-Lm2#xv8Rz",
        "x" * 3 + "Hanoi rain on tin roofs",
        "the quick brown fox " * 12,
    ],
)
def test_a_long_password_of_any_kind_is_accepted(password: str) -> None:
    """No rule asks for digits or capitals (NIST SP 800-63B-4)."""
    assert objection_to_password(password, "linh") is None


@pytest.mark.parametrize(
    ("password", "objection"),
    [
        ("short but good", "password-short"),
        ("x" * (LONGEST + 1), "password-long"),
        ("aaaaaaaaaaaaaaaaaaaa", "password-obvious"),
        ("passwordpassword", "password-obvious"),
        ("Password1234567!", "password-obvious"),
        ("123456789012345", "password-obvious"),
        ("qwertyuiopasdfghjkl", "password-obvious"),
        ("venuemonitor2026", "password-obvious"),
        ("linhphamlinhpham", "password-obvious"),
        ("abc1abc1abc1abc1abc1", "password-obvious"),
        ("sunshine sunshine", "password-obvious"),
        ("l.i.n.h.p.h.a.m 1 2 3", "password-obvious"),
        ("               ", "password-obvious"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str, objection: str) -> None:
    """Too short, too long, or made of what everyone would guess, the account's name among it."""
    found = objection_to_password(password, "linh.pham")

    assert found is not None
    assert found.id == objection


@pytest.mark.parametrize(
    ("pin", "objection"),
    [
        ("481516", None),
        ("48151", "pin-form"),
        ("4815162342481", "pin-form"),
        ("48151x", "pin-form"),
        ("٤٨١٥١٦", "pin-form"),
        ("111111", "pin-obvious"),
        ("121212", "pin-obvious"),
        ("123456", "pin-obvious"),
        ("987654", "pin-obvious"),
    ],
)
def test_a_pin_has_six_digits_that_no_one_would_try_first(pin: str, objection: str | None) -> None:
    """A keypad in gloves, and no run of digits."""
    found = objection_to_pin(pin)

    assert (found and found.id) == objection


async def test_a_password_typed_on_another_system_is_the_same() -> None:
    """Vietnamese vowels are one character on Windows and two on macOS."""
    passwords = Passwords(QUICK)
    kept = await passwords.hash("n\u0103m t\u1eeb kh\u00f4ng li\u00ean quan")

    assert await passwords.verify(kept, "na\u0306m tu\u031b\u0300 kho\u0302ng lie\u0302n quan")
    assert not await passwords.verify(kept, "nam tu khong lien quan")


async def test_what_is_kept_is_argon2id_with_a_salt_of_its_own() -> None:
    """The same password of two people is kept differently, and nowhere in it is the password."""
    passwords = Passwords(PasswordHasher())
    first, second = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)

    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert PASSWORD not in first


@pytest.mark.parametrize("kept", ["", "damaged", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
async def test_nothing_and_damage_are_no_password(kept: str) -> None:
    """An account without a password can't be entered with an empty one, nor one whose row is damaged."""
    assert not await Passwords(QUICK).verify(kept, "")


class CountingHasher(PasswordHasher):
    """Counts how many computations run at the same time."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.now = 0
        self.most = 0
        self.gate = threading.Barrier(AT_ONCE)
        self._lock = threading.Lock()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        """Compute, beside another computation."""
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.gate.wait(timeout=30)
        result = super().hash(password, salt=salt)
        with self._lock:
            self.now -= 1
        return result


async def test_at_most_two_passwords_are_computed_at_a_time() -> None:
    """A crowd at the sign-in page takes neither the memory nor the cores that the line needs."""
    hasher = CountingHasher()
    passwords = Passwords(hasher)

    await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(4 * AT_ONCE)))

    assert hasher.most == AT_ONCE


def test_an_objection_says_how_long_a_password_may_be() -> None:
    """Its arguments are in the sentence that people read."""
    assert objection_to_password("short") == phrase("password-short", least=15)
