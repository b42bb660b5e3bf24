"""``config.toml``: its defaults, its mistakes, and a password that is never shown."""

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from monitor.config import PASSWORD, AdapterTable, Broker, Config, Secret, load
from monitor.errors import ConfigError

ROOT = Path(__file__).parents[2]
HIDDEN = "correct-horse-battery"
"""The password of these tests: it must turn up nowhere."""
ELSEWHERE = f"put it in a file of its own and name that file in password_file, or set {PASSWORD}"


def mistakes(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    """Return the mistakes of a ``config.toml``, without its name."""
    file = folder / "config.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(file, environ or {})
    assert HIDDEN not in repr(raised.value)
    return [mistake.removeprefix(f"{file}:").strip() for mistake in raised.value.mistakes]


def settled(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    """Return the configuration in a ``config.toml``."""
    (folder / "config.toml").write_text(text)
    return load(folder / "config.toml", environ or {})


def test_the_example_is_valid() -> None:
    """The shipped file works as it is, with the embedded broker."""
    config = load(ROOT / "config.toml", {})

    assert config.broker is None
    assert {adapter.format for adapter in config.adapters} == {
        "onvif-ej",
        "zigbee2mqtt",
        "esp-rfid",
        "uhppoted",
    }


def test_an_empty_file_gives_the_defaults_beside_it(tmp_path: Path) -> None:
    """Everything is optional; paths are relative to the folder of the file."""
    config = settled(tmp_path, "")

    assert config.broker is None
    assert config.journal.path == tmp_path / "var/journal.db"
    assert config.embedded_broker.data == tmp_path / "var/broker"
    assert config.files.rules == tmp_path / "rules"
    assert config.http.port == 9660
    assert config.time.lateness == timedelta(seconds=2)
    assert config.publish.enabled


def test_every_value_is_read(tmp_path: Path) -> None:
    """Each value is used, and an absolute path stays as it is."""
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text("PEM")
    (tmp_path / "password").write_text(f"{HIDDEN}\n")

    config = settled(
        tmp_path,
        """
        [broker]
        host = "broker"
        username = "monitor"
        password_file = "password"
        keepalive = "2m"
        tls = { ca_file = "ca", cert_file = "cert", key_file = "key" }
        [journal]
        path = "/data/journal.db"
        retention = "30d"
        [[adapter]]
        topic = "a/+/b/#"
        format = "esp-rfid"
        timezone = "Asia/Ho_Chi_Minh"
        map = { "x y" = "gate" }
        """,
    )

    broker = config.broker
    assert broker is not None
    assert broker.password is not None
    assert broker.tls is not None
    assert broker.password.reveal() == HIDDEN
    assert broker.tls.ca_file == tmp_path / "ca"
    assert broker.keepalive == timedelta(minutes=2)
    assert config.journal.path == Path("/data/journal.db")
    assert config.adapters == (
        AdapterTable(
            topic="a/+/b/#", format="esp-rfid", timezone="Asia/Ho_Chi_Minh", map={"x y": "gate"}
        ),
    )


@pytest.mark.parametrize(
    ("table", "port"), [("", 1883), ("[broker.tls]", 8883), ("port = 1884\n[broker.tls]", 1884)]
)
def test_the_port_follows_from_tls(tmp_path: Path, table: str, port: int) -> None:
    """The default port is MQTT's standard port for the kind of connection."""
    broker = settled(tmp_path, f'[broker]\nhost = "b"\n{table}').broker

    assert broker is not None
    assert broker.port == port


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[brokr]", '1: brokr: unknown key; did you mean "broker"?'),
        ("[broker]", '1: broker: host: missing; write e.g. host = "..."'),
        (
            '[broker]\nhost = "mqtt://b"',
            '2: broker: host: is not a plain host name or address; write e.g. "broker.example.org"',
        ),
        (
            '[broker]\nhost = "b"\nport = 70000',
            "3: broker: port: 70000 is not allowed; write at most 65535",
        ),
        (
            '[broker]\nhost = "b"\nkeepalive = "500ms"',
            '3: broker: keepalive: is out of range; write whole seconds from "1s" to "18h"',
        ),
        (
            '[broker]\nhost = "b"\nkeepalive = "19h"',
            '3: broker: keepalive: is out of range; write whole seconds from "1s" to "18h"',
        ),
        (
            '[journal]\nretention = "0s"',
            '2: journal: retention: must be more than 0; write e.g. "30s"',
        ),
        (
            '[log]\nlevel = "warn"',
            '2: log: level: "warn" is not allowed; did you mean "warning"?',
        ),
        ("[files]\nvenue = 1", '2: files: venue: 1 is not a path; write e.g. "folder/file"'),
        ("[adapter]", "1: adapter: is a single table, not a list; write [[adapter]]"),
        (
            '[[adapter]]\ntopic = "a"\nformat = "zigbee"',
            '3: adapter 1: format: "zigbee" is not allowed; did you mean "zigbee2mqtt"?',
        ),
        (
            '[[adapter]]\ntopic = "a"\nformat = "uhppoted"\ntimezone = "Europe/Rom"',
            '4: adapter 1: timezone: unknown time zone "Europe/Rom"; did you mean "Europe/Rome"?',
        ),
        (
            '[[adapter]]\ntopic = "a"\nformat = "uhppoted"\nmap = { x = "" }',
            '4: adapter 1: map: x: "" is too short; write at least 1 character',
        ),
    ],
)
def test_a_mistake_is_reported_with_its_cure(tmp_path: Path, text: str, mistake: str) -> None:
    """A mistake is reported with its line, its place, what is wrong, and what to write instead."""
    assert mistakes(tmp_path, text) == [mistake]


