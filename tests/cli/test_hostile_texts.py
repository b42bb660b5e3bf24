"""Every command that prints, over a journal and files full of control characters: none reaches the terminal."""

import json
import re
import shutil
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.cli import MODULES, main
from monitor.rules.read import load
from monitor.venue import load as load_venue
from tests.support.pipeline import ROOT, PipelineHarness
from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

EVIL = "\x1b]0;x\x07\x1b[2J\x00\x9b31m\u202e\u200f\u2066\x85"
"""Escape sequences, NUL, C1 controls, and characters that reverse the direction of text."""
IN_TOML = "".join(f"\\U{ord(char):08x}" for char in EVIL if char not in "[]")
"""In titles, square brackets have a meaning."""

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("alerts",),
    ("alerts", "--json"),
    ("alerts", "--all"),
    ("alerts", "--site", EVIL),
    ("alerts", "--mine", "--who", EVIL),
    ("tls", "init", EVIL),
    ("tls", "renew", "--folder", EVIL),
    ("zones",),
    ("zones", "--json"),
    ("readiness",),
    ("readiness", "--json"),
    ("masks",),
    ("masks", "--json"),
    ("checklists", "check"),
    ("checklists", "check", EVIL),
    ("checklists", "list"),
    ("checklists", "list", "--json"),
    ("checklists", "show", "lifts"),
    ("checklists", "show", EVIL),
    ("checklists", "print", "lifts"),
    ("checklists", "import", EVIL),
    ("pages",),
    ("pages", "--json"),
    ("pages", "--person", EVIL),
    ("oncall",),
    ("oncall", "--json"),
    ("oncall", "--team", EVIL),
    ("oncall", "explain", "{alert}"),
    ("oncall", "explain", "{alert}", "--json"),
    ("oncall", "explain", EVIL),
    ("oncall", "take", EVIL, "--who", EVIL, "--until", EVIL),
    ("oncall", "release", EVIL, "--who", EVIL),
    ("ack", "{alert}", "--who", EVIL),
    ("ack", EVIL, "--who", EVIL),
    ("shelve", EVIL, "--who", EVIL, "--until", "2030-01-01T08:00:00Z", "--reason", EVIL),
    ("unshelve", EVIL, "--who", EVIL),
    ("hand-over", "{alert}", EVIL, "--who", EVIL),
    ("escalate", EVIL, "--who", EVIL, "--note", EVIL),
    ("tick", "{alert}", "1", "--who", EVIL),
    ("note", "{alert}", EVIL, "--who", EVIL),
    ("log", "list", "--site", EVIL),
    ("log", "add", EVIL, "--who", EVIL, "--zone", EVIL, "--happened", EVIL),
    ("log", "strike", EVIL, "--who", EVIL, "--reason", EVIL),
    ("close", EVIL, "--who", EVIL, "--note", EVIL),
    ("mask", EVIL, "--zone", EVIL, "--who", EVIL, "--reason", EVIL, "--until", EVIL),
    ("unmask", EVIL, "--who", EVIL),
    ("notify", "test", EVIL),
    ("user", "add", "hostile", "viewer", "--full-name", EVIL),
    ("user", "add", EVIL, "viewer"),
    ("user", "add", "other", EVIL),
    ("user", "list"),
    ("user", "list", "--json"),
    ("user", "link", EVIL),
    ("user", "reset", EVIL),
    ("user", "edit", "hostile", "--person", EVIL),
    ("user", "edit", "hostile", "--full-name", EVIL, "--language", EVIL),
    ("user", "grant", "hostile", EVIL),
    ("user", "disable", EVIL),
    ("user", "enable", EVIL),
    ("user", "token", "make", "hostile", "view", "--until", "1d", "--label", EVIL),
    ("user", "token", "make", EVIL, EVIL, "--until", EVIL),
    ("user", "token", "list"),
    ("user", "token", "list", "--json"),
    ("user", "token", "revoke", EVIL),
    ("rules", "test"),
    ("rules", "list"),
    ("rules", "list", "--json"),
    ("rules", "list", "--file", EVIL),
    ("rules", "reference"),
    ("rules", "cost"),
    ("rules", "cost", "--json"),
    ("rules", "explain", "rejected-input"),
    ("rules", "explain", "rejected-input", "--json"),
    ("rules", "explain", EVIL),
    ("rules", "new", EVIL),
    ("journal", "stats"),
    ("journal", "verify"),
    ("journal", "export"),
    ("journal", "backup", EVIL.replace("\0", "")),
    ("check",),
    ("inspect", EVIL),
    ("labels", "--site", EVIL),
    ("schema",),
    ("schema", EVIL),
    ("run", "--clock", EVIL),
    ("metrics",),
    ("backfill", "--from", EVIL),
    ("grafana", "push", "--url", EVIL),
    ("watch", "--file", EVIL.replace("\0", "")),
    ("cluster", "check"),
    ("cluster", "inbox"),
    ("cluster", "ticker"),
    ("cluster", "submit", "--savepoint", EVIL),
    ("cluster", "import"),
    ("cluster", "reader"),
    ("cluster", "status"),
    ("cluster", EVIL),
    ("standby", "--status"),
    ("standby", "--status", "--json"),
    ("simulate", "--start", EVIL),
    ("demo", EVIL),
    ("init", EVIL.replace("\0", "")),
    ("completion", EVIL),
    (EVIL,),
)


