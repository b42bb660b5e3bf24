"""Drawn with Grafana's components, every dashboard is readable in each language, and shows the simulator's truth."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page

from dashboards.build.panel import BELIEVE
from dashboards.build.render import BOARDS, render
from dashboards.build.wall import BOARD as WALL
from dashboards.build.words import Words, places
from dashboards.preview.__main__ import shown
from dashboards.preview.browser import Look, draw, drawing_page
from dashboards.preview.bundle import bundle
from dashboards.preview.scene import SCENES, Scene, answers
from tests.support.browser import chromium
from tests.support.morning import VENUE
from tests.support.once import once
from tests.support.wall import Wall

pytestmark = pytest.mark.timeout(3600)
"""The first run on a machine installs 600 MB of packages, which took eight minutes on a busy one."""
LANGUAGES = ("en", "vi", "ar")
WATCHED = ("venue-wall", "venue-overview")
"""Dashboards that somebody looks at from afar."""
(WORST,) = (row for row in SCENES if row.name == "worst")
(DEAD,) = (row for row in SCENES if row.name == "dead")
SMALL = 0.25
"""The scale: nobody looks at it, and fewer pixels are painted sooner. What is measured is the same at any scale."""
READ = """() => [...document.querySelectorAll('section[data-panel]')].map((section) => {
    const box = section.getBoundingClientRect();
    const scrolled = (node) => node !== section
        && (/auto|scroll|hidden/.test(getComputedStyle(node).overflow) || scrolled(node.parentElement));
    const out = [...section.querySelectorAll('*')].filter((node) => {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        const at = node.getBoundingClientRect();
        return own && !scrolled(node) && (at.right > box.right + 1 || at.bottom > box.bottom + 1);
    });
    // A tile hides what is too tall for it.
    const tall = (section.dataset.kind === 'stat' ? [...section.querySelectorAll('*')] : []).filter((node) => {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        const at = node.getBoundingClientRect();
        return own && !node.closest('h2, h6, [data-testid^="header"], [class*="panel-header"]')
            && (at.bottom > box.bottom || at.top < box.top + 30);
    });
    // Below the page of a table.
    const pages = section.querySelector('ol')?.getBoundingClientRect();
    const below = [...section.querySelectorAll('[role=row]')]
        .filter((node) => pages && node.getBoundingClientRect().bottom > pages.top + 1);
    const wide = (node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        return range.getBoundingClientRect().right > node.getBoundingClientRect().right + 1;
    };
    const owns = (node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    const clipped = [...section.querySelectorAll('*')].filter((node) => owns(node) && node.clientWidth
        && node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== 'visible');
    const heads = [...section.querySelectorAll('[role=columnheader]')];
    return {
        title: section.dataset.panel,
        kind: section.dataset.kind,
        text: section.innerText,
        drawn: section.querySelectorAll('canvas').length,
        failed: section.querySelectorAll('[data-failed]').length,
        out: [...out, ...tall, ...below].map((node) => node.textContent),
        least: Math.min(...[...section.querySelectorAll('*')]
            .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
            .filter((node) => !node.closest('h2, h6, [data-testid^="header"], [class*="panel-header"]'))
            .map((node) => parseFloat(getComputedStyle(node).fontSize))),
        cut: heads.filter((node) => wide(node.querySelector('button, div') ?? node)).map((node) => node.innerText)
            .concat(clipped.map((node) => node.innerText)),
    };
})"""


class Drawn(NamedTuple):
    """A panel as it was drawn."""

    scene: str
    board: str
    language: str
    title: str
    kind: str
    text: str
    drawn: int
    failed: int
    out: list[str]
    cut: list[str]
    least: float | None
    """Pixels of its smallest text below the title, on a screen of 1920."""

    @property
    def whose(self) -> str:
        """Which panel it is, for a person who reads that a test failed."""
        return f"{self.board}, {self.scene}, {self.language}, {self.title}"

    @property
    def lines(self) -> list[str]:
        """What is written in it, below its title."""
        return [line.strip() for line in self.text.splitlines() if line.strip()][1:]


class Preview:
    """One browser, in which all dashboards are drawn in a language when the first test asks for it."""

    def __init__(self, wall: Wall, factory: pytest.TempPathFactory) -> None:
        self.wall = wall
        self.factory = factory
        self.loop = asyncio.Runner()
        self.opened = AsyncExitStack()
        self.page: Page | None = None

    def of(self, language: str, scene: Scene) -> list[Drawn]:
        """Return the panels as they were drawn at one moment."""
        found = once(
            self.factory, f"drawn-{language}", lambda: self.loop.run(self._drawn(language))
        )
        return [row for row in found if row.scene == scene.name]

    async def _drawn(self, language: str) -> list[Drawn]:
        page = self.page = self.page or await self._open()
        found = []
        for board in shown(language):
            for scene in (WORST, DEAD) if board["uid"] in WATCHED else (WORST,):
                found_there = answers(self.wall.server, board, scene)
                await draw(page, board, found_there, scene, Look(language=language))
                found += await _read(page, scene, board, language)
        return found

    async def _open(self) -> Page:
        browser = await self.opened.enter_async_context(chromium())
        return await self.opened.enter_async_context(drawing_page(browser, bundle(), SMALL))


@pytest.fixture(scope="module")
def preview(wall: Wall, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """Where dashboards are drawn; each language takes its time in a test of its own."""
    made = Preview(wall, tmp_path_factory)
    with made.loop:
        yield made
        made.loop.run(made.opened.aclose())


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language."""
    return str(request.param)


@pytest.fixture
def drawn(preview: Preview, language: str) -> list[Drawn]:
    """Every panel of every dashboard in a language, at the worst moment."""
    return preview.of(language, WORST)


@pytest.fixture
def silent(preview: Preview, language: str) -> list[Drawn]:
    """The panels of the wall and of the overview in a language, when the monitor is dead."""
    return preview.of(language, DEAD)


async def _read(page: Page, scene: Scene, board: dict[str, Any], language: str) -> list[Drawn]:
    return [Drawn(scene.name, board["uid"], language, **row) for row in await page.evaluate(READ)]


def test_every_panel_is_drawn(drawn: list[Drawn]) -> None:
    """No panel fails, none is blank without its text for no value, and nothing sticks out of its box or is cut."""
    assert len(drawn) == sum(len(row) for board in BOARDS for _, row in board.rows)
    for panel in drawn:
        assert not panel.failed, f"{panel.whose}: {panel.text}"
        assert panel.lines or panel.drawn, f"{panel.whose} is blank"
    assert {panel.whose: panel.out for panel in drawn if panel.out} == {}
    assert {panel.whose: panel.cut for panel in drawn if panel.cut} == {}


def test_a_dead_monitor_reassures_nobody(silent: list[Drawn]) -> None:
    """In each language every number reads NO DATA within its tile, and a list says when it is to be believed."""
    assert len(silent) == sum(
        len(row) for board in BOARDS if board.uid in WATCHED for _, row in board.rows
    )
    assert {panel.whose: panel.out + panel.cut for panel in silent if panel.out or panel.cut} == {}
    for panel in silent:
        texts = {} if panel.language == "en" else Words.read(panel.language).texts
        nothing, believe = (texts.get(text, text) for text in ("NO DATA", BELIEVE))
        if panel.kind in ("stat", "bargauge", "table"):
            (said,) = panel.lines
            assert said == nothing or believe in said, panel.whose


def test_the_wall_is_read_from_three_metres(drawn: list[Drawn]) -> None:
    """On a screen of 3840 no text but a title is below 46 pixels, and each title is said again in large letters."""
    wall = [row for row in drawn if row.board == "venue-wall"]
    assert len(wall) == sum(len(row) for _, row in WALL.rows)
    for panel in wall:
        assert panel.least is not None, panel.whose
        assert 2 * panel.least >= 46, f"{panel.whose}: {2 * panel.least}"


def test_nobody_reads_what_is_meant_for_programs(drawn: list[Drawn]) -> None:
    """There are no ids where the venue has names, no numbers with many digits, and no "undefined"."""
    ids = "|".join(re.escape(name) for name in _ids())
    raw = re.compile(
        rf"(?<![\w/.-])(?:{ids})(?![\w/-])|\d\.\d{{3,}}|undefined|\bnull\b|\bNaN\b|\$\{{"
    )
    for panel in drawn:
        for line in panel.lines:
            assert re.fullmatch(r"[\d-]+ [\d:.]+", line) or not raw.search(line), (
                f"{panel.whose}: {line}"
            )


def _ids() -> Iterator[str]:
    yield from (name for name, title in named() if "-" in name and title)
    yield from (row.id for row in VENUE.devices if "-" in row.id and row.name)
    yield from (row.id for row in VENUE.assets if "-" in row.id)
    yield from (row.id for row in VENUE.checklists if "-" in row.id)
    for checklist in VENUE.checklists:
        yield from (row.id for row in checklist.items if "-" in row.id)


def named() -> Iterator[tuple[str, str]]:
    """Yield id and name of each site, zone and access point."""
    yield from ((row.id, row.name) for row in VENUE.sites)
    yield from ((row.id, row.name) for row in VENUE.zones)
    yield from ((row.id, row.name) for row in VENUE.points)


@pytest.mark.parametrize("language", ["vi", "ar"], indirect=True)
def test_nothing_stays_english(drawn: list[Drawn], language: str) -> None:
    """No text of the English dashboards is on one in another language, unless it is the same there."""
    texts = Words.read(language).texts
    english = {
        row[key] for board in BOARDS for row, key in places(json.loads(render(board, Words({}))))
    }
    names = {name for _, name in named()}
    foreign = {text for text in english - names if texts.get(text, "") != text}
    for panel in drawn:
        assert panel.title not in foreign, panel.whose
        assert foreign.isdisjoint(panel.lines), panel.whose


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_the_overview_shows_the_truth(drawn: list[Drawn], wall: Wall) -> None:
    """The tiles show how many alerts of each priority are still so, and the list its titles, the worst first."""
    panels = {row.title: row for row in drawn if row.board == "venue-overview"}
    alerts = [row for row in wall.filled.worst.alerts if not row.silent]
    now = [row for row in alerts if row.condition == "active" and row.handling != "shelved"]
    for title, severity in (("P1 critical: now", "critical"), ("P2 high: now", "high")):
        assert panels[title].lines == [str(sum(row.severity == severity for row in now))]
    assert panels["Monitor"].lines == ["ALIVE"]
    assert f"of {len(alerts)} rows" in panels["Open alerts"].text
    codes = re.findall(r"^P\d", panels["Open alerts"].text, re.MULTILINE)
    assert len(codes) > 4
    assert codes == sorted(codes)
    (nobody,) = panels["P0 life safety: nobody has it"].lines
    assert int(nobody) == sum(
        row.severity == "life_safety" and row.handling == "new" for row in alerts
    )


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_the_inspections_show_the_truth(drawn: list[Drawn], wall: Wall) -> None:
    """Each site has its verdict, and the zones that aren't ready are listed with theirs."""
    panels = {row.title: row for row in drawn if row.board == "venue-inspections"}
    words = {"go": "GO", "go_with_conditions": "P3 GO WITH CONDITIONS", "no_go": "P1 NO GO"}
    names = dict(named())
    statuses = wall.filled.worst.readiness
    listed = panels["Zones not ready"].lines
    for row in statuses:
        if row.zone and row.state in ("go_with_conditions", "no_go"):
            assert names[row.zone] in listed
            assert words[row.state] in listed
    worst = panels["Sites"].lines
    bad = [row for row in statuses if not row.zone and row.state != "go"]
    assert {names[row.site] for row in bad} <= set(worst)
    assert panels["Checklists overdue"].lines[0].isdigit()
