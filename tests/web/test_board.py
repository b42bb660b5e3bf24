"""The board: its order, groups, filters and pages, however many alerts are open."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.accounts import Role
from monitor.core.alert import Alert, Condition, Handling
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""SHA-256 of htmx 2.0.11 as npm has it."""
SCRIPT = (Path(__file__).parents[2] / "monitor/web/static/htmx.min.js").read_bytes()
ROW = re.compile(r'data-id="([^"]+)"')


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer, without open alerts."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        yield made


def opened(site: ConsoleSite, own: str, **fields: object) -> Alert:
    """Return an alert that is open besides others, like one of a forced door."""
    alerts = site.line.engine.state.alerts.open
    model = next((row for row in alerts.values() if row.rule == "door-forced"), None)
    made: Alert = replace(model or site.happens(), id=own, **fields)
    alerts[own] = made
    return made


async def rows(site: ConsoleSite, query: str = "") -> list[str]:
    """Return the ids of the rows in their order."""
    async with site.client("anna") as anna:
        return ROW.findall((await anna.get(f"/board{query}")).text)


async def test_groups_never_mix_and_the_gravest_come_first(site: ConsoleSite) -> None:
    """Nobody's, taken, over; in each the severity decides, then the age, and the shelved are not there."""
    first = site.happens()
    early = first.happened_at - timedelta(hours=1)
    site.line.engine.state.alerts.open.clear()
    acknowledged: dict[str, object] = {"handling": Handling.ACKNOWLEDGED, "owner": "karim"}
    alerts: dict[str, dict[str, object]] = {
        "5-over": {"condition": Condition.CLEARED, "severity": "life_safety"},
        "4-taken": {"severity": "low", **acknowledged},
        "3-taken": {"severity": "life_safety", **acknowledged},
        "2-later": {"severity": "critical"},
        "1-early": {"severity": "critical", "happened_at": early},
        "0-grave": {"severity": "life_safety"},
        "9-shelved": {"handling": Handling.SHELVED, "owner": "karim"},
    }
    for own, fields in alerts.items():
        site.line.engine.state.alerts.open[own] = replace(first, id=own, **fields)

    assert await rows(site) == ["0-grave", "1-early", "2-later", "3-taken", "4-taken", "5-over"]
    assert await rows(site, "?state=shelved") == ["9-shelved"]
    assert await rows(site, "?sev=low") == ["4-taken"]
    assert await rows(site, "?state=taken,over&sev=life_safety") == ["3-taken", "5-over"]
    assert await rows(site, "?mine=1") == []
    assert await rows(site, "?q=FORCED&site=centre&sev=critical") == ["1-early", "2-later"]
    assert await rows(site, "?q=forced&site=annex") == []
    assert await rows(site, "?state=nonsense&sev=nonsense&page=nonsense") == await rows(site)


