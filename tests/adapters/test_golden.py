"""Every message under ``golden/`` means what stands beside it."""

import json
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.adapters import build
from monitor.core.events import Event

KEY = b"a key for tests, of 32 bytes ..."
RECEIVED_AT = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def expected(event: dict[str, Any]) -> Event:
    """The event of a golden file, its two placeholders filled in."""
    if event["at"] == "received_at":
        event["at"] = RECEIVED_AT.isoformat()
    if told := event.get("credential"):
        card = str(told).removeprefix("pseudonym of ").encode()
        digest = blake2b(card, key=KEY, digest_size=16, person=b"credential")
        event["credential"] = digest.hexdigest()
    found: Event = msgspec.convert(event, Event)
    return found


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_message_means_what_stands_beside_it(file: Path) -> None:
    """A vendor's message gives exactly these events, in this order."""
    golden = json.loads(file.read_text())
    adapter = build(golden["format"], golden["map"], ZoneInfo(golden["timezone"]), key=KEY)
    payload = golden["payload"]
    told = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()

    found = adapter.translate(golden["topic"], told, RECEIVED_AT, retained=golden["retained"])

    assert found == tuple(expected(event) for event in golden["expect"])


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_file_names_its_origin(file: Path) -> None:
    """Whoever reads a payload can look up where its shape comes from."""
    assert json.loads(file.read_text())["origin"]
