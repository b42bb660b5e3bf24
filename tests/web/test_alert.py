"""The page of an alert: why it was raised, who was paged and is paged next, what belongs to it, and the way onward."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert
from monitor.core.events import ReceivedEvent
from monitor.core.transitions import PageOrdered
from monitor.journal.outbox import AttemptClosed, AttemptOpened
from monitor.texts.events import EVENTS
from monitor.texts.facts import FACTS
from tests.support.console import (
    GRAFANA,
    ConsoleSite,
    console_rule_set,
    console_site,
)
from tests.support.pipeline import PipelineHarness

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with an officer."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        yield made


async def page(site: ConsoleSite, alert: Alert, path: str = "", who: str = "anna") -> str:
    """Return a page about an alert."""
    async with site.client(who) as client:
        answer = await client.get(f"/alerts/{alert.id}{path}")
    assert answer.status_code == 200
    return answer.text


async def test_the_events_behind_an_alert_are_shown(site: ConsoleSite) -> None:
    """Those that the rule matched for its subject, up to when it was raised, and no others."""
    site.send("door.alarm", "d1", alarm="normal")
    site.send("door.alarm", "e1", alarm="forced_open")
    alert = site.happens("door.alarm", alarm="forced_open", device="r1")
    site.send("door.alarm", "d1", alarm="forced_open", device="later")

    text = await page(site, alert, "/why")
    assert text.count('<code dir="ltr">door.alarm</code></td>') == 1
    assert "device: <bdi>r1</bdi>" in text
    assert "device=later" not in text
    assert "The rule depends on no fact." in text
    assert "door-forced" in text


async def test_facts_are_shown_as_they_stood(site: ConsoleSite) -> None:
    """Unchanged since, changed since and found in the journal, and unknown."""
    site.send("door.mode", "d2", mode="locked")
    site.send("door.mode", "d1", mode="locked")
    alert = site.happens("door.opened", "d1")
    text = await page(site, alert, "/why")
    assert alert.rule == "door-opened-unreleased"
    assert re.search(
        r"door-unlocked.*?that it does not hold.*?did not hold since .*?14:02:0", text, re.DOTALL
    )
    assert re.search(r"door-released.*?was unknown", text, re.DOTALL)

    site.send("door.mode", "d1", mode="unlocked")
    again = await page(site, alert, "/why")
    stood = r"did not hold since [^<]*"
    assert re.findall(stood, again) == re.findall(stood, text)


def test_events_and_facts_of_the_shipped_rules_have_words() -> None:
    """What a rule matches is named in words, unless the monitor concludes it or a person does it."""
    known = console_rule_set()
    assert {fact.id for fact in known.facts} == set(FACTS)
    sent = {str(each.__struct_config__.tag) for each in get_args(ReceivedEvent)}
    assert {kind for kind in sent if not kind.startswith(("staff.", "log."))} == set(EVENTS)


async def test_events_and_facts_are_explained_in_ones_language(site: ConsoleSite) -> None:
    """Each is named in words beside its own name."""
    alert = site.happens("door.opened", "d1")
    async with site.client("anna") as client:
        client.cookies.set("vm-language", "vi")
        text = (await client.get(f"/alerts/{alert.id}/why")).text
    assert 'cửa mở <code dir="ltr">door.opened</code>' in text
    assert 'cửa không khóa <code dir="ltr">door-unlocked</code>' in text


async def test_an_alert_from_what_the_monitor_concludes_says_so(site: ConsoleSite) -> None:
    """There is no message that matches by itself; the page names what the rule looks at."""
    alert = site.starts("emergency.fire", "hall", zone="hall")
    concluded = replace(alert, id="c" * 16, rule="zone-unmonitored", key="hall")
    site.line.engine.state.alerts.open[concluded.id] = concluded
    text = await page(site, concluded, "/why")
    assert "No message by itself" in text
    assert "zone.sensing" in text
    assert "held since" not in text


async def test_the_rule_may_be_gone(site: ConsoleSite) -> None:
    """An old alert of a rule that was removed is still shown."""
    gone = replace(site.happens(), id="9" * 16, rule="no-such-rule")
    site.line.engine.state.alerts.open[gone.id] = gone
    for path in ("", "/why"):
        assert "this rule is not in force any more" in await page(site, gone, path)


async def test_who_was_paged_and_who_is_next(site: ConsoleSite) -> None:
    """Each channel with its result and its reason, and the people of the next step with the time."""
    alert = site.happens()
    outbox, now = site.line.journal.outbox, site.line.clock.time
    seq = site.line.journal.seq
    transitions = [row.transition for row in site.line.journal.transitions(0)]
    (ordered,) = [row for row in transitions if isinstance(row, PageOrdered)]
    outbox.add([(seq, ordered)])
    for n in (1, 2, 3):
        opened = AttemptOpened(page=ordered.id, n=n, channel="phone", at=now, is_repeat=False)
        closed = AttemptClosed(page=ordered.id, n=n, at=now, result="failed", reason=SCRIPT)
        outbox.write([opened, closed])

    text = await page(site, alert)
    assert len(re.findall(r"phone[^<]*: failed", text)) == 1
    assert "failed \N{MULTIPLICATION SIGN}3" in text
    assert SCRIPT not in text
    assert re.search(r"Next page</dt><dd>[^<]*14:07[^<]*كريم", text)
    async with site.client("anna") as anna:
        await anna.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k"})
    assert "Next page" not in await page(site, alert)


async def test_what_belongs_to_the_place_is_shown(site: ConsoleSite) -> None:
    """The checklists of the zone with their result, the cause, and what follows."""
    fire = site.starts("emergency.fire", "hall", zone="hall")
    site.send("door.locked", "d1")
    door = site.starts("door.opened", "d1", point="d1")
    of_door, of_fire = await page(site, door), await page(site, fire)
    assert "It only follows from:" in of_door
    assert f'<a href="/alerts/{fire.id}"' in of_door
    assert f'href="/board?cause={fire.id}"' in of_fire
    assert "Fire safety of the hall" in of_door
    assert 'href="/zones/hall"' in of_door


async def test_grafana_opens_at_the_time_and_place(site: ConsoleSite) -> None:
    """An hour before and after, with site, zone and access point, encoded."""
    alert = site.happens()
    odd = replace(alert, id="8" * 16, zone='a&b=c"><script>', point="")
    site.line.engine.state.alerts.open[odd.id] = odd
    begins = int(alert.happened_at.timestamp() - 3600) * 1000
    text = await page(site, alert)
    link = re.search(rf'{GRAFANA}/d/venue-point\?from=(\d+)&amp;to=now&amp;([^"]*)"', text)
    assert link is not None
    assert begins <= int(link[1]) < begins + 1000
    assert link[2] == "var-site=centre&amp;var-zone=hall&amp;var-point=d1"
    assert "var-zone=a%26b%3Dc%22%3E%3Cscript%3E" in await page(site, odd)


async def test_of_a_silent_alert_nobody_else_learns_why(site: ConsoleSite) -> None:
    """Its explanation looks like that of an unknown alert; at another site it is refused."""
    await site.add("karim", "officer", "annex")
    forced = site.happens()
    silent = replace(forced, id="7" * 16, silent=True)
    site.line.engine.state.alerts.open[silent.id] = silent
    async with site.client("anna") as anna, site.client("karim") as karim:
        hidden = await anna.get(f"/alerts/{silent.id}/why")
        unknown = await anna.get(f"/alerts/{'0' * 16}/why")
        refused = await karim.get(f"/alerts/{forced.id}/why")
    assert (hidden.status_code, unknown.status_code, refused.status_code) == (404, 404, 403)
    assert hidden.text == unknown.text.replace("0" * 16, silent.id)


async def test_a_bar_shows_when_it_was_raised_taken_and_over(site: ConsoleSite) -> None:
    """In the order of time, also in words; who had it in between is told by the stretches, never by a mark alone."""
    alert = site.happens()
    async with site.client("anna") as anna:
        before = (await anna.get(f"/alerts/{alert.id}")).text
        site.line.wait(60)
        await anna.post(f"/alerts/{alert.id}/acknowledge", data={"key": "k"})
        site.line.wait(120)
        site.send("door.closed")
        site.line.wait(3)
        page = (await anna.get(f"/alerts/{alert.id}")).text
    bar = page.partition('<figure class="timeline">')[2].partition("</figure>")[0]
    kinds = re.findall(r'<g class="mark (\w+)">', bar)
    assert [row for row in kinds if row != "paged"] == ["raised", "taken"]
    assert '<path d="M20 8' in bar
    stretches = re.findall(r'<rect class="(\w+)" x="(\d+)" y="18" width="(\d+)"', bar)
    assert [row[0] for row in stretches] == ["nobody", "taken"]
    first, second = (int(row[2]) for row in stretches)
    assert second > 1.5 * first
    caption = re.sub(r"<[^>]+>|[\u2068\u2069]", "", bar.partition("<figcaption")[2])
    assert re.search(r"raised \d\d:\d\d.* taken \d\d:\d\d", caption)
    assert "taken" not in before.partition('<figure class="timeline">')[2].partition("</figure>")[0]


async def test_hostile_texts_behind_an_alert_are_shown_as_they_are(site: ConsoleSite) -> None:
    """What a device sends reaches no page as markup, in Arabic either."""
    site.send("door.alarm", alarm="forced_open", device=SCRIPT)
    opened = site.line.engine.state.alerts.open.values()
    alert = next(row for row in opened if row.rule == "door-forced")
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "ar")
        for path in ("", "/why"):
            answer = await anna.get(f"/alerts/{alert.id}{path}")
            assert 'dir="rtl"' in answer.text
            assert SCRIPT not in answer.text
            assert path == "" or "<bdi>&lt;script&gt;" in answer.text
