"""``[http.oidc]``: what groups give, its mistakes, and the packages that it needs."""

import sys
from pathlib import Path

import pytest

from monitor.accounts import Grant
from monitor.app.identity_provider import grants_of
from monitor.config import Config, load
from monitor.errors import ConfigError

HTTP = '[http]\npublic_url = "https://monitor.example.org"\n'
GIVEN = """[http.oidc]
issuer = "https://id.example.org"
client_id = "venue-monitor"
client_secret_file = "secret"
"""
GROUPS = 'groups = { "leads" = ["supervisor", "engineer@hall"], "guests" = "viewer" }\n'


def load_at(folder: Path, text: str) -> Config:
    """Return the configuration in a ``config.toml``."""
    (folder / "secret").write_text("correct-horse-battery\n")
    (folder / "config.toml").write_text(text)
    return load(folder / "config.toml", {})


def mistakes(folder: Path, text: str) -> list[str]:
    """Return the mistakes of a ``config.toml``, without its name."""
    with pytest.raises(ConfigError) as raised:
        load_at(folder, text)
    name = str(folder / "config.toml")
    return [row.removeprefix(f"{name}:").strip() for row in raised.value.mistakes]


def test_groups_give_grants(tmp_path: Path) -> None:
    """A role everywhere or at one site; the secret comes from its file and is never shown."""
    table = load_at(tmp_path, HTTP + GIVEN + GROUPS).http.oidc

    assert table is not None
    assert table.client_secret.reveal() == "correct-horse-battery"
    assert "correct-horse" not in repr(table)
    assert grants_of(table.groups) == {
        "leads": (Grant(role="supervisor"), Grant(role="engineer", site="hall")),
        "guests": (Grant(role="viewer"),),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HTTP + GIVEN, "3: http: oidc: groups: missing; write e.g. groups = { ... }"),
        (
            HTTP + GIVEN + 'groups = { "leads" = ["supervisr@hall"] }',
            '7: http: oidc: groups: "leads": unknown role "supervisr"; did you mean "supervisor"?',
        ),
        (
            HTTP + GIVEN + GROUPS + 'scopes = ["profile"]',
            '8: http: oidc: scopes: lacks "openid", without which the provider vouches for nobody; add it',
        ),
        (
            HTTP + GIVEN + GROUPS + 'timeout = "0s"',
            '8: http: oidc: timeout: must be more than 0; write e.g. "5s"',
        ),
        (
            "[http]\n" + GIVEN + GROUPS,
            "1: http: public_url: missing; with [http.oidc], the provider leads browsers back to this address",
        ),
    ],
)
def test_mistakes(tmp_path: Path, text: str, expected: str) -> None:
    """A mistake is reported with its place, what is wrong, and what to write."""
    assert mistakes(tmp_path, text) == [expected]


@pytest.mark.parametrize(
    "issuer",
    ["id.example.org", "http://id.example.org", "https://", "https://id/?a=b", "ftp://127.0.0.1"],
)
def test_an_issuer_is_reached_by_https(tmp_path: Path, issuer: str) -> None:
    """Unencrypted, only on this machine."""
    (found,) = mistakes(tmp_path, HTTP + GIVEN.replace("https://id.example.org", issuer) + GROUPS)
    assert found.startswith("4: http: oidc: issuer: is not the address of a provider; write e.g.")


@pytest.mark.parametrize("package", ["authlib", "joserfc"])
def test_without_the_extra_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    """The advice names the extra; without the table nothing is missing."""
    monkeypatch.setitem(sys.modules, package, None)

    assert load_at(tmp_path, HTTP).http.oidc is None
    assert mistakes(tmp_path, HTTP + GIVEN + GROUPS) == [
        "4: http: oidc: issuer: needs packages that are missing; run pip install 'venue-monitor[oidc]'"
    ]
