"""Readiness and masks as people meet them: the one-page summary, the printed page, the commands, a running monitor."""

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

import aiomqtt
import msgspec
import pytest

from monitor.cli import main
from monitor.cli.readiness import html, summary
from monitor.core.engine.engine import Engine
from monitor.core.events import Event
from monitor.core.inputs import Arrival, Input, RulesChanged
from monitor.core.rules.model import RuleBook
from monitor.core.state.state import State
from monitor.core.transitions import ReadinessChanged, Reason
from monitor.errors import ConfigError
from monitor.journal import Journal, verify
from monitor.journal.record import Record
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


def said(kind: str, at: datetime = NOW, /, **fields: object) -> Event:
    """One event."""
    return msgspec.convert({"type": kind, "at": at.isoformat(), **fields}, Event)  # type: ignore[no-any-return]


def inspected(result: str, at: datetime = NOW) -> Event:
    """The one item is answered."""
    told = {"checklist": "safety", "inspection": "v", "inspector": "ann", "item": "exits"}
    return said("inspection.item", at, result=result, **told)


SIGNED = said("readiness.signed", zone="hall", who="eve <script>")


def write(folder: Path, *events: Event, now: datetime = NOW) -> None:
    """Write a journal in which these events have happened, a while ago."""
    engine = Engine(State(), lateness=SECOND, tolerance=SECOND)
    book = RuleBook(venue=load_venue(folder / "venue.toml"))
    given: list[Input] = [
        RulesChanged(received_at=now - SECOND, who="test", book=book),
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


# The summary ----------------------------------------------------------------------------------------------------


def test_a_go_is_printed_with_its_reasons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One page; the answer is yes."""
    write(folder, inspected("pass"), SIGNED)

    assert run(folder, "readiness") == 0
    shown = capsys.readouterr().out
    assert "Congress <of> 2026: readiness" in shown
    assert "THE MONITOR IS NOT RUNNING" in shown
    assert "GO  Hall" in shown
    assert "go: Safety: passed, until" in shown


def test_a_no_go_says_who_must_act(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is no, and a script can tell."""
    write(folder, SIGNED, inspected("fail"))

    assert run(folder, "readiness", "--site", "centre") == 1
    shown = capsys.readouterr().out
    assert "NO GO  Hall" in shown
    assert (
        "no go: Safety: failed (critical): Exits are free\n      Must act: Fire & rescue" in shown
    )


def test_json_has_a_line_for_each_site_and_zone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page shows, for other programs."""
    write(folder, inspected("pass"))
    run(folder, "readiness", "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [(row["zone"], row["state"]) for row in rows] == [("", "unknown"), ("hall", "unknown")]
    assert rows[1]["reasons"][0]["what"] == "nobody has signed"


def test_the_printed_page_stands_alone_and_escapes_everything(folder: Path) -> None:
    """Whatever somebody wrote, it is text."""
    write(folder, inspected("pass"), SIGNED)
    page = folder / "page.html"

    assert run(folder, "readiness", "--html", str(page)) == 0
    text = page.read_text()
    assert "eve &lt;script&gt;" in text
    assert "<script" not in text
    assert "Congress &lt;of&gt; 2026" in text
    assert "http" not in text
    assert "Zones: 1 go, 0 go with conditions, 0 no go, 0 unknown" in text


def test_what_nobody_has_said_and_what_has_expired_since_is_unknown(folder: Path) -> None:
    """A journal that nobody has written for a while is no reason to open."""
    venue = load_venue(folder / "venue.toml")
    reason = Reason(state="go", what="Safety: passed", until=NOW)
    row = ReadinessChanged(at=NOW, zone="hall", site="centre", state="go", reasons=(reason,))
    early = summary(venue, [row], NOW - SECOND, runs=True)
    late = summary(venue, [row], NOW, runs=True)

    assert early.sites[0][1].state == "unknown"
    assert early.sites[0][2][0][1].state == "go"
    assert late.sites[0][2][0][1].state == "unknown"
    assert "expired since: Safety: passed" in html(late)


def test_a_site_that_is_none_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names that there are."""
    assert run(folder, "readiness", "--site", "center") == 2
    assert 'no site "center"' in capsys.readouterr().err


def test_the_end_of_the_congress_has_an_offset(folder: Path) -> None:
    """A time that could be two is none."""
    path = folder / "venue.toml"
    path.write_text(VENUE.replace("18:00:00+07:00", "18:00:00"))

    with pytest.raises(ConfigError, match="it has no offset from UTC"):
        load_venue(path)


# The journal ----------------------------------------------------------------------------------------------------


def test_a_journal_of_version_1_is_brought_up_to_date(folder: Path) -> None:
    """Nothing is lost, and it is whole afterwards."""
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
    """Who, what, where, why, until when."""
    until = (NOW + timedelta(hours=1)).isoformat()
    begun = said(
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
    """A monitor in a process of its own, once it listens: before its first subscription nothing is kept for it."""
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
    """What stands on a topic, once it says this."""
    async with aiomqtt.Client(broker.address.host, broker.address.port) as client:
        await client.subscribe(topic)
        async for message in client.messages:
            found: dict[str, object] = json.loads(bytes(message.payload))
            if found["state"] == state:
                return found
    raise AssertionError(topic)


async def test_readiness_is_published_and_masks_are_commands(
    folder: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mask, see it, end it; what is refused is said; and any client sees the readiness."""
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
    assert ended.startswith(f"{mask.id} ended: forced at d1")
    assert refused == 1
    assert "nothing is masked for more than 7 days" in capsys.readouterr().err


async def _in_thread(folder: Path, *words: str) -> int:
    """Run one command that has an event loop of its own."""
    return await asyncio.to_thread(run, folder, *words)
