"""Every message under ``golden/`` gives the events in the file beside it."""

import json
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from monitor.adapters import build
from monitor.core.events import ReceivedEvent

KEY = b"a key for tests, of 32 bytes ..."
RECEIVED_AT = datetime(2026, 7, 14, 8, 30, 7, tzinfo=UTC)
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def expected(event: dict[str, Any]) -> ReceivedEvent:
    """The events of a golden file, with its two placeholders filled in."""
    if event["at"] == "received_at":
        event["at"] = RECEIVED_AT.isoformat()
    if given := event.get("credential"):
        card = str(given).removeprefix("pseudonym of ").encode()
        digest = blake2b(card, key=KEY, digest_size=16, person=b"credential")
        event["credential"] = digest.hexdigest()
    found: ReceivedEvent = msgspec.convert(event, ReceivedEvent)
    return found


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_message_gives_its_events(file: Path) -> None:
    """A vendor's message gives exactly these events, in this order."""
    golden = json.loads(file.read_text())
    adapter = build(golden["format"], golden["map"], ZoneInfo(golden["timezone"]), key=KEY)
    payload = golden["payload"]
    result = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()

    found = adapter.translate(golden["topic"], result, RECEIVED_AT, retained=golden["retained"])

    assert found == tuple(expected(event) for event in golden["expect"])


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_file_names_its_origin(file: Path) -> None:
    """Every payload has a source that readers can look up."""
    assert json.loads(file.read_text())["origin"]
