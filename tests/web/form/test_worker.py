"""The worker of the form: new versions, missing files, and over the venue's own authority."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import expect

from monitor.config.http import HttpTls
from monitor.runtime.certificates import Subject, issue, make_authority
from monitor.web.form.shell import version, worker
from tests.support.console import ConsoleSite
from tests.support.form_browser import Phone, forms_in
from tests.support.form_trust import served, trusting_browser
from tests.support.phone_network import (
    Answers,
    PhoneNetwork,
)
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "monitor.venue.test"
PUT = "PUT /api/v1/inspections/"
INSTALL = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const found = new Promise((resolve) => {
        registration.addEventListener("updatefound", () => resolve(registration.installing));
    });
    await registration.update().catch(() => 0);
    const worker = await found;
    while (worker.state !== "redundant") {
        await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
    }
}"""
"""Looks for a new version, and waits until the browser has given it up."""


@pytest.fixture
def linh(new_phone: Phone) -> Phone:
    """A phone of its own for each test: workers come and go."""
    return new_phone


async def test_a_new_version_is_used_when_somebody_says_so(
    linh: Phone, network: PhoneNetwork
) -> None:
    """A draft is open, a new worker comes: nothing reloads; «Use it», and the draft is as it was."""
    page = await linh.open(is_ready=True)
    await linh.begin("Fire safety of the hall")
    await linh.answer("pass")
    before = (await linh.rows())[0]["answers"]
    script = worker().replace(version().encode(), b"0123456789abcdef", 1)
    network.fails("GET /m/sw.js", Answers("200 OK", script, "text/javascript"))
    await page.evaluate("navigator.serviceWorker.ready.then((each) => each.update())")
    await expect(page.locator("#version")).to_contain_text("There is a new version")
    assert "cold-store" in page.url
    await page.evaluate("document.documentElement.dataset.old = ''")
    await page.locator("#version button").click()
    await page.wait_for_selector("html[data-ready]:not([data-old])", state="attached")
    await expect(page.locator("#version")).to_be_hidden()
    assert (await linh.rows())[0]["answers"] == before
    names = await page.evaluate("caches.keys()")
    assert names == [f"vm-shell-{version()}", "vm-shell-0123456789abcdef"]


async def test_a_worker_whose_files_are_missing_is_not_installed(
    linh: Phone, network: PhoneNetwork
) -> None:
    """One file of the new version is not there: the old worker stays, and the page says that it is ready with it."""
    page = await linh.open(is_ready=True)
    script = worker().replace(version().encode(), b"0123456789abcdef")
    network.fails("GET /m/sw.js", Answers("200 OK", script, "text/javascript"))
    await page.evaluate(INSTALL)
    await expect(page.locator("#offline")).to_contain_text("✓")
    await expect(page.locator("#version")).to_be_hidden()
    await page.wait_for_function(
        "async (name) => (await caches.keys()).join() === name", arg=f"vm-shell-{version()}"
    )


async def test_a_browser_that_registers_no_worker_talks_with_the_monitor(linh: Phone) -> None:
    """What waits is not held up by it."""
    await linh.context.add_init_script(
        "navigator.serviceWorker.register = () => new Promise(() => {})"
    )
    page = await linh.open()
    await expect(page.locator("button.card").first).to_be_visible()


async def test_by_name_over_the_venues_own_authority(
    tmp_path: Path, site: ConsoleSite, line: PipelineHarness
) -> None:
    """Trusted by the phone: it works offline. Over plain HTTP under the same name: online only, and a form arrives."""
    make_authority(tmp_path, Subject.read([NAME]), "National Congress", datetime.now(UTC))
    issue(tmp_path, Subject.read([NAME]), datetime.now(UTC))
    tls = HttpTls(cert_file=tmp_path / "monitor.pem", key_file=tmp_path / "monitor.key")
    before = len(forms_in(line))
    async with (
        served(site, tls.context()) as port,
        trusting_browser(tmp_path, tmp_path / "ca.pem", NAME) as context,
    ):
        linh = Phone(context, f"https://{NAME}:{port}")
        await linh.sign_in(site, "linh")
        await linh.open(is_ready=True)

        linh = Phone(context, f"http://{NAME}:{site.port}")
        await linh.sign_in(site, "linh")
        page = await linh.open()
        await expect(page.locator("#offline")).to_contain_text("Online only")
        await linh.fill_in()
        await linh.finish(becomes="accepted")
    assert len(forms_in(line)) == before + 1


async def test_the_worker_touches_nothing_but_the_files_of_the_form(
    linh: Phone, network: PhoneNetwork
) -> None:
    """A large photo leaves the phone byte for byte, and no answer of the monitor comes out of the worker."""
    page = await linh.open(is_ready=True)
    by_worker: dict[str, bool] = {}
    page.on("response", lambda row: by_worker.update({row.url: row.from_service_worker}))
    await linh.begin("Fire safety of the hall")
    await linh.take_photo("noise")
    await linh.answer("pass")
    await linh.measure("4,1")
    await linh.answer("pass")
    await linh.finish(becomes="accepted")
    await linh.until_quiet()
    (photo,) = await linh.rows("photos")
    (sent,) = network.bodies("PUT /api/v1/photos/")
    assert len(sent) > 1_000_000
    assert sha256(sent).hexdigest() == photo["sha256"]
    await linh.open()
    ours = {url for url, is_by in by_worker.items() if is_by}
    assert all("/m/" in url for url in ours)
    assert any(url.endswith("/m/") for url in ours)
    assert any("/api/v1/photos/" in url for url in by_worker)
    seen = await page.evaluate("fetch('/login').then((row) => row.status)")
    assert seen == 200