def hostile(text: str) -> str:
    """A TOML file with control characters in every name and title that is a plain string."""
    return re.sub(
        r'^((?:name|title|reason) = "[A-Z{][^"\\]*)"',
        lambda row: row[1] + IN_TOML + '"',
        text,
        flags=re.MULTILINE,
    )


def write_files(folder: Path) -> None:
    """Write configuration, venue, roster and rules."""
    support = ROOT / "tests" / "support"
    (folder / "venue.toml").write_text(hostile((support / "venue.toml").read_text()))
    roster = re.sub('agency = ".*"', 'agency = "safety"', (ROOT / "roster.toml").read_text())
    (folder / "roster.toml").write_text(hostile(roster))
    shutil.copytree(ROOT / "rules", folder / "rules")
    for path in (folder / "rules").glob("*.toml"):
        path.write_text(hostile(path.read_text()))
    (folder / "checklists").mkdir()
    lifts = (ROOT / "checklists" / "lifts.toml").read_text()
    (folder / "checklists" / "lifts.toml").write_text(hostile(lifts))
    (folder / "config.toml").write_text(
        f"""[broker]
host = "127.0.0.1"
port = {free_port()}
[journal]
path = "journal.db"
[files]
venue = "venue.toml"
rules = "rules"
roster = "roster.toml"
"""
    )


def write_journal(folder: Path) -> str:
    """Write a journal in which strangers have sent what they could; return the id of an alert."""
    sent: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("door/d1", {"type": "door.tamper", "point": "d1", "active": True}),
        (f"door/{EVIL}", {"type": "door.opened", "point": EVIL}),
        (
            "action/a",
            {
                "type": "action.opened",
                "action": "a",
                "kind": "repair",
                "zone": "hall",
                "note": EVIL,
            },
        ),
        (
            "report/r",
            {"type": "report.filed", "report": "r", "zone": "hall", "about": EVIL, "text": EVIL},
        ),
        ("zone/hall", {"type": "zone.count", "zone": "hall", "count": 3, "who": EVIL}),
        (
            "staff/ann",
            {
                "type": "staff.mask",
                "who": "ann",
                "what": "*",
                "zone": "hall",
                "until": "2026-01-02T08:00:00Z",
                "reason": EVIL,
            },
        ),
        (
            "action/\u202ea",
            {"type": "action.opened", "action": "\u202ea", "kind": "repair", "zone": "\u202eh"},
        ),
        ("inspection/check", {"type": "inspection.submitted", "checklist": "check", EVIL: 1}),
    )
    rules = load(ROOT / "rules").rule_set(load_venue(ROOT / "tests" / "support" / "venue.toml"))
    with PipelineHarness(folder / "journal.db", rule_set=rules) as line:
        for topic, fields in sent:
            payload = json.dumps({"at": line.clock.time.isoformat(), **fields}).encode()
            line.take(line.sent(f"venue/centre/{topic}", payload))
            line.take(line.sent(f"{EVIL}/{topic}", EVIL.encode()))
        line.wait(60)
        return line.journal.alerts()[0].id


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a deployment whose monitor is not running, and the id of an alert."""
    folder = tmp_path_factory.mktemp("hostile")
    write_files(folder)
    return folder, write_journal(folder)


def test_every_command_is_among_them() -> None:
    """A new command has to be added here."""
    assert {row[0] for row in COMMANDS} - {EVIL} == {
        row for rows in MODULES.values() for row in rows
    }


@pytest.mark.parametrize(
    "arguments", COMMANDS, ids=lambda row: " ".join(row).encode("unicode_escape").decode()
)
def test_no_control_character_reaches_the_terminal(
    deployment: tuple[Path, str],
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the journal, the files and the arguments contain, the output has none but line ends and tabs."""
    folder, alert = deployment
    monkeypatch.chdir(folder)
    given = [row.replace("{alert}", alert) for row in arguments]
    with suppress(SystemExit):  # how argparse refuses arguments
        main(["--config", str(folder / "config.toml"), *given])
    shown = "".join(capsys.readouterr())

    assert shown
    found = {char for char in shown if unicodedata.category(char) in {"Cc", "Cf"}}
    assert found <= {"\n", "\t"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("alerts",),
        ("masks", "--json"),
        ("readiness",),
        ("rules", "list"),
        ("oncall",),
        ("journal", "export"),
    ],
)
def test_what_strangers_wrote_is_shown_escaped(
    deployment: tuple[Path, str], arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """The journal and the files do contain it; tables show as much of it as fits."""
    main(["--config", str(deployment[0] / "config.toml"), *arguments])

    assert "\\u0" in "".join(capsys.readouterr())
