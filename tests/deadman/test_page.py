"""The watcher writes to each address in its own language."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.phrase import phrase
from monitor.deadman.page import write_page, write_test
from monitor.deadman.settings import PageAddress, load
from monitor.deadman.silence_detector import SilenceNotification
from monitor.errors import ConfigError
from monitor.texts import best

AT = datetime(2026, 1, 1, 7, 30, tzinfo=UTC)
ISOLATES = re.compile("[\u2066-\u2069]")
FILE = """name = "duty"
pages_file = "pages"
[[monitor]]
congress = "congress"
host = "127.0.0.1"
"""


def written(folder: Path, addresses: str) -> Path:
    """A watch file with addresses."""
    (folder / "pages").write_text(addresses)
    path = folder / "watch.toml"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(
    ("tag", "title", "text"),
    [
        ("en", "Venue monitor congress SILENT since 07:30:00Z", "The broker can't be reached: no"),
        ("vi", "Hệ thống giám sát congress IM LẶNG từ 07:30:00Z", "kết nối được với máy chủ MQTT"),
        ("ar", "نظام مراقبة الموقع congress صامت منذ 07:30:00Z", "يتعذّر الوصول إلى الوسيط"),
    ],
)
def test_a_page_is_in_one_language(tag: str, title: str, text: str) -> None:
    """Title, reason and what to do are in the language of the address, with names and times as they are."""
    reason = phrase("silent-broker-away", error="no")
    notification = SilenceNotification(kind="silent", since=AT, reason=reason)

    found = [
        ISOLATES.sub("", row) for row in write_page("congress", notification, "d", best([tag]))
    ]

    assert found[0] == title
    assert text in found[1]
    assert len(found[1].splitlines()) == 3
    assert len({write_test("duty", best([each])) for each in ("en", tag)}) == (
        1 if tag == "en" else 2
    )


def test_an_address_has_its_language_before_it(tmp_path: Path) -> None:
    """Without one it is paged in English, as files for older versions are."""
    found = load(
        written(tmp_path, "json://a/\nvi   json://b/\n# ar json://c/\nar json://d/?e=f g\n")
    )

    assert found.addresses == (
        PageAddress("json://a/", "en"),
        PageAddress("json://b/", "vi"),
        PageAddress("json://d/?e=f g", "ar"),
    )


def test_an_unknown_language_is_a_mistake(tmp_path: Path) -> None:
    """It names the line and the languages that there are, and not the address."""
    with pytest.raises(ConfigError, match="address 2 in that file: no texts") as raised:
        load(written(tmp_path, "json://secret/\nxx json://secret/\n"))

    assert "ar, en, vi" in str(raised.value)
    assert "secret" not in str(raised.value)
