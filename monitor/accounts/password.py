"""Passwords and PINs: which are accepted, and how they are kept."""

import asyncio
import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.core.phrase import Phrase, phrase

SHORTEST = 15
"""Characters of a password that is the only factor (NIST SP 800-63B-4)."""
LONGEST = 256
"""Characters, checked before anything is computed from them."""
PIN = re.compile(r"[0-9]{6,12}")
"""At least six digits (NIST SP 800-63B-4)."""
AT_ONCE = 2
"""Computations at a time; each takes 64 MiB and up to four cores for a tenth of a second."""
_LEFT = 6
"""Characters that have to be left without what everyone would try first; judgement."""
_OBVIOUS = re.compile(
    "password|passw0rd|passwort|matkhau|letmein|welcome|changeme|administrator|admin|secret|venue|monitor|congress|"
    "security|qwertyuiop|qwerty|asdfghjkl|zxcvbnm|1q2w3e4r|abcdefghijklmnopqrstuvwxyz|abcdef|iloveyou|"
    "0?12345?6?7?8?9?0?|9?8?7?6?54321?0?|20[0-9]{2}"
)


def objection_to_password(password: str, name: str = "") -> Phrase | None:
    """Return why a password is not accepted for an account; ``None`` if it is."""
    if len(password) > LONGEST:
        return phrase("password-long", most=LONGEST)
    plain = normalize("NFKC", password)
    if len(plain) < SHORTEST:
        return phrase("password-short", least=SHORTEST)
    own, spoken = (re.sub(r"\W", "", text.casefold()) for text in (name, plain))
    left = _OBVIOUS.sub("", spoken.replace(own, "") if own else spoken)
    if len(set(left)) < _LEFT or re.fullmatch(r"(.{1,12})\1+.{0,11}", left):
        return phrase("password-obvious")
    return None


def objection_to_pin(pin: str) -> Phrase | None:
    """Return why a PIN is not accepted; ``None`` if it is."""
    if not PIN.fullmatch(pin):
        return phrase("pin-form")
    if len(set(pin)) < 3 or pin in "01234567890123" or pin in "98765432109876":  # noqa: PLR2004 - digits
        return phrase("pin-obvious")
    return None


class Passwords:
    """Computes and compares what is kept of passwords, on other threads.

    Args:
        hasher: argon2id; the library's default follows RFC 9106.

    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(AT_ONCE, "password", _give_way)
        self._unknown = ""
        """What is compared where there is nothing to compare with, so that it takes as long."""

    async def hash(self, password: str) -> str:
        """Return what to keep of a password."""
        loop = asyncio.get_running_loop()
        plain = normalize("NFKC", password)
        return await loop.run_in_executor(self._threads, self._hasher.hash, plain)

    async def verify(self, kept: str, password: str) -> bool:
        """Return whether a password is the one of which this was kept; nothing kept takes as long and is never it."""
        if len(password) > LONGEST:
            return False
        loop = asyncio.get_running_loop()
        plain = normalize("NFKC", password)
        return await loop.run_in_executor(self._threads, self._verify, kept, plain)

    def is_outdated(self, kept: str) -> bool:
        """Return whether it was computed with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        self._unknown = self._unknown or self._hasher.hash("")
        try:
            self._hasher.verify(kept or self._unknown, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)


def _give_way() -> None:
    """Have this thread, and those that it starts, give way to the line: whoever signs in can wait, an alert can't."""
    if sys.platform == "linux":  # elsewhere, threads have no priority of their own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
