"""Labels: printed by the command, held before the camera of a phone, and read by the decoder of the form."""

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from monitor.cli import main
from tests.support.browser import ARGUMENTS, SLOWLY
from tests.support.console import ConsoleSite
from tests.support.form_browser import Phone
from tests.support.servers import program_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTH, HEIGHT = 640, 480
VENUE = """
[congress]
id = "trial"
name = "Trial"
phase = "live"
languages = ["en"]

[[site]]
id = "centre"
name = "Congress centre"
kind = "venue"

[[zone]]
id = "hall"
name = "Hall"
site = "centre"
capacity = 10
area_m2 = 100.0

[[point]]
id = "d1"
name = "Stage door"
kind = "door"
zone = "hall"
"""
LATE_CAMERA = """() => {
    const permitted = new Promise((resolve) => (window.permit = resolve));
    window.streams = [];
    navigator.mediaDevices.getUserMedia = async () => {
        await permitted;
        const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
        canvas.getContext("2d").fillRect(0, 0, 64, 48);
        const stream = canvas.captureStream();
        window.streams.push(stream);
        return stream;
    };
}"""
"""A camera that is there once it is permitted; all that it gave is in `streams`."""
LUMA = """async ([base64, width, height]) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.fillStyle = "#888";
    context.fillRect(0, 0, width, height);
    const scale = 0.8 * Math.min(width / picture.width, height / picture.height);
    context.drawImage(picture, 60, 40, picture.width * scale, picture.height * scale);
    const { data } = context.getImageData(0, 0, width, height);
    return Array.from(data.filter((_, n) => n % 4 === 0), (each) => String.fromCharCode(each)).join("");
}"""
"""Returns the brightness of each point of what a camera sees of a label."""


def video(file: Path, luma: bytes) -> None:
    """Write a picture as a film for the camera of a browser (YUV4MPEG2, grey)."""
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    file.write_bytes(head + b"".join(b"FRAME\n" + luma + grey for _ in range(3)))


async def test_a_printed_label_opens_the_checklists_of_its_zone(
    browser: Browser, site: ConsoleSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command to the camera; a label of a door leads to its zone; a code is typed where nothing is seen."""
    (tmp_path / "venue.toml").write_text(VENUE)
    config = tmp_path / "config.toml"
    config.write_text(f'[http]\npublic_url = "{site.url}"\n[files]\nvenue = "venue.toml"\n')
    page_of_labels = tmp_path / "labels.html"
    assert main(["--config", str(config), "labels", str(page_of_labels), "--sheet", "2x2"]) == 0
    assert "2 labels" in capsys.readouterr().out

    film = tmp_path / "camera.y4m"
    page = await browser.new_page()
    await page.goto(page_of_labels.as_uri())
    label = page.locator(".label", has_text="hall/d1")
    await expect(label).to_contain_text("Stage door")
    picture = b64encode(await label.locator("svg").screenshot()).decode()
    seen = await page.evaluate(LUMA, [picture, WIDTH, HEIGHT])
    video(film, seen.encode("latin-1"))
    await page.close()
    async with async_playwright() as playwright:
        path = program_of("chromium", "chromium")
        camera = (
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        )
        own = await playwright.chromium.launch(
            args=[*ARGUMENTS, *camera], executable_path=path, timeout=SLOWLY
        )
        context = await own.new_context()
        linh = Phone(context, site.url)
        await linh.sign_in(site, "linh")
        page = await linh.open()
        await page.get_by_role("button", name="Scan a label").click()
        await expect(page).to_have_url(f"{site.url}/m/#/zone/hall")
        await expect(page.locator("#title")).to_have_text("Hall")
        await page.goto(f"{site.url}/q/foyer")
        await expect(page).to_have_url(f"{site.url}/m/#/zone/foyer")
        await own.close()


async def test_the_camera_is_off_when_nobody_scans(linh: Phone) -> None:
    """Whoever closes it before the camera is there, or goes to another page, leaves no camera on."""
    page = await linh.open()
    await page.evaluate(LATE_CAMERA)
    await page.get_by_role("button", name="Scan a label").click()
    await page.get_by_role("button", name="Close").click()
    await page.evaluate("window.permit()")
    await page.wait_for_function("() => window.streams.every((each) => !each.active)")
    await page.get_by_role("button", name="Scan a label").click()
    await page.wait_for_function("() => document.querySelector('video')?.videoWidth")
    await linh.go("#/outbox")
    await page.wait_for_function("() => window.streams.every((each) => !each.active)")
    assert await page.evaluate("window.streams.length") == 2


async def test_a_code_is_typed_where_there_is_no_camera(linh: Phone) -> None:
    """The phone says that there is none; what is no label of ours is said, too."""
    page = await linh.open()
    await page.get_by_role("button", name="Scan a label").click()
    await expect(page.locator(".scan [role=status]")).to_contain_text("There is no camera here")
    await page.locator("#code").fill("https://shop.example/x")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator(".scan [role=status]")).to_have_text("This is no label of ours.")
    await page.locator("#code").fill("vault")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.locator("#title")).to_have_text("Vault")
