"""Masks in the console: what is seen, what a mask would hide before it is put in force, and how it ends."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from monitor.core.alert import Handling
from monitor.core.inputs import Arrival
from monitor.core.transitions import Mask
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness

UNTIL = "2026-01-01T16:00"
"""Two hours after the tests begin, on the congress's clocks."""
REPAIR = {"what": "*", "place": "point:d1", "kind": "maintenance", "until": UNTIL, "reason": "lock"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with a supervisor of each site, and somebody who may only look."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "supervisor", "centre")
        await made.add("karim", "supervisor", "annex")
        await made.add("guest", "viewer", "centre")
        yield made


async def previewed(client: httpx.AsyncClient, **changed: str) -> tuple[str, dict[str, str]]:
    """Fill in the form; return the page that shows what it hides, and the fields of its second form."""
    page = (await client.get("/masks/new", params={**REPAIR, **changed})).text
    form = page.rpartition('<form method="post" action="/masks">')[2]
    return page, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def masks(site: ConsoleSite) -> list[Mask]:
    """Return the masks in force."""
    return list(site.line.engine.state.alerts.masks.values())


async def test_exactly_what_was_shown_is_hidden(site: ConsoleSite) -> None:
    """Before hiding, the page lists what leaves the board: those alerts are shelved, and no other."""
    forced, tampered = site.happens(), site.happens("door.tamper", active=True)
    elsewhere = site.happens("door.tamper", point="g1", active=True)
    fire = site.happens("fire.alarm", point="d1", active=True)
    async with site.client("anna") as anna:
        page, fields = await previewed(anna)
        assert "these 2 open alerts leave the board" in page
        shown = page.partition("2. What it hides")[2]
        assert forced.id in shown
        assert tampered.id in shown
        assert elsewhere.id not in shown
        assert fire.id not in shown
        before = site.line.journal.seq
        assert masks(site) == []
        answer = await anna.post("/masks", data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/masks")
        listed = (await anna.get("/masks")).text
    hidden = {
        alert.id for alert in (forced, tampered) if site.now(alert).handling is Handling.SHELVED
    }
    assert hidden == {forced.id, tampered.id}
    assert site.now(elsewhere).needs_owner
    assert site.now(fire).needs_owner
    for words in ("all rules", "Anna Nguyễn", "lock", "maintenance", "It hides 2 open alerts now"):
        assert words in listed
    (given,) = [row for _, row in site.line.journal.inputs(before) if isinstance(row, Arrival)]
    assert given.source == "console/anna"


async def test_what_has_changed_since_is_shown_again(site: ConsoleSite) -> None:
    """An alert that was raised after the preview is not hidden unseen."""
    site.happens()
    async with site.client("anna") as anna:
        _, fields = await previewed(anna)
        late = site.happens("door.tamper", active=True)
        answer = await anna.post("/masks", data=fields)
        assert answer.status_code == 409
        assert "has changed since it was shown" in answer.text
        assert late.id in answer.text
        assert masks(site) == []
        _, again = await previewed(anna)
        assert (await anna.post("/masks", data=again)).status_code == 303
    assert len(masks(site)) == 1


async def test_a_mask_ends_by_hand(site: ConsoleSite) -> None:
    """What it hid and still holds is on the board again; the note and the name are in the journal."""
    alert = site.happens()
    async with site.client("anna") as anna:
        await anna.post("/masks", data=(await previewed(anna))[1])
        (mask,) = masks(site)
        form = {"key": "k", "note": "done early"}
        answer = await anna.post(f"/masks/{mask.id}/end", data=form)
        assert answer.status_code == 303
        assert (await anna.post(f"/masks/{mask.id}/end", data=form)).status_code == 404
        assert "No mask is in force." in (await anna.get("/masks")).text
    assert site.now(alert).needs_owner


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"reason": " "}, "a mask needs a reason"),
        ({"until": "2025-01-01T10:00"}, "would end in the past"),
        ({"until": "2026-02-01T10:00"}, "can last 7 days at most"),
        ({"until": "0001-01-01T00:00"}, "a mask needs an end"),
        ({"place": ""}, "name exactly one of them"),
        ({"place": "point:nowhere"}, "is not in venue.toml"),
        ({"what": "duress"}, "life-safety alerts cannot be masked"),
        ({"what": "no-such-rule"}, "there is no rule"),
    ],
)
async def test_the_limits_are_said_in_words(
    site: ConsoleSite, changed: dict[str, str], reason: str
) -> None:
    """Before it is sent and, to whoever sends it all the same, afterwards; nothing is in force."""
    async with site.client("anna") as anna:
        page, fields = await previewed(anna, **changed)
        assert reason in page
        assert fields == {}
        answer = await anna.post("/masks", data={"key": "k", **REPAIR, **changed})
    assert answer.status_code == 409
    assert reason in answer.text
    assert masks(site) == []


