"""What people type, against a monitor process that runs a broker of its own."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from monitor.app.runfile import read_running
from monitor.cli import MISTAKES, OK, WRONG, main
from monitor.core.alert import Alert
from monitor.core.inputs import Arrival, Rejected
from monitor.mqtt import Publisher
from tests.support.monitor_process import Program
from tests.support.mqtt_faults import wait_until_retained
from tests.support.pipeline import ROOT, said, site_of
from tests.support.servers import Mosquitto

CONGRESS = "congress"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One monitor for all tests; each has a point of its own."""
    with Program(tmp_path_factory.mktemp("monitor")) as running:
        running.until(lambda: bool(running.health()["broker_connected"]))
        yield running


class Person:
    """Somebody at the command line."""

    def __init__(self, program: Program, capsys: pytest.CaptureFixture[str]) -> None:
        self.program = program
        self._capsys = capsys

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error."""
        self._capsys.readouterr()
        code = main(["--config", str(self.program.config), *arguments])
        return code, *self._capsys.readouterr()

    def sees(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command lists as JSON Lines."""
        code, out, _ = self.types(*arguments, "--json")
        assert code == OK
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def person(program: Program, capsys: pytest.CaptureFixture[str]) -> Person:
    """Somebody at the command line of the running monitor."""
    return Person(program, capsys)


def send(program: Program, where: str, kind: str, **fields: object) -> None:
    """A device says something."""

    async def publish() -> None:
        async with Publisher(program.broker, f"device-{uuid4().hex[:8]}") as publisher:
            payload = said(kind, datetime.now(UTC), id=uuid4().hex, **fields)
            await publisher.publish(f"venue/{site_of(fields)}/{where}", payload)

    asyncio.run(publish())


def heard(program: Program) -> int:
    """How much the venue has said; the monitor's own notices aren't counted, they come when they come."""
    with program.read() as journal:
        return sum(isinstance(input_, Arrival | Rejected) for _, input_ in journal.inputs())


def alert_at(program: Program, point: str, kind: str, **fields: object) -> Alert:
    """Lets something happen at a point; returns the alert that it raised."""
    found: list[Alert] = []

    def raised() -> bool:
        with program.read() as journal:
            found[:] = [alert for alert in journal.alerts() if alert.key == point]
        return bool(found)

    send(program, f"{kind.partition('.')[0]}/{point}", kind, point=point, **fields)
    program.until(raised)
    return found[0]


# Staff ------------------------------------------------------------------------------------------------------------


def test_an_alert_is_seen_acknowledged_and_closed(program: Program, person: Person) -> None:
    """From the event to the end, by what people type, with who and why."""
    alert = alert_at(program, "hall-gate-north-1", "door.tamper", active=True)
    code, out, _ = person.types("alerts")
    assert code == OK
    assert alert.title in out
    assert f"Do: {alert.do}" in out

    code, out, _ = person.types("ack", alert.id[:10], "--who", "ann", "--note", "on my way")
    assert (code, out) == (OK, f"{alert.id} acknowledged: {alert.title}\n")
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert (seen["handling"], seen["owner"], seen["note"]) == ("acknowledged", "ann", "on my way")

    code, out, _ = person.types("close", alert.id, "--who", "ann", "--note", "a loose screw")
    assert (code, out) == (OK, f"{alert.id} closed: {alert.title}\n")
    assert alert.id not in [row["id"] for row in person.sees("alerts")]
    (closed,) = [row for row in person.sees("alerts", "--all") if row["id"] == alert.id]
    assert (closed["handling"], closed["note"]) == ("closed", "a loose screw")


def test_an_alert_is_shelved_and_brought_back(program: Program, person: Person) -> None:
    """Out of sight for a while, with a reason, and back before its time."""
    alert = alert_at(program, "hall-gate-north-2", "door.tamper", active=True)
    code, out, _ = person.types(
        "shelve", alert.id, "--until", "30m", "--reason", "repair", "--who", "ann"
    )
    assert (code, out) == (OK, f"{alert.id} shelved: {alert.title}\n")
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert seen["shelved_until"] > datetime.now(UTC).isoformat()
    code, out, _ = person.types("unshelve", alert.id, "--who", "ann")
    assert (code, out) == (OK, f"{alert.id} unshelved: {alert.title}\n")


