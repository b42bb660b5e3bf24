"""A silent alert is seen by whom it was paged to, without the right to see all of them, and in no byte by others."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from monitor.core.alert import Handling
from monitor.core.events.commands import StaffHandOver
from tests.support.console import ADMIN, ConsoleSite, console_line, console_site
from tests.support.live_stream import place, stream
from tests.support.pipeline import PipelineHarness


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force; a call for help pages Anna."""
    with console_line(tmp_path) as made:
        yield made


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two people on call, and an officer who is the one that is paged in the roster."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "on_call", "centre")
        await made.add("karim", "on_call", "centre")
        await made.add("desk", "officer", person="anna")
        await made.add("far", "on_call", "annex", person="anna")
        yield made


async def pages(client: httpx.AsyncClient, alert: str) -> str:
    """Return all that a viewer can read of open alerts."""
    paths = ("/board", "/oncall", "/zones/hall", "/readiness", "/plan", "/log", "/wall")
    return "".join([(await client.get(path)).text for path in (f"/alerts/{alert}", *paths)])


async def test_it_is_on_the_pages_of_whom_it_was_paged_to(site: ConsoleSite) -> None:
    """On the board, its own page, the list of pages and in the counters; for nobody else it does not exist."""
    silent = site.happens("access.duress")
    assert silent.silent
    async with site.client("anna") as anna:
        page = await anna.get(f"/alerts/{silent.id}")
        board = (await anna.get("/board")).text
        assert (page.status_code, silent.id in board) == (200, True)
        assert f"/alerts/{silent.id}" in (await anna.get("/oncall")).text
        assert "<b>1</b>" in board.partition('class="counts"')[2].partition("</ul>")[0]
        assert silent.id not in (await anna.get("/wall")).text
    for name in ("karim", "desk", "far"):
        async with site.client(name) as other:
            assert (await other.get(f"/alerts/{silent.id}")).status_code in {403, 404}
            assert silent.id not in (await pages(other, "x"))
            board = (await other.get("/board")).text
            assert "<b>1</b>" not in board.partition('class="counts"')[2].partition("</ul>")[0]


async def test_they_act_on_it_until_it_is_closed(site: ConsoleSite) -> None:
    """Take, note, close; whoever was not paged can't, and learns nothing by trying."""
    silent = site.happens("access.duress")
    async with site.client("anna") as anna, site.client("karim") as karim:
        seen = []
        for act, fields in (("acknowledge", {}), ("close", {"note": "found", "key": "c"})):
            form = {"key": "k", **fields}
            refused = await karim.post(f"/alerts/{silent.id}/{act}", data=form)
            unknown = await karim.post(f"/alerts/{'0' * 16}/{act}", data=form)
            assert (refused.status_code, refused.text) == (404, unknown.text)
            many = {"act": act, "alert": silent.id, **form}
            assert "It is closed." in (await karim.post("/alerts", data=many)).text
            answer = await anna.post(f"/alerts/{silent.id}/{act}", data=form)
            seen.append(answer.headers["location"])
        assert seen == [f"/alerts/{silent.id}", "/board"]
        assert (await anna.get(f"/alerts/{silent.id}")).status_code == 404
    assert site.now(silent).handling is Handling.CLOSED


async def test_its_bytes_reach_nobody_else(site: ConsoleSite) -> None:
    """Of two with the same rights, one's stream begins anew with the page; the other's stays as it was."""
    async with site.client("anna") as anna, site.client("karim") as karim:
        async with stream(anna) as to_anna, stream(karim) as to_karim:
            assert (await place(anna)).split(".")[0] == (await place(karim)).split(".")[0]
            silent = site.happens("access.duress")
            _, farewell = await to_anna.event("bye")
            assert farewell["why"] == "rights"
            assert silent.id not in to_anna.text
            async with stream(anna) as again:
                site.line.pipeline.record(
                    StaffHandOver(at=site.line.clock.now(), who="anna", alert=silent.id, to="anna"),
                    "console/anna",
                    "k",
                )
                _, rows = await again.event("rows")
                assert [row["id"] for row in rows] == [silent.id]
                _, part = await again.event("part")
                assert "<b>1</b>" in str(part)
            for _ in range(2):
                _, tick = await to_karim.event("tick")
                assert tick["waiting"] == 0
        assert silent.id not in to_karim.text
        assert to_karim.text.count("event: part") == 1
        assert "event: rows" not in to_karim.text
        assert "event: bye" not in to_karim.text


async def test_a_closed_one_leaves_the_open_page(site: ConsoleSite) -> None:
    """Its row is removed by whoever was shown it; then the rights are as before."""
    silent = site.happens("access.duress")
    async with site.client("anna") as anna, stream(anna) as live:
        form = {"key": "c", "note": "found"}
        await anna.post(f"/alerts/{silent.id}/close", data=form)
        _, rows = await live.event("rows")
        assert {"id": silent.id, "key": None, "html": ""} in rows
        _, farewell = await live.event("bye")
    assert farewell["why"] == "rights"


async def test_a_program_with_a_token_is_not_paged(site: ConsoleSite) -> None:
    """A token sees what its rights name, whoever owns it."""
    silent = site.happens("access.duress")
    ends = site.accounts.now() + timedelta(days=1)
    token = site.accounts.tokens.make("anna", ["view"], site="", ends_at=ends, label="", by=ADMIN)
    headers = {"authorization": f"Bearer {token}"}
    async with site.client() as program:
        found = await program.get(f"/alerts/{silent.id}", headers=headers)
        board = await program.get("/board", headers=headers)
    assert (found.status_code, board.status_code, silent.id in board.text) == (404, 200, False)
