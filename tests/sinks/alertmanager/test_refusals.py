"""What an Alertmanager refuses holds nothing else up."""

import json

from tests.support.http_stub import Answer, Asked, Loopback, loopback
from tests.support.outward import Outward
from tests.support.servers import eventually


def picky(asked: Asked) -> Answer:
    """Refuses every batch in which there is something about door d2, as Alertmanager does for a bad label."""
    if asked.method == "GET":
        return Answer(body=b"[]")
    return Answer(400, body=b"bad") if b'"d2"' in asked.body else Answer()


def taken(there: Loopback) -> set[str]:
    """The doors of which it took something."""
    return {
        row["labels"].get("point", "")
        for asked in there.asked
        if asked.path == "/api/v2/alerts" and asked.method == "POST" and not picky(asked).body
        for row in json.loads(asked.body)
    }


async def test_of_a_refused_batch_each_alert_is_told_alone(line: Outward) -> None:
    """Only the culprit is left out, and named."""
    for point in ("d1", "d2", "g1"):
        line.tamper(point)
    async with loopback() as there:
        there.decide = picky
        async with line.telling(there.url) as (relay,):
            await eventually(lambda: taken(there) == {"", "d1", "g1"} and relay.lag == 0)
            assert not relay.trouble
    assert all("'point': 'd2'" in refused.reason for refused in line.refused)
    assert line.refused
