"""Signing in, and the PIN: slow for everyone alike, slower for whoever guesses."""

from unicodedata import normalize

from monitor.accounts.context import Context
from monitor.accounts.lock_out import LockOut
from monitor.accounts.session import Session
from monitor.errors import SignInRefused

_LONGEST_NAME = 64


class SignIn:
    """Decides who may sign in."""

    def __init__(self, context: Context) -> None:
        self._in = context
        self._lock_out = LockOut()

    async def sign_in(
        self, name: str, password: str, address: str, device: str, *, known: str
    ) -> tuple[str, Session]:
        """Begin a session, if the password is right.

        Raises:
            SignInRefused: for whatever reason.

        """
        name = canonical(name)[:_LONGEST_NAME]
        is_known = bool(known) and self._in.sessions.knows_device(name, known)
        bucket = f"{name} {known}" if is_known else name
        if wait := self._lock_out.begin(bucket, address, self._in.now()):
            raise SignInRefused(wait)
        kept = self._in.directory.kept(name).password
        if not await self._in.passwords.verify(kept, password):
            raise self._refusal(name, bucket, address)
        renewed = (
            await self._in.passwords.hash(password)
            if self._in.passwords.is_outdated(kept)
            else kept
        )
        with self._in.db.transaction():
            # Meanwhile the account may have been disabled, or have been given another password.
            if self._in.directory.kept(name).password != kept:
                raise SignInRefused
            if renewed != kept:
                self._in.directory.keep_password(name, renewed)
            begun = self._in.sessions.begin(name, device)
        self._lock_out.succeed(bucket, address)
        return begun

    async def check_pin(self, session: Session, pin: str) -> bool:
        """Return whether it is the PIN of the session's account; too many wrong ones end the session."""
        if not self._in.sessions.begin_pin(session.id):
            return False
        kept = self._in.directory.kept(session.account.name).pin
        if await self._in.passwords.verify(kept, pin):
            return self._in.sessions.accept_pin(session.id)
        if self._in.sessions.refuse_pin(session.id):
            self._in.audit.add_failures(self._in.now(), session.account.name, "")
        return False

    async def sign(self, name: str, pin: str, address: str) -> None:
        """Go on only if it is the PIN of an account, whose owner signs in somebody else's session.

        Wrong ones are counted for the account and the address as wrong passwords are, and end nobody's session.

        Raises:
            SignInRefused: it is not, there is no such account or PIN, or the next try has to wait.

        """
        bucket = f"{name} pin"
        if wait := self._lock_out.begin(bucket, address, self._in.now()):
            raise SignInRefused(wait)
        kept = self._in.directory.kept(name).pin
        if (
            not await self._in.passwords.verify(kept, pin)
            or self._in.directory.kept(name).pin != kept
        ):
            raise self._refusal(name, bucket, address)
        self._lock_out.succeed(bucket, address)

    def _refusal(self, name: str, bucket: str, address: str) -> SignInRefused:
        now = self._in.now()
        if self._lock_out.is_burst(bucket, address, now):
            known = "" if self._in.directory.find(name) is None else name
            self._in.audit.add_failures(now, known, address)
        return SignInRefused(self._lock_out.wait(bucket, address, now))


def canonical(name: str) -> str:
    """Return a name as accounts have it: phones write a capital at the beginning and a space at the end."""
    return normalize("NFKC", name).strip().lower()