NO_FILTER = "is not a topic filter;"
BLANK = "contains a space, which the embedded broker refuses; use another topic, or a [broker] of your own"
SHARED = "is a shared subscription, which misses messages; leave out $share and the group name"
OURS = "carries the monitor's own events, which need no adapter; remove this adapter"


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("a#", f"{NO_FILTER} use + and # only as whole levels"),
        ("a/b+/c", f"{NO_FILTER} use + and # only as whole levels"),
        ("#/a", f"{NO_FILTER} use # only as the last level"),
        ("a\\u0000", f"{NO_FILTER} remove the zero byte"),
        ("a b", BLANK),
        ("$share/ops/a", SHARED),
        ("venue/#", OURS),
    ],
)
def test_a_topic_filter_that_matches_nothing_is_refused(
    tmp_path: Path, topic: str, why: str
) -> None:
    """A topic filter that matches nothing is refused with the reason."""
    text = f'[[adapter]]\ntopic = "{topic}"\nformat = "uhppoted"'

    assert mistakes(tmp_path, text) == [f'2: adapter 1: topic: "{topic}" {why}']


@pytest.mark.parametrize("topic", ["#", "+", "/", "a//b", "+/a/#", "ä/b"])
def test_any_other_topic_filter_is_accepted(tmp_path: Path, topic: str) -> None:
    """What MQTT 3.1.1 allows is allowed, including blanks."""
    text = f'[[adapter]]\ntopic = "{topic}"\nformat = "uhppoted"\n'
    blank = '[[adapter]]\ntopic = "a b"\nformat = "uhppoted"\n[broker]\nhost = "b"'

    assert [adapter.topic for adapter in settled(tmp_path, text + blank).adapters] == [topic, "a b"]


def test_a_topic_may_appear_once(tmp_path: Path) -> None:
    """A second adapter for the same topic is refused, because it would never read a message."""
    adapter = '[[adapter]]\ntopic = "a"\nformat = "uhppoted"\n'

    assert mistakes(tmp_path, adapter * 2) == [
        '5: adapter 2: topic: "a" already has an adapter above; remove one'
    ]


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    """The message says where the password belongs, and does not repeat it."""
    text = f'[broker]\nhost = "b"\nusername = "u"\npassword = "{HIDDEN}"'

    assert mistakes(tmp_path, text) == [
        f"4: broker: password: passwords do not belong in this file; {ELSEWHERE}"
    ]


@pytest.mark.parametrize(
    ("value", "content", "why"),
    [
        (
            f'"{HIDDEN}"',
            None,
            f"the file it names can't be read: No such file or directory; {ELSEWHERE}",
        ),
        ('"."', None, f"the file it names can't be read: Is a directory; {ELSEWHERE}"),
        ('"p"', b"", "the file it names is empty; put the password in it"),
        ('"p"', b"\r\n", "the file it names is empty; put the password in it"),
        (
            '"p"',
            HIDDEN.encode() + b"\xff",
            "the file it names is not UTF-8 text; save it as UTF-8",
        ),
        ("12345678", None, f"is not a file name; {ELSEWHERE}"),
        ('""', None, f"is not a file name; {ELSEWHERE}"),
    ],
)
def test_a_password_file_without_a_password_is_a_mistake(
    tmp_path: Path, value: str, content: bytes | None, why: str
) -> None:
    """A password written in place of the file name does not appear in a log."""
    if content is not None:
        (tmp_path / "p").write_bytes(content)
    text = f'[broker]\nhost = "b"\nusername = "u"\npassword_file = {value}'

    assert mistakes(tmp_path, text) == [f"4: broker: password_file: {why}"]


@pytest.mark.parametrize("line", ["", 'password_file = "no such file"'])
def test_the_environment_overrides_the_file(tmp_path: Path, line: str) -> None:
    """With the variable set, the file need not exist."""
    text = f'[broker]\nhost = "b"\nusername = "u"\n{line}'

    broker = settled(tmp_path, text, {PASSWORD: HIDDEN}).broker

    assert broker is not None
    assert broker.password is not None
    assert broker.password.reveal() == HIDDEN


def test_a_password_needs_a_user_name(tmp_path: Path) -> None:
    """MQTT 3.1.1 sends no password without a user name."""
    assert mistakes(tmp_path, '[broker]\nhost = "b"', {PASSWORD: HIDDEN}) == [
        "1: broker: username: missing; MQTT accepts a password only with a username"
    ]


def test_certificate_files_must_exist(tmp_path: Path) -> None:
    """Each named file exists, and a certificate has its key."""
    text = '[broker]\nhost = "b"\n[broker.tls]\nca_file = "ca.pem"\nkey_file = "key.pem"'

    assert mistakes(tmp_path, text) == [
        "3: broker: tls: cert_file: missing; cert_file and key_file go together",
        f'4: broker: tls: ca_file: there is no file "{tmp_path}/ca.pem"; create it, or correct the name',
        f'5: broker: tls: key_file: there is no file "{tmp_path}/key.pem"; create it, or correct the name',
    ]


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    """A secret is neither printed nor formatted, not even in the configuration around it, and can't be encoded."""
    secret = Secret(HIDDEN)
    config = settled(tmp_path, '[broker]\nhost = "b"\nusername = "u"', {PASSWORD: HIDDEN})

    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", repr(config), str([config])]

    assert not any(HIDDEN in text for text in shown)
    assert "Secret(...)" in repr(config)
    for encode in (msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, json.dumps):
        with pytest.raises(TypeError):
            encode(secret)


def test_a_broker_made_in_code_has_its_port_too() -> None:
    """The port of a broker made in code follows from TLS, too."""
    assert Broker(host="b").port == 1883
