"""The tables about other alerting systems: what they accept, and what to correct in a mistake."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import Config, load
from monitor.errors import ConfigError

HIDDEN = "correct-horse-battery"
"""The secret of these tests: it must turn up nowhere."""


def settled(folder: Path, text: str) -> Config:
    """The configuration in a ``config.toml``, whatever broker password is in the environment."""
    (folder / "secret").write_text(f"{HIDDEN}\n")
    return load_at(folder, text)


def load_at(folder: Path, text: str) -> Config:
    """The configuration in a ``config.toml``, with the files beside it."""
    (folder / "config.toml").write_text(text)
    return load(folder / "config.toml", {"VENUE_MONITOR_BROKER_PASSWORD": "of the broker"})


def mistakes(folder: Path, text: str) -> list[str]:
    """The mistakes of a ``config.toml``, without its name."""
    with pytest.raises(ConfigError) as raised:
        settled(folder, text)
    assert HIDDEN not in repr(raised.value)
    file = folder / "config.toml"
    return [mistake.removeprefix(f"{file}:").strip() for mistake in raised.value.mistakes]


def test_alertmanager(tmp_path: Path) -> None:
    """A single address needs no brackets; the defaults fit together."""
    assert settled(tmp_path, "").alertmanager is None
    found = settled(tmp_path, '[alertmanager]\nurls = "http://am:9093"').alertmanager
    assert found is not None
    assert found.urls == ("http://am:9093",)
    assert found.hold >= 4 * found.resend > timedelta(0)
    assert not found.silent


def test_alertmanager_with_a_password(tmp_path: Path) -> None:
    """The password comes from its own file."""
    text = '[alertmanager]\nurls = ["https://am"]\nusername = "u"\npassword_file = "secret"'
    found = settled(tmp_path, text).alertmanager
    assert found is not None
    assert found.password is not None
    assert found.password.reveal() == HIDDEN
    assert HIDDEN not in repr(found)


UNREADABLE = (
    "the file it names can't be read: No such file or directory; "
    "put it in a file of its own and name that file here"
)
URL = 'urls = ["http://am"]\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '1: alertmanager: urls: missing; write e.g. urls = ["..."]'),
        ("urls = []", "2: alertmanager: urls: the list is too short; write at least 1 value"),
        (
            'urls = ["am:9093"]',
            "2: alertmanager: urls: not a web address; write e.g. https://alerts.example.org:9093",
        ),
        (
            'urls = ["http://u:p@am"]',
            "2: alertmanager: urls: a password does not belong in an address; remove everything before the @",
        ),
        (
            'urls = ["http://am", "http://am"]',
            "2: alertmanager: urls: the same peer is listed twice; remove one",
        ),
        (
            f'{URL}resend = "2m"',
            '1: alertmanager: hold: is less than four times resend; write at least "480s"',
        ),
        (f'{URL}resend = "0s"', '3: alertmanager: resend: is too short; write at least "1s"'),
        (f'{URL}timeout = "0s"', '3: alertmanager: timeout: must be more than 0; write e.g. "10s"'),
        (
            f'{URL}username = "u"',
            "1: alertmanager: password_file: missing; username and password_file go together",
        ),
        (
            f'{URL}password_file = "secret"',
            "1: alertmanager: username: missing; username and password_file go together",
        ),
        (
            f'{URL}password_file = "nowhere"',
            f"3: alertmanager: password_file: {UNREADABLE}",
        ),
    ],
)
def test_mistakes_in_alertmanager(tmp_path: Path, text: str, expected: str) -> None:
    """A mistake is reported with its place, what is wrong, and what to write."""
    assert mistakes(tmp_path, f"[alertmanager]\n{text}") == [expected]


def test_a_missing_certificate_authority(tmp_path: Path) -> None:
    """The message has the path that was tried."""
    (expected,) = mistakes(tmp_path, f'[alertmanager]\n{URL}ca_file = "ca.pem"')
    assert expected.startswith(f'3: alertmanager: ca_file: there is no file "{tmp_path}/ca.pem";')


def test_a_webhook(tmp_path: Path) -> None:
    """An address is enough; one with a token comes from a file, and so does the secret."""
    (tmp_path / "address").write_text("https://goalert/incoming?token=correct-horse-battery\n")
    text = """
        [[webhook]]
        name = "soc"
        url = "https://soc/hook"
        secret_file = "secret"
        kinds = "readiness"
        at_least = "high"
        [[webhook]]
        name = "goalert"
        url_file = "address"
        format = "goalert"
    """
    (tmp_path / "secret").write_text(HIDDEN * 2)
    first, second = load_at(tmp_path, text).webhooks
    assert first.address == "https://soc/hook"
    assert first.key == HIDDEN.encode() * 2
    assert first.kinds == ("readiness",)
    assert second.address.endswith("?token=correct-horse-battery")
    assert second.key == b""
    assert HIDDEN not in repr((first, second))


NO_ADDRESS = "not a web address; write e.g. https://alerts.example.org:9093"
SHORT = "shorter than 24 bytes; run e.g. `openssl rand -hex 32`"
HOOK = '[[webhook]]\nname = "a"\nurl = "http://a"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[[webhook]]\nname = "a"',
            '1: webhook 1: url: missing; write e.g. url = "https://example.org/hook", or url_file if it holds a token',
        ),
        (
            f'{HOOK}url_file = "address"',
            "4: webhook 1: url_file: url is given too; remove one of the two",
        ),
        (
            '[[webhook]]\nname = "a"\nurl_file = "secret"',
            f"3: webhook 1: url_file: in the file: {NO_ADDRESS}",
        ),
        (f"{HOOK}{HOOK}", '5: webhook 2: name: "a" is already used above; choose another'),
        (f"{HOOK}kinds = []", '4: webhook 1: kinds: is empty; write e.g. ["alert"]'),
        (
            f'{HOOK}format = "goalert"\nkinds = "zone"',
            '5: webhook 1: kinds: GoAlert accepts only alerts; write kinds = ["alert"], or leave it out',
        ),
        (
            f'{HOOK}format = "goalert"\nsecret_file = "long"',
            "5: webhook 1: secret_file: GoAlert relies on the token in its address, not on signatures; leave this out",
        ),
        (
            f'{HOOK}secret_file = "secret"',
            f"4: webhook 1: secret_file: in the file: {SHORT}",
        ),
        (
            f'{HOOK}secret_file = "bad"',
            "4: webhook 1: secret_file: in the file: not Base64 after whsec_; run e.g. `openssl rand -base64 32`",
        ),
        (f'{HOOK}timeout = "0s"', '4: webhook 1: timeout: must be more than 0; write e.g. "10s"'),
    ],
)
def test_mistakes_in_a_webhook(tmp_path: Path, text: str, expected: str) -> None:
    """A mistake is reported with its place, what is wrong, and what to write; a secret is never repeated."""
    (tmp_path / "address").write_text("https://there")
    (tmp_path / "long").write_text(HIDDEN * 2)
    (tmp_path / "bad").write_text(f"whsec_{HIDDEN}")
    assert mistakes(tmp_path, text) == [expected]


def test_paths_of_a_webhook_are_relative_to_the_file(tmp_path: Path) -> None:
    """Paths of a webhook are relative to the file, as in the other tables."""
    (tmp_path / "ca.pem").write_text("PEM")
    (found,) = load_at(tmp_path, f'{HOOK}ca_file = "ca.pem"').webhooks
    assert found.ca_file == tmp_path / "ca.pem"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('every = "0s"', '2: heartbeat: every: is too short; write at least "1s"'),
        ('url = "ftp://a"', f"2: heartbeat: url: {NO_ADDRESS}"),
        (
            'url = "http://a"\nurl_file = "address"',
            "3: heartbeat: url_file: url is given too; remove one of the two",
        ),
    ],
)
def test_mistakes_in_the_heartbeat(tmp_path: Path, text: str, expected: str) -> None:
    """A mistake is reported with its place, what is wrong, and what to write."""
    (tmp_path / "address").write_text("https://there")
    assert mistakes(tmp_path, f"[heartbeat]\n{text}") == [expected]
