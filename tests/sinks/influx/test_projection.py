"""What the journal says is what InfluxDB has: every event, every step of an alert, and how things stand meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Notice
from monitor.core.transitions import AlertChanged
from monitor.journal import Journal
from monitor.sinks.influx.projection import Scribe
from tests.support.influxd import Influx
from tests.support.pipeline import START, TOLERANCE, Line, said, trial_book

KEY = b"a key of 16 byte"


def scribe() -> Scribe:
    """A scribe that has read nothing."""
    return Scribe(lambda _: trial_book(), KEY, TOLERANCE)


def written(journal: Journal) -> list[str]:
    """The lines of the whole journal."""
    return list(scribe().lines(journal.entries(0, 1_000_000)))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line with nothing in it."""
    with Line(tmp_path / "journal.db") as made:
        yield made


def tell(line: Line, kind: str, site: str = "centre", **fields: object) -> None:
    """Something happens now, and is told at once."""
    topic = f"venue/{site}/{kind.partition('.')[0]}/{next(iter(fields.values()))}"
    line.take(line.sent(topic, said(kind, line.clock.time, **fields)))


def test_every_event_and_every_step_is_there(line: Line, influx: Influx) -> None:
    """By number and by id: two in one millisecond, one again, one that can't be read, and their alerts."""
    for n in range(50):
        tell(line, "access.granted", point="g1", id=f"n{n}", direction="in", credential=f"c{n}")
    tell(line, "access.granted", point="g1", id="n1", direction="in", credential="c1")
    line.take(line.sent("venue/centre/access/g1", b"nonsense"))
    tell(line, "door.alarm", point="d1", alarm="forced_open")
    line.wait(120)
    for _ in range(2):  # sent twice changes nothing
        influx.write("\n".join(written(line.journal)))

    rows = influx.query("SELECT event_id, subject FROM access")
    arrived = [entry.id for entry in line.journal.entries(0) if entry.id is not None]
    assert {bytes.fromhex(row["event_id"]) for row in rows} < set(arrived)
    assert len(rows) == 50
    assert len({row["subject"] for row in rows}) == 50
    steps = influx.query("SELECT alert_id, rule, change FROM alert_event")
    told = [
        (row.transition.alert.id, row.transition.change)
        for row in line.journal.transitions(0, 1_000)
        if isinstance(row.transition, AlertChanged)
    ]
    assert sorted((row["alert_id"], row["change"]) for row in steps) == sorted(told)


def test_what_is_read_in_pieces_gives_the_same_points(line: Line) -> None:
    """Stopped after any input and started again from its memory, nothing is missing, twice, or another."""
    for n in range(30):
        tell(line, "access.granted", point="g1", id=f"a{n}", direction="in")
        tell(line, "door.opened" if n % 2 else "door.closed", point="d1", id=f"d{n}")
        line.wait(7)
    tell(line, "door.alarm", point="d2", alarm="forced_open")
    line.wait(200)
    whole = written(line.journal)

    pieces: list[str] = []
    memory, after = None, 0
    while entries := line.journal.entries(after, 3):
        again = scribe()
        again.recall(memory)
        pieces += again.lines(entries)
        memory, after = again.remember(), entries[-1].seq

    assert pieces == whole


def test_a_silent_alert_and_its_event_are_nowhere(line: Line) -> None:
    """Whoever looks at the wall learns nothing of a duress."""
    tell(line, "door.opened", point="d1")
    before = len(line.journal.alerts())
    tell(line, "access.duress", point="g1", holder="somebody")
    line.wait(120)

    assert [row.rule for row in line.journal.alerts()[before:] if row.silent] == ["duress"]
    text = "\n".join(written(line.journal))
    assert "duress" not in text
    assert "somebody" not in text
    assert ",point=g1,direction" not in text
    assert "severity=life_safety open=0i" in text
    assert "severity=life_safety open=1i" not in text


