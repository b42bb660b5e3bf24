"""The shift log: what people write and what enters it by itself, who sees it, and that nothing in it disappears."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from monitor.core.events.commands import LogWritten, StaffMask
from monitor.core.inputs import RulesChanged
from tests.support.console import ConsoleSite, console_rule_set, console_site
from tests.support.pipeline import PipelineHarness, event_payload

HOSTILE = "<img src=x onerror=alert(1)>'\"&{{7*7}}</script>"


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two officers and a supervisor."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("karim", "officer")
        await made.add("chief", "supervisor")
        yield made


async def write(
    client: httpx.AsyncClient, text: str, key: str = "", **fields: str
) -> httpx.Response:
    """Submit the form of a new entry."""
    return await client.post("/log", data={"key": key or text[:40], "text": text, **fields})


async def shown(client: httpx.AsyncClient, query: str = "") -> str:
    """Return the log as text, without the isolates of names."""
    page = await client.get(f"/log{query}")
    assert page.status_code == 200
    return re.sub("[\u2068\u2069]", "", page.text)


async def test_an_entry_has_two_times_and_a_place(site: ConsoleSite) -> None:
    """When it happened is what the person says, when it was written what the monitor knows."""
    async with site.client("anna") as anna:
        done = await write(
            anna, "gate 2 closed", happened="2026-01-01T13:40", place="centre/hall", who="karim"
        )
        page = await shown(anna)
        one = await anna.get("/log/1")

    assert (done.status_code, done.headers["location"]) == (303, "/log#entry-1")
    for words in ("13:40:00", "written 14:02:00", "Anna Nguyễn", "gate 2 closed", "#1"):
        assert words in page
    assert site.line.journal.shift_log.rows()[0].what.who == "anna"  # type: ignore[union-attr]
    assert "13:40, 1 Jan 2026" in one.text
    assert "14:02, 1 Jan 2026" in one.text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": " "}, "the entry is empty"),
        ({"happened": "yesterday"}, "Give a date and a time."),
        ({"happened": "2026-01-01T15:40"}, "it would have happened in the future"),
        ({"place": "nowhere/at-all"}, "is not in venue.toml"),
        ({"key": ""}, "The form is incomplete."),
    ],
)
async def test_what_is_refused_says_why(
    site: ConsoleSite, fields: dict[str, str], reason: str
) -> None:
    """The page comes back with the reason, and with what was written."""
    async with site.client("anna") as anna:
        form = {"key": "k", "text": "patrol 3 sent", **fields}
        answer = await anna.post("/log", data=form)
    assert answer.status_code == 409
    assert reason in answer.text
    assert form["text"].strip() in answer.text


async def test_a_form_sent_five_times_counts_once(site: ConsoleSite) -> None:
    """A double click, and what a browser sends again after a lost response."""
    async with site.client("anna") as anna:
        await asyncio.gather(*(write(anna, "once", "same") for _ in range(5)))
        page = await shown(anna)
    assert page.count('class="text" dir="auto">once<') == 1


async def test_a_struck_entry_stays_legible(site: ConsoleSite) -> None:
    """With who struck it, when and why; nothing is ever deleted or changed."""
    async with site.client("anna") as anna:
        await write(anna, "gate 2 closed")
        site.line.clock.time += timedelta(minutes=4)
        refused = await anna.post("/log/1/strike", data={"key": "1", "text": ""})
        done = await anna.post("/log/1/strike", data={"key": "2", "text": "it was gate 3"})
        again = await anna.post("/log/1/strike", data={"key": "3", "text": "twice"})
        page = await shown(anna)

    assert (refused.status_code, done.status_code, again.status_code) == (409, 303, 409)
    assert "striking an entry needs a reason" in refused.text
    assert "<s " in page
    assert "gate 2 closed</s>" in page
    assert "struck 14:06:00 by Anna Nguyễn: <bdi>it was gate 3</bdi>" in page


async def test_who_strikes_what(site: ConsoleSite) -> None:
    """One's own for fifteen minutes; anybody's whoever has the right to strike."""
    async with site.client("anna") as anna, site.client("karim") as karim:
        for text in ("first", "second"):
            await write(anna, text)
        other = await karim.post("/log/1/strike", data={"key": "1", "text": "why not"})
        assert "<summary>Strike …" not in (await karim.get("/log/1")).text
        assert "<summary>Strike …" in (await anna.get("/log/1")).text
        site.line.wait(15 * 60 + 1)
        late = await anna.post("/log/1/strike", data={"key": "2", "text": "too late"})
    async with site.client("chief") as chief:
        done = await chief.post("/log/1/strike", data={"key": "3", "text": "not so"})

    assert (other.status_code, late.status_code, done.status_code) == (409, 409, 303)
    assert "it needs the right" in other.text
    assert "you can strike your own entries for 15 minutes" in late.text


async def test_what_happens_enters_the_log_by_itself(site: ConsoleSite) -> None:
    """Alerts and what became of them, masks, shifts, sign-offs, modes of doors, and the phase."""
    alert, line = site.happens(), site.line
    async with site.client("anna") as anna:
        await anna.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k", "note": "on my way"})
        until = line.clock.time + timedelta(hours=1)
        mask = StaffMask(
            at=line.clock.time, who="anna", what="*", zone="hall", until=until, reason="rehearsal"
        )
        line.pipeline.record(mask, "console/anna", "mask")
        for kind, who, note in (("signed", "anna", "all clear"), ("withdrawn", "karim", "")):
            fields = {"zone": "hall", "who": who, "note": note}
            payload = event_payload(f"readiness.{kind}", line.clock.time, **fields)
            line.take(line.sent("venue/centre/staff/radio-bridge", payload))
            line.wait(3)
        site.send("door.mode", mode="locked")
        site.send("door.mode", mode="locked_open")
        venue = console_rule_set().venue
        torn = replace(venue, congress=replace(venue.congress, phase="teardown"))
        rules = replace(console_rule_set(), venue=torn)
        line.pipeline.submit(RulesChanged(received_at=line.clock.time, who="test", rule_set=rules))
        page = await shown(anna)
        automatic = await shown(anna, "?kind=automatic")
        people = await shown(anna, "?kind=people")

    for words in (
        f'href="/alerts/{alert.id}"',
        "raised",
        "Anna Nguyễn: acknowledged",
        "on my way",
        "Anna Nguyễn masked all alerts, ",
        "rehearsal",
        "Anna Nguyễn signed off",
        "all clear",
        "كريم withdrew the sign-off of",
        "door mode locked open",
        "phase of the congress: teardown",
    ):
        assert words in page, words
    assert automatic.count("by-itself") == page.count("by-itself") == 8
    assert people.count('class="by-itself"') == 0


async def test_the_filter_is_in_the_address(site: ConsoleSite) -> None:
    """Site, beginning, kind and text; what the page does not know it leaves out."""
    async with site.client("anna") as anna:
        await write(anna, "Cửa số 2 đóng", place="centre/hall")
        site.line.clock.time += timedelta(hours=1)
        await write(anna, "patrol back", place="annex")
        site.happens()
        found = {
            query: [text in await shown(anna, query) for text in ("Cửa số 2", "patrol back")]
            for query in (
                "",
                "?site=centre",
                "?site=annex&kind=people",
                "?since=2026-01-01T14:30",
                "?q=CỬA",
                "?q=anna",
                "?kind=automatic",
                "?site=nowhere",
                "?before=nonsense&kind=nonsense&since=nonsense",
            )
        }
    assert list(found.values()) == [
        [True, True],
        [True, False],
        [False, True],
        [False, True],
        [True, False],
        [True, True],
        [False, False],
        [False, False],
        [True, True],
    ]


async def test_pages_follow_each_other_and_cost_the_same(site: ConsoleSite) -> None:
    """Each line is on exactly one page; a search goes on where the page before has ended."""
    for n in range(250):
        event = LogWritten(at=site.line.clock.time, who="anna", text=f"line {n:03}")
        site.line.pipeline.record(event, "console/anna", str(n))
    texts: list[str] = []
    async with site.client("anna") as anna:
        address = "/log"
        while address:
            page = (await anna.get(address)).text
            texts += re.findall(r">(line \d\d\d)<", page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            address = following[1].replace("&amp;", "&") if following else ""
        one = await shown(anna, "?q=line+007")
    assert texts == [f"line {n:03}" for n in reversed(range(250))]
    assert re.findall(r">(line \d\d\d)<", one) == ["line 007"]


async def test_nobody_reads_of_another_site_or_of_silent_alerts(site: ConsoleSite) -> None:
    """Neither in the log nor one by one, nor by searching, exporting or printing."""
    await site.add("guest", "officer", "annex", person="")
    await site.add("trusted", "officer", silent=True)
    duress = site.happens("access.duress")
    line = site.line
    for text, where, alert in (
        ("secret word", "", duress.id),
        ("hall word", "centre", ""),
        ("annex word", "annex", ""),
        ("common word", "", ""),
    ):
        event = LogWritten(at=line.clock.time, who="anna", text=text, site=where, alert=alert)
        line.pipeline.record(event, "console/anna", text)
    seen = {}
    for name in ("anna", "guest", "trusted"):
        async with site.client(name) as client:
            pages = [
                (await client.get(f"/log{path}")).text
                for path in ("", "?q=word", "?site=centre", "/export", "/print")
            ]
            statuses = [(await client.get(f"/log/{n}")).status_code for n in (1, 2, 3, 4)]
            words = ("secret word", "hall word", "annex word", "common word")
            seen[name] = [any(word in page for page in pages) for word in words], statuses
            assert any("duress" in page.lower() for page in pages) == (name == "trusted")

    assert seen == {
        "anna": ([False, True, True, True], [404, 200, 200, 200]),
        "guest": ([False, False, True, True], [404, 403, 200, 200]),
        "trusted": ([True, True, True, True], [200, 200, 200, 200]),
    }


async def test_who_may_not_write_there_is_refused(site: ConsoleSite) -> None:
    """Rights are of a site: not at another, and not at all for a viewer."""
    await site.add("guest", "officer", "annex")
    await site.add("looker", "viewer")
    async with site.client("guest") as guest, site.client("looker") as looker:
        elsewhere = await write(guest, "x", place="centre")
        # A zone is where it is, whatever site the form names.
        forged = await write(guest, "x", place="annex/hall")
        at_home = await write(guest, "x", place="annex")
        none = await write(looker, "x")
        page = await shown(looker)
    answers = (elsewhere, forged, at_home, none)
    assert [row.status_code for row in answers] == [403, 403, 303, 403]
    assert '<textarea name="text"' not in page
    assert "/log/export" not in page


async def test_an_unattended_session_asks_for_the_pin(site: ConsoleSite) -> None:
    """What was written goes on with the answer."""
    await site.accounts.set_pin("anna", "274951")
    async with site.client("anna") as anna:
        site.time.later = timedelta(minutes=31)
        asked = await write(anna, "still here", "k")
        done = await write(anna, "still here", "k", pin="274951")
    assert asked.status_code == 403
    assert 'value="still here"' in asked.text
    assert done.status_code == 303


async def test_hostile_texts_are_shown_as_they_are(site: ConsoleSite) -> None:
    """Stored cross-site scripting: entries, reasons, notes and searches are never markup."""
    alert = site.happens(point=HOSTILE)
    async with site.client("chief") as chief:
        await write(chief, HOSTILE, "1")
        await chief.post("/log/1/strike", data={"key": "2", "text": HOSTILE})
        await chief.post(f"/alerts/{alert.id}/note", data={"key": "3", "note": HOSTILE})
        pages = [
            (await chief.get(path, params=params)).text
            for path, params in (
                ("/log", {}),
                ("/log", {"q": HOSTILE, "site": HOSTILE, "since": HOSTILE, "kind": HOSTILE}),
                ("/log/1", {}),
                ("/log/print", {"q": HOSTILE[:9]}),
                ("/log/handover", {"until": HOSTILE}),
            )
        ]
    assert not any("<img" in page for page in pages)
    assert pages[0].count("&lt;img src=x onerror=alert(1)&gt;") >= 3
    assert "{{7*7}}" in pages[0]


async def test_the_log_in_arabic(site: ConsoleSite) -> None:
    """The page is written from right to left; texts of people have their own direction."""
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "ar")
        await write(anna, "gate 2 closed")
        page = await shown(anna)
    assert 'dir="rtl"' in page
    assert "سجل المناوبة" in page
    assert 'class="text" dir="auto">gate 2 closed<' in page


async def test_a_spreadsheet_gets_local_times_and_no_formula(site: ConsoleSite) -> None:
    """Times have the congress's offset; what begins like a formula is text."""
    async with site.client("anna") as anna:
        for n, text in enumerate(("=HYPERLINK(A1)", "-1+1", "@SUM(1)", "+1", 'a\nb,"c"')):
            await write(anna, text, str(n))
        answer = await anna.get("/log/export?kind=people")
        only = await anna.get("/log/export?q=hyperlink")
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.startswith("\ufeff")
    assert rows[0][:5] == ["Number", "Happened", "Written", "Who", "What"]
    assert [row[4] for row in rows[1:]] == [
        'a\nb,"c"',
        "'+1",
        "'@SUM(1)",
        "'-1+1",
        "'=HYPERLINK(A1)",
    ]
    assert rows[1][2] == "2026-01-01T14:02:00+07:00"
    assert len(only.text.splitlines()) == 2


async def test_the_print_view_says_what_it_shows(site: ConsoleSite) -> None:
    """The filter, the time of the data, and the address."""
    async with site.client("anna") as anna:
        await write(anna, "gate 2 closed", place="centre")
        page = (await anna.get("/log/print?site=centre&since=2026-01-01T07:00")).text
    for words in ("gate 2 closed", "14:02, 1 Jan 2026", "07:00, 1 Jan 2026", "log_print.css"):
        assert words in page
    assert f"{site.url}/log?site=centre&amp;since=2026-01-01T07%3A00" in page