async def test_each_site_has_its_own(site: ConsoleSite) -> None:
    """Who may mask at another site neither sees this one's masks nor ends them, and its counter says nothing."""
    alert = site.happens()
    async with site.client("anna") as anna, site.client("karim") as karim:
        await anna.post("/masks", data=(await previewed(anna))[1])
        (mask,) = masks(site)
        assert (await karim.get("/masks/new", params=REPAIR)).status_code == 403
        assert (await karim.post("/masks", data={"key": "k", **REPAIR})).status_code == 403
        assert (await karim.post(f"/masks/{mask.id}/end", data={"key": "k"})).status_code == 403
        assert "No mask is in force." in (await karim.get("/masks")).text
        assert re.search(r"masks</a> <b>(\d)", (await karim.get("/board")).text)[1] == "0"  # type: ignore[index]
        form = (await karim.get("/masks/new")).text
        assert "point:d1" not in form
        assert "site:annex" in form
    assert site.now(alert).handling is Handling.SHELVED


async def test_an_alert_leads_to_the_form(site: ConsoleSite) -> None:
    """Its page offers to mask such alerts at its place; of a fire it does not."""
    alert, fire = site.happens(), site.happens("fire.alarm", point="d1", active=True)
    async with site.client("anna") as anna, site.client("guest") as guest:
        page = (await anna.get(f"/alerts/{alert.id}")).text
        assert "/masks/new?what=door-forced&amp;place=point%3Ad1" in page
        form = (await anna.get("/masks/new?what=door-forced&place=point%3Ad1")).text
        assert re.search(r'value="door-forced" selected', form)
        assert re.search(r'value="point:d1" selected', form)
        for client, own in ((anna, fire), (guest, alert)):
            assert "/masks/new" not in (await client.get(f"/alerts/{own.id}")).text


async def test_who_may_only_look_sees_no_button(site: ConsoleSite) -> None:
    """The list is there, what changes it is not."""
    async with site.client("anna") as anna, site.client("guest") as guest:
        await anna.post("/masks", data=(await previewed(anna))[1])
        page = (await guest.get("/masks")).text
    assert "lock" in page
    assert "End it" not in page
    assert "/masks/new" not in page


async def test_hostile_and_arabic_texts(site: ConsoleSite) -> None:
    """A reason is text wherever it is shown; the page reads from right to left in Arabic."""
    site.happens(point="d1")
    async with site.client("anna") as anna:
        _, fields = await previewed(anna, reason="x")
        await anna.post("/masks", data={**fields, "reason": HOSTILE})
        anna.cookies.set("vm-language", "ar")
        pages = [
            (await anna.get("/masks")).text,
            (await previewed(anna, reason=HOSTILE, what=HOSTILE, place=HOSTILE, until=HOSTILE))[0],
        ]
    for page in pages:
        assert 'dir="rtl"' in page
        assert "<img" not in page
        assert "&lt;img" in page
