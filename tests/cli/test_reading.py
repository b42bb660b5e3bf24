"""Commands that read: filters, JSON, names beside ids, whole ids in a pipe, the nearest name for a misspelled one."""

import asyncio
import json
import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.cli import MISTAKES, OK, main
from monitor.cli.live_status import STALE
from monitor.core.alert import Alert, Change, Handling
from monitor.core.events.door import DoorAlarmChanged
from monitor.core.events.vocabulary import DoorAlarm
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged, Mask, MaskChanged, Transition
from monitor.journal import Journal, Record
from tests.support.pipeline import ROOT
from tests.support.servers import eventually

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
ALARMS: tuple[DoorAlarm, ...] = ("normal", "forced_open", "normal")
LONG = "hall-foyer-exit-of-the-delegates-beside-the-cloakroom"


def alert(number: int, severity: str, site: str, owner: str = "") -> Transition:
    """An alert that was raised, and acknowledged if it has an owner."""
    row = Alert(
        id=f"{number:032x}",
        rule="door-forced",
        key=str(number),
        title=f"Alert {number}",
        severity=severity,  # type: ignore[arg-type]
        do="Look.",
        site=site,
        zone="hall-foyer" if site == "hall" else "",
        owner=owner,
        handling=Handling.ACKNOWLEDGED if owner else Handling.NEW,
        happened_at=START,
        raised_at=START + timedelta(seconds=number),
        last_at=START,
    )
    return AlertChanged(at=START, change=Change.RAISED, alert=row)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example with three alerts and a mask in its journal, and one event of a door that was forced twice."""
    for name in ("config.toml", "venue.toml", "roster.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    (tmp_path / "checklists").symlink_to(ROOT / "checklists")
    mask = Mask(
        id="f" * 32,
        what="door-forced",
        kind="maintenance",
        point=LONG,
        since=START,
        until=START + timedelta(days=30_000),
        owner="linh",
        reason="new hinges",
    )
    rows = [
        alert(1, "low", "hall"),
        alert(2, "critical", "hall", "linh"),
        alert(3, "high", "dining"),
        MaskChanged(at=START, mask=mask, ended=False),
    ]
    point = "hall-foyer-exit"
    events = [
        DoorAlarmChanged(at=START + timedelta(seconds=n), point=point, alarm=alarm)
        for n, alarm in enumerate(ALARMS)
    ]
    (tmp_path / "var").mkdir()
    with Journal(tmp_path / "var" / "journal.db") as journal:
        journal.commit(
            [
                Record(Arrival(received_at=row.at, source="test", events=(row,)), following)
                for row, following in zip(events, (rows, [], []), strict=True)
            ]
        )
    return tmp_path / "config.toml"


def shown(
    config: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = STALE
) -> str:
    """What a command prints; without a running monitor its exit code says so."""
    assert main(["--config", str(config), *arguments]) == code
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["Alert 2", "Alert 3", "Alert 1"]),
        (["--site", "hall"], ["Alert 2", "Alert 1"]),
        (["--severity", "high"], ["Alert 2", "Alert 3"]),
        (["--mine", "--who", "linh"], ["Alert 2"]),
        (["--mine", "--who", "linh", "--severity", "life_safety"], []),
    ],
)
def test_alerts_can_be_chosen(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: list[str]
) -> None:
    """By site, by the least severity and by owner; together, all must hold."""
    lines = shown(config, capsys, "alerts", "--json", *arguments).splitlines()

    assert [json.loads(line)["title"] for line in lines] == expected


def test_names_stand_beside_ids_and_times_have_year_and_zone(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An officer reads the name and types the id."""
    out = shown(config, capsys, "alerts", "--severity", "critical")

    assert "Congress hall / Foyer (hall-foyer), since 01 Jan 2026 08:00:00 UTC" in out
    assert "acknowledged by Linh (linh)" in out


