"""Looking up a person: nothing is shown before a reason is recorded, and nothing of other sites."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness, event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console whose officer is at the centre, and a holder who went into the hall with a badge."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer", "centre")
        await made.add("there", "officer", "annex")
        await made.add("vera", "viewer", "centre")
        badge = {"holder": "h-1", "credential": "c-1", "holder_class": "delegate"}
        made.send("access.granted", "d1", direction="in", **badge)
        state = {"credential": "c-1", "holder": "h-1", "state": "active"}
        payload = event_payload("credential.state", line.clock.time, **state)
        line.take(line.sent("venue/centre/credential/c-1", payload))
        line.wait(3)
        yield made


async def search(
    site: ConsoleSite, subject: str, reason: str = "found badge", name: str = "anna", key: str = "k"
) -> httpx.Response:
    """Look somebody up."""
    async with site.client(name) as client:
        form = {"subject": subject, "reason": reason, "key": key, "who": "somebody else"}
        return await client.post("/people", data=form)


def searches(site: ConsoleSite) -> list[dict[str, str]]:
    """The searches in the audit trail."""
    with closing(sqlite3.connect(site.line.journal.path)) as db:
        rows = [json.loads(body) for (body,) in db.execute("SELECT body FROM audit ORDER BY n")]
    return [row for row in rows if row.get("type") == "staff.lookup"]


async def test_nothing_is_shown_before_a_reason_is_given(site: ConsoleSite) -> None:
    """The page only asks; without a reason, or with blanks, the search is refused, and nothing is told."""
    async with site.client("anna") as client:
        page = (await client.get("/people", params={"subject": "h-1"})).text
    assert "h-1" not in page
    assert "Last seen" not in page
    for reason in ("", "   "):
        answer = await search(site, "h-1", reason, key=f"k{len(reason)}")
        assert answer.status_code == 409
        assert "looking up a person needs a reason" in answer.text
        assert "Last seen" not in answer.text


@pytest.mark.parametrize("subject", ["h-1", "c-1"])
async def test_a_search_shows_where_a_holder_was_last_seen(site: ConsoleSite, subject: str) -> None:
    """By pseudonym or by badge: place, class, validity, passages and alerts."""
    site.send("access.denied", "d1", holder="h-1", credential="c-1", reason="passback")
    page = (await search(site, subject)).text
    for words in ("Hall", "delegate", "active", "let in", "refused: badge already inside"):
        assert words in page, words


async def test_every_search_is_recorded(site: ConsoleSite) -> None:
    """Who, whom and why are in the audit trail, by the name of the session; sent twice, it counts once."""
    for subject, key in (("h-1", "a"), ("h-1", "a"), ("nobody-knows", "b")):
        assert (await search(site, subject, key=key)).status_code == 200
    found = [(row["who"], row["subject"], row["reason"]) for row in searches(site)]
    assert found == [("anna", "h-1", "found badge"), ("anna", "nobody-knows", "found badge")]


async def test_no_form_is_a_way_around_the_record(site: ConsoleSite) -> None:
    """With the key of an earlier form, another person or a later time is another search; without one, none."""
    for subject in ("h-1", "c-1"):
        await search(site, subject, key="a")
    site.line.wait(60)
    await search(site, "c-1", key="a")
    assert [row["subject"] for row in searches(site)] == ["h-1", "c-1", "c-1"]
    assert (await search(site, "h-1", key="")).status_code == 409


async def test_without_the_right_nobody_is_looked_up(site: ConsoleSite) -> None:
    """A viewer is refused, and an officer of another site learns no place, passage or alert."""
    assert (await search(site, "h-1", name="vera")).status_code == 403
    page = (await search(site, "h-1", name="there")).text
    assert "at another site" in page
    assert "Hall" not in page
    assert "let in" not in page
    assert [row["who"] for row in searches(site)] == ["there"]


async def test_what_was_typed_is_text(site: ConsoleSite) -> None:
    """A search for markup shows it as written."""
    page = (await search(site, "<script>alert(1)</script>")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


async def test_an_unattended_session_gives_its_pin_first(site: ConsoleSite) -> None:
    """After half an hour nothing is shown or recorded without it."""
    async with site.client("anna") as client:
        site.time.later = site.time.later.__class__(minutes=40)
        answer = await client.post("/people", data={"subject": "h-1", "reason": "x", "key": "k"})
    assert answer.status_code == 303
    assert searches(site) == []
