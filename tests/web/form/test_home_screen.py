"""The form on a phone's home screen: an icon that each kind of phone takes."""

import re

import pytest

from tests.support.console import ConsoleSite

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_kind_of_phone_finds_an_icon(site: ConsoleSite) -> None:
    """Android takes the manifest's drawing, iOS only a bitmap that the page names."""
    async with site.client() as phone:
        page = (await phone.get("/m/")).text
        (bitmap,) = re.findall(r'<link rel="apple-touch-icon" href="([^"]+)">', page)
        drawing = (await phone.get("/m/manifest.webmanifest")).json()["icons"][0]["src"]
        icon, drawn = await phone.get(bitmap), await phone.get(drawing)

    assert icon.headers["content-type"] == "image/png"
    assert icon.content.startswith(b"\x89PNG")
    assert [int.from_bytes(icon.content[at : at + 4]) for at in (16, 20)] == [180, 180]
    assert drawn.headers["content-type"] == "image/svg+xml"