def test_a_table_in_a_pipe_is_whole(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row is one line, however long its ids are."""
    monkeypatch.delenv("COLUMNS", raising=False)
    (row,) = [line for line in shown(config, capsys, "masks").splitlines() if "hinges" in line]

    assert "f" * 32 in row
    assert LONG in row
    assert "Linh (linh)" in row
    assert "\u2026" not in row


def test_a_table_on_a_narrow_terminal_cuts_nothing(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id to type stays in one line; other words are broken where there is no room for them."""
    monkeypatch.setenv("COLUMNS", "90")
    out = shown(config, capsys, "masks")
    rows = [line.split("\u2502") for line in out.splitlines() if line.startswith("\u2502")]

    assert rows[0][1].strip() == "f" * 32
    assert LONG in "".join(row[3].strip() for row in rows)


@pytest.mark.parametrize(
    ("arguments", "code", "key"),
    [
        (["alerts"], STALE, "severity"),
        (["masks"], STALE, "until"),
        (["zones"], STALE, "zone"),
        (["readiness"], STALE, "state"),
        (["pages"], STALE, "page"),
        (["oncall"], OK, "on_call"),
        (["oncall", "explain", "--rule", "door-forced", "--zone", "hall-foyer"], OK, "person"),
        (["rules", "list"], OK, "severity"),
        (["rules", "cost"], OK, "evaluated"),
        (["rules", "explain", "door-forced"], OK, "kind"),
        (["standby", "--status"], 1, ""),
    ],
)
def test_each_command_that_reads_prints_json(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, key: str
) -> None:
    """Every line is a JSON value, and nothing else is on standard output."""
    lines = shown(config, capsys, *arguments, "--json", code=code).splitlines()

    found = [json.loads(line) for line in lines]
    assert all(key in row for row in found if row is not None)
    assert found or arguments in (["zones"], ["pages"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["alerts", "--site", "hal"], 'unknown site "hal"; did you mean "hall"?'),
        (["pages", "--person", "lin"], 'unknown person "lin"; did you mean "linh"?'),
        (["notify", "test", "lin"], 'unknown person "lin"; did you mean "linh"?'),
        (["oncall", "--team", "guard"], 'unknown team "guard"; did you mean "guards"?'),
        (
            ["rules", "explain", "door-forcd"],
            'unknown rule "door-forcd"; did you mean "door-forced"?',
        ),
        (["rules", "list", "--file", "door.toml"], 'did you mean "doors.toml"?'),
        (
            ["oncall", "explain", "--rule", "door-forced", "--zone", "hall-foyr"],
            'unknown zone "hall-foyr"; did you mean "hall-foyer"?',
        ),
        (
            ["mask", "door-forcd", "--zone", "hall-foyr", "--until", "1h", "--reason", "x"],
            '--zone: unknown zone "hall-foyr"; did you mean "hall-foyer"?',
        ),
    ],
)
def test_the_nearest_name_is_offered(
    config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """A misspelled name is an error, and never an empty answer."""
    assert main(["--config", str(config), *arguments]) == MISTAKES
    assert message in capsys.readouterr().err


def test_rules_are_listed_by_file_and_severity(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each rule has its file, and both conditions hold together."""
    lines = shown(
        config, capsys, "rules", "list", "--file", "doors.toml", "--severity", "critical", "--json",
        code=OK,
    ).splitlines()  # fmt: skip

    rows = [json.loads(line) for line in lines]
    assert {(row["file"], row["severity"]) for row in rows} == {("doors.toml", "critical")}


def test_an_explanation_begins_with_what_matched(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """First the alerts, then the events that the rule matches, then the others; each part alone on demand."""

    def kinds(*arguments: str) -> list[str]:
        lines = shown(
            config, capsys, "rules", "explain", "door-forced", "--json", *arguments, code=OK
        ).splitlines()
        return [json.loads(line)["kind"] for line in lines]

    everything = kinds()
    assert everything == sorted(everything, key=["alerts", "matches", "others"].index)
    assert set(everything) == {"alerts", "matches", "others"}
    assert set(kinds("--only", "alerts")) == {"alerts"}
    assert set(kinds("--only", "matches")) == {"matches"}
    assert kinds("--contains", "no such door") == []
    assert len(kinds("--from", "2026-01-01T08:00:02Z")) < len(everything)


def test_watching_needs_a_terminal(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe it would never end."""
    assert main(["--config", str(config), "alerts", "--watch"]) == MISTAKES
    assert "only on a terminal" in capsys.readouterr().err


def on_terminal(config: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a command on a terminal; return it with our end of the terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160", "LINES": "50"}
    command = [sys.executable, "-m", "monitor", "--config", str(config), *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    return process, ours


def read_all(terminal: int, into: bytearray) -> None:
    """Read what a terminal shows until its last program has ended."""
    with suppress(OSError):
        while data := os.read(terminal, 65536):
            into += data


async def test_alerts_are_watched_until_ctrl_c(config: Path) -> None:
    """On a terminal a new alert appears by itself, with the warning that no monitor is running."""
    process, terminal = on_terminal(config, "alerts", "--watch")
    shown = bytearray()
    reading = asyncio.create_task(asyncio.to_thread(read_all, terminal, shown))
    try:
        await eventually(lambda: b"Alert 2" in shown)
        event = DoorAlarmChanged(at=START, point="hall-foyer-exit", alarm="normal")
        given = Arrival(received_at=START, source="test", events=(event,))
        with Journal(config.parent / "var" / "journal.db") as journal:
            journal.commit([Record(given, [alert(4, "life_safety", "hall")])])
        await eventually(lambda: b"Alert 4" in shown)
        process.send_signal(2)
        assert await asyncio.to_thread(process.wait, 30) == OK
    finally:
        process.kill()
        process.wait()
        await reading
        os.close(terminal)

    assert b"NOT THE PRESENT" in shown


@pytest.mark.parametrize("arguments", [("verify",), ("export",), ("backup", "copy.db")])
async def test_progress_is_shown_on_a_terminal_alone(
    config: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A person sees a bar on standard error; in a pipe there is none."""
    given = [str(tmp_path / part) if part.endswith(".db") else part for part in arguments]
    process, terminal = on_terminal(config, "journal", *given)
    shown = bytearray()
    reading = asyncio.to_thread(read_all, terminal, shown)
    await reading
    code = await asyncio.to_thread(process.wait, 30)
    os.close(terminal)
    (tmp_path / "copy.db").unlink(missing_ok=True)
    command = [sys.executable, "-m", "monitor", "--config", str(config), "journal", *given]
    piped = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, capture_output=True, check=True
    )

    assert code == OK
    assert b"\x1b[" in shown
    assert "\u2501".encode() in shown
    assert piped.stderr == b""
