"""The command line against a monitor process that runs its embedded broker."""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from monitor.accounts.accounts_copy import backup_path
from monitor.app.runfile import read_run_file
from monitor.cli import MISTAKES, OK, WRONG, main
from monitor.cli.live_status import STALE
from monitor.core.alert import Alert
from monitor.core.inputs import Arrival, Rejected
from monitor.journal.photos import Photos, photos_path
from monitor.mqtt import Publisher
from tests.support.jpeg import jpeg
from tests.support.monitor_process import MonitorProcess
from tests.support.mqtt_faults import wait_until_retained
from tests.support.pipeline import ROOT, event_payload, site_of
from tests.support.servers import PATIENCE, Mosquitto
from tests.support.subscriber import Subscriber

CONGRESS = "congress"
HOME = ZoneInfo("UTC")
"""Where the times on the screen are from."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    """One monitor for all tests; each test uses a point of its own."""
    named = '[staff]\nmqtt = ["eve"]'
    with MonitorProcess(tmp_path_factory.mktemp("monitor"), more=named) as running:
        yield running


class Person:
    """A person at the command line."""

    def __init__(self, program: MonitorProcess, capsys: pytest.CaptureFixture[str]) -> None:
        self.program = program
        self._capsys = capsys

    def types(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, standard output and standard error."""
        self._capsys.readouterr()
        code = main(["--config", str(self.program.config), *arguments])
        return code, *self._capsys.readouterr()

    def sees(self, *arguments: str) -> list[dict[str, Any]]:
        """Return what a command prints as JSON Lines."""
        code, out, _ = self.types(*arguments, "--json")
        assert code == OK
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def person(
    program: MonitorProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Person:
    """A person at the command line of the running monitor, who waits as long as a busy machine takes."""
    monkeypatch.setattr("monitor.cli.send.PATIENCE", PATIENCE)
    return Person(program, capsys)


def send(program: MonitorProcess, where: str, kind: str, **fields: object) -> None:
    """Publish an event of a device."""

    async def publish() -> None:
        async with Publisher(program.broker, f"device-{uuid4().hex[:8]}") as publisher:
            payload = event_payload(kind, datetime.now(UTC), id=uuid4().hex, **fields)
            await publisher.publish(f"venue/{site_of(fields)}/{where}", payload)

    asyncio.run(publish())


def received(program: MonitorProcess) -> int:
    """Return the number of messages received, without the monitor's own notices, whose times vary."""
    with program.read() as journal:
        return sum(isinstance(input_, Arrival | Rejected) for _, input_ in journal.inputs())


def alert_at(program: MonitorProcess, point: str, kind: str, **fields: object) -> Alert:
    """Publish an event at a point; return the alert that it raises."""
    found: list[Alert] = []

    def raised() -> bool:
        with program.read() as journal:
            found[:] = [alert for alert in journal.alerts() if alert.key == point]
        return bool(found)

    send(program, f"{kind.partition('.')[0]}/{point}", kind, point=point, **fields)
    program.until(raised)
    return found[0]


# Staff ------------------------------------------------------------------------------------------------------------


def test_an_alert_is_seen_acknowledged_and_closed(program: MonitorProcess, person: Person) -> None:
    """An alert goes from event to closed, with who and why at each step."""
    alert = alert_at(program, "hall-gate-north-1", "door.tamper", active=True)
    code, out, _ = person.types("alerts")
    assert code == OK
    assert alert.title in out
    assert all(step in out for step in alert.do.split("\n"))

    code, out, _ = person.types("ack", alert.id[:10], "--who", "ann", "--note", "on my way")
    assert (code, out) == (OK, f"{alert.id} acknowledged: {alert.title}\n")
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert (seen["handling"], seen["owner"], seen["note"]) == ("acknowledged", "ann", "on my way")

    code, out, _ = person.types("close", alert.id, "--who", "ann", "--note", "a loose screw")
    assert (code, out) == (OK, f"{alert.id} closed: {alert.title}\n")
    assert alert.id not in [row["id"] for row in person.sees("alerts")]
    (closed,) = [row for row in person.sees("alerts", "--all") if row["id"] == alert.id]
    assert (closed["handling"], closed["note"]) == ("closed", "a loose screw")


def test_an_alert_is_shelved_and_brought_back(program: MonitorProcess, person: Person) -> None:
    """A shelved alert is hidden for a limited time, and can be unshelved early."""
    alert = alert_at(program, "hall-gate-north-2", "door.tamper", active=True)
    code, out, _ = person.types(
        "shelve", alert.id, "--until", "30m", "--reason", "repair", "--who", "ann"
    )
    assert (code, out) == (OK, f"{alert.id} shelved: {alert.title}\n")
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert seen["shelved_until"] > datetime.now(UTC).isoformat()
    code, out, _ = person.types("unshelve", alert.id, "--who", "ann")
    assert (code, out) == (OK, f"{alert.id} unshelved: {alert.title}\n")


def test_steps_notes_and_the_disposition_are_seen(program: MonitorProcess, person: Person) -> None:
    """Whoever lists the alerts sees which steps are done and by whom; a closed alert says what it turned out to be."""
    alert = alert_at(program, "hall-gate-north-3", "door.tamper", active=True)
    code, out, _ = person.types("tick", alert.id, "1", "--who", "ann")
    assert (code, out) == (OK, f"{alert.id} ticked: {alert.title}\n")
    assert f"{alert.do.splitlines()[0]} (done: ann, " in person.types("alerts")[1]
    code, _, err = person.types("tick", alert.id, "1", "--who", "bob")
    assert (code, err) == (
        WRONG,
        f"venue-monitor: {alert.id}: refused: step 1 was ticked by ann already\n",
    )
    assert person.types("tick", alert.id, "1", "--undo", "--who", "ann")[0] == OK
    code, out, _ = person.types("note", alert.id, "a loose screw", "--who", "ann")
    assert (code, out) == (OK, f"{alert.id} noted: {alert.title}\n")
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert (seen["handling"], seen["note"], seen["ticked"]) == ("new", "a loose screw", [])
    code, _, err = person.types("hand-over", alert.id, "bob", "--who", "ann")
    assert code == WRONG
    assert "there is no roster" in err
    closing = ("close", alert.id, "--who", "ann", "--note", "rain", "--disposition", "false")
    assert person.types(*closing)[0] == OK
    assert "closed, false alarm: rain" in person.types("alerts", "--all")[1]


def test_the_shift_log_is_written_struck_and_read(person: Person) -> None:
    """An entry stays in the log when it is struck, with both names and times."""
    adding = ("log", "add", "brigade on site", "--happened", "10m ago", "--who", "ann")
    code, out, _ = person.types(*adding, "--site", "hall")
    assert code == OK
    found = re.fullmatch(r"entry (\d+) written\n", out)
    assert found is not None
    entry = found[1]
    strike = ("log", "strike", entry, "--reason", "twice", "--who", "bob")
    assert person.types(*strike)[:2] == (OK, f"entry {entry} struck\n")
    code, _, err = person.types(*strike)
    assert (code, err) == (
        WRONG,
        f"venue-monitor: entry {entry}: refused: bob has struck it already\n",
    )
    code, out, _ = person.types("log", "list", "--entries", "--since", "1h")
    assert code == OK
    assert f"#{entry} ann" in out
    assert "brigade on site (happened " in out
    assert "(struck by bob, " in out
    (row,) = person.sees("log", "list", "--entries", "--site", "hall")
    assert (row["what"]["text"], row["strike"]["who"]) == ("brigade on site", "bob")


def test_a_life_safety_alert_is_never_shelved(program: MonitorProcess, person: Person) -> None:
    """The person gets the refusal and its reason, and the alert stays."""
    alert = alert_at(program, "hall-delegates-gate", "access.duress")
    assert alert.severity == "life_safety"
    code, out, err = person.types("shelve", alert.id, "--until", "30m", "--reason", "quiet please")
    assert (code, out) == (WRONG, "")
    assert f"{alert.id}: refused: " in err
    assert "safety" in err
    (seen,) = [row for row in person.sees("alerts") if row["id"] == alert.id]
    assert seen["handling"] == "new"


@pytest.mark.parametrize("beginning", ["no-such-alert", "zz"])
def test_an_unknown_alert_is_refused(person: Person, beginning: str) -> None:
    """The error names the command that lists the alerts."""
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
def test_an_unreadable_command_is_refused_at_once(
    program: MonitorProcess, person: Person, arguments: tuple[str, str], wrong: str
) -> None:
    """No one waits for the outcome of a command that the monitor can't read."""
    alert = alert_at(program, "hall-delegates-door", "door.tamper", active=True)
    code, out, err = person.types("ack", alert.id, *arguments)
    assert (code, out) == (MISTAKES, "")
    assert err.startswith(wrong)


@pytest.mark.parametrize("until", ["soon", "2026-01-01T18:00:00", "-5m"])
def test_an_invalid_time_is_refused_with_an_example(
    program: MonitorProcess, person: Person, until: str
) -> None:
    """A time without an offset would mean a different time on every machine."""
    alert = alert_at(program, "hall-delegates-door", "door.tamper", active=True)
    code, _, err = person.types("shelve", alert.id, f"--until={until}", "--reason", "repair")
    assert code == MISTAKES
    year = datetime.now(UTC).year
    example = f"write e.g. 30m, 2h or {year}-01-01T18:00:00Z"
    assert err == f'--until: "{until}" is not a time; {example}\n'


async def _answers(program: MonitorProcess, who: str, payload: bytes) -> dict[str, Any]:
    """Publish a payload as a command of a person; return the answer on that person's topic."""
    async with Subscriber(program.broker, f"phone-{uuid4().hex[:8]}") as phone:
        await phone.subscribe(f"venue/{CONGRESS}/answer/{who}")
        async with Publisher(program.broker, f"sender-{uuid4().hex[:8]}") as publisher:
            await publisher.publish(f"venue/{CONGRESS}/staff/{who}", payload)
        async with asyncio.timeout(PATIENCE):
            _, body = await phone.take()
    answer: dict[str, Any] = json.loads(body)
    return answer


def test_every_command_is_answered_to_its_sender(program: MonitorProcess) -> None:
    """Whether done, refused or unreadable, the sender gets the answer on their own topic, and IT is not alerted."""
    alert = alert_at(program, "hall-gate-south-1", "door.tamper", active=True)
    now = datetime.now(UTC).isoformat()
    command = {"type": "staff.acknowledge", "at": now, "who": "eve", "alert": alert.id}

    done = asyncio.run(_answers(program, "eve", json.dumps(command | {"id": "c1"}).encode()))
    assert (done["id"], done["accepted"], done["reason"]) == ("c1", True, "")

    wrong = command | {"id": "c2", "alert": "nothing"}
    refused = asyncio.run(_answers(program, "eve", json.dumps(wrong).encode()))
    assert (refused["id"], refused["accepted"]) == ("c2", False)
    assert refused["reason"] == "no open alert has this id"

    unreadable = command | {"id": "c3", "alert": 7}
    rejected = asyncio.run(_answers(program, "eve", json.dumps(unreadable).encode()))
    assert (rejected["id"], rejected["accepted"]) == ("c3", False)
    assert "alert" in rejected["reason"]

    garbage = asyncio.run(_answers(program, "eve", b"ack please"))
    assert (garbage["id"], garbage["accepted"]) == ("", False)
    assert "not JSON" in garbage["reason"]
    with program.read() as journal:
        assert not [row for row in journal.alerts() if "staff/eve" in row.key]


def test_a_command_without_an_answer_is_not_called_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitor that hangs, and one that was killed: nothing is promised, and no broker keeps the command."""
    monkeypatch.setattr("monitor.cli.send.PATIENCE", 2.0)
    with MonitorProcess(tmp_path) as program:
        alert = alert_at(program, "hall-gate-north-1", "door.tamper", active=True)
        process = program.process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        code, out, err = Person(program, capsys).types("ack", alert.id, "--who", "ann")
        process.send_signal(signal.SIGCONT)
        assert (code, out) == (WRONG, "")
        assert "the monitor does not answer: timed out; nothing was done" in err
        program.kill()
        code, _, err = Person(program, capsys).types("ack", alert.id, "--who", "ann")
        assert code == WRONG
        assert "the monitor has not been running; nothing was done" in err


# Looking ----------------------------------------------------------------------------------------------------------


def test_zones_are_shown(program: MonitorProcess, person: Person) -> None:
    """Zones are listed with the people inside, and an unknown number is not zero."""
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
    """Stats, verify, export and backup work while the monitor runs, and a backup overwrites nothing."""
    code, out, _ = person.types("journal", "stats")
    assert code == OK
    assert json.loads(out)["audit_head"]
    code, out, _ = person.types("journal", "verify")
    assert code == OK
    assert ": intact; head " in out
    code, out, _ = person.types("journal", "export")
    assert code == OK
    assert {"input", "transitions"} <= json.loads(out.splitlines()[0]).keys()
    target = str(tmp_path / "copy.db")
    assert person.types("journal", "backup", target)[0] == OK
    assert backup_path(Path(target)).exists()
    code, _, err = person.types("journal", "backup", target)
    assert code == WRONG
    assert target in err


def test_a_damaged_journal_is_reported(
    program: MonitorProcess, person: Person, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each error is listed with what to do, and the exit code is 1."""
    other = MonitorProcess(tmp_path)
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
    """A valid deployment is summed up."""
    code, out, _ = person.types("check")
    assert code == OK
    assert "no mistakes: 5 sites, " in out
    assert 'zone "hall-vip" has no checklist; is that meant?' in out
    assert 'zone "hall-plenary" has no checklist' not in out
    assert 'zone "dining-room" counts passages' in out
    assert 'zone "hall-vip" counts holders, each for at most 12 h' in out
    assert 'access point "hall-stage-door" has no devices' in out


@pytest.mark.parametrize("command", ["check", "run", "alerts"])
def test_all_mistakes_in_a_file_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Each mistake is listed with file and line, and the exit code is the one for mistakes."""
    broken = MonitorProcess(tmp_path, more='[time]\nlateness = "soon"\ntolerence = "2s"')
    code, out, err = Person(broken, capsys).types(command)
    assert (code, out) == (MISTAKES, "")
    assert "config.toml:" in err
    assert '"soon"' in err
    assert "tolerence" in err
    assert not broken.journal.exists()


def test_a_failing_rule_test_prevents_the_first_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule whose figure was changed without its own test fails that test, and the monitor does not start."""
    program = MonitorProcess(tmp_path)
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    changed = rules / "credentials.toml"
    changed.write_text(changed.read_text().replace("at_least = 3", "at_least = 4"))
    program.config.write_text(program.config.read_text().replace(str(ROOT / "rules"), str(rules)))
    code, _, err = Person(program, capsys).types("run")
    assert code == MISTAKES
    assert err.startswith(f"{changed}:")
    assert (
        ': rule "denied-badge", test "three denials of one badge at different points" fails:' in err
    )
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
def test_an_impossible_day_is_refused(
    program: MonitorProcess, person: Person, arguments: tuple[str, str], wrong: str
) -> None:
    """The refusal is one line, printed before anything is sent."""
    before = received(program)
    code, out, err = person.types("simulate", *arguments)
    assert (code, out) == (MISTAKES, "")
    assert err.startswith(wrong)
    assert err.count("\n") == 1
    assert received(program) == before


def test_a_journal_has_only_one_monitor(program: MonitorProcess, person: Person) -> None:
    """A second one exits with an error and leaves the first alone."""
    code, _, err = person.types("run")
    assert code == WRONG
    assert err.startswith("venue-monitor: ")
    assert "journal.db" in err
    assert program.answers()
    assert person.types("alerts")[0] == OK


def test_sigterm_is_a_clean_and_announced_end(
    mosquitto: Mosquitto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SIGTERM leads to exit code 0, a retained ``offline`` and an intact journal."""
    topic = f"venue/{CONGRESS}/monitor"
    with MonitorProcess(tmp_path, broker=mosquitto.address) as program:
        asyncio.run(wait_until_retained(mosquitto.address, topic, b"online"))
        assert program.stop() == OK
        asyncio.run(wait_until_retained(mosquitto.address, topic, b"offline"))
        assert read_run_file(program.journal) is None
        assert "Traceback" not in program.log_text()
        person = Person(program, capsys)
        assert person.types("journal", "verify")[0] == OK
        assert person.types("alerts")[0] == STALE


PRESENT = ("alerts", "zones", "masks", "pages", "readiness")
"""The commands that show the present."""


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_the_past_is_never_shown_as_the_present(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """Without the monitor, commands show the past, say since when, and fail; who is on call is still known."""
    roster = (ROOT / "roster.toml").read_text()
    with MonitorProcess(tmp_path, roster=roster) as program:
        person = Person(program, capsys)
        for command in PRESENT:
            code, _, err = person.types(command)
            assert (code == STALE, "NOT THE PRESENT" in err) == (False, False), command
        signs = program.folder / "journal.db.running"
        latest = datetime.fromtimestamp(signs.stat().st_mtime, UTC).replace(microsecond=0)
        if how == "stopped":
            program.stop()
        else:
            program.kill()
        for command in PRESENT:
            code, out, err = person.types(command)
            assert code == STALE, command
            found = re.search(
                r"NOT THE PRESENT: the monitor has not been running since (.*)", out + err
            )
            assert found is not None, command
            shown = " ".join(found[1].split(";")[0].split()[:4])
            since = datetime.strptime(shown, "%d %b %Y %H:%M:%S").replace(tzinfo=HOME)
            assert latest <= since <= datetime.now(UTC)
        code, out, err = person.types("oncall")
        assert code == OK
        assert "NOT THE PRESENT" in err
        assert "The plan applies without the monitor" in out


def state(program: MonitorProcess) -> str:
    """Return how its process is, as Linux has it; T is stopped."""
    assert program.process is not None
    stat = Path(f"/proc/{program.process.pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0]


def test_a_monitor_that_stands_still_does_not_show_the_present(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stopped process still exists; its last sign of life is old."""
    with MonitorProcess(tmp_path) as program:
        assert program.process is not None
        program.process.send_signal(signal.SIGSTOP)
        program.until(lambda: state(program) == "T")
        signs = tmp_path / "journal.db.running"
        os.utime(signs, (signs.stat().st_mtime - 60,) * 2)  # instead of waiting
        code, _, err = Person(program, capsys).types("alerts")
        assert code == STALE
        assert "the monitor runs, but has given no sign of life since" in err
        program.process.send_signal(signal.SIGCONT)
        program.until(lambda: Person(program, capsys).types("alerts")[0] == OK)


def test_without_its_broker_the_monitor_does_not_show_the_present(
    tmp_path: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its broker, the monitor runs but receives nothing."""
    with MonitorProcess(tmp_path, broker=mosquitto.address) as program:
        person = Person(program, capsys)
        assert person.types("zones")[0] == OK
        mosquitto.kill()
        program.until(lambda: person.types("zones")[0] == STALE)
        _, _, err = person.types("zones")
        assert f"the monitor has had no connection to {mosquitto.address} since" in err


def test_ctrl_c_ends_the_monitor_before_its_broker(tmp_path: Path) -> None:
    """The terminal interrupts the whole process group; the broker ends when the monitor is done with it."""
    with MonitorProcess(tmp_path) as program:
        assert program.process is not None
        os.killpg(program.process.pid, signal.SIGINT)
        assert program.process.wait(PATIENCE) == OK
        assert program.logged("embedded_broker_died") == []
        (warning,) = program.logged("embedded_broker_without_password")
        assert "[broker]" in warning["why"]


def test_a_taken_port_of_the_broker_is_named(tmp_path: Path) -> None:
    """One line says which port is taken and what to do, without the broker's raw log."""
    program = MonitorProcess(tmp_path)
    with socket.create_server(("127.0.0.1", program.broker.port)):
        done = program.ask("run")
    assert done.returncode == WRONG
    assert done.stderr.splitlines()[-1].startswith(
        f"venue-monitor: embedded broker: port {program.broker.port} of 127.0.0.1 is already in use;"
    )
    assert "[INF]" not in done.stderr


def test_a_stuck_reload_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """Rules that take for ever to read are abandoned at SIGTERM."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    program = MonitorProcess(tmp_path)
    program.config.write_text(program.config.read_text().replace(str(ROOT / "rules"), str(rules)))
    stuck = tmp_path / "sitecustomize.py"
    stuck.write_text(STUCK)
    program.environment["PYTHONPATH"] = str(tmp_path)
    with program:
        (tmp_path / "stick").touch()
        with (rules / "doors.toml").open("a") as file:
            file.write("# changed\n")
        program.until((tmp_path / "stuck").exists)
        assert program.stop() == OK


STUCK = """
import pathlib, threading, time
here = pathlib.Path(__file__).parent
def profile(frame, event, arg):
    if event == "call" and frame.f_code.co_name == "load_rule_set" and (here / "stick").exists():
        (here / "stuck").touch()
        while True:
            time.sleep(0.01)
threading.setprofile(profile)
"""
"""Makes every reading of the rules on another thread hang, as an endless pattern or a dead network mount would."""


def test_a_command_needs_the_monitor(
    tmp_path: Path, program: MonitorProcess, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the monitor is stopped, a command is refused with advice on what to do."""
    alert = alert_at(program, "hall-vip-door", "door.tamper", active=True)
    idle = MonitorProcess(tmp_path)
    assert person.types("journal", "backup", str(idle.journal))[0] == OK
    code, out, err = Person(idle, capsys).types("ack", alert.id, "--who", "ann")
    assert (code, out) == (WRONG, "")
    assert "nothing was done" in err
    assert "`venue-monitor run`" in err


def test_a_checklist_is_filled_in_at_a_terminal(
    person: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Item by item, with a photo; the same form from a file counts once; what is refused stays in a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hose.jpg").write_bytes(jpeg(tag=b"GPS"))
    typed = "p\np\nf\nhose perished\nhose.png\nhose.jpg\n\ny\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code, out, err = person.types("inspect", "dining-fire-safety")
    assert (code, err.count("refused")) == (OK, 0), err
    assert "3/3" in out
    assert "received, no. " in out
    assert "hose.png: No such file" in out
    kept = Photos(photos_path(person.program.journal))
    assert kept.digests() == {sha256(jpeg()).hexdigest()}

    file = tmp_path / "stage.json"
    answers = [{"item": item, "result": "pass"} for item in ("rigging", "cables", "curtains")]
    at = datetime.now(UTC).isoformat()
    times = {"at": at, "started_at": at, "finished_at": at}
    file.write_text(json.dumps({"items": answers, **times}))
    receipts = [
        person.sees("inspect", "stage", "--from", str(file), "--key", "again") for _ in range(2)
    ]
    assert receipts[0][0]["seq"] == receipts[1][0]["seq"]

    file.write_text(json.dumps({"items": [{"item": "riging", "result": "pass"}]}))
    code, out, err = person.types("inspect", "stage", "--from", str(file), "--key", "wrong")
    assert code == WRONG
    assert "riging: The checklist has no item “riging”." in err
    assert (tmp_path / "inspection-wrong.json").exists()
    monkeypatch.setattr("sys.stdin", io.StringIO("p\n"))
    code, _, err = person.types("inspect", "stage")
    assert (code, "nothing was sent" in err) == (WRONG, True)
    code, _, err = person.types("inspect", "stge")
    assert (code, "stage" in err) == (MISTAKES, True)
