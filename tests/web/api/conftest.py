"""The console with an engineer, for the tests of the API."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two engineers and a viewer."""
    async with console_site(tmp_path, line) as made:
        await made.add("linh", "engineer")
        await made.add("minh", "engineer")
        await made.add("viet", "viewer")
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def linh(site: ConsoleSite) -> AsyncIterator[httpx.AsyncClient]:
    """A client that an engineer has signed in with."""
    async with site.client("linh") as client:
        yield client
