"""The browser, the pipeline and the console of most tests of pages; a test that needs others has its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.pipeline import PipelineHarness


@pytest.fixture
def line(tmp_path: Path) -> Iterator[PipelineHarness]:
    """A pipeline with rules in force."""
    with console_line(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def module_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineHarness]:
    """A pipeline for all tests of a module: those that walk the routes, and count what changes."""
    with console_line(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two officers."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("karim", "officer")
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests, because starting it is slow."""
    async with chromium() as started:
        yield started
