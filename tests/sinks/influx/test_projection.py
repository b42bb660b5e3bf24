"""InfluxDB has what the journal has: every event, every change of an alert, and the states in between."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from monitor.core.events.monitor import MonitorStarted
from monitor.core.inputs import Notice, RosterChanged
from monitor.core.roster import Person, Roster
from monitor.core.transitions import AlertChanged
from monitor.journal import Journal
from monitor.sinks.influx.projection import Projection
from tests.support.influxd import Influx
from tests.support.pipeline import START, TOLERANCE, PipelineHarness, event_payload, trial_rule_set

KEY = b"a key of 16 byte"


def projection() -> Projection:
    """A projection without any input."""
    return Projection(lambda _: trial_rule_set(), KEY, TOLERANCE)


def written(journal: Journal) -> list[str]:
    """The lines of the whole journal."""
    return list(projection().lines(journal.entries(0, 1_000_000)))


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """An empty pipeline."""
    with PipelineHarness(tmp_path / "journal.db") as made:
        yield made


def happen(line: PipelineHarness, kind: str, site: str = "centre", **fields: object) -> None:
    """Let an event happen now, with its message arriving at once."""
    topic = f"venue/{site}/{kind.partition('.')[0]}/{next(iter(fields.values()))}"
    line.take(line.sent(topic, event_payload(kind, line.clock.time, **fields)))


def test_every_event_and_every_change_is_stored(line: PipelineHarness, influx: Influx) -> None:
    """Numbers and ids match, with several in one millisecond, a duplicate, an unreadable message, and their alerts."""
    for n in range(50):
        happen(line, "access.granted", point="g1", id=f"n{n}", direction="in", credential=f"c{n}")
    happen(line, "access.granted", point="g1", id="n1", direction="in", credential="c1")
    line.take(line.sent("venue/centre/access/g1", b"nonsense"))
    happen(line, "door.alarm", point="d1", alarm="forced_open")
    line.wait(120)
    for _ in range(2):  # sent twice changes nothing
        influx.write("\n".join(written(line.journal)))

    rows = influx.query("SELECT event_id, subject FROM access")
    arrived = [entry.id for entry in line.journal.entries(0) if entry.id is not None]
    assert {bytes.fromhex(row["event_id"]) for row in rows} < set(arrived)
    assert len(rows) == 50
    assert len({row["subject"] for row in rows}) == 50
    steps = influx.query("SELECT alert_id, rule, change FROM alert_event")
    changes = [
        (row.transition.alert.id, row.transition.change)
        for row in line.journal.transitions(0, 1_000)
        if isinstance(row.transition, AlertChanged)
    ]
    assert sorted((row["alert_id"], row["change"]) for row in steps) == sorted(changes)


def test_what_an_alert_turned_out_to_be_is_stored(line: PipelineHarness, influx: Influx) -> None:
    """Closed alerts can be counted by disposition, and so they can in the metrics."""
    for door, parts in (("d1", {"disposition": "false"}), ("d2", {})):
        happen(line, "door.tamper", point=door, active=True)
        (alert,) = line.journal.alerts()
        happen(line, "staff.close", who="ann", alert=alert.id, note="rain", **parts)
    influx.write("\n".join(written(line.journal)))

    rows = influx.query("SELECT change, disposition FROM alert_event WHERE disposition = 'false'")
    assert [(row["change"], row["disposition"]) for row in rows] == [("closed", "false")]
    counts = {
        name: line.metrics.registry.get_sample_value(
            "venue_alerts_closed_total", {"disposition": name}
        )
        for name in ("false", "not_stated")
    }
    assert counts == {"false": 1, "not_stated": 1}


def test_an_alert_that_a_stranger_acknowledges_has_no_owner(
    line: PipelineHarness, influx: Influx
) -> None:
    """On the dashboards it stays new and counts as unacknowledged until someone in the roster takes it."""
    roster = Roster(people=(Person(id="ann", name="Ann"),), verifies_people=True)
    line.pipeline.submit(RosterChanged(received_at=line.clock.time, who="test", roster=roster))
    happen(line, "door.tamper", point="d1", active=True)
    (alert,) = line.journal.alerts()
    for who in ("eve", "ann"):
        happen(line, "staff.acknowledge", who=who, alert=alert.id)
        line.wait(60)
    happen(line, "device.heartbeat", device="r1")
    influx.write("\n".join(written(line.journal)))

    rows = influx.query("SELECT handling, unacknowledged, owner FROM alert_open")
    found = dict.fromkeys(
        (row["handling"], row["unacknowledged"], bool(row["owner"])) for row in rows
    )
    assert list(found) == [("new", 1, False), ("acknowledged", 0, True)]
    times = influx.query("SELECT ack_s FROM alert_event WHERE change = 'acknowledged'")
    assert len(times) == 1


def test_reading_in_pieces_gives_the_same_points(line: PipelineHarness) -> None:
    """After a stop at any input and a restart from the saved state, no point is missing, duplicated or different."""
    for n in range(30):
        happen(line, "access.granted", point="g1", id=f"a{n}", direction="in")
        happen(line, "door.opened" if n % 2 else "door.closed", point="d1", id=f"d{n}")
        line.wait(7)
    happen(line, "door.alarm", point="d2", alarm="forced_open")
    line.wait(200)
    whole = written(line.journal)

    pieces: list[str] = []
    saved, after = None, 0
    while entries := line.journal.entries(after, 3):
        again = projection()
        again.restore(saved)
        pieces += again.lines(entries)
        saved, after = again.save(), entries[-1].seq

    assert pieces == whole


def test_a_silent_alert_and_its_event_are_not_written(line: PipelineHarness) -> None:
    """A public dashboard shows nothing of a duress alert."""
    happen(line, "door.opened", point="d1")
    before = len(line.journal.alerts())
    happen(line, "access.duress", point="g1", holder="somebody")
    line.wait(120)

    assert [row.rule for row in line.journal.alerts()[before:] if row.silent] == ["duress"]
    text = "\n".join(written(line.journal))
    assert "duress" not in text
    assert "somebody" not in text
    assert ",point=g1,direction" not in text
    assert "severity=life_safety open=0i" in text
    assert "severity=life_safety open=1i" not in text


def test_no_persons_name_is_written(line: PipelineHarness) -> None:
    """No holder, no staff member and no free text is written, neither in fields nor in titles."""
    names = ["Holder-Name", "Card-4711", "Inspector-Name", "Approver-Name", "Officer-Name"]
    happen(line, "door.alarm", point="d1", alarm="forced_open")
    for n in range(5):
        happen(
            line,
            "access.denied",
            point="g1",
            holder=names[0],
            credential=names[1],
            reason="unknown_credential",
            id=f"{n}",
        )
    visit = {"checklist": "exits-free", "inspection": "i1", "inspector": names[2]}
    happen(line, "inspection.submitted", **visit, items=[])
    happen(line, "inspection.approved", **visit | {"inspector": names[3]}, approver=names[3])
    (alert,) = (row for row in line.journal.alerts() if row.rule == "door-forced")
    line.take(
        line.sent(
            f"venue/centre/staff/{names[4]}",
            event_payload(
                "staff.acknowledge", START, who=names[4], alert=alert.id, note="Secret-Word here"
            ),
        )
    )
    line.wait(120)
    text = "\n".join(written(line.journal))

    assert len(line.journal.alerts()) > 2
    assert not [name for name in [*names, "Secret-Word"] if name in text]
    assert 'handling="acknowledged",unacknowledged=0i,owner="' in text


def test_every_state_is_written_periodically(line: PipelineHarness, influx: Influx) -> None:
    """A query over a few minutes finds a door that was opened long before, and every zone and device."""
    happen(line, "door.opened", point="d1")
    for _ in range(40):
        line.wait(60)
        happen(line, "device.heartbeat", device="r1")
    influx.write("\n".join(written(line.journal)))
    end = int((line.clock.time).timestamp())
    window = f"time > {end - 150}s AND time <= {end}s"

    doors = influx.query(f"SELECT last(state) AS state FROM door WHERE {window} GROUP BY point")  # noqa: S608
    assert {row["point"]: row["state"] for row in doors}["d1"] in (1, 2)
    venue = trial_rule_set().venue
    assert len(doors) == len(venue.points)
    devices = influx.query(f"SELECT last(up) AS up FROM device WHERE {window} GROUP BY device")  # noqa: S608
    assert {row["device"]: row["up"] for row in devices} == {
        device.id: int(device.id == "r1") for device in venue.devices
    }
    counts = influx.query(f"SELECT sum(open) AS open FROM alert_count WHERE {window}")  # noqa: S608
    assert counts[0]["open"] is not None


def test_without_inputs_the_clock_advances_the_states(line: PipelineHarness) -> None:
    """Without inputs, states are written up to the present time, and no tick is written twice."""
    happen(line, "door.opened", point="d1")
    made = projection()
    list(made.lines(line.journal.entries(0)))

    first = list(made.until(START + timedelta(minutes=2)))
    again = list(made.until(START + timedelta(minutes=2)))
    assert sum(row.startswith("door,") and ",point=d1," in row for row in first) == 2
    assert again == []


def test_after_the_clock_was_set_back_states_continue_from_there(line: PipelineHarness) -> None:
    """The states are written at whole ten seconds of the new time, without waiting for the old time to come again."""
    happen(line, "door.opened", point="d1")
    line.clock.time -= timedelta(hours=1)
    happen(line, "door.closed", point="d1")
    line.clock.time += timedelta(minutes=2)
    happen(line, "door.opened", point="d2")
    rows = written(line.journal)

    ticks = {int(row.rsplit(" ", 1)[1]) for row in rows if row.startswith("alert_count,")}
    began = int((START - timedelta(hours=1)).timestamp()) * 10**9
    assert {began + n * 10**10 for n in range(1, 13)} <= ticks


def test_downtime_is_a_gap(line: PipelineHarness) -> None:
    """Between the last input and a start no states are written: dashboards show a gap."""
    happen(line, "door.opened", point="d1")
    path = line.journal.path
    line.journal.close()
    later = START + timedelta(minutes=30)
    with PipelineHarness(path, now=later) as again:
        again.pipeline.submit(Notice(received_at=later, event=MonitorStarted(at=later)))
        happen(again, "door.closed", point="d1")
        rows = written(again.journal)

    assert not [row for row in rows if row.startswith("alert_count,")]


def test_the_saved_state_of_an_earlier_version_is_restored() -> None:
    """The names of the saved state on disk stay, so that an upgraded monitor continues where the old one stopped."""
    at = START.isoformat()
    saved = {
        "seq": 7,
        "rules": 1,
        "now": at,
        "tick": at,
        "doors": {"d1": {"at": at, "open": True, "opened_at": at, "mode": "locked"}},
        "devices": {"r1": {"heard": at, "offline": False, "battery": 80.0}},
        "ready": {
            "centre/hall": {
                "site": "centre",
                "zone": "hall",
                "code": 3,
                "wrong": 1,
                "why": "sign-off",
                "lead": "fire",
            }
        },
        "checks": {"exits-free": {"code": 3, "wrong": 1, "due": at}},
        "visits": {"i1": {"checklist": "exits-free", "due": at}},
        "work": {"w1": {"at": at, "zone": "hall", "stage": "done"}},
        "papers": {"lift-1 safety": {"at": at, "asset": "lift-1", "kind": "safety"}},
    }
    made = projection()
    made.restore(msgspec.msgpack.encode(saved))
    model = made.read_model
    assert (model.seq, model.doors["d1"].opened_at) == (7, START)
    assert model.devices["r1"].last_seen == START
    assert model.readiness["centre/hall"].why == "sign-off"
    assert model.checklists["exits-free"].due == START
    assert model.inspections["i1"].checklist == "exits-free"
    assert model.actions["w1"].stage == "done"
    assert model.certificates["lift-1 safety"].asset == "lift-1"
    assert msgspec.msgpack.decode(made.save()).keys() >= saved.keys()
