"""Causes are found anew beside the line: what pages show is right in the end, whatever happens meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alerts.causes import STEP
from monitor.web.causes import OpenCauses
from monitor.web.pace import Pace
from monitor.web.source import Source
from tests.support.console import ConsoleSite, console_line, console_site

DOORS = 2 * STEP


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[ConsoleSite]:
    """A console whose live stream stands still."""
    with console_line(tmp_path) as line:
        async with console_site(tmp_path, line) as made:
            await made.stall()
            yield made


class Interrupted(Pace):
    """Lets other work go first at each step; the first time there is some."""

    def __init__(self, source: Source, causes: OpenCauses, gone: str) -> None:
        super().__init__()
        self.source = source
        self.causes = causes
        self.gone = gone

    async def step(self) -> None:
        """Close an alert, and let a page be read that shows what is left."""
        if self.source.state.alerts.open.pop(self.gone, None) is not None:
            assert self.causes.show().of == {}
        await self.rest()


async def test_a_cause_that_goes_while_causes_are_found(site: ConsoleSite) -> None:
    """A page that was read meanwhile is newer: each row that differs is named, now and the next time."""
    source = site.another_console().source
    model, opened = site.happens(), source.state.alerts.open
    opened.clear()
    fire = replace(model, id="f", rule="fire", key="hall", severity="life_safety", zone="hall")
    door = replace(model, rule="door-held-open", severity="high", zone="hall", point="d1")
    doors = {f"{n:016x}": replace(door, id=f"{n:016x}") for n in range(DOORS)}
    opened.update({fire.id: fire, **doors})
    causes = OpenCauses(source)
    shown = causes.show().of
    assert shown == dict.fromkeys(doors, fire.id)

    found, changed = await causes.changed(Interrupted(source, causes, fire.id))
    assert found.of == shown
    assert changed == []
    found, changed = await causes.changed(Pace())
    assert found.of == {}
    assert set(changed) == {*shown, fire.id}
