"""What anybody can send to the console's routes: garbage is refused, never a defect, and changes nothing.

The application has no OpenAPI document on purpose, so there is nothing for schemathesis to read: these tests take the
routes themselves, and Hypothesis makes up what is sent.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitor.web.guard import OPEN
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness
from tests.support.routes import ENDLESS, address, furnish, routes
from tests.support.servers import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN = "act alert disposition key next note password pin place reason site step text to until what who zone"
NAMES = st.sampled_from(KNOWN.split()) | st.text(max_size=20)
VALUES = st.text(max_size=60) | st.sampled_from(
    [
        "9" * 400,
        "-1",
        "1e999",
        "NaN",
        "\0",
        "\ud7ff\uffff",
        "2026-02-30T25:61",
        "0001-01-01T00:00",
        "../..",
        "a" * 5000,
    ]
)
FORMS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
BODIES = st.binary(max_size=300)
KINDS = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/json",
        "text/plain; charset=nonsense",
        "",
    ]
)
FORM = "application/x-www-form-urlencoded"
QUICK = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""Each example goes to every route."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(
    tmp_path_factory: pytest.TempPathFactory, module_line: PipelineHarness
) -> AsyncIterator[ConsoleSite]:
    """A console with an alert, and somebody who may do everything there."""
    async with console_site(tmp_path_factory.mktemp("site"), module_line) as made:
        await made.add("anna", "supervisor")
        furnish(module_line)
        made.happens()
        yield made


def encoded(fields: list[tuple[str, str]]) -> str:
    """Return fields as a browser sends them; what is no text in UTF-8 as well as it goes."""
    return urlencode(fields, errors="replace")


async def sent(
    client: httpx.AsyncClient, site: ConsoleSite, method: str, query: str, body: bytes, kind: str
) -> list[tuple[str, int]]:
    """Send the same to every route with this method; return the paths and statuses."""
    (alert, *_) = site.line.engine.state.alerts.open
    found = []
    for each, path, right in routes(site.app):
        if each != method or path in {ENDLESS, "/logout"}:
            continue
        url = f"{address(path, alert)}?{query}"
        headers = {"content-type": kind} if kind else {}
        answer = await client.request(method, url, content=body, headers=headers)
        is_healthz = path == "/healthz" and answer.status_code == 503
        found.append((f"{right} {path}", 200 if is_healthz else answer.status_code))
    return found


@QUICK
@given(query=FORMS, fields=FORMS, body=BODIES, kind=KINDS, is_form=st.booleans())
async def test_nothing_that_is_sent_is_a_defect(
    site: ConsoleSite,
    query: list[tuple[str, str]],
    fields: list[tuple[str, str]],
    body: bytes,
    kind: str,
    is_form: bool,
) -> None:
    """Whoever has all rights sends garbage: each answer is below 500, from a form or a page."""
    content, kind = (encoded(fields).encode(), FORM) if is_form else (body, kind)
    async with asyncio.timeout(PATIENCE), site.client("anna") as client:
        answers = await sent(client, site, "POST", encoded(query), content, kind)
        answers += await sent(client, site, "GET", encoded(query), b"", "")
    assert [row for row in answers if row[1] >= 500] == []


@QUICK
@given(
    query=FORMS,
    fields=FORMS,
    token=st.from_regex(r"[A-Za-z0-9_.-]{1,60}", fullmatch=True),
)
async def test_without_a_session_nothing_changes(
    site: ConsoleSite, query: list[tuple[str, str]], fields: list[tuple[str, str]], token: str
) -> None:
    """A made-up session is none: whatever is sent, the journal stays as it is, and only open routes answer."""
    before = site.line.journal.seq
    async with asyncio.timeout(PATIENCE), site.client() as client:
        client.headers["authorization"] = f"Bearer {token}"
        client.cookies.set("vm", token)
        answers = await sent(client, site, "POST", encoded(query), encoded(fields).encode(), FORM)
    assert [row for row in answers if row[1] >= 500] == []
    assert {status for path, status in answers if not path.startswith(OPEN)} <= {401, 403}
    assert site.line.journal.seq == before
