"""On call in the console: who is on call and why, and a shift taken, given away and given back."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from monitor.core.inputs import Arrival
from monitor.core.transitions import Override
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness

ROSTER = """
[[person]]
id = "anna"
name = "Anna Nguyễn"
channel = [{ name = "phone", url = "ntfy://127.0.0.1:9/anna" }]

[[person]]
id = "karim"
name = "كريم"
languages = ["ar"]
channel = [{ name = "phone", url = "ntfy://127.0.0.1:9/karim" }]

[[person]]
id = "linh"
name = "Linh <b>Trần</b>"

[[team]]
id = "guards"
name = "Guards"

[[team]]
id = "medics"
name = "Medics <i>"

[[rotation]]
team = "guards"
people = ["anna", "karim"]
starts = 2026-01-01T07:00:00
shift = "12h"

[[rotation]]
team = "medics"
people = ["karim"]
starts = 2026-01-01T08:00:00
shift = "24h"
hours = { from = 08:00:00, to = 20:00:00 }

[[escalation]]
id = "duress"
silent = true
step = [{ notify = "@guards" }]

[[escalation]]
id = "all-else"
step = [{ notify = "@guards", wait = "5m" }]

[fallback]
notify = "karim"
"""
"""At 14:02, when a test begins, Anna is on call in the guards until 19:00, and Karim in the medics until 20:00."""
EVENING = "2026-01-01T23:30"


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two people on call, a supervisor, an officer of no team, and somebody who only looks."""
    async with console_site(tmp_path, line, ROSTER) as made:
        await made.add("anna", "on_call", "centre")
        await made.add("karim", "on_call", "centre")
        await made.add("chief", "supervisor", "centre")
        await made.add("linh", "officer", "centre")
        await made.add("guest", "viewer", "centre")
        yield made


async def previewed(
    client: httpx.AsyncClient, team: str, person: str, until: str = EVENING, since: str = ""
) -> tuple[str, dict[str, str]]:
    """Fill in the form; return the page that shows what it changes, without isolates, and its second form."""
    answer = await client.get(
        f"/oncall/{team}", params={"person": person, "since": since, "until": until}
    )
    page = re.sub("[\u2068\u2069]", "", answer.text)
    _, _, form = page.partition(f'<form method="post" action="/oncall/{team}/take">')
    form, _, _ = form.partition("</form>")
    return page, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


def taken(site: ConsoleSite) -> dict[str, Override]:
    """Return the shifts that were taken, by team."""
    return site.line.engine.state.paging.overrides


async def test_who_is_on_call_now_and_next_and_why(site: ConsoleSite) -> None:
    """Each team has a row; one's own shifts and what one is paged for come first; a gap is named."""
    alert = site.happens()
    async with site.client("anna") as anna:
        page = (await anna.get("/oncall")).text
        team = (await anna.get("/oncall/guards")).text
        assert (await anna.get("/oncall/nobodys")).status_code == 404
    mine, _, teams = page.partition("<h2>Teams</h2>")
    assert re.search(r"<b>at present</b> . 19:00", mine)
    assert f"/alerts/{alert.id}" in mine
    assert 'href="/board?mine=1"' in mine
    guards, medics = re.findall(r"<tr.*?</tr>", teams.partition("<tbody>")[2], re.DOTALL)
    for words in ("Anna Nguyễn", "(you)", "19:00", "rotation", "كريم"):
        assert words in guards
    for words in ("Medics &lt;i&gt;", "كريم", "20:00", "▲ nobody"):
        assert words in medics
    assert "no one is on call from 1 January 20:00 until 2 January 08:00" in page
    assert "2 January 07:00" in team


