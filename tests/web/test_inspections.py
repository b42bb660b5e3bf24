"""What the console shows of inspections: findings where people look, the board, the queue, and one inspection."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.support.console import ConsoleSite, console_site
from tests.support.form import PASSES, form_body
from tests.support.jpeg import jpeg
from tests.support.pipeline import PipelineHarness, event_payload

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHOTO = jpeg()
DIGEST = sha256(PHOTO).hexdigest()
FAILS = (
    {
        "item": "exits-free",
        "result": "fail",
        "note": "<script>alert(1)</script> chained",
        "photos": [DIGEST, "0" * 64],
    },
    PASSES[1],
)


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an engineer, a supervisor, and a viewer at another site."""
    async with console_site(tmp_path, line) as made:
        await made.add("linh", "engineer")
        await made.add("olga", "supervisor")
        await made.add("vera", "viewer", "annex")
        yield made


async def send(site: ConsoleSite, client: httpx.AsyncClient, key: str, **fields: object) -> None:
    """Send a form in which an exit is chained, with one photo, and let it count."""
    items = fields.pop("items", FAILS)
    body = form_body(site.line.clock.time, items, inspection=key, **fields)  # type: ignore[arg-type]
    assert (await client.put(f"/api/v1/inspections/{key}", content=body)).status_code == 201
    await client.put(f"/api/v1/photos/{DIGEST}", content=PHOTO)
    site.line.wait(120)


async def test_notes_and_photos_are_where_people_look(site: ConsoleSite) -> None:
    """On the zone, its alert and its readiness: escaped, with the photo that came, and the one that did not."""
    async with site.client("linh") as linh:
        await send(site, linh, "v1")
        (alert, *_) = [
            row for row in site.line.engine.state.alerts.open.values() if row.zone == "hall"
        ]
        for page in ("/zones/hall", f"/alerts/{alert.id}", "/readiness/centre", "/inspections/v1"):
            text = (await linh.get(page)).text
            assert "&lt;script&gt;alert(1)&lt;/script&gt; chained" in text, page
            assert f'src="/api/v1/photos/{DIGEST}"' in text, page
            assert "Photo 2 has not arrived yet." in text, page
            assert "<script>alert" not in text, page
    async with site.client("vera") as vera:
        for page in ("/zones/hall", "/inspections/v1", f"/api/v1/photos/{DIGEST}"):
            assert (await vera.get(page)).status_code == 403, page
        assert "chained" not in (await vera.get("/inspections")).text


async def test_a_running_inspection_shows_how_far_it_is(site: ConsoleSite) -> None:
    """How many of how many, by whom, and since when; it is gone when the form has come."""
    at = site.line.clock.time
    fields: dict[str, object] = {"checklist": "check", "inspection": "v9", "inspector": "linh"}
    for kind, more in (
        ("inspection.started", {}),
        ("inspection.item", {"item": "exits-free", "result": "pass"}),
    ):
        payload = event_payload(kind, at, **fields, **more)
        site.line.take(site.line.sent("venue/centre/inspection/check", payload))
    site.line.wait(3)
    async with site.client("olga") as olga:
        running = (await olga.get("/inspections")).text
        async with site.client("linh") as linh:
            await send(site, linh, "v9", items=PASSES)
        over = (await olga.get("/inspections")).text
        olga.cookies.set("vm-language", "vi")
        steps = (await olga.get("/inspections/v9")).text
    assert "bắt đầu kiểm tra" in steps
    assert "1 of 3" in running
    assert "since 14:02" in running
    assert "1 of 3" not in over


async def test_forms_wait_for_somebody_else(site: ConsoleSite) -> None:
    """The supervisor finds the form in the queue, approves what they saw, and it is gone; rejecting needs a reason."""
    async with site.client("linh") as linh, site.client("olga") as olga:
        await send(site, linh, "v1", items=PASSES)
        assert 'href="/inspections/v1"' in (await olga.get("/inspections")).text
        own = await linh.get("/inspections/v1")
        late = await olga.post("/inspections/v1/approve", data={"revision": "7"})
        mute = await olga.post("/inspections/v1/reject", data={"revision": "1"})
        done = await olga.post("/inspections/v1/approve", data={"revision": "1"})
        site.line.wait(3)
        board = (await olga.get("/inspections")).text
        page = (await olga.get("/inspections/v1")).text
    assert "/approve" not in own.text
    assert [row.status_code for row in (late, mute, done)] == [409, 409, 303]
    waiting = board.partition("Waiting for approval")[2].partition("Due and overdue")[0]
    assert "v1" not in waiting
    assert "Olga approved it" in page or "olga approved it" in page


async def test_what_is_due_and_what_failed_twice_stand_out(site: ConsoleSite) -> None:
    """Two failed visits of one exit, work that is late, and a checklist whose answers have run out."""
    action = {
        "item": "exits-free",
        "lead": "safety",
        "due_at": (site.line.clock.time + timedelta(minutes=1)).isoformat(),
    }
    async with site.client("linh") as linh:
        await send(site, linh, "v1", actions=[action])
        once = (await linh.get("/inspections")).text
        await send(site, linh, "v2")
        twice = (await linh.get("/inspections")).text
        reasons = (await linh.get("/readiness")).text
        linh.cookies.set("vm-language", "ar")
        in_arabic = (await linh.get("/inspections")).text
        linh.cookies.delete("vm-language")
        site.line.wait(25 * 3600)
        later = (await linh.get("/inspections")).text
    question = "<bdi>All exits are free</bdi>"
    assert question not in once.partition("Open actions")[0]
    assert question in twice.partition("Open actions")[0]
    matrix = twice.partition("Due and overdue")[2]
    assert matrix.index("Fire safety of the hall") < matrix.index("Lounge")
    assert "overdue since" in twice.partition("Open actions")[2]
    assert ": لم يُنجز بعد" in in_arabic
    assert "repair “All exits are free” (critical) is open" in reasons
    assert "due-overdue" in later
