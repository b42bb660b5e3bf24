"""One browser, one pipeline and one console for all tests of the phone form, because starting them is slow."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.form_browser import Phone, phone
from tests.support.phone_network import PhoneNetwork, phone_network
from tests.support.pipeline import PipelineHarness


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineHarness]:
    """One pipeline."""
    with console_line(tmp_path_factory.mktemp("line")) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(
    tmp_path_factory: pytest.TempPathFactory, line: PipelineHarness
) -> AsyncIterator[ConsoleSite]:
    """A console with two engineers and a supervisor."""
    async with console_site(tmp_path_factory.mktemp("site"), line) as made:
        await made.add("linh", "engineer")
        await made.add("bao", "engineer")
        await made.add("olga", "supervisor")
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def network(site: ConsoleSite) -> AsyncIterator[PhoneNetwork]:
    """The way from the phone to the monitor."""
    async with phone_network(site.port) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def linh(browser: Browser, site: ConsoleSite, network: PhoneNetwork) -> AsyncIterator[Phone]:
    """The phone of an engineer."""
    async with phone(browser, network.url) as made:
        await made.sign_in(site, "linh")
        yield made