async def test_a_shift_is_taken_after_a_look_at_what_follows(site: ConsoleSite) -> None:
    """Who is relieved, an overlap and who follows are said first; then it is in the journal like any command."""
    async with site.client("karim") as karim:
        page, fields = await previewed(karim, "guards", "karim")
        for words in (
            "كريم is on call alone until 23:30, for 9 h 28 min",
            "Instead of Anna Nguyễn, 14:02 to 19:00.",
            "After that: كريم. No gap.",
            "Overlap: at the same time on call in Medics &lt;i&gt;, 14:02 to 20:00.",
        ):
            assert words in page
        assert taken(site) == {}
        answer = await karim.post("/oncall/guards/take", data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/oncall/guards")
        assert "took over the shift" in (await karim.get("/oncall")).text
    (override,) = taken(site).values()
    assert (override.person, override.who) == ("karim", "karim")
    assert override.until == datetime(2026, 1, 1, 16, 30, tzinfo=UTC)
    sources = [row.source for _, row in site.line.journal.inputs() if isinstance(row, Arrival)]
    assert sources == ["console/karim"]


async def test_a_shift_is_taken_for_later(site: ConsoleSite) -> None:
    """From a time on: until then the plan applies, and who is relieved from then on is said first."""
    begin, end = "2026-01-02T09:00", "2026-01-02T12:00"
    async with site.client("karim") as karim:
        page, fields = await previewed(karim, "guards", "karim", end, begin)
        for words in (
            "كريم is on call alone from 2 January 09:00 to 2 January 12:00, for 3 h",
            "Instead of Anna Nguyễn, 2 January 09:00 to 2 January 12:00.",
            "After that: Anna Nguyễn. No gap.",
            "Overlap: at the same time on call in Medics &lt;i&gt;, 2 January 09:00",
        ):
            assert words in page
        answer = await karim.post("/oncall/guards/take", data=fields)
        assert answer.status_code == 303
        shown = re.sub("[\u2068\u2069]", "", (await karim.get("/oncall/guards")).text)
        log = re.sub("[\u2068\u2069]", "", (await karim.get("/log")).text)
    assert "كريم takes over from 2 January 09:00 to 2 January 12:00." in shown
    assert re.search(r"On call now: .*Anna Nguyễn.*, until 19:00", shown)
    assert "put كريم on call in Guards" in log
    (override,) = taken(site).values()
    assert override.since == datetime(2026, 1, 2, 2, 0, tzinfo=UTC)


async def test_a_planned_shift_is_not_lost_by_another(site: ConsoleSite) -> None:
    """A team has one taken shift at a time: somebody else's has to be given back, one's own may be planned anew."""
    begin, end = "2026-01-02T09:00", "2026-01-02T12:00"
    async with site.client("karim") as karim, site.client("chief") as chief:
        _, fields = await previewed(karim, "guards", "karim", end, begin)
        await karim.post("/oncall/guards/take", data=fields)
        page, none = await previewed(chief, "guards", "linh")
        _, later = await previewed(karim, "guards", "karim", "2026-01-02T13:00", begin)
        await karim.post("/oncall/guards/take", data=later)
        await chief.post("/oncall/guards/release", data={"key": "r"})
    assert none == {}
    assert "كريم has taken a shift in this team, 2 January 09:00 to 2 January 12:00" in page
    assert taken(site) == {}


@pytest.mark.parametrize(
    ("since", "reason"),
    [("2026-01-02T02:00", "would end before it begins"), ("soon", "“soon” is no time")],
)
async def test_a_beginning_that_cannot_be_is_refused(
    site: ConsoleSite, since: str, reason: str
) -> None:
    """It is never taken for "from now on"."""
    async with site.client("karim") as karim:
        page, fields = await previewed(karim, "guards", "karim", EVENING, since)
        form = {"key": "k", "person": "karim", "since": since, "until": EVENING, "seen": "anna"}
        answer = await karim.post("/oncall/guards/take", data=form)
    assert fields == {}
    assert reason in page
    assert answer.status_code == 409
    assert taken(site) == {}


async def test_a_gap_is_named_before(site: ConsoleSite) -> None:
    """Whoever takes a shift until there is nobody reads until when."""
    async with site.client("karim") as karim:
        page, _ = await previewed(karim, "medics", "karim", "2026-01-01T22:00")
    assert "Gap: after that nobody is on call until 2 January 08:00." in page


async def test_ones_own_shift_goes_to_another_of_the_team(site: ConsoleSite) -> None:
    """Whoever is on call may; somebody else's shift they may not give away, and nobody is offered from elsewhere."""
    async with site.client("anna") as anna, site.client("karim") as karim:
        _, fields = await previewed(karim, "guards", "anna")
        assert fields == {}
        forged = {"key": "k", "person": "anna", "until": EVENING, "seen": "anna"}
        refused = await karim.post("/oncall/guards/take", data=forged)
        assert refused.status_code == 409
        assert "only a supervisor may" in refused.text

        page, fields = await previewed(anna, "guards", "karim")
        assert "Talk to them first" in page
        assert 'value="linh"' not in page
        assert (await anna.post("/oncall/guards/take", data=fields)).status_code == 303
    assert (taken(site)["guards"].person, taken(site)["guards"].who) == ("karim", "anna")


async def test_a_supervisor_puts_anybody_on_call(site: ConsoleSite) -> None:
    """Also somebody of no team, and reads that they cannot be paged."""
    async with site.client("chief") as chief:
        page, fields = await previewed(chief, "guards", "linh")
        assert "Linh &lt;b&gt;Trần&lt;/b&gt; has no channel and cannot be paged." in page
        assert (await chief.post("/oncall/guards/take", data=fields)).status_code == 303
    assert taken(site)["guards"].person == "linh"


async def test_who_is_in_no_team_takes_no_shift(site: ConsoleSite) -> None:
    """An officer reads why, and a viewer has no right at all."""
    form = {"key": "k", "until": EVENING, "seen": "anna", "person": ""}
    async with site.client("linh") as linh, site.client("guest") as guest:
        assert "Take a shift" not in (await linh.get("/oncall/guards")).text
        answer = await linh.post("/oncall/guards/take", data=form)
        assert answer.status_code == 409
        assert "you take no turns in this team" in answer.text
        assert (await guest.post("/oncall/guards/take", data=form)).status_code == 403
        assert (await guest.post("/oncall/guards/release", data=form)).status_code == 403
    assert taken(site) == {}


async def test_of_two_who_take_it_the_second_looks_again(site: ConsoleSite) -> None:
    """Who is on call has changed: the form comes back with what it would change now."""
    async with site.client("karim") as karim, site.client("chief") as chief:
        _, late = await previewed(karim, "guards", "karim")
        _, fields = await previewed(chief, "guards", "linh")
        await chief.post("/oncall/guards/take", data=fields)
        answer = await karim.post("/oncall/guards/take", data=late)
    assert answer.status_code == 409
    assert "has changed since it was shown" in answer.text
    assert "Instead of Linh" in answer.text
    assert taken(site)["guards"].person == "linh"


async def test_a_shift_is_given_back(site: ConsoleSite) -> None:
    """By whoever has it or gave it, who read first what applies then; not by others."""
    async with site.client("karim") as karim, site.client("anna") as anna:
        _, fields = await previewed(karim, "guards", "karim")
        await karim.post("/oncall/guards/take", data=fields)
        assert "Give it back" not in (await anna.get("/oncall/guards")).text
        refused = await anna.post("/oncall/guards/release", data={"key": "r"})
        assert refused.status_code == 409
        assert "After that the plan applies: Anna" in (await karim.get("/oncall/guards")).text
        assert (await karim.post("/oncall/guards/release", data={"key": "r"})).status_code == 303
        again = await karim.post("/oncall/guards/release", data={"key": "s"})
        assert "no one has taken over a shift in this team" in again.text
    assert taken(site) == {}


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        ("2025-01-01T10:00", "the shift would end in the past"),
        ("2026-01-20T10:00", "for 7 days at most"),
        ("later", "needs an end"),
    ],
)
async def test_what_is_refused_says_why(site: ConsoleSite, until: str, reason: str) -> None:
    """Before it is sent and, to whoever sends it all the same, afterwards."""
    form = {"key": "k", "person": "karim", "until": until, "seen": "anna"}
    async with site.client("karim") as karim:
        page, fields = await previewed(karim, "guards", "karim", until)
        answer = await karim.post("/oncall/guards/take", data=form)
    assert fields == {}
    assert reason in page
    assert answer.status_code == 409
    assert reason in answer.text