def test_no_name_of_a_person_is_written(line: Line) -> None:
    """Neither of holders nor of staff, in fields or in titles, nor what they wrote."""
    names = ["Holder-Name", "Card-4711", "Inspector-Name", "Approver-Name", "Officer-Name"]
    tell(line, "door.alarm", point="d1", alarm="forced_open")
    for n in range(5):
        tell(
            line,
            "access.denied",
            point="g1",
            holder=names[0],
            credential=names[1],
            reason="unknown_credential",
            id=f"{n}",
        )
    visit = {"checklist": "exits-free", "inspection": "i1", "inspector": names[2]}
    tell(line, "inspection.submitted", **visit, items=[])
    tell(line, "inspection.approved", **visit | {"inspector": names[3]}, approver=names[3])
    (alert,) = (row for row in line.journal.alerts() if row.rule == "door-forced")
    line.take(
        line.sent(
            f"venue/centre/staff/{names[4]}",
            said("staff.acknowledge", START, who=names[4], alert=alert.id, note="Secret-Word here"),
        )
    )
    line.wait(120)
    text = "\n".join(written(line.journal))

    assert len(line.journal.alerts()) > 2
    assert not [name for name in [*names, "Secret-Word"] if name in text]
    assert 'handling="acknowledged",unacknowledged=0i,owner="' in text


def test_every_state_is_written_again_and_again(line: Line, influx: Influx) -> None:
    """A window of a few minutes knows of a door that was opened long before it, and of every zone and device."""
    tell(line, "door.opened", point="d1")
    for _ in range(40):
        line.wait(60)
        tell(line, "device.heartbeat", device="r1")
    influx.write("\n".join(written(line.journal)))
    end = int((line.clock.time).timestamp())
    window = f"time > {end - 150}s AND time <= {end}s"

    doors = influx.query(f"SELECT last(state) AS state FROM door WHERE {window} GROUP BY point")  # noqa: S608
    assert {row["point"]: row["state"] for row in doors}["d1"] in (1, 2)
    venue = trial_book().venue
    assert len(doors) == len(venue.points)
    devices = influx.query(f"SELECT last(up) AS up FROM device WHERE {window} GROUP BY device")  # noqa: S608
    assert {row["device"]: row["up"] for row in devices} == {
        device.id: int(device.id == "r1") for device in venue.devices
    }
    counts = influx.query(f"SELECT sum(open) AS open FROM alert_count WHERE {window}")  # noqa: S608
    assert counts[0]["open"] is not None


def test_while_nothing_comes_in_the_clock_moves_the_states_on(line: Line) -> None:
    """Up to the present time, and no tick twice."""
    tell(line, "door.opened", point="d1")
    made = scribe()
    list(made.lines(line.journal.entries(0)))

    first = list(made.until(START + timedelta(minutes=2)))
    again = list(made.until(START + timedelta(minutes=2)))
    assert sum(row.startswith("door,") and ",point=d1," in row for row in first) == 2
    assert again == []


def test_a_clock_that_was_set_back_begins_again_from_there(line: Line) -> None:
    """The states stand at whole ten seconds of the new time; nothing waits until the old time comes again."""
    tell(line, "door.opened", point="d1")
    line.clock.time -= timedelta(hours=1)
    tell(line, "door.closed", point="d1")
    line.clock.time += timedelta(minutes=2)
    tell(line, "door.opened", point="d2")
    rows = written(line.journal)

    ticks = {int(row.rsplit(" ", 1)[1]) for row in rows if row.startswith("alert_count,")}
    began = int((START - timedelta(hours=1)).timestamp()) * 10**9
    assert {began + n * 10**10 for n in range(1, 13)} <= ticks


def test_while_nobody_watched_nobody_knows(line: Line) -> None:
    """Between the last input and a start there are no states: the wall shows a gap, not what may have been."""
    tell(line, "door.opened", point="d1")
    path = line.journal.path
    line.journal.close()
    later = START + timedelta(minutes=30)
    with Line(path, now=later) as again:
        again.pipeline.submit(Notice(received_at=later, event=MonitorStarted(at=later)))
        tell(again, "door.closed", point="d1")
        rows = written(again.journal)

    assert not [row for row in rows if row.startswith("alert_count,")]
