"""``PUT /api/v1/items/{key}``: takes one answer in at once: a locked exit does not wait for its form."""

from litestar import Response, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from monitor.web.api.callers import answerable, check_account, readable
from monitor.web.api.checklists import as_answered
from monitor.web.api.checks import objections_to_answer
from monitor.web.api.form import SingleAnswer, answer_event, read
from monitor.web.api.form import digest_of as digest_of_body
from monitor.web.api.problem import Refused
from monitor.web.api.receipts import Receipt, receipt, record, repetition
from monitor.web.context import Console
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer

LARGEST_ANSWER = 32 * 1024
"""Bytes of one answer with its note."""


def item_routes(console: Console) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @put(
        "/items/{key:str}",
        opt={"right": "inspect", "serves_phones": True},
        request_max_body_size=LARGEST_ANSWER,
        status_code=201,
    )
    async def put_item(request: ConsoleRequest, key: FromPath[str]) -> Response[Receipt]:
        """Take one answer in."""
        body = await request.body()
        check_account(request)
        return await _put(console.source, request.user, key, body)

    return [put_item]


async def _put(source: Source, viewer: Viewer, key: str, body: bytes) -> Response[Receipt]:
    digest = digest_of_body(body)
    given = readable(read(body, SingleAnswer), source, viewer)
    checklist = answerable(source, viewer, given.checklist)
    if (before := repetition(source, viewer, key, digest)) is not None:
        return Response(receipt(source, viewer, key, before, digest, checklist), status_code=200)
    answered = as_answered(source.state, checklist, given.digest)
    wrong = list(objections_to_answer(given.item, answered, viewer.language))
    if wrong:
        raise Refused("invalid", wrong[0].reason, wrong)
    entry = await record(source, viewer, key, [answer_event(given, viewer.who, digest)])
    return Response(receipt(source, viewer, key, entry, digest, checklist), status_code=201)
