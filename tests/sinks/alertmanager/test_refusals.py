"""A batch that Alertmanager refuses delays nothing else."""

import json

from tests.support.http_stub import HttpStub, ReceivedRequest, StubResponse, http_stub
from tests.support.outward import Outward
from tests.support.servers import eventually


def picky(asked: ReceivedRequest) -> StubResponse:
    """A server that refuses every batch with door d2, as Alertmanager does for an invalid label."""
    if asked.method == "GET":
        return StubResponse(body=b"[]")
    return StubResponse(400, body=b"bad") if b'"d2"' in asked.body else StubResponse()


def taken(there: HttpStub) -> set[str]:
    """The doors whose alerts were accepted."""
    return {
        row["labels"].get("point", "")
        for asked in there.asked
        if asked.path == "/api/v2/alerts" and asked.method == "POST" and not picky(asked).body
        for row in json.loads(asked.body)
    }


async def test_alerts_of_a_refused_batch_are_sent_one_by_one(line: Outward) -> None:
    """Only the faulty alert is left out, and it is named."""
    for point in ("d1", "d2", "g1"):
        line.tamper(point)
    async with http_stub() as there:
        there.decide = picky
        async with line.relaying(there.url) as (relay,):
            await eventually(lambda: taken(there) == {"", "d1", "g1"} and relay.lag == 0)
            assert not relay.trouble
    assert all("'point': 'd2'" in refused.reason for refused in line.refused)
    assert line.refused
