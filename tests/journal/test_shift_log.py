"""The shift log in the journal: every entry is there for good, newest first, among the changes of alerts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alert import Change
from monitor.core.events.commands import (
    LogConfirmed,
    LogHandedOver,
    LogStruck,
    LogWritten,
    StaffMask,
)
from monitor.core.transitions import AlertChanged, LogEntry, LogEntryWritten, refusal_in
from monitor.journal import Journal
from monitor.journal.changes import ChangesReader
from monitor.journal.journal_copy import JournalCopy
from monitor.journal.maintenance import Maintenance
from monitor.journal.shift_log import LogFilter, LogRow
from monitor.journal.verify import verify
from tests.support.pipeline import START, PipelineHarness, event_payload

DAY = timedelta(days=1)
ENTRIES = LogFilter(kind="people")
EVERYTHING = LogFilter(silent_at=None)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """An empty pipeline."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


def wrote(line: PipelineHarness, text: str, who: str = "ann", alert: str = "") -> str:
    """A person writes an entry in the console; return its id."""
    event = LogWritten(at=line.clock.time, who=who, text=text, alert=alert)
    seen = line.pipeline.record(event, f"console/{who}", f"{who} {text}")
    (entry,) = [row.entry for row in seen if isinstance(row, LogEntryWritten)]
    return entry.id


def strikes(line: PipelineHarness, entry: str, who: str = "bob") -> bool:
    """A person strikes an entry; return whether it was accepted."""
    event = LogStruck(at=line.clock.time, who=who, entry=entry, reason="wrong door")
    return refusal_in(line.pipeline.record(event, f"console/{who}", f"{who} {entry}")) is None


def masked(line: PipelineHarness, site: str) -> None:
    """A person masks all alerts of a place for an hour."""
    until = line.clock.time + timedelta(hours=1)
    event = StaffMask(
        at=line.clock.time, who="ann", what="*", until=until, reason="repair", site=site
    )
    line.pipeline.record(event, "console/ann", "mask")


def forced(line: PipelineHarness, point: str = "d1", kind: str = "door.alarm") -> str:
    """An alert is raised at a point; return its id."""
    fields = {"alarm": "forced_open"} if kind == "door.alarm" else {}
    topic = f"venue/centre/{kind.partition('.')[0]}/{point}"
    line.take(line.sent(topic, event_payload(kind, line.clock.time, point=point, **fields)))
    line.wait(3)
    return next(row.id for row in line.journal.alerts() if row.key == point)


def shown(rows: list[LogRow]) -> list[str]:
    """Texts of entries, and changes of alerts."""
    return [
        row.what.text
        if isinstance(row.what, LogEntry)
        else str(getattr(row.what, "change", type(row.what).__name__))
        for row in rows
    ]


def test_entries_stand_among_the_changes_of_alerts(line: PipelineHarness) -> None:
    """The newest is first; recurrences are left out; what belongs to another site is left out on request."""
    wrote(line, "shift begins")
    alert = forced(line)
    forced(line)
    wrote(line, "door wedged", alert=alert)
    log = line.journal.shift_log

    assert shown(log.rows()) == ["door wedged", "raised", "shift begins"]
    assert shown(log.rows(ENTRIES)) == ["door wedged", "shift begins"]
    assert shown(log.rows(LogFilter(frozenset({"centre"})))) == ["door wedged", "raised"]
    assert shown(log.rows(LogFilter(alert=alert))) == ["door wedged", "raised"]
    assert shown(log.rows(LogFilter(since=START + timedelta(seconds=1)))) == ["door wedged"]
    assert verify(line.journal.path) == []


def test_pages_follow_each_other(line: PipelineHarness) -> None:
    """Nothing is shown twice or left out between pages."""
    for n in range(7):
        wrote(line, str(n))
        if n == 3:
            forced(line)
    log, found, before = line.journal.shift_log, list[LogRow](), None
    while page := log.rows(before=before, limit=3):
        found += page
        before = page[-1].seq, page[-1].n

    assert found == log.rows()
    assert len(found) >= 7