def test_what_is_about_lives_is_never_shelved(program: Program, person: Person) -> None:
    """The refusal and its reason reach the person who asked, and the alert stays."""
    alert = alert_at(program, "hall-delegates-gate", "access.duress")
    assert alert.severity == "life_safety"
    code, out, err = person.types("shelve", alert.id, "--until", "30m", "--reason", "quiet please")
    assert (code, out) == (WRONG, "")
    assert f"{alert.id}: refused: " in err
    assert "safety" in err
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert seen["handling"] == "new"


@pytest.mark.parametrize("beginning", ["no-such-alert", "zz"])
def test_an_alert_that_isnt_there_is_said(person: Person, beginning: str) -> None:
    """With the command that shows those that are."""
    code, out, err = person.types("ack", beginning)
    assert (code, out) == (WRONG, "")
    assert f'no open alert has an id that begins with "{beginning}"' in err
    assert "`venue-monitor alerts`" in err


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("--who", "ann/bob"), '--who: "ann/bob"'),
        (("--who", "+"), '--who: "+"'),
        (("--who", ""), '--who: ""'),
        (("--who", "a" * 129), "this can't be sent: staff.acknowledge: "),
        (("--note", "n" * 4001), "this can't be sent: staff.acknowledge: "),
    ],
)
def test_what_could_never_arrive_is_refused_at_once(
    program: Program, person: Person, arguments: tuple[str, str], wrong: str
) -> None:
    """Nobody waits for an answer to something that the monitor can't read."""
    alert = alert_at(program, "hall-delegates-door", "door.tamper", active=True)
    code, out, err = person.types("ack", alert.id, *arguments)
    assert (code, out) == (MISTAKES, "")
    assert err.startswith(wrong)


@pytest.mark.parametrize("until", ["soon", "2026-01-01T18:00:00", "-5m"])
def test_a_time_that_is_none_is_refused_with_an_example(
    program: Program, person: Person, until: str
) -> None:
    """Without an offset it would be another time on every machine."""
    alert = alert_at(program, "hall-delegates-door", "door.tamper", active=True)
    code, _, err = person.types("shelve", alert.id, f"--until={until}", "--reason", "repair")
    assert code == MISTAKES
    assert err == f'--until: "{until}" is no time; write e.g. 30m, 2h or 2026-01-01T18:00:00Z\n'


# Looking ----------------------------------------------------------------------------------------------------------


def test_zones_are_shown(program: Program, person: Person) -> None:
    """How many are inside, and that nobody has said is not zero."""
    send(program, "zone/hall-foyer", "zone.count", zone="hall-foyer", count=7)

    def counts() -> dict[str, int | None]:
        return {row["zone"]: row["occupancy"] for row in person.sees("zones")}

    program.until(lambda: counts().get("hall-foyer") == 7)
    assert counts()["hall-stage"] is None
    code, out, _ = person.types("zones")
    assert code == OK
    assert "hall-foyer" in out
    assert "unknown" in out


def test_the_journal_is_looked_after_while_the_monitor_runs(person: Person, tmp_path: Path) -> None:
    """Figures, proof, export and backup; a backup overwrites nothing, and damage is an answer of its own."""
    code, out, _ = person.types("journal", "stats")
    assert code == OK
    assert json.loads(out)["audit_head"]
    code, out, _ = person.types("journal", "verify")
    assert code == OK
    assert ": whole; audit head " in out
    code, out, _ = person.types("journal", "export")
    assert code == OK
    assert {"input", "transitions"} <= json.loads(out.splitlines()[0]).keys()
    target = str(tmp_path / "copy.db")
    assert person.types("journal", "backup", target)[0] == OK
    code, _, err = person.types("journal", "backup", target)
    assert code == WRONG
    assert target in err


