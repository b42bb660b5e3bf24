"""The form in WebKit, the engine of Safari: large bodies, no network, and what it keeps."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.console import ConsoleSite
from tests.support.form_browser import TAKE, forms_in
from tests.support.phone_network import PhoneNetwork
from tests.support.pipeline import PipelineHarness
from tests.support.servers import eventually
from tests.support.webkit import webkit

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECKLIST = "Fire safety of the hall"
PUT_PHOTO = "PUT /api/v1/photos/"
LARGE = 8_000_000
"""Bytes: the largest photo that a phone sends."""
SEND = """async (size) => {
    const body = new Uint8Array(size);
    for (let n = 0; n < size; n += 65536) {
        crypto.getRandomValues(body.subarray(n, Math.min(n + 65536, size)));
    }
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const name = [...digest].map((each) => each.toString(16).padStart(2, "0")).join("");
    await fetch(`/api/v1/photos/${name}`, { method: "PUT", body });
    return [name, Boolean(navigator.serviceWorker.controller)];
}"""
"""Sends random bytes as a photo; returns their digest, and whether the worker is in charge of the page."""


async def test_in_webkit_a_large_body_passes_the_worker_and_a_form_waits_for_the_network(
    tmp_path: Path, site: ConsoleSite, network: PhoneNetwork, line: PipelineHarness
) -> None:
    """8 MB arrive byte for byte; without a network it opens, keeps the draft, and sends form and photo later."""
    before = len(forms_in(line))
    async with webkit(tmp_path) as linh:
        await linh.open(f"{network.url}/m/")
        await linh.add_cookie("vm", await site.cookie("linh"))
        await linh.open(f"{network.url}/m/")
        await linh.shows("#offline", "✓")
        sent = await linh.run(SEND, LARGE)
        (body,) = network.bodies(PUT_PHOTO)
        assert (len(body), [sha256(body).hexdigest(), True]) == (LARGE, sent)

        await network.cut()
        await linh.press("button.card", CHECKLIST)
        await linh.press(".answers .pass")
        await linh.run(TAKE, "noise")
        await linh.shows(".photos img")
        await linh.open(f"{network.url}/m/")
        await linh.press("a.card", "draft")
        await linh.press(".items a", "Cold store")
        await linh.type("#value", "4,1")
        await linh.press("#next")
        await linh.shows("#question", "carpet")
        await linh.press(".answers .pass")
        await linh.press("#next")
        await linh.press("#finish")
        await linh.shows("#outcome.queued")

        await network.restore()
        await linh.open(f"{network.url}/m/#/outbox")
        await linh.press("#send")
        await eventually(lambda: len(network.bodies(PUT_PHOTO)) > 1)
        (form,) = forms_in(line)[before:]
        assert [row.result for row in form.items] == ["pass"] * 3
        (named,) = form.items[0].evidence
        photo = network.bodies(PUT_PHOTO)[1]
        assert sha256(photo).hexdigest() == named.sha256
        await eventually(lambda: line.journal.photos.read(named.sha256) == photo)
