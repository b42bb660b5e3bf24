"""The board of all sites in the console of a group: what is open there, what no one has, and where people act."""

import re
from pathlib import Path

from tests.support.console import console_site
from tests.support.pipeline import PipelineHarness
from tests.support.sites import HOSTILE, two_sites


def cells(page: str) -> list[list[str]]:
    """Return the words in each cell of the table, row by row."""
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


async def test_the_board_of_all_sites(tmp_path: Path, line: PipelineHarness) -> None:
    """Each site leads to its console; whoever may look sees it, in the navigation too, and nobody else."""
    async with console_site(tmp_path, line, sites=two_sites) as site:
        await site.add("guest", "viewer", "centre")
        async with site.client("guest") as guest:
            page = (await guest.get("/sites")).text
        async with site.client() as stranger:
            refused = await stranger.get("/sites")

    assert cells(page)[1:] == [
        ["hall", "◆ P1 critical: 2 , ● P4 low: 7", "◆ P1 critical: 1"],
        ["annex &lt;img src=x onerror=alert(1)&gt;", "0", "0"],
    ]
    assert '<a href="https://hall.example"' in page
    assert '<a href="/sites" aria-current="page">Sites</a>' in page
    assert HOSTILE not in page
    assert refused.status_code in {303, 401}


async def test_one_machine_has_no_board_of_sites(tmp_path: Path, line: PipelineHarness) -> None:
    """Neither the page nor its entry in the navigation."""
    async with console_site(tmp_path, line) as site:
        await site.add("guest", "viewer", "centre")
        async with site.client("guest") as guest:
            assert (await guest.get("/sites")).status_code == 404
            assert "/sites" not in (await guest.get("/board")).text
