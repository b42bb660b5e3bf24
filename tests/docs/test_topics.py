"""docs/topics.md has a valid example of every event that may be sent."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from monitor.core.decode import KINDS, OUTPUTS, STAFF, decode
from monitor.core.events import ReceivedEvent, kind_of
from monitor.core.inputs import Arrival

PAGE = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
EXAMPLES = re.findall(r"^`([a-z_.]+)`: .*\n\n```\n(\S+)\n(.*)\n```$", PAGE, re.MULTILINE)
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(("name", "topic", "payload"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_each_example_is_decoded(name: str, topic: str, payload: str) -> None:
    """Each example is valid, so a sender can copy it."""
    read = decode(topic, payload.encode(), NOW)

    assert isinstance(read, Arrival), read
    assert [kind_of(event) for event in read.events] == [name]


def test_every_event_that_may_be_sent_has_an_example() -> None:
    """Everything that the decoder accepts is on the page."""
    may_be_sent = {str(struct.__struct_config__.tag) for struct in get_args(ReceivedEvent)}

    assert {name for name, _, _ in EXAMPLES} == may_be_sent


def test_every_kind_of_topic_has_its_section() -> None:
    """Every kind of topic has its section, including those that the monitor writes."""
    for kind, row in KINDS.items():
        subject = "sender" if kind == STAFF else row.subject
        assert f"## venue/&lt;site&gt;/{kind}/&lt;{subject}&gt;" in PAGE
    for kind in OUTPUTS:
        assert f"/{kind}" in PAGE
