"""Takes pictures of all dashboards from the simulated morning, light and dark, at 1920 and 3840 pixels."""

import argparse
import asyncio
import html
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser

from dashboards.build.render import BOARDS, render
from dashboards.build.words import Words
from dashboards.preview.browser import LABEL, Look, draw, drawing_page
from dashboards.preview.bundle import bundle
from dashboards.preview.scene import SCENES, Scene, answers
from monitor.grafana.deployment import adapted, deployment_of
from tests.support.browser import chromium
from tests.support.influxd import Rows
from tests.support.morning import CONFIG, VENUE, Morning, opened, played, store

SCALES: dict[int, float] = {1920: 1, 3840: 2}
SMALL = 0.6
"""The scale of the documents' pictures."""
DOCUMENTS = Path(__file__).parents[2] / "docs" / "pictures"


class Picture(NamedTuple):
    """One picture that was taken."""

    path: Path
    title: str
    caption: str


class Drawn(NamedTuple):
    """One dashboard in one language at one moment, with the answers to its queries."""

    board: dict[str, Any]
    language: str
    scene: Scene
    found: list[list[Rows]]


def main() -> None:
    """Fill a database, take the pictures, and write the contact sheet."""
    parser = argparse.ArgumentParser(prog="scripts/preview", description=__doc__)
    parser.add_argument(
        "--to", type=Path, default=Path("build/preview"), help="target folder (%(default)s)"
    )
    one = parser.add_argument_group("what to draw; each may be repeated")
    _choice(one, "--scene", [row.name for row in SCENES], "the moment (default: worst)")
    _choice(one, "--language", ["en", "vi", "ar"], "the language (default: en)")
    _choice(one, "--theme", ["dark", "light"], "the theme (default: both)")
    _choice(one, "--width", list(SCALES), "pixels (default: both)")
    _choice(one, "--dashboard", [row.uid for row in BOARDS], "the dashboard (default: all)")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="only dark, at 1920 pixels")
    size.add_argument(
        "--documents", action="store_true", help="the small pictures of the documents"
    )
    given = parser.parse_args()
    if given.quick:
        given.theme, given.width = ["dark"], [1920]
    asyncio.run(_take(given, played()))


def _choice(group: Any, name: str, choices: Sequence[Any], text: str) -> None:  # noqa: ANN401 - argparse's group has no public type
    group.add_argument(name, action="append", type=type(choices[0]), choices=choices, help=text)


async def _take(given: argparse.Namespace, morning: Morning) -> None:
    given.to.mkdir(parents=True, exist_ok=True)
    dist = bundle()
    scenes = [row for row in SCENES if row.name in (given.scene or ["worst"])]
    with tempfile.TemporaryDirectory() as temporary, opened(Path(temporary)) as server:
        await store(server, morning)
        drawn = [
            Drawn(board, language, scene, answers(server, board, scene))
            for language in given.language or ["en"]
            for board in shown(language)
            if not given.dashboard or board["uid"] in given.dashboard
            for scene in scenes
        ]
    async with chromium() as browser:
        if given.documents:
            for path in await _documents(browser, dist, drawn):
                print(path)
            return
        pictures = [
            picture
            for width in given.width or SCALES
            for picture in await _pictures(
                browser,
                dist,
                drawn,
                themes=given.theme or ["dark", "light"],
                width=width,
                folder=given.to,
            )
        ]
    sheet = given.to / "index.html"
    sheet.write_text("".join(_sheet(pictures)))
    print(f"{len(pictures)} pictures: {sheet}")


async def _documents(browser: Browser, dist: Path, drawn: list[Drawn]) -> list[Path]:
    taken = []
    async with drawing_page(browser, dist, SMALL) as page:
        for row in drawn:
            await draw(page, row.board, row.found, row.scene, Look(language=row.language))
            taken.append(DOCUMENTS / f"{row.board['uid']}.png")
            await page.screenshot(path=taken[-1])
    return taken


def shown(language: str) -> Iterator[dict[str, Any]]:
    """Yield the dashboards in a language, as the example's deployment installs them."""
    here = deployment_of(CONFIG, VENUE)
    words = Words({}) if language == "en" else Words.read(language)
    for board in BOARDS:
        yield adapted(json.loads(render(board, words)), here)


async def _pictures(  # noqa: PLR0913 - what a row of pictures is made of
    browser: Browser,
    dist: Path,
    drawn: list[Drawn],
    *,
    themes: list[str],
    width: int,
    folder: Path,
) -> list[Picture]:
    taken = []
    async with drawing_page(browser, dist, SCALES[width]) as page:
        for board, language, scene, found in drawn:
            for theme in themes:
                await draw(page, board, found, scene, Look(theme == "dark", language))
                name = f"{board['uid']}.{scene.name}.{language}.{theme}.{width}.png"
                await page.screenshot(path=folder / name, full_page=True)
                caption = f"{scene.name}, {language}, {theme}, {width} pixels"
                taken.append(Picture(folder / name, board["title"], caption))
    return taken


def _sheet(pictures: list[Picture]) -> Iterator[str]:
    yield '<!doctype html><meta charset="utf-8"><title>Dashboards</title>'
    yield "<style>body{font-family:sans-serif}figure{display:inline-block;margin:8px}img{width:600px}</style>"
    yield f"<h1>Dashboards, {html.escape(LABEL)}</h1>"
    for row in pictures:
        name, title = html.escape(row.path.name), html.escape(row.title)
        yield f'<figure><a href="{name}"><img src="{name}" alt="{title}" loading="lazy"></a>'
        yield f"<figcaption>{title}: {html.escape(row.caption)}</figcaption></figure>"


if __name__ == "__main__":
    main()
