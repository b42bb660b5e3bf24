"""Alerts in a browser at their worst: thousands open at once, and texts that would rather be scripts."""

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from tests.support.console import ConsoleSite
from tests.support.console_browser import signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'


async def test_five_thousand_open_alerts_are_within_reach(
    browser: Browser, site: ConsoleSite
) -> None:
    """The gravest are on the first page, in view; the last one is there too, and a new grave one still appears."""
    model = site.happens("door.tamper", active=True)
    alerts = site.line.engine.state.alerts.open
    alerts.clear()
    for n in range(5_000):
        alerts[f"{n:016}"] = replace(
            model, id=f"{n:016}", severity="low" if n else "critical", rule="battery-low"
        )
    async with signed_in(browser, site, "anna") as page:
        await page.goto(f"{site.url}/board?all=1")
        await expect(page.locator(f"#alert-{0:016}")).to_be_in_viewport()
        assert await page.locator("#board .row").count() == 200
        await expect(page.locator("#counters .low b")).to_have_text("4999")
        await expect(page.locator("#alive")).to_contain_text("14:0")
        fire = site.starts("emergency.fire", "hall", zone="hall")
        await expect(page.locator("#board .row").first).to_have_id(f"alert-{fire.id}")
        await expect(page.locator(f"#alert-{fire.id}")).to_be_in_viewport()

        await page.goto(f"{site.url}/board?page=99")
        await expect(page.locator("#board .row").last).to_have_id(f"alert-{4_999:016}")
        await page.locator(f"#alert-{4_999:016} .take button").click()
        # It is only in the state: the journal has never heard of it.
        await expect(page.locator("#result .result")).to_be_visible()


async def test_no_text_about_an_alert_runs(browser: Browser, site: ConsoleSite) -> None:
    """What devices and people write is shown as text wherever it appears: page, explanation, board and announcement."""
    site.send("door.alarm", alarm="forced_open", device=HOSTILE)
    opened = site.line.engine.state.alerts.open.values()
    alert = next(row for row in opened if row.rule == "door-forced")
    async with site.client("karim") as karim:
        await karim.post(f"/alerts/{alert.id}/note", data={"key": "k", "note": HOSTILE})
    async with signed_in(browser, site, "anna") as page:
        for path, shows in (
            (f"/alerts/{alert.id}", "main"),
            (f"/alerts/{alert.id}/why", "table"),
            (f"/board?q={HOSTILE[:1]}", "#filter"),
            (f"/board?cause={HOSTILE}", "#filter"),
        ):
            await page.goto(f"{site.url}{path}")
            await expect(page.locator(shows).first).to_be_visible()
            await expect(page.locator("#alive")).to_contain_text("14:0")
            assert await page.locator("main img, main script").count() == 0
            assert await page.title() not in {"1", "2"}
        await page.goto(f"{site.url}/alerts/{alert.id}")
        await expect(page.locator("main")).to_contain_text('onerror="document.title=1"')
        await page.goto(f"{site.url}/alerts/{alert.id}/why")
        await expect(page.locator("table").first).to_contain_text('onerror="document.title=1"')
