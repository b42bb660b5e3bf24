"""Readiness and masks at the command line: the report, the printed report, the commands, a running monitor."""

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from monitor.app.runfile import RunFile
from monitor.app.runfile_loop import RunFileLoop
from monitor.cli import main
from monitor.cli.live_status import STALE
from monitor.cli.readiness import html, summary
from monitor.core.engine.engine import Engine
from monitor.core.events import ReceivedEvent
from monitor.core.inputs import Arrival, Input, RulesChanged
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.transitions import ReadinessChanged, Reason
from monitor.errors import ConfigError
from monitor.journal import Journal, verify
from monitor.journal.record import Record
from monitor.mqtt import Connection
from monitor.texts import ENGLISH
from monitor.venue import load as load_venue
from tests.support.servers import PATIENCE, Mosquitto

SECOND = timedelta(seconds=1)
NOW = datetime.now(UTC).replace(microsecond=0)
VENUE = """\
[congress]
id = "c"
name = "Congress <of> 2026"
ends_at = 2099-12-04T18:00:00+07:00

[readiness]
approval = false

[[agency]]
id = "fire"
name = "Fire & rescue"

[[site]]
id = "centre"
name = "Centre"
kind = "venue"

[[zone]]
id = "hall"
name = "Hall"
site = "centre"
capacity = 10
area_m2 = 20.0

[[point]]
id = "d1"
name = "Door"
kind = "door"
zone = "hall"

[[checklist]]
id = "safety"
name = "Safety"
zone = "hall"
lead = "fire"

[[checklist.item]]
id = "exits"
text = "Exits are free"
criticality = "critical"
"""
RULES = """\
[[rule]]
id = "forced"
title = "{point} forced"
severity = "high"
by = ["point"]
match = { of = { on = "door.alarm", where = 'alarm == "forced_open"' } }
why = "judgement"
do = "Go there."

[[test]]
rule = "forced"
name = "it fires"
events = ["+0s door.alarm point=d1 alarm=forced_open"]
expect = ["+0s raised d1"]

[[test]]
rule = "forced"
name = "it stays silent"
events = ["+0s door.alarm point=d1 alarm=normal"]
expect = []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A deployment."""
    (tmp_path / "config.toml").write_text('[http]\nport = 0\n[time]\nlateness = "100ms"\n')
    (tmp_path / "venue.toml").write_text(VENUE)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "doors.toml").write_text(RULES)
    (tmp_path / "rules" / "trial.venue.toml").write_text(VENUE)
    (tmp_path / "var").mkdir()
    return tmp_path


def event(kind: str, at: datetime = NOW, /, **fields: object) -> ReceivedEvent:
    """Return an event."""
    return msgspec.convert({"type": kind, "at": at.isoformat(), **fields}, ReceivedEvent)  # type: ignore[no-any-return]


def inspected(result: str, at: datetime = NOW) -> ReceivedEvent:
    """Return the answer to the only item."""
    fields = {"checklist": "safety", "inspection": "v", "inspector": "ann", "item": "exits"}
    return event("inspection.item", at, result=result, **fields)


SIGNED = event("readiness.signed", zone="hall", who="eve <script>")


def write(folder: Path, *events: ReceivedEvent, now: datetime = NOW) -> None:
    """Write a journal in which these events happened some time ago."""
    engine = Engine(State(), lateness=SECOND, tolerance=SECOND, wording=ENGLISH)
    rule_set = RuleSet(venue=load_venue(folder / "venue.toml"))
    given: list[Input] = [
        RulesChanged(received_at=now - SECOND, who="test", rule_set=rule_set),
        *(Arrival(received_at=row.at, source="test", events=(row,)) for row in events),
    ]
    with Journal(folder / "var" / "journal.db") as journal:
        journal.commit([Record(row, engine.step(row)) for row in given])
        while (due := engine.deadline) is not None and due < now + 5 * SECOND:
            tick = Arrival(received_at=due + SECOND, source="test", events=())
            journal.commit([Record(tick, engine.step(tick))])