async def test_arabic_reads_from_right_to_left_and_names_are_text(site: ConsoleSite) -> None:
    """Names of teams and people are never markup."""
    async with site.client("chief") as chief:
        chief.cookies.set("vm-language", "ar")
        pages = [
            (await chief.get("/oncall")).text,
            (await previewed(chief, "medics", "linh"))[0],
            (await previewed(chief, "guards", "<i>", "<i>"))[0],
        ]
    for page in pages:
        assert 'dir="rtl"' in page
        assert "<i>" not in page
        assert "<b>Trần" not in page


async def explained(client: httpx.AsyncClient, **given: str) -> list[str]:
    """Ask who would be paged; return the rows of the answer, without isolates, and what is said below them."""
    page = re.sub("[\u2068\u2069]", "", (await client.get("/oncall/explain", params=given)).text)
    _, _, answer = page.partition('<section role="status">')
    return re.findall(r"<tr><td.*?</tr>|<p.*?</p>", answer.partition("</section>")[0])


async def test_who_would_be_paged_and_why(site: ConsoleSite) -> None:
    """By the rule's severity, at a time, as the plan is then; nothing is raised by asking."""
    before = site.line.journal.seq
    async with site.client("guest") as guest:
        rows = await explained(guest, rule="door-forced", zone="hall")
        later = await explained(guest, rule="door-forced", at="2026-01-01T20:00")
        empty = (await guest.get("/oncall/explain")).text
        unknown = (await guest.get("/oncall/explain?rule=<b>&zone=<i>&at=<u>")).text
    first, second = [row for row in rows if row.startswith("<tr")][:2]
    for words in ("14:02", "at once", "Anna Nguyễn", "step 1"):
        assert words in first
    for words in ("14:07", "5 min", "كريم"):
        assert words in second
    assert "كريم" in later[1]
    assert any("<code" in row and "all-else" in row for row in rows)
    assert any("And again every" in row for row in rows)
    assert '<section role="status">' not in empty
    assert "this rule is not in force any more" in unknown
    assert "<i>" not in unknown
    assert site.line.journal.seq == before


async def test_a_time_beyond_the_plan_is_said(site: ConsoleSite) -> None:
    """Nobody takes a plan that isn't made yet for one."""
    async with site.client("anna") as anna:
        rows = await explained(anna, rule="door-forced", at="2026-03-01T20:00")
    assert "does not reach as far" in rows[0]
