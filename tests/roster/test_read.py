"""``roster.toml``: every mistake is reported with its line and its cure, and no address is ever shown."""

from pathlib import Path

import msgspec
import pytest

from monitor.core.roster import Person, Roster
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
step = [{ notify = "anna" }]

[[escalation]]
id = "all"
[[escalation.step]]
notify = ["@hall", "@@lead"]
wait = "5m"
[[escalation.step]]
notify = "bao"

[fallback]
notify = ["bao"]
"""


def written(folder: Path, text: str = GOOD) -> Path:
    """Write the file, and the address that it keeps elsewhere."""
    (folder / "anna-sms").write_text("smpp://secret-of-anna@gateway/4711\n")
    path = folder / "roster.toml"
    path.write_text(text)
    return path


def mistakes(folder: Path, before: str, after: str) -> list[str]:
    """The mistakes of the file when one thing in it is replaced, without the folder."""
    assert before in GOOD
    with pytest.raises(ConfigError) as expected:
        read_roster(written(folder, GOOD.replace(before, after)))
    return [row.replace(f"{folder}/", "") for row in expected.value.mistakes]


def test_people_and_channels_are_kept_apart(tmp_path: Path) -> None:
    """The core gets names; addresses stay with the notifier, in the order in which they are tried."""
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
    assert sms.url.reveal() == "smpp://secret-of-anna@gateway/4711"
    assert (phone.short, sms.short) == (False, True)
    assert "token-of-anna" not in repr(found)
    assert "secret-of-anna" not in repr(found)


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (
            'notify = "bao"',
            'notify = "boa"',
            'roster.toml:43: escalation "all": step 2: notify: unknown person "boa"; did you mean "bao"?',
        ),
        (
            'notify = "bao"',
            'notify = "hall"',
            (
                'roster.toml:43: escalation "all": step 2: notify: "hall" is a team; '
                'write "@hall" for the person on call in it'
            ),
        ),
        (
            '"@hall", ',
            '"@hal", ',
            'roster.toml:40: escalation "all": step 1: notify: unknown team "hal"; did you mean "hall"?',
        ),
        (
            'people = ["anna", "bao"]',
            'people = ["ana", "bao"]',
            'roster.toml:28: rotation 1: people: unknown person "ana"; did you mean "anna"?',
        ),
        (
            'url_file = "anna-sms"',
            'url_file = "anna-mms"',
            (
                'roster.toml:11: person "anna": channel 2: url_file: '
                "the file it names can't be read: No such file or directory; create it, or correct the name"
            ),
        ),
        (
            "silent = true\n",
            "",
            'roster.toml:36: escalation "all": no alert reaches it: one above takes them all; move that one to the end',
        ),
        (
            '[fallback]\nnotify = ["bao"]',
            "",
            (
                "roster.toml: fallback: an alert that no one acknowledges would reach no one else; "
                'write [fallback] with e.g. notify = ["chief"]'
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
                "roster.toml:29: rotation 1: starts: has a UTC offset; write the local time, "
                "e.g. 2026-01-05T07:00:00"
            ),
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_its_cure(
    tmp_path: Path, before: str, after: str, text: str
) -> None:
    """A mistake is reported with its place and what to write instead."""
    assert text in mistakes(tmp_path, before, after)


def test_an_unknown_rule_is_reported(tmp_path: Path) -> None:
    """A policy for a mistyped rule id would silently never apply."""
    path = written(tmp_path, GOOD.replace('id = "all"', 'id = "all"\nrules = ["door-*", "gat-*"]'))
    every = '[[escalation]]\nid = "rest"\nstep = [{ notify = "bao" }]\n[fallback]'
    path.write_text(path.read_text().replace("[fallback]", every))

    assert read_roster(path).document.policies[1].rules == ("door-*", "gat-*")
    with pytest.raises(ConfigError) as expected:
        read_roster(path, rules=["door-forced", "gate-stuck"])
    (mistake,) = expected.value.mistakes
    assert mistake.endswith('rules: unknown rule "gat-*"; did you mean "gate-*"?')


def test_the_earlier_name_of_notify_is_still_read(tmp_path: Path) -> None:
    """A roster from before the key was renamed means the same; a mistake names the key as the file has it."""
    earlier = GOOD.replace("notify", "tell")

    old, new = (read_roster(written(tmp_path, text)).document for text in (earlier, GOOD))
    assert (old.policies, old.fallback) == (new.policies, new.fallback)
    with pytest.raises(ConfigError) as raised:
        read_roster(written(tmp_path, earlier.replace('tell = "bao"', 'tell = "boa"')))
    (mistake,) = raised.value.mistakes
    assert mistake.endswith(
        'roster.toml:43: escalation "all": step 2: tell: unknown person "boa"; did you mean "bao"?'
    )


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('notify = "bao"', 'roster.toml:44: escalation "all": step 2: tell'),
        ('notify = ["bao"]', "roster.toml:47: fallback: tell"),
    ],
)
def test_both_names_of_notify_in_one_table_are_a_mistake(
    tmp_path: Path, line: str, place: str
) -> None:
    """If both names are given, the roster is refused instead of guessing which one counts."""
    assert GOOD.count(f"{line}\n") == 1

    assert mistakes(tmp_path, f"{line}\n", f'{line}\ntell = "anna"\n') == [
        f"{place}: is the earlier name of notify, which is given too; leave it out"
    ]


def test_the_journal_keeps_its_names() -> None:
    """A roster in an older journal is read, and an older monitor reads the journal of this one."""
    stored = (
        b"""{"ladders":[{"id":"all","steps":[{"tell":["bao"]}]}],"fallback":{"tell":["anna"]}}"""
    )
    roster = msgspec.json.decode(stored, type=Roster)

    assert roster.policies[0].steps[0].notify == ("bao",)
    assert roster.fallback.notify == ("anna",)
    again = msgspec.json.decode(msgspec.json.encode(roster))
    assert again["ladders"][0]["steps"][0]["tell"] == ["bao"]
    assert again["fallback"]["tell"] == ["anna"]


def test_an_invalid_address_is_not_repeated(tmp_path: Path) -> None:
    """An invalid address is not shown, since it may be a token in the wrong place."""
    found = mistakes(tmp_path, '"mailto://user:pass@example.org"', '"tk_very_secret"')

    assert "is not an address" in found[0]
    assert "tk_very_secret" not in "".join(found)


@pytest.mark.parametrize("text", ["", "# nobody\n", "person = []\n"])
def test_an_empty_file_is_a_mistake(tmp_path: Path, text: str) -> None:
    """An empty roster is refused: with it, no one would ever be paged."""
    path = tmp_path / "roster.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="fallback"):
        read_roster(path)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('notify = ["boa"]', 'notify: unknown person "boa"; did you mean "bao"?'),
        (
            'notify = ["@@lead"]',
            'notify: "@@lead" depends on an alert; write a person or a team such as "@guards"',
        ),
        ('at = "8 am"', "at: "),
    ],
)
def test_a_mistake_in_the_daily_digest_is_named(tmp_path: Path, line: str, what: str) -> None:
    """A digest that would reach no one is refused, with what to write instead."""
    (found,) = mistakes(tmp_path, "[fallback]", f"[daily]\n{line}\n[fallback]")
    assert what in found