def run(folder: Path, *words: str) -> int:
    """Run one command."""
    return main(["--config", str(folder / "config.toml"), *words])


def signs_of_life(folder: Path) -> RunFileLoop:
    """Return the run file of a monitor that is up to date."""
    running = RunFile(broker_port=1, http_port=2, congress="c")
    return RunFileLoop(folder / "var" / "journal.db", running, lambda: None)


# The summary ----------------------------------------------------------------------------------------------------


def test_a_go_is_printed_with_its_reasons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A go has the exit code 0."""
    write(folder, inspected("pass"), SIGNED)

    with signs_of_life(folder):
        assert run(folder, "readiness") == 0
    shown = capsys.readouterr().out
    assert "Congress <of> 2026: readiness" in shown
    assert "NOT THE PRESENT" not in shown
    assert "GO  Hall" in shown
    assert "go: Safety: passed, until" in shown


def test_a_no_go_names_who_must_act(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A no-go has the exit code 1."""
    write(folder, SIGNED, inspected("fail"))

    with signs_of_life(folder):
        assert run(folder, "readiness", "--site", "centre") == 1
    shown = capsys.readouterr().out
    assert "NO GO  Hall" in shown
    assert (
        "no go: Safety: failed (critical): Exits are free\n      Must act: Fire & rescue" in shown
    )


def test_json_has_a_line_for_each_site_and_zone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Other programs get the whole content of the report as JSON."""
    write(folder, inspected("pass"))
    assert run(folder, "readiness", "--json") == STALE
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [(row["zone"], row["state"]) for row in rows] == [("", "unknown"), ("hall", "unknown")]
    assert rows[1]["reasons"][0]["what"] == "not signed off"


def test_the_html_report_is_self_contained_and_escapes_everything(folder: Path) -> None:
    """Whatever people wrote is shown as text in the HTML report."""
    write(folder, inspected("pass"), SIGNED)
    page = folder / "page.html"

    assert run(folder, "readiness", "--html", str(page)) == STALE
    text = page.read_text()
    assert "NOT THE PRESENT: the monitor has not been running" in text
    assert "eve &lt;script&gt;" in text
    assert "<script" not in text
    assert "Congress &lt;of&gt; 2026" in text
    assert "http" not in text
    assert "Zones: 1 go, 0 go with conditions, 0 no go, 0 unknown" in text


def test_a_missing_or_expired_status_is_unknown(folder: Path) -> None:
    """Readiness from an old journal is unknown: it is no reason to open."""
    venue = load_venue(folder / "venue.toml")
    reason = Reason(state="go", what="Safety: passed", until=NOW)
    row = ReadinessChanged(at=NOW, zone="hall", site="centre", state="go", reasons=(reason,))
    early = summary(venue, [row], NOW - SECOND)
    late = summary(venue, [row], NOW)

    assert early.sites[0][1].state == "unknown"
    assert early.sites[0][2][0][1].state == "go"
    assert late.sites[0][2][0][1].state == "unknown"
    assert "expired since: Safety: passed" in html(late)


def test_an_unknown_site_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The refusal of an unknown site names the site."""
    assert run(folder, "readiness", "--site", "center") == 2
    assert 'unknown site "center"' in capsys.readouterr().err


def test_the_end_of_the_congress_has_an_offset(folder: Path) -> None:
    """An ambiguous time is refused."""
    path = folder / "venue.toml"
    path.write_text(VENUE.replace("18:00:00+07:00", "18:00:00"))

    with pytest.raises(ConfigError, match="has no UTC offset"):
        load_venue(path)


# The journal ----------------------------------------------------------------------------------------------------


