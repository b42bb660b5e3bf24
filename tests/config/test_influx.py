"""``[influx]`` of ``config.toml``: what it means, and its mistakes."""

from pathlib import Path

import pytest

from monitor.config import load, read
from monitor.config.influx import Influx


def settled(folder: Path, text: str) -> Influx | None:
    """The configuration in a file."""
    path = folder / "config.toml"
    path.write_text(text)
    return load(path, {}).influx


def test_without_the_table_influxdb_is_not_used(tmp_path: Path) -> None:
    """The monitor does not require InfluxDB."""
    assert settled(tmp_path, "") is None


def test_a_token_and_a_password_come_from_files(tmp_path: Path) -> None:
    """The environment variable of the broker's password does not override the token and password of InfluxDB."""
    (tmp_path / "secret").write_text("s3cret\n")
    path = tmp_path / "config.toml"
    for auth in ('auth = "token"\ntoken_file', 'auth = "basic"\nusername = "u"\npassword_file'):
        path.write_text(f'[influx]\nurl = "https://db:8086"\n{auth} = "secret"')
        influx = load(path, {"VENUE_MONITOR_BROKER_PASSWORD": "another"}).influx
        assert influx is not None
        secret = influx.token or influx.password
        assert secret is not None
        assert secret.reveal() == "s3cret"
        assert "s3cret" not in repr(influx)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", '1: influx: url: missing; write e.g. url = "..."'),
        (
            'url = "db:8086"',
            '2: influx: url: is not just scheme, host and port; write e.g. "http://127.0.0.1:8086"',
        ),
        (
            'url = "http://me:pw@db:8086"',
            '2: influx: url: is not just scheme, host and port; write e.g. "http://127.0.0.1:8086"',
        ),
        (
            'url = "http://db"\ntoken = "abc"',
            "3: influx: token: tokens do not belong in this file; put it in its own and name that file in token_file",
        ),
        (
            'url = "http://db"\nauth = "token"',
            '1: influx: token_file: missing; auth = "token" requires it',
        ),
        (
            'url = "http://db"\nusername = "u"',
            '3: influx: username: applies only with auth = "basic"; leave it out, or change auth',
        ),
        (
            'url = "http://db"\napi = "v1"\norg = "o"',
            '4: influx: org: InfluxDB 1 has no organisations; leave it out, or write api = "v2"',
        ),
        (
            'url = "http://db"\ntimeout = "0s"',
            '3: influx: timeout: must be more than 0; write e.g. "10s"',
        ),
        (
            'url = "http://db"\napi = "v3"',
            '3: influx: api: "v3" is not allowed; write one of "v2", "v1"',
        ),
    ],
)
def test_a_mistake_is_reported_with_what_to_write(tmp_path: Path, text: str, mistake: str) -> None:
    """A mistake is reported with its line and what to write."""
    path = tmp_path / "config.toml"
    path.write_text(f"[influx]\n{text}")
    assert [str(row).removeprefix(f"{path}:") for row in read(path, {}).mistakes] == [mistake]
