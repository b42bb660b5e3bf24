"""The outbox keeps why an attempt failed as a sentence, and reads what older versions wrote in English."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from monitor.core.phrase import phrase
from monitor.core.transitions import PageOrdered
from monitor.journal import Journal
from monitor.journal.outbox import AttemptClosed, AttemptOpened

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_reason_is_kept_for_readers_of_any_language(tmp_path: Path) -> None:
    """A sentence comes back as it was given; the text of an older version, or of a service, stays a text."""
    path = tmp_path / "journal.db"
    why = phrase(
        "sink-unreachable", server=phrase("channel-service"), error=phrase("cause-refused")
    )
    with Journal(path) as journal:
        page = PageOrdered(at=AT, id="p", person="anna", kind="raised", reason="named", alerts=())
        journal.outbox.add([(1, page)])
        for n in (1, 2, 3):
            journal.outbox.write(
                [
                    AttemptOpened(page="p", n=n, channel="phone", at=AT, is_repeat=False),
                    AttemptClosed(page="p", n=n, at=AT, result="failed", reason=why),
                ]
            )
    with sqlite3.connect(path) as db:
        db.execute("UPDATE attempt SET reason = 'the service can''t be reached' WHERE n = 2")
        db.execute("""UPDATE attempt SET reason = '{"id":"of the service"}' WHERE n = 3""")

    with Journal(path) as journal:
        (row,) = journal.outbox.latest(1)

    assert [each.reason for each in row.attempts] == [
        why,
        "the service can't be reached",
        '{"id":"of the service"}',
    ]
