"""What a demonstration takes over from a deployment: its people, and no way to reach them."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.demo.deployment import write_deployment
from monitor.roster import read_roster
from tests.support.pipeline import ROOT

PHONES = "ntfy://127.0.0.1:1/demo"
ODD = """
[[person]]
id = "anna"
name = "Anna"
channel = [{ name = "phone", url = 'ntfys://example.org/anna', per_minute = 5 }, { url_file = "sms", name = "sms" }]

[[person]]
id = "bao"
name = "Bảo"

[[person.channel]]
name = "phone"
per_minute = 10
url_file = "secrets/bao"
timeout = "5s"

[[team]]
id = "guards"
name = "Guards"

[[calendar]]
id = "guards"
team = "guards"
url_file = "secrets/calendar"

[[rotation]]
team = "guards"
people = ["anna", "bao"]
starts = 2026-01-05T07:00:00
shift = "12h"

[[escalation]]
id = "duress"
silent = true
step = [{ notify = "anna" }]

[[escalation]]
id = "all"

[fallback]
notify = "bao"
"""
HIDDEN = """
[[person]]
id = "anna"
name = "Anna"

[[person.channel]]
name = "phone"
url = '''ntfys://ntfy.example.org/anna'''

[[escalation]]
id = "all"

[fallback]
notify = "anna"
"""


def deployment(folder: Path, roster: str) -> Path:
    """A configuration with this roster, and with the example's venue and rules."""
    (folder / "given.toml").write_text(roster)
    path = folder / "given-config.toml"
    files = (
        f"files = {{ venue = '{ROOT}/venue.toml', rules = '{ROOT}/rules', roster = 'given.toml' }}"
    )
    path.write_text(f"{files}\n[embedded_broker]\ndata = 'broker'\n")
    return path


@pytest.mark.parametrize(
    "roster", [ODD, (ROOT / "roster.toml").read_text()], ids=["odd", "example"]
)
def test_pages_of_a_demonstration_reach_nobody(tmp_path: Path, roster: str) -> None:
    """Every channel has the address of the demonstration, however the file is written; calendars are left out."""
    given = deployment(tmp_path, roster)

    path, people = write_deployment(tmp_path, load(given), given, PHONES)

    found = read_roster(load(path).files.roster or Path())
    channels = [channel for each in found.channels.values() for channel in each]
    assert channels
    assert {channel.url.reveal() for channel in channels} == {PHONES}
    assert {channel.per_minute for channel in channels} == {600}
    assert people == found.people
    assert people[0].id == "anna"
    assert not found.document.calendars


@pytest.mark.parametrize("roster", [HIDDEN, "[[person]]"], ids=["hidden", "broken"])
def test_without_certainty_nobody_is_paged_at_all(tmp_path: Path, roster: str) -> None:
    """An address that was not replaced, or a file with mistakes: the demonstration has no roster."""
    given = deployment(tmp_path, roster)

    path, people = write_deployment(tmp_path, load(given), given, PHONES)

    assert people == ()
    assert load(path).files.roster is None