async def test_many_alerts_come_page_by_page(site: ConsoleSite) -> None:
    """Each alert is on exactly one page, the gravest on the first, and the counters count them all."""
    for n in range(450):
        opened(site, f"{n:016}")
    count = len(site.line.engine.state.alerts.open)
    pages = [await rows(site, f"?page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [200, 200, count - 400]
    assert len({own for page in pages for own in page}) == count
    assert await rows(site, "?page=99") == pages[2]
    async with site.client("anna") as anna:
        shown = (await anna.get("/board")).text
    assert f"page 1 of 3, {count} alerts" in shown
    assert f"<b>{count}</b>" in shown


async def test_the_scripts_of_others_are_those_that_were_reviewed(site: ConsoleSite) -> None:
    """Whoever changes a vendored script changes its digest here, too."""
    async with site.client("anna") as anna:
        address = re.findall(r'src="([^"]+htmx.min.js)"', (await anna.get("/board")).text)[0]
        served = await anna.get(address)
        wrong = await anna.get(address.replace("htmx", "../htmx"))

    assert sha256(SCRIPT).hexdigest() == HTMX
    assert served.content == SCRIPT
    assert "immutable" in served.headers["cache-control"]
    assert wrong.status_code == 404


async def test_the_line_goes_on_without_the_accounts(site: ConsoleSite, tmp_path: Path) -> None:
    """If their file is damaged nobody can sign in, and the page says that the monitor goes on."""
    async with site.client("anna") as anna:
        with closing(sqlite3.connect(tmp_path / "accounts.db")) as db:
            db.execute("DROP TABLE session")
        answer = await anna.get("/board")
        health = await anna.get("/healthz")
    assert answer.status_code == 503
    assert "goes on watching" in answer.text
    assert "troubles" in health.text


async def test_a_saved_filter_is_what_the_board_shows_first(site: ConsoleSite) -> None:
    """Whoever saves a filter is led to it, still reaches all alerts, and can forget it."""
    async with site.client("anna") as anna:
        saved = await anna.post("/board/filter", data={"sev": "critical", "q": "", "x": "y"})
        cookie = saved.headers["set-cookie"]
        first = await anna.get("/board")
        shown = await anna.get(first.headers["location"])
        everything = await anna.get("/board?all=1")
        forgotten = await anna.post("/board/filter", data={"sev": "critical", "forget": "1"})
        again = await anna.get("/board")

    assert "HttpOnly" in cookie
    assert saved.headers["location"] == first.headers["location"] == "/board?sev=critical"
    assert "Forget it" in shown.text
    assert "Forget it" not in everything.text
    assert forgotten.headers["location"] == "/board?all=1"
    assert (everything.status_code, again.status_code) == (200, 200)


async def test_a_foreign_saved_filter_is_read_as_an_address_is(site: ConsoleSite) -> None:
    """Whatever a browser sends as its filter, nothing but known parameters reaches the address."""
    async with site.client("anna") as anna:
        anna.cookies["vm-board"] = "next=//evil.example&sev=%0d%0aX:1&q=%3Cscript%3E"
        answer = await anna.get("/board")
    assert answer.headers["location"] == "/board?sev=%0D%0AX%3A1&q=%3Cscript%3E"


async def test_the_counters_say_how_many_are_mine(site: ConsoleSite) -> None:
    """Each viewer reads their own number, without the shelved."""
    await site.add("karim", "officer")
    opened(site, "1" * 16, handling=Handling.ACKNOWLEDGED, owner="anna")
    opened(site, "2" * 16, handling=Handling.ACKNOWLEDGED, owner="anna")
    opened(site, "3" * 16, handling=Handling.SHELVED, owner="anna")
    found = []
    for name in ("anna", "karim"):
        async with site.client(name) as client:
            text = (await client.get("/board")).text
        found.append(re.findall(r"mine</a> <b>(\d+)</b>", text))
    assert found == [["2"], ["0"]]


@pytest.mark.parametrize(
    ("role", "first"),
    [("officer", "/board"), ("engineer", "/board"), ("on_call", "/board?mine=1"), ("admin", "/me")],
)
async def test_each_role_has_its_own_first_screen(
    site: ConsoleSite, role: Role, first: str
) -> None:
    """The address alone leads to what a role looks at first."""
    await site.add("karim", role)
    async with site.client("karim") as karim:
        assert (await karim.get("/")).headers["location"] == first


def fire_with_doors(site: ConsoleSite, n: int) -> Alert:
    """Return a fire in the hall from which as many open doors follow."""
    door = site.happens()
    fire = site.starts("emergency.fire", "hall", zone="hall")
    alerts = site.line.engine.state.alerts.open
    del alerts[door.id]
    for number in range(n):
        own = f"{number:016}"
        alerts[own] = replace(
            door, id=own, rule="door-held-open", severity="high", happened_at=fire.happened_at
        )
    return fire


async def test_what_follows_from_a_fire_is_folded_and_counted(site: ConsoleSite) -> None:
    """One row for all of them, with how many; a link shows each, and a search or a filter folds nothing."""
    fire = fire_with_doors(site, 250)
    assert await rows(site) == [fire.id]
    everything = [
        *(await rows(site, f"?cause={fire.id}")),
        *(await rows(site, f"?cause={fire.id}&page=2")),
    ]
    assert len(everything) == len(set(everything)) == 251
    assert len(await rows(site, "?q=hall&zone=hall")) == 200
    assert len(await rows(site, "?sev=high")) == 200
    async with site.client("anna") as anna:
        shown = (await anna.get("/board")).text
    assert "and 250 that follow from it" in shown
    assert "<b>250</b>" in shown


async def test_what_follows_at_other_sites_is_not_counted(site: ConsoleSite) -> None:
    """A gateway of no site has devices at several: each viewer reads how many of theirs follow, or nothing."""
    await site.add("karim", "officer", "annex")
    model = site.happens()
    alerts = site.line.engine.state.alerts.open
    alerts.clear()
    for own, rule, key, place in (
        ("gw", "device-offline", "gw1", ""),
        ("a", "device-silent", "r2", "centre"),
        ("b", "device-silent", "r3", "centre"),
        ("c", "device-silent", "r4", "annex"),
    ):
        alerts[own] = replace(
            model, id=own, rule=rule, key=key, site=place, severity="high", point="", zone=""
        )
    found = {}
    for name in ("anna", "karim"):
        async with site.client(name) as client:
            found[name] = (await client.get("/board")).text
    assert "and 3 that follow from it" in found["anna"]
    assert "and 1 that follows from it" in found["karim"]
    del alerts["c"]
    async with site.client("karim") as karim:
        assert "follows from it" not in (await karim.get("/board")).text
