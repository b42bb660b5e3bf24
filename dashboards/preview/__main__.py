"""Takes pictures of all dashboards from the simulated morning, light and dark, at 1920 and 3840 pixels."""

import argparse
import asyncio
import html
import json
import tempfile
from collections.abc import Iterator
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


def main() -> None:
    """Fill a database, take the pictures, and write the contact sheet."""
    parser = argparse.ArgumentParser(prog="scripts/preview", description=__doc__)
    parser.add_argument(
        "--to", type=Path, default=Path("build/preview"), help="target folder (%(default)s)"
    )
    parser.add_argument(
        "--scene",
        choices=[row.name for row in SCENES],
        action="append",
        help="the moment (default: worst); may be repeated",
    )
    parser.add_argument("--language", choices=("en", "vi", "ar"), default="en")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="only dark, at 1920 pixels")
    size.add_argument(
        "--documents", action="store_true", help="the small pictures of the documents"
    )
    asyncio.run(_take(parser.parse_args(), played()))


async def _take(given: argparse.Namespace, morning: Morning) -> None:
    given.to.mkdir(parents=True, exist_ok=True)
    dist = bundle()
    scenes = [row for row in SCENES if row.name in (given.scene or ["worst"])]
    with tempfile.TemporaryDirectory() as temporary, opened(Path(temporary)) as server:
        await store(server, morning)
        drawn = [
            (board, scene, answers(server, board, scene))
            for board in shown(given.language)
            for scene in scenes
        ]
    async with chromium() as browser:
        looks = [Look(dark, given.language) for dark in ((True,) if given.quick else (True, False))]
        if given.documents:
            for path in await _documents(browser, dist, drawn):
                print(path)
            return
        scales = [1920] if given.quick else list(SCALES)
        pictures = [
            picture
            for width in scales
            for picture in await _pictures(
                browser, dist, drawn, looks=looks, width=width, folder=given.to
            )
        ]
    sheet = given.to / "index.html"
    sheet.write_text("".join(_sheet(pictures)))
    print(f"{len(pictures)} pictures: {sheet}")


async def _documents(
    browser: Browser, dist: Path, drawn: list[tuple[dict[str, Any], Scene, Any]]
) -> list[Path]:
    taken = []
    async with drawing_page(browser, dist, SMALL) as page:
        for board, scene, found in drawn:
            await draw(page, board, found, scene, Look())
            taken.append(DOCUMENTS / f"{board['uid']}.png")
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
    drawn: list[tuple[dict[str, Any], Scene, Any]],
    *,
    looks: list[Look],
    width: int,
    folder: Path,
) -> list[Picture]:
    taken = []
    async with drawing_page(browser, dist, SCALES[width]) as page:
        for board, scene, found in drawn:
            for look in looks:
                await draw(page, board, found, scene, look)
                theme = "dark" if look.dark else "light"
                name = f"{board['uid']}.{scene.name}.{look.language}.{theme}.{width}.png"
                await page.screenshot(path=folder / name, full_page=True)
                caption = f"{scene.name}, {look.language}, {theme}, {width} pixels"
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
