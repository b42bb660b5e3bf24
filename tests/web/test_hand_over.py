"""Handing a shift over: the board as it stood stays readable, and the next officer confirms it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from monitor.core.events.commands import LogConfirmed, StaffMask
from monitor.core.inputs import Arrival
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness

LATER = "2026-01-01T22:00"
"""The end of the coming shift, on the congress's clocks."""


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two officers and a guest."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("karim", "officer")
        await made.add("guest", "officer", "annex")
        await made.add("looker", "viewer")
        yield made


def shows(page: str, *words: str) -> bool:
    """Return whether a page has all words, the isolates of names left out."""
    plain = page.replace("\u2068", "").replace("\u2069", "")
    return all(word in plain for word in words)


async def test_the_picture_is_as_it_was_then(site: ConsoleSite) -> None:
    """Whatever happens later, the entry shows the board, the masks and the zones of the moment of the hand-over."""
    mine, nobodys = site.happens(), site.happens("door.tamper", active=True)
    until = site.line.clock.time + timedelta(hours=1)
    mask = StaffMask(
        at=site.line.clock.time, who="anna", what="*", point="e1", until=until, reason="repair"
    )
    site.line.pipeline.record(mask, "console/anna", "mask")
    async with site.client("anna") as anna:
        await anna.post(f"/alerts/{mine.id}/acknowledge", data={"key": "k"})
        preview = (await anna.get(f"/log/handover?until={LATER}")).text
        form = {"key": "h", "to": "karim", "until": LATER, "text": "gate 3 by hand"}
        done = await anna.post("/log/handover", data=form)
        again = await anna.post("/log/handover", data=form)
        for alert in (mine, nobodys):
            site.send("door.alarm", alarm="normal")
            site.send("door.tamper", active=False)
            await anna.post(f"/alerts/{alert.id}/close", data={"key": "c", "note": "over"})
        later = site.happens("door.alarm", point="e1")
        page = (await anna.get(done.headers["location"])).text
        log = (await anna.get("/log")).text

    assert done.status_code == 303
    assert again.headers["location"] == done.headers["location"] == "/log/1"
    assert not site.now(mine).is_open
    for text in (preview, page):
        assert shows(text, "Anna Nguyễn has it", "Nobody has it", "Others have it", "all alerts")
        assert shows(text, f'href="/alerts/{mine.id}"', f'href="/alerts/{nobodys.id}"', "repair")
        assert shows(text, "Zones that are no go or unknown", "? unknown")
    assert shows(page, "gate 3 by hand", "كريم", "not yet", "22:00, 1 Jan 2026")
    assert later.id not in page
    assert shows(log, "Hand-over", "gate 3 by hand")


async def test_the_receiver_confirms_in_their_own_session(site: ConsoleSite) -> None:
    """They find it waiting, confirm it once with their PIN, and nobody else can."""
    await site.accounts.set_pin("karim", "274951")
    async with site.client("anna") as anna, site.client("karim") as karim:
        form = {"key": "h", "to": "karim", "until": LATER, "place": "centre"}
        await anna.post("/log/handover", data=form)
        site.time.later = timedelta(minutes=31)
        waiting = (await karim.get("/log/handover")).text
        button = "I take over the shift"
        assert button in (await karim.get("/log/1")).text
        assert button not in (await anna.get("/log/1")).text
        site.time.later = timedelta(minutes=29)
        own = await anna.post("/log/1/confirm", data={"key": "a"})
        site.time.later = timedelta(minutes=75)
        asked = await karim.post("/log/1/confirm", data={"key": "b"})
        done = await karim.post("/log/1/confirm", data={"key": "b", "pin": "274951"})
        twice = await karim.post("/log/1/confirm", data={"key": "c"})
        page = (await karim.get("/log/1")).text

    assert shows(waiting, "Waiting for your confirmation", "Anna Nguyễn", 'href="/log/1"')
    assert own.status_code == 409
    assert shows(own.text, "whoever hands over a shift cannot take it over as well")
    assert (asked.status_code, done.status_code, twice.status_code) == (403, 303, 409)
    assert shows(page, "كريم, 14:02, 1 Jan 2026")
    assert button not in page


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"until": ""}, "Give a date and a time."),
        ({"until": "2026-01-01T06:00"}, "the coming shift would end in the past"),
        ({"to": "anna"}, "whoever hands over a shift cannot take it over as well"),
        ({"key": ""}, "The form is incomplete."),
    ],
)
async def test_what_is_refused_says_why(
    site: ConsoleSite, fields: dict[str, str], reason: str
) -> None:
    """Nothing is written, and the text is still there."""
    form = {"key": "h", "to": "karim", "until": LATER, "text": "gate 3 by hand", **fields}
    async with site.client("anna") as anna:
        answer = await anna.post("/log/handover", data=form)
    assert answer.status_code == 409
    assert shows(answer.text, reason, "gate 3 by hand")
    assert site.line.journal.shift_log.last_entry_seq() == 0