def test_silent_alerts_are_for_those_who_may_see_them(line: PipelineHarness) -> None:
    """A change of a silent alert, and what was written about it, is in no one else's log, even when it is closed."""
    alert = forced(line, kind="access.duress")
    wrote(line, "police called", alert=alert)
    wrote(line, "quiet")
    payload = event_payload("staff.close", line.clock.time, who="ann", alert=alert, note="over")
    line.take(line.sent("venue/centre/staff/ann", payload))
    wrote(line, "report written", alert=alert)
    log = line.journal.shift_log

    assert shown(log.rows(limit=2)) == ["quiet"]
    assert shown(log.rows(EVERYTHING)) == [
        *("report written", "closed", "quiet", "police called", "raised")
    ]


def test_a_struck_entry_stays(line: PipelineHarness) -> None:
    """It is shown with who struck it and why; the first strike counts."""
    entry = wrote(line, "shots heard")
    assert strikes(line, entry)
    assert not strikes(line, entry, "eve")
    (row,) = line.journal.shift_log.rows()

    assert shown([row]) == ["shots heard"]
    assert row.strike is not None
    assert (row.strike.who, row.strike.reason) == ("bob", "wrong door")
    assert line.journal.shift_log.entry(entry) == row
    assert line.journal.shift_log.entry("99") is None


def test_retention_keeps_the_entries(line: PipelineHarness) -> None:
    """Changes of alerts go with the inputs from which they followed; what people wrote stays, struck or not."""
    alert = forced(line)
    strikes(line, wrote(line, "first"))
    line.clock.time += 30 * DAY
    wrote(line, "last")
    line.pipeline.snapshot()
    line.clock.time += DAY
    line.pipeline.snapshot()
    with Maintenance(line.journal.path) as maintenance:
        while maintenance.prune(line.clock.time - 2 * DAY):
            pass
    log = line.journal.shift_log

    assert shown(rows := log.rows(ENTRIES)) == ["last", "first"]
    assert rows[1].strike is not None
    assert log.rows(LogFilter(alert=alert)) == []
    assert verify(line.journal.path) == []


def test_a_copy_has_the_same_log(line: PipelineHarness, tmp_path: Path) -> None:
    """A standby that takes over shows the same entries, whenever it was begun."""
    first = wrote(line, "first")
    forced(line)
    path = tmp_path / "copy.db"
    for act in (lambda: wrote(line, "second"), lambda: strikes(line, first)):
        with JournalCopy(path) as copy, ChangesReader(line.journal.path) as reader:
            copy.apply(reader.changes(copy.position()))
        act()
    with JournalCopy(path) as copy, ChangesReader(line.journal.path) as reader:
        copy.apply(reader.changes(copy.position()))
    with Journal(path, read_only=True) as copied:
        assert copied.shift_log.rows() == line.journal.shift_log.rows()


def test_a_journal_of_version_6_shows_its_alerts(line: PipelineHarness) -> None:
    """The changes of alerts from before the log was kept are in it after the upgrade."""
    forced(line)
    path = line.journal.path
    expected = line.journal.shift_log.rows()
    line.journal.close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_8)
        db.execute("DROP TABLE log_entry")
        db.execute("DROP TABLE log_change")
        db.execute("PRAGMA user_version = 6")
    with Journal(path) as upgraded:
        assert upgraded.shift_log.rows() == expected
        (row,) = expected
        assert isinstance(row.what, AlertChanged)
        assert row.what.change is Change.RAISED


VERSION_8 = """
    DROP TABLE work_event;
    DROP TABLE evidence;
"""
VERSION_7 = """
    DROP INDEX log_change_site;
    DROP INDEX log_change_alert;
    ALTER TABLE log_change RENAME TO alert_change;
    CREATE INDEX alert_change_site ON alert_change (site);
    CREATE INDEX alert_change_alert ON alert_change (alert);
    DELETE FROM alert_change WHERE alert = '';
    DROP INDEX log_entry_site;
    ALTER TABLE log_entry DROP COLUMN confirmation;
    PRAGMA user_version = 7;
"""


