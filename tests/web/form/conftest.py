"""One browser, one pipeline, one console and one phone for all tests of the form, because starting them is slow."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext

from tests.support.console import ConsoleSite, console_line, console_site
from tests.support.form_browser import Phone, phone, profile
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
async def relay(site: ConsoleSite) -> AsyncIterator[PhoneNetwork]:
    """One network; a test asks for `network`."""
    async with phone_network(site.port) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def network(relay: PhoneNetwork) -> AsyncIterator[PhoneNetwork]:
    """The way from the phone to the monitor."""
    await relay.begin_anew()
    yield relay
    await relay.end()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def installed(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone on which the form is installed, once a test has opened it."""
    async with profile(browser) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def linh(
    installed: BrowserContext, site: ConsoleSite, network: PhoneNetwork
) -> AsyncIterator[Phone]:
    """The phone of an engineer; it remembers nothing of the tests before, but has the form."""
    made = Phone(installed, network.url)
    await made.sign_in(site, "linh")
    try:
        yield made
    finally:
        await made.forget()
    assert made.errors == []


@pytest_asyncio.fixture(loop_scope="session")
async def new_phone(
    browser: Browser, site: ConsoleSite, network: PhoneNetwork
) -> AsyncIterator[Phone]:
    """The phone of an engineer, which has never seen the form."""
    async with phone(browser, network.url) as made:
        await made.sign_in(site, "linh")
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(browser: Browser, site: ConsoleSite) -> AsyncIterator[Phone]:
    """A phone with the form open, for what only runs its scripts."""
    async with phone(browser, site.url) as made:
        await made.sign_in(site, "linh")
        await made.open()
        yield made
