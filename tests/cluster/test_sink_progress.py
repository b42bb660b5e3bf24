"""A journal that is written again: its sinks go on where they were, and nobody is paged twice without a word."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.cluster.sink_progress import SinkProgress
from monitor.core.inputs import Tick
from monitor.core.transitions import PageOrdered
from monitor.journal import Journal, Record
from monitor.journal.outbox import PageSettled
from monitor.sinks.notify import NotifySink
from tests.support.paging import AT, page

SITE = "trial"


def write(journal: Journal, *pages: PageOrdered) -> None:
    """Write orders of pages, each with an input of its own."""
    journal.commit([Record(Tick(received_at=AT), [row]) for row in pages])


@pytest.fixture
def pages() -> list[PageOrdered]:
    """Four pages; nobody knows what became of the last two, of which one is old."""
    old = replace(page("p4"), at=AT - timedelta(hours=30))
    return [page("p1"), page("p2"), page("p3"), old]


def test_settled_pages_stay_settled(tmp_path: Path, pages: list[PageOrdered]) -> None:
    """One that is not known to be settled may have been sent: it is marked as a repetition, unless it is old."""
    rows: dict[str, bytes] = {f"{SITE} sink notify": b"2", "another sink notify": b"9"}
    SinkProgress(rows, SITE, rows.__setitem__).settle(
        [PageSettled(page="p1", state="delivered"), PageSettled(page="p2", state="late")]
    )
    with Journal(tmp_path / "journal.db") as journal:
        write(journal, *pages)
        again = [SinkProgress(rows, SITE, rows.__setitem__).restore(journal, AT) for _ in "12"]
        found = {row.page.id: (row.state, row.may_have_arrived) for row in journal.outbox.latest(9)}
        cursor = journal.readers.cursor(NotifySink.name)

    assert again == [2, 0]
    assert found == {
        "p1": ("delivered", False),
        "p2": ("late", True),
        "p3": ("waiting", True),
        "p4": ("needless", False),
    }
    assert cursor == 4


def test_other_sinks_go_on_where_they_were(tmp_path: Path, pages: list[PageOrdered]) -> None:
    """And what is noted of a sink that is new, or is ahead of it, changes nothing."""
    rows = {f"{SITE} sink {name}": b"3" for name in ("mqtt", "webhook-a")} | {
        f"{SITE} sink webhook-b": b"900"
    }
    with Journal(tmp_path / "journal.db") as journal:
        write(journal, *pages)
        journal.readers.advance("mqtt", 4)
        assert SinkProgress(rows, SITE, rows.__setitem__).restore(journal, AT) == 0
        assert journal.readers.cursors() == {"mqtt": 4, "webhook-a": 3, "webhook-b": 4}


def test_the_first_reader_of_a_site_pages_from_the_beginning(
    tmp_path: Path, pages: list[PageOrdered]
) -> None:
    """Nothing is known of it, so nothing has been sent."""
    rows: dict[str, bytes] = {}
    with Journal(tmp_path / "journal.db") as journal:
        write(journal, *pages)
        assert SinkProgress(rows, SITE, rows.__setitem__).restore(journal, AT) == 0
        assert (journal.outbox.latest(9), journal.readers.cursors()) == ([], {})
