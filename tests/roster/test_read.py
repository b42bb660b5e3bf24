"""``roster.toml``: every mistake is named with its line and its cure, and no address is ever shown."""

from pathlib import Path

import pytest

from monitor.core.roster import Person
from monitor.errors import ConfigError
from monitor.roster import read_roster

GOOD = """\
[[person]]
id = "anna"
name = "Anna"
agency = "security"
languages = ["vi", "en"]
[[person.channel]]
name = "phone"
url = "ntfys://token-of-anna@ntfy.example.org/anna"
[[person.channel]]
name = "sms"
url_file = "anna-sms"
short = true

[[person]]
id = "bao"
name = "Bao"
[[person.channel]]
name = "mail"
url = "mailto://user:pass@example.org"

[[team]]
id = "hall"
name = "Hall security"
agency = "security"

[[rotation]]
team = "hall"
people = ["anna", "bao"]
starts = 2026-01-05T07:00:00
shift = "12h"

[[escalation]]
id = "duress"
silent = true
step = [{ tell = "anna" }]

[[escalation]]
id = "all"
[[escalation.step]]
tell = ["@hall", "@@lead"]
wait = "5m"
[[escalation.step]]
tell = "bao"

[fallback]
tell = ["bao"]
"""


def written(folder: Path, text: str = GOOD) -> Path:
    """The file, with the address that it keeps elsewhere."""
    (folder / "anna-sms").write_text("sms://secret-of-anna@gateway/4711\n")
    path = folder / "roster.toml"
    path.write_text(text)
    return path


def mistakes(folder: Path, before: str, after: str) -> list[str]:
    """What is said of the file when one thing in it is another, without the folder."""
    assert before in GOOD
    with pytest.raises(ConfigError) as told:
        read_roster(written(folder, GOOD.replace(before, after)))
    return [row.replace(f"{folder}/", "") for row in told.value.mistakes]


def test_people_and_channels_are_kept_apart(tmp_path: Path) -> None:
    """The core gets names; the addresses stay with whoever delivers, in the order in which they are tried."""
    found = read_roster(written(tmp_path))

    assert found.people[0] == Person(
        id="anna",
        name="Anna",
        languages=("vi", "en"),
        agency="security",
        channels=("phone", "sms"),
    )
    phone, sms = found.channels["anna"]
    assert phone.url.reveal() == "ntfys://token-of-anna@ntfy.example.org/anna"
    assert sms.url.reveal() == "sms://secret-of-anna@gateway/4711"
    assert (phone.short, sms.short) == (False, True)
    assert "token-of-anna" not in repr(found)
    assert "secret-of-anna" not in repr(found)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            'tell = "bao"',
            'tell = "boa"',
            'roster.toml:43: escalation "all": step 2: tell: there is no person "boa"; did you mean "bao"?',
        ),
        (
            'tell = "bao"',
            'tell = "hall"',
            (
                'roster.toml:43: escalation "all": step 2: tell: "hall" is a team; '
                'write "@hall" for who is on call there'
            ),
        ),
        (
            '"@hall", ',
            '"@hal", ',
            'roster.toml:40: escalation "all": step 1: tell: there is no team "hal"; did you mean "hall"?',
        ),
        (
            'people = ["anna", "bao"]',
            'people = ["ana", "bao"]',
            'roster.toml:28: rotation 1: people: there is no person "ana"; did you mean "anna"?',
        ),
        (
            'url_file = "anna-sms"',
            'url_file = "anna-mms"',
            (
                'roster.toml:11: person "anna": channel 2: url_file: '
                "the file that it names can't be read: No such file or directory"
            ),
        ),
        (
            "silent = true\n",
            "",
            'roster.toml:36: escalation "all": no alert gets here: one above takes them all; move that to the end',
        ),
        (
            '[fallback]\ntell = ["bao"]',
            "",
            (
                "roster.toml: fallback: who is told when nobody takes an alert? "
                'Write [fallback] with e.g. tell = ["chief"]'
            ),
        ),
        (
            'wait = "5m"',
            "repeats = 2",
            'roster.toml:41: escalation "all": step 1: repeats: unknown key; did you mean "repeat"?',
        ),
        (
            "2026-01-05T07:00:00",
            "2026-01-05T07:00:00Z",
            (
                "roster.toml:29: rotation 1: starts: it has an offset from UTC; write the local time, "
                "e.g. 2026-01-05T07:00:00"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_cure(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    """Whoever wrote it finds the place and knows what to write instead."""
    assert said in mistakes(tmp_path, before, after)


def test_a_rule_that_there_is_not_is_named(tmp_path: Path) -> None:
    """A ladder that waits for a rule with a slip in its id would take nothing, and nobody would know."""
    path = written(tmp_path, GOOD.replace('id = "all"', 'id = "all"\nrules = ["door-*", "gat-*"]'))
    every = '[[escalation]]\nid = "rest"\nstep = [{ tell = "bao" }]\n[fallback]'
    path.write_text(path.read_text().replace("[fallback]", every))

    assert read_roster(path).document.ladders[1].rules == ("door-*", "gat-*")
    with pytest.raises(ConfigError) as told:
        read_roster(path, rules=["door-forced", "gate-stuck"])
    (mistake,) = told.value.mistakes
    assert mistake.endswith('rules: there is no rule "gat-*"; did you mean "gate-*"?')


def test_an_address_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    """It may be a token that somebody put into the wrong place."""
    told = mistakes(tmp_path, '"mailto://user:pass@example.org"', '"tk_very_secret"')

    assert "no address" in told[0]
    assert "tk_very_secret" not in "".join(told)


@pytest.mark.parametrize("text", ["", "# nobody\n", "person = []\n"])
def test_an_empty_file_is_a_mistake(tmp_path: Path, text: str) -> None:
    """It would be a roster by which nobody is told of anything."""
    path = tmp_path / "roster.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="fallback"):
        read_roster(path)