async def test_a_picture_shows_nobody_more_than_they_may_see(site: ConsoleSite) -> None:
    """Of another site and of silent alerts it says nothing, not even a number."""
    await site.add("trusted", "officer", silent=True)
    duress, forced = site.happens("access.duress"), site.happens()
    async with site.client("anna") as anna:
        await anna.post("/log/handover", data={"key": "h", "until": LATER})
    pages = {}
    for name in ("trusted", "anna", "guest"):
        async with site.client(name) as client:
            page = (await client.get("/log/1")).text
            pages[name] = [own.id in page for own in (duress, forced)]
            assert ("duress" in page.lower()) == (name == "trusted")
    assert pages == {"trusted": [True, True], "anna": [False, True], "guest": [False, False]}


async def test_who_may_not_hand_over_is_refused(site: ConsoleSite) -> None:
    """Neither at a site of others, nor as a viewer."""
    async with site.client("guest") as guest, site.client("looker") as looker:
        statuses = [
            (await guest.get("/log/handover?site=centre")).status_code,
            (await guest.post("/log/handover", data={"key": "h", "place": "centre"})).status_code,
            (await looker.get("/log/handover")).status_code,
            (await looker.post("/log/1/confirm", data={"key": "h"})).status_code,
        ]
    assert statuses == [403, 403, 403, 403]


async def test_the_hand_over_in_arabic(site: ConsoleSite) -> None:
    """From right to left, in the reader's language also what stood then."""
    site.happens()
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "ar")
        page = (await anna.get("/log/handover")).text
    assert 'dir="rtl"' in page
    assert shows(page, "تسليم المناوبة", "لم يستلمه أحد")


async def both_sign(site: ConsoleSite, **fields: str) -> httpx.Response:
    """Anna hands over to Karim in her session, and both type a PIN."""
    await site.accounts.set_pin("anna", "274951")
    await site.accounts.set_pin("karim", "618034")
    form = {"key": "h", "to": "karim", "until": LATER, "text": "gate 3 by hand"}
    pins = {"giver_pin": "274951", "receiver_pin": "618034"}
    async with site.client("anna") as anna:
        return await anna.post("/log/handover", data={**form, **pins, **fields})


async def test_both_sign_on_one_screen(site: ConsoleSite) -> None:
    """One form hands over and confirms, each in their own name; the PINs are nowhere."""
    done = await both_sign(site)

    assert done.headers["location"] == "/log/1"
    acts = [row for _, row in site.line.journal.inputs() if isinstance(row, Arrival)]
    assert [row.source for row in acts] == ["console/anna", "console/karim"]
    ((confirmed,),) = [row.events for row in acts[1:]]
    assert isinstance(confirmed, LogConfirmed)
    assert confirmed.who == "karim"
    async with site.client("karim") as karim:
        page = (await karim.get("/log/1")).text
    assert "I take over the shift" not in page
    assert "274951" not in repr(acts)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"giver_pin": "111222"}, "The PIN of whoever hands over is wrong."),
        ({"receiver_pin": "111222"}, "The PIN of whoever takes over is wrong."),
        ({"receiver_pin": ""}, "The PIN of whoever takes over is wrong."),
        ({"to": ""}, "Choose who takes over"),
        ({"to": "anna"}, "sign here"),
        ({"to": "looker"}, "sign here"),
        ({"to": "nobody"}, "sign here"),
    ],
)
async def test_unless_both_have_signed_nothing_is_handed_over(
    site: ConsoleSite, fields: dict[str, str], why: str
) -> None:
    """What was typed stays in the form, without the PINs."""
    refused = await both_sign(site, **fields)

    assert refused.status_code == 409
    assert why in refused.text
    assert "gate 3 by hand" in refused.text
    assert "274951" not in refused.text
    assert "618034" not in refused.text
    assert site.line.engine.state.shift_log.entries == 0


async def test_whoever_guesses_the_receivers_pin_has_to_wait(site: ConsoleSite) -> None:
    """As with passwords, and Karim's own session goes on."""
    answers = [await both_sign(site, receiver_pin=f"11122{n}") for n in range(6)]
    right = await both_sign(site)

    assert "Try again in" in answers[-1].text
    assert right.status_code == 409
    async with site.client("karim") as karim:
        assert (await karim.get("/log")).status_code == 200


async def test_names_in_reasons_do_not_turn_the_sentence_round(site: ConsoleSite) -> None:
    """A reason in Arabic that begins with a Latin name is read from right to left."""
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "ar")
        text = (await anna.get("/log/handover")).text
    assert "\u2068Lounge\u2069: لم تتم الإجابة" in text