def test_a_damaged_journal_is_an_answer_of_its_own(
    program: Program, person: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is listed, with what to do, and the exit code says it to scripts."""
    other = Program(tmp_path)
    assert person.types("journal", "backup", str(other.journal))[0] == OK
    with closing(sqlite3.connect(other.journal, isolation_level=None)) as db:
        db.execute("UPDATE audit SET body = x'7b7d' WHERE n = 1")
    code, out, err = Person(other, capsys).types("journal", "verify")
    assert (code, out) == (WRONG, "")
    assert err.startswith("audit 1: ")
    assert "put the latest backup in its place" in err
    assert program.process is not None


# Starting and ending ----------------------------------------------------------------------------------------------


def test_a_deployment_is_checked(person: Person) -> None:
    """All is well, and how much there is."""
    code, out, _ = person.types("check")
    assert code == OK
    assert "all is well: 5 sites, " in out


@pytest.mark.parametrize("command", ["check", "run", "alerts"])
def test_mistakes_in_a_file_are_all_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """With the file and the line of each, and an exit code of their own."""
    broken = Program(tmp_path, more='[time]\nlateness = "soon"\ntolerence = "2s"')
    code, out, err = Person(broken, capsys).types(command)
    assert (code, out) == (MISTAKES, "")
    assert "config.toml:" in err
    assert '"soon"' in err
    assert "tolerence" in err
    assert not broken.journal.exists()


def test_a_rule_whose_test_fails_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A figure was changed that its own test doesn't know."""
    program = Program(tmp_path)
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    changed = rules / "credentials.toml"
    changed.write_text(changed.read_text().replace("at_least = 3", "at_least = 4"))
    program.config.write_text(program.config.read_text().replace(str(ROOT / "rules"), str(rules)))
    code, _, err = Person(program, capsys).types("run")
    assert code == MISTAKES
    assert err.startswith(f"{changed}:")
    assert ': rule "denied-badge", test "three times, wherever" fails:' in err
    assert not program.journal.exists()


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (("--start", "garbage"), "--start, --minutes: "),
        (("--start", "2026-01-01T08:00:00"), "--start, --minutes: "),
        (("--minutes", "1"), "--start, --minutes: "),
        (("--minutes", "nan"), "--start, --minutes: "),
        (("--minutes", "1e12"), "--start, --minutes: "),
        (("--truth", "/dev/null/truth.jsonl"), "--truth: /dev/null/truth.jsonl: "),
        (("--speed", "0"), "--clock: "),
        (("--broker", "localhost"), "--broker: "),
    ],
)
def test_a_day_that_cant_be_played_is_refused(
    program: Program, person: Person, arguments: tuple[str, str], wrong: str
) -> None:
    """In one line, before anything is sent."""
    before = heard(program)
    code, out, err = person.types("simulate", *arguments)
    assert (code, out) == (MISTAKES, "")
    assert err.startswith(wrong)
    assert err.count("\n") == 1
    assert heard(program) == before


def test_there_is_one_monitor_for_a_journal(program: Program, person: Person) -> None:
    """A second one says so and leaves the first alone."""
    code, _, err = person.types("run")
    assert code == WRONG
    assert err.startswith("venue-monitor: ")
    assert "journal.db" in err
    assert program.answers()
    assert person.types("alerts")[0] == OK


def test_sigterm_is_a_clean_end_that_everybody_hears_of(
    mosquitto: Mosquitto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0, ``offline`` for everybody who looks, and a journal that is whole."""
    topic = f"venue/{CONGRESS}/monitor"
    with Program(tmp_path, broker=mosquitto.address) as program:
        asyncio.run(wait_until_retained(mosquitto.address, topic, b"online"))
        assert program.stop() == OK
        asyncio.run(wait_until_retained(mosquitto.address, topic, b"offline"))
        assert read_running(program.journal) is None
        assert "Traceback" not in program.said()
        person = Person(program, capsys)
        assert person.types("journal", "verify")[0] == OK
        assert person.types("alerts")[0] == OK


def test_without_its_broker_nobody_takes_an_order(
    tmp_path: Path, program: Program, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over the journal of a monitor that doesn't run, an order is refused with what to do."""
    alert = alert_at(program, "hall-vip-door", "door.tamper", active=True)
    idle = Program(tmp_path)
    assert person.types("journal", "backup", str(idle.journal))[0] == OK
    code, out, err = Person(idle, capsys).types("ack", alert.id, "--who", "ann")
    assert (code, out) == (WRONG, "")
    assert "the monitor isn't running" in err
    assert "`venue-monitor run`" in err
