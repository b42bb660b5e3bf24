"""Proves that a journal is whole: reads every row, and tells of each that isn't as it was written."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from hashlib import blake2b, sha256
from pathlib import Path

import msgspec

from monitor.core.alert import Alert
from monitor.core.transitions import Mask, ReadinessChanged, ZoneStanding
from monitor.errors import JournalError
from monitor.journal.database import UNREADABLE, open_to_read
from monitor.journal.record import TRANSITION, checksum, read_input


def verify(path: Path, head: str | None = None) -> list[str]:
    """Return everything that is wrong with a journal; an empty list means that it is whole.

    Args:
        path: the journal; the monitor may write on meanwhile.
        head: the end of the audit trail as somebody noted it earlier, ``N:HASH``: what was cut off since is found.

    Raises:
        JournalError: there is no journal, it is of another version, or `head` is none.

    """
    noted = None if head is None else _read_head(head)
    wrong: list[str] = []
    try:
        with closing(open_to_read(path)) as db:
            db.execute("BEGIN")  # all of it as it is at one moment
            for check in (_structure, _inputs, _standing, _snapshots, _chain):
                wrong += check(db)
            wrong += _cut_off(db, noted)
    except sqlite3.Error as error:
        wrong.append(f"unreadable: {error}")
    return wrong


def _structure(db: sqlite3.Connection) -> Iterator[str]:
    for (row,) in db.execute("PRAGMA integrity_check(20)"):
        if row != "ok":
            yield f"structure: {row}"


def _inputs(db: sqlite3.Connection) -> Iterator[str]:
    """Read every input with its transitions, in order: none missing, none changed."""
    expected = 0
    for row in db.execute("SELECT * FROM input ORDER BY seq"):
        seq: int = row[0]
        if expected and seq != expected:
            yield f"input {expected}: missing" + (f", to {seq - 1}" if seq > expected + 1 else "")
        expected = seq + 1
        rows = db.execute("SELECT body FROM transition WHERE seq = ? ORDER BY n", (seq,)).fetchall()
        followed = [body for (body,) in rows]
        if checksum(row, followed) != row[-1]:
            yield f"input {seq}: it, or what followed from it, is not as it was written"
            continue
        try:
            read_input(row)
            for body in followed:
                TRANSITION.decode(body)
        except UNREADABLE as error:
            yield f"input {seq}: {error}"
    orphans = "SELECT count(*) FROM transition WHERE seq NOT IN (SELECT seq FROM input)"
    (count,) = db.execute(orphans).fetchone()
    if count:
        yield f"{count} transitions have no input"
    for table in ("alert", "zone", "readiness", "mask", "snapshot", "cursor"):
        (latest,) = db.execute(f"SELECT coalesce(max(seq), 0) FROM {table}").fetchone()  # noqa: S608 - constants
        if latest >= max(expected, 1):
            yield f"{table}: it names input {latest}, which is missing"


def _standing(db: sqlite3.Connection) -> Iterator[str]:
    """Compare how everything stands with the transitions that say so, where those are still there."""
    for table, (before, kind) in _STANDING.items():
        for subject, seq, body in db.execute(f"SELECT id, seq, body FROM {table}"):  # noqa: S608 - constants
            try:
                msgspec.json.decode(body, type=kind)
            except UNREADABLE as error:
                yield f"{table} {subject}: {error}"
                continue
            if not _said(db, seq, before + body):
                yield f"{table} {subject}: not as input {seq} left it"
    for subject, is_open, body in db.execute("SELECT id, is_open, body FROM alert"):
        with suppress(*UNREADABLE):
            if msgspec.json.decode(body, type=Alert).is_open != bool(is_open):
                yield f"alert {subject}: open in one place, closed in another"


_STANDING: Mapping[str, tuple[bytes, type]] = {
    "alert": (b'"alert":', Alert),
    "zone": (b'"standing":', ZoneStanding),
    "readiness": (b"", ReadinessChanged),
    "mask": (b'"mask":', Mask),
}
"""Each table of how things stand: what comes before its rows in the transitions that hold them, and their type."""


def _said(db: sqlite3.Connection, seq: int, body: bytes) -> bool:
    """Tell whether a transition of this input says so; where retention has removed them, nobody can know."""
    rows = db.execute("SELECT body FROM transition WHERE seq = ?", (seq,)).fetchall()
    return not rows or any(body in row for (row,) in rows)


def _snapshots(db: sqlite3.Connection) -> Iterator[str]:
    for seq, digest, body in db.execute("SELECT seq, digest, body FROM snapshot"):
        if blake2b(body, digest_size=16).digest() != digest:
            yield f"snapshot {seq}: its digest doesn't fit; it was changed or damaged"


def _chain(db: sqlite3.Connection) -> Iterator[str]:
    """Follow the audit trail: each hash covers the row and the hash before."""
    before, expected = b"", 1
    for n, body, found in db.execute("SELECT n, body, hash FROM audit ORDER BY n"):
        if n != expected:
            yield f"audit {expected}: missing"
        elif sha256(before + body).digest() != found:
            yield f"audit {n}: its hash doesn't fit; this row or one before it was changed"
        before, expected = found, n + 1


def _cut_off(db: sqlite3.Connection, noted: tuple[int, bytes] | None) -> Iterator[str]:
    if noted is None:
        return
    row = db.execute("SELECT hash FROM audit WHERE n = ?", noted[:1]).fetchone()
    if row is None:
        yield f"audit {noted[0]}: missing, though it was noted: the end was cut off"
    elif row[0] != noted[1]:
        yield f"audit {noted[0]}: not the one that was noted; the trail was written anew"


def _read_head(head: str) -> tuple[int, bytes]:
    n, _, digits = head.partition(":")
    try:
        return int(n), bytes.fromhex(digits)
    except ValueError as error:
        raise JournalError(
            f'"{head}" is no head of an audit trail; write it as verify printed it, N:HASH'
        ) from error