def test_a_journal_of_version_7_shows_its_masks_and_entries(line: PipelineHarness) -> None:
    """What was written then stays as it was; masks from before the upgrade are in the log."""
    forced(line)
    strikes(line, wrote(line, "first"))
    masked(line, site="centre")
    path, expected = line.journal.path, line.journal.shift_log.rows()
    line.journal.close()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_8 + VERSION_7)
    with Journal(path) as upgraded:
        log = upgraded.shift_log
        assert log.rows() == expected
        assert shown(log.rows(LogFilter(frozenset({"centre"}), kind="automatic"))) == [
            *("shelved", "MaskChanged", "raised")
        ]


def test_what_is_of_several_sites_is_in_one_order(line: PipelineHarness) -> None:
    """Each site is read by itself; a site that nobody asked for is not read."""
    for n, site in enumerate(("centre", "annex", "", "centre", "annex", "")):
        line.clock.time += timedelta(seconds=1)
        event = LogWritten(at=line.clock.time, who="ann", text=f"{n}", site=site)
        line.pipeline.record(event, "console/ann", str(n))
    log = line.journal.shift_log

    assert shown(log.rows(LogFilter(frozenset({"centre", ""})))) == ["5", "3", "2", "0"]
    assert shown(log.rows(LogFilter(frozenset({"centre", "annex"})), limit=3)) == ["4", "3", "1"]
    assert log.rows(LogFilter(frozenset())) == []


def test_a_hand_over_is_confirmed_once(line: PipelineHarness) -> None:
    """The entry shows who has confirmed it; so does a copy of the journal."""
    event = LogHandedOver(at=line.clock.time, who="ann", to="bob", text="gate 3 by hand")
    line.pipeline.record(event, "console/ann", "1")
    for who in ("eve", "bob", "bob"):
        confirmation = LogConfirmed(at=line.clock.time, who=who, entry="1")
        line.pipeline.record(confirmation, f"console/{who}", who)
    (row,) = line.journal.shift_log.rows()

    assert isinstance(row.what, LogEntry)
    assert row.what.hand_over is not None
    assert row.confirmation is not None
    assert row.confirmation.who == "bob"
    assert line.journal.shift_log.entry("1") == row
    assert verify(line.journal.path) == []


ACTS = st.tuples(st.sampled_from(["ann", "bob"]), st.integers(0, 12), st.booleans(), st.booleans())


@given(st.lists(ACTS, max_size=40))
def test_two_officers_at_once_lose_nothing(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, bool, bool]]
) -> None:
    """Whatever two officers add and strike, by console or MQTT, twice or once, every entry is there, each once."""
    path = tmp_path_factory.mktemp("log") / "journal.db"
    written: dict[str, str] = {}
    struck: dict[str, str] = {}
    with PipelineHarness(path) as line:
        for n, (who, which, is_strike, by_console) in enumerate(acts):
            line.clock.time += timedelta(milliseconds=n % 3)
            event: LogWritten | LogStruck
            if is_strike:
                event = LogStruck(at=line.clock.time, who=who, entry=str(which), reason="wrong")
                if str(which) in written:
                    struck.setdefault(str(which), who)
            else:
                written[str(len(written) + 1)] = f"{who} {n}"
                event = LogWritten(at=line.clock.time, who=who, text=f"{who} {n}")
            for _ in range(2):  # each is sent twice
                submit(line, event, str(n), by_console=by_console)
        rows = line.journal.shift_log.rows(limit=1_000)
        found = {row.what.id: row.what.text for row in rows if isinstance(row.what, LogEntry)}
        marks = {row.strike.entry: row.strike.who for row in rows if row.strike}
        expected = len(rows)

    assert found == written
    assert marks == struck
    assert expected == len(written)
    assert verify(path) == []


def submit(
    line: PipelineHarness, event: LogWritten | LogStruck, key: str, *, by_console: bool
) -> None:
    """A person acts in the console, or sends a message."""
    if by_console:
        line.pipeline.record(event, f"console/{event.who}", key)
        return
    fields = {"text": event.text} if isinstance(event, LogWritten) else {"reason": event.reason}
    if isinstance(event, LogStruck):
        fields["entry"] = event.entry
    kind = "log.written" if isinstance(event, LogWritten) else "log.struck"
    payload = event_payload(kind, event.at, who=event.who, id=key, **fields)
    line.take(line.sent(f"venue/centre/staff/{event.who}", payload))
