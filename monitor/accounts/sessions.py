"""Sessions and the devices that people have signed in from: begun, found by their token, listed and ended."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from monitor.accounts.database import Database, read_time, stored
from monitor.accounts.directory import Directory
from monitor.accounts.secret import new_id, new_token, token_digest
from monitor.accounts.session import LONGEST, UNATTENDED, Session

WRONG_PINS = 5
"""Wrong PINs in a row that end a session: its owner signs in again."""
KNOWN_DEVICE = timedelta(days=365)
"""For so long a device that was signed in from is known; judgement."""
NOTED_EVERY = timedelta(minutes=1)
"""Input is noted no more often: each note is a write, for which the line would wait."""
_MOST_DEVICES = 20
_LONGEST_DEVICE = 200
_COLUMNS = "id, account, device, created_at, last_input_at, ends_at"


class Sessions:
    """The sessions in the accounts' file; one that has ended is never returned."""

    def __init__(self, db: Database, directory: Directory, now: Callable[[], datetime]) -> None:
        self._db = db
        self._directory = directory
        self._now = now

    def begin(self, name: str, device: str) -> tuple[str, Session]:
        """Begin a session of an account; return its token, which is kept nowhere, with it."""
        now, token, own = self._now(), new_token(), new_id()
        self._db.change("DELETE FROM session WHERE ends_at <= ?", stored(now))
        self._db.change(
            "INSERT INTO session (id, token, account, device, created_at, last_input_at, ends_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            own,
            token_digest(token),
            name,
            device[:_LONGEST_DEVICE],
            stored(now),
            stored(now),
            stored(now + LONGEST),
        )
        return token, self._session(
            (own, name, device[:_LONGEST_DEVICE], *map(stored, (now, now, now + LONGEST)))
        )

    def find(self, token: str) -> Session | None:
        """Return the session of a token; ``None`` if it has ended or its account may not sign in."""
        row = self._db.row(
            f"SELECT {_COLUMNS} FROM session WHERE token = ? AND ends_at > ?",  # noqa: S608
            token_digest(token),
            stored(self._now()),
        )
        if row is None:
            return None
        session = self._session(row)
        return None if session.account.is_disabled else session

    def of(self, name: str) -> Sequence[Session]:
        """Return the sessions of an account, the latest first."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM session WHERE account = ? AND ends_at > ?"  # noqa: S608
            " ORDER BY created_at DESC",
            name,
            stored(self._now()),
        )
        return [self._session(row) for row in rows]

    def touch(self, own: str) -> None:
        """Take note of input, once a minute; a session that asks for the PIN goes on asking."""
        now = self._now()
        self._db.change(
            "UPDATE session SET last_input_at = ? WHERE id = ? AND last_input_at > ? AND last_input_at <= ?",
            stored(now),
            own,
            stored(now - UNATTENDED),
            stored(now - NOTED_EVERY),
        )

    def begin_pin(self, own: str) -> bool:
        """Begin a try of the PIN, which counts as wrong until `accept_pin`; return whether one is left."""
        return bool(
            self._db.change(
                "UPDATE session SET wrong_pins = wrong_pins + 1 WHERE id = ? AND wrong_pins < ? AND ends_at > ?",
                own,
                WRONG_PINS,
                stored(self._now()),
            )
        )

    def accept_pin(self, own: str) -> bool:
        """Take note that the PIN was right; return whether the session goes on."""
        now = stored(self._now())
        changed = self._db.change(
            "UPDATE session SET wrong_pins = 0, last_input_at = ? WHERE id = ? AND ends_at > ?",
            now,
            own,
            now,
        )
        return bool(changed)

    def refuse_pin(self, own: str) -> bool:
        """Take note that the PIN was wrong; return whether that has ended the session."""
        ended = self._db.change(
            "DELETE FROM session WHERE id = ? AND wrong_pins >= ?", own, WRONG_PINS
        )
        return bool(ended)

    def end(self, own: str) -> str | None:
        """End a session; return the name of its account, ``None`` if there was no such session."""
        row = self._db.row("DELETE FROM session WHERE id = ? RETURNING account", own)
        return None if row is None else str(row[0])

    def end_all(self, name: str, *, except_for: str = "") -> None:
        """End the sessions of an account, except for one."""
        self._db.change("DELETE FROM session WHERE account = ? AND id <> ?", name, except_for)

    def remember_device(self, name: str) -> str:
        """Return a token by which a device is known as one that an account has signed in from."""
        token, now = new_token(), self._now()
        self._db.change("DELETE FROM device WHERE ends_at <= ?", stored(now))
        self._db.change(
            "INSERT INTO device (token, account, ends_at) VALUES (?, ?, ?)",
            token_digest(token),
            name,
            stored(now + KNOWN_DEVICE),
        )
        self._db.change(
            "DELETE FROM device WHERE account = ?1 AND token NOT IN"
            " (SELECT token FROM device WHERE account = ?1 ORDER BY ends_at DESC LIMIT ?2)",
            name,
            _MOST_DEVICES,
        )
        return token

    def knows_device(self, name: str, token: str) -> bool:
        """Return whether an account has signed in from the device of a token."""
        row = self._db.row(
            "SELECT 1 FROM device WHERE token = ? AND account = ? AND ends_at > ?",
            token_digest(token),
            name,
            stored(self._now()),
        )
        return row is not None

    def forget_devices(self, name: str) -> None:
        """Forget the devices of an account."""
        self._db.change("DELETE FROM device WHERE account = ?", name)

    def _session(self, row: tuple[str, ...]) -> Session:
        own, name, device, *times = row
        created_at, last_input_at, ends_at = map(read_time, times)
        return Session(
            id=own,
            account=self._directory.get(name),
            device=device,
            created_at=created_at,
            last_input_at=last_input_at,
            ends_at=ends_at,
        )
