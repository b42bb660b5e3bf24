"""How long a person takes: taps and typing are counted, and weighed by the Keystroke-Level Model."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from tests.support.form_browser import Phone, items_in
from tests.support.pipeline import PipelineHarness

pytestmark = pytest.mark.asyncio(loop_scope="session")

THINKING, POINTING = 1.35, 1.1
"""Seconds before each act and for each tap (Card, Moran and Newell, The Keystroke-Level Model, CACM 23(7), 1980)."""
TYPING = 0.33
"""Seconds a character on a phone: 36 words a minute (Palin et al., How do People Type on Mobile Devices?, 2019)."""
PHOTO = 8.0
"""Seconds to aim and release; judgement."""
OPENING = 3.0
"""Seconds until a kept page is there, on a slow phone; judgement."""


@dataclass
class Hand:
    """A person's hand, and the seconds that it takes."""

    seconds: float = OPENING
    taps: int = 0

    async def tap(self, place: Locator) -> None:
        """Look for it, and tap."""
        await place.click()
        self.taps += 1
        self.seconds += THINKING + POINTING

    async def type(self, place: Locator, text: str) -> None:
        """Tap into a field, and type."""
        await self.tap(place)
        await place.fill(text)
        self.seconds += TYPING * len(text)

    async def photo(self, phone: Phone, colour: str) -> None:
        """Open the camera, and take a photo."""
        await phone.take_photo(colour)
        self.taps += 1
        self.seconds += THINKING + POINTING + PHOTO


async def test_a_failed_check_with_photo_and_action_is_logged_quickly(
    linh: Phone, line: PipelineHarness
) -> None:
    """The first answer after two taps, within 15 s; the failure with photo and action, and the form, under 90 s."""
    page = await linh.open()
    hand = Hand()
    await hand.tap(page.locator("button.card", has_text="Fire safety of the hall"))
    await hand.tap(page.locator(".answers .fail"))
    assert (hand.taps, hand.seconds < 15) == (2, True)
    await hand.photo(linh, "maroon")
    await hand.tap(page.locator("#act"))
    await hand.tap(page.get_by_role("button", name="in 1 hour"))
    await hand.type(page.get_by_label("What is to be done"), "take the chain off the door")
    await hand.tap(page.locator("#next"))
    await expect(page.locator("#value")).to_be_visible()
    await linh.until_quiet()
    failure = hand.seconds
    event = items_in(line)[-1]
    assert (event.item, event.result, len(event.evidence)) == ("exits-free", "fail", 1)

    await hand.type(page.locator("#value"), "4,1")
    await hand.tap(page.locator("#next"))
    await expect(page.locator("#question")).to_contain_text("carpet")
    await hand.tap(page.locator(".answers .pass"))
    await hand.tap(page.locator("#next"))
    await linh.finish(becomes="accepted")
    await linh.until_quiet()
    assert failure < 60
    assert hand.seconds < 90
    assert hand.taps == 11