def test_a_journal_of_version_1_is_brought_up_to_date(folder: Path) -> None:
    """A journal of version 1 is upgraded without loss, and is intact afterwards."""
    path = folder / "var" / "journal.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(files("monitor.journal").joinpath("schema.sql").read_text())
        db.execute("PRAGMA user_version = 1")
    write(folder, inspected("pass"), SIGNED)

    with Journal(path, read_only=True) as journal:
        assert [(row.zone, row.state) for row in journal.readiness()] == [
            ("", "go"),
            ("hall", "go"),
        ]
    assert verify(path) == []


def test_a_mask_in_force_is_written_and_audited(folder: Path) -> None:
    """The mask has its owner, place and reason, and the audit trail has the command."""
    until = (NOW + timedelta(hours=1)).isoformat()
    begun = event(
        "staff.mask",
        who="ann",
        what="*",
        point="d1",
        until=until,
        reason="work",
        kind="maintenance",
    )
    write(folder, begun)
    path = folder / "var" / "journal.db"

    with Journal(path, read_only=True) as journal:
        assert [(row.owner, row.point, row.reason) for row in journal.masks()] == [
            ("ann", "d1", "work")
        ]
    with closing(sqlite3.connect(path)) as db:
        trail = [json.loads(body) for (body,) in db.execute("SELECT body FROM audit")]
    assert "staff.mask" in {row.get("type") for row in trail}
    assert verify(path) == []


# A running monitor ----------------------------------------------------------------------------------------------


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """A monitor in a process of its own, once it listens; before its first subscription no message is kept for it."""
    command = [sys.executable, "-m", "monitor", "--config", str(folder / "config.toml"), "run"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE
        while "broker_connected" not in (folder / "log").read_text():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait()


async def retained(broker: Mosquitto, topic: str, state: str) -> dict[str, object]:
    """The retained message of a topic, once it has this content."""
    found: asyncio.Future[dict[str, object]] = asyncio.get_running_loop().create_future()

    def deliver(_topic: str, payload: bytes, _retained: bool, packet_id: int) -> None:
        connection.acknowledge([packet_id])
        document: dict[str, object] = json.loads(payload)
        if document["state"] == state and not found.done():
            found.set_result(document)

    connection = Connection(broker.address, "reader", deliver=deliver)
    await connection.open()
    await connection.subscribe([topic])
    document = await found
    await connection.close()
    return document


async def test_readiness_is_published_and_masks_are_commands(
    folder: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mask can be set, listed and ended; a refusal is reported; any MQTT client sees the readiness."""
    with (folder / "config.toml").open("a") as config:
        config.write(f'[broker]\nhost = "127.0.0.1"\nport = {mosquitto.port}\n')
    with running(folder):
        hall = await retained(mosquitto, "venue/centre/readiness-state/hall", "unknown")
        site = await retained(mosquitto, "venue/centre/readiness-state", "unknown")
        words = ("mask", "forced", "--point", "d1", "--reason", "new lock", "--who", "ann")
        await _in_thread(folder, *words, "--until", "2h")
        await _in_thread(folder, "masks")
        shown = capsys.readouterr().out
        with Journal(folder / "var" / "journal.db", read_only=True) as journal:
            (mask,) = journal.masks()
        await _in_thread(folder, "unmask", mask.id, "--who", "bob")
        ended = capsys.readouterr().out
        with Journal(folder / "var" / "journal.db", read_only=True) as journal:
            assert journal.masks() == []
        refused = await _in_thread(folder, *words, "--until", "8d")

    assert (hall["zone"], site["zone"], hall["site"]) == ("hall", "", "centre")
    assert f"{mask.id} in force until" in shown
    assert "new lock" in shown
    assert ended.startswith(f"{mask.id} ended: forced at Door (d1)")
    assert refused == 1
    assert "a mask can last 7 days at most" in capsys.readouterr().err


async def _in_thread(folder: Path, *words: str) -> int:
    """Run one command that has an event loop of its own."""
    return await asyncio.to_thread(run, folder, *words)
