"""What officers do in the console: each act is one event on the line, in their own name, once."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from monitor.core.alert import Alert, Handling
from monitor.core.inputs import Arrival
from monitor.core.transitions import AlertChanged
from monitor.journal.shift_log import LogFilter
from tests.support.console import ConsoleSite, console_site
from tests.support.pipeline import PipelineHarness

FRAGMENT = {"hx-request": "true"}
LATER = "2026-01-01T15:00"
"""A time on the congress's clocks, an hour after the tests begin."""


@pytest.fixture
async def site(tmp_path: Path, line: PipelineHarness) -> AsyncIterator[ConsoleSite]:
    """A console with two officers."""
    async with console_site(tmp_path, line) as made:
        await made.add("anna", "officer")
        await made.add("karim", "officer")
        yield made


async def act(
    client: httpx.AsyncClient, alert: Alert, name: str, key: str = "k", **fields: str
) -> httpx.Response:
    """Submit a form of an alert's page."""
    return await client.post(f"/alerts/{alert.id}/{name}", data={"key": key, **fields})


def acts(site: ConsoleSite) -> list[Arrival]:
    """Return what came from the console, as it is in the journal."""
    return [
        given
        for _, given in site.line.journal.inputs()
        if isinstance(given, Arrival) and given.source.startswith("console/")
    ]


async def test_each_act_changes_the_alert(site: ConsoleSite) -> None:
    """Take, tick, note, hand over, shelve, put back: the alert shows each, and the page of it the history."""
    alert = site.happens()
    async with site.client("anna") as anna, site.client("karim") as karim:
        assert (await act(anna, alert, "acknowledge", "1")).status_code == 303
        assert site.now(alert).owner == "anna"
        await act(anna, alert, "tick", "2", step="2")
        assert [row.step for row in site.now(alert).ticked] == [2]
        await act(anna, alert, "tick", "3", step="2", undo="1")
        assert site.now(alert).ticked == ()
        await act(anna, alert, "note", "4", note="patrol sent")
        await act(anna, alert, "shelve", "5", until=LATER, note="repair until three")
        shelved = site.now(alert)
        assert shelved.handling is Handling.SHELVED
        assert f"{shelved.shelved_until:%H:%M}" == "08:00"
        await act(karim, alert, "unshelve", "6")
        assert site.now(alert).needs_owner
        page = (await karim.get(f"/alerts/{alert.id}")).text
    for words in ("patrol sent", "repair until three", "Anna Nguyễn: acknowledged"):
        assert words in page


async def test_closing_says_what_it_was(site: ConsoleSite) -> None:
    """A latched alert is closed with a note and a disposition."""
    alert = site.happens("access.duress", point="d1")
    await site.add("chief", "supervisor", person="anna", silent=True)
    async with site.client("chief") as chief:
        refused = await act(chief, alert, "close", "1", disposition="test")
        assert refused.status_code == 409
        assert "write in a note what was found" in refused.text
        answer = await act(chief, alert, "close", "2", note="drill", disposition="test")
    assert answer.status_code == 303
    closed = site.now(alert)
    assert (closed.handling, closed.disposition, closed.note) == (Handling.CLOSED, "test", "drill")


async def test_who_acts_is_never_part_of_the_form(site: ConsoleSite) -> None:
    """A forged name is ignored: the session has the name."""
    alert = site.happens()
    async with site.client("anna") as anna:
        await act(anna, alert, "acknowledge", who="karim", source="console/karim")
    assert site.now(alert).owner == "anna"
    assert [given.source for given in acts(site)] == ["console/anna"]


async def test_a_form_sent_five_times_at_once_counts_once(site: ConsoleSite) -> None:
    """A double click, and what a browser sends again after a lost response."""
    alert = site.happens()
    async with site.client("anna") as anna:
        answers = await asyncio.gather(
            *(act(anna, alert, "note", "same", note="once") for _ in range(5))
        )
    assert {answer.status_code for answer in answers} == {303}
    assert len(acts(site)) == 1


async def test_of_two_officers_the_second_reads_who_was_first(site: ConsoleSite) -> None:
    """Both press at the same moment: one owner, and the other is told; to take it over needs another button."""
    alert = site.happens()
    async with site.client("anna") as anna, site.client("karim") as karim:
        answers = await asyncio.gather(
            act(anna, alert, "acknowledge", "a"), act(karim, alert, "acknowledge", "b")
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        owner = site.now(alert).owner
        loser = next(answer for answer in answers if answer.status_code == 409)
        name = {"anna": "Anna Nguyễn", "karim": "كريم"}[owner]
        assert f"{name} has it." in loser.text.replace("\u2068", "").replace("\u2069", "")

        other = karim if owner == "anna" else anna
        assert (await act(other, alert, "acknowledge", "c", owner=owner)).status_code == 303
    assert site.now(alert).owner != owner


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("shelve", {"note": "why"}, "Shelving needs an end"),
        ("shelve", {"until": LATER}, "Shelving needs a reason."),
        ("shelve", {"until": "2025-01-01T10:00", "note": "why"}, "would end in the past"),
        ("shelve", {"until": "tomorrow", "note": "why"}, "Shelving needs an end"),
        ("shelve", {"until": "2026-01-01T17:00", "note": "why"}, "for two hours at most"),
        ("hand_over", {}, "Choose to whom"),
        ("hand_over", {"to": "nobody"}, "there is no person “nobody”"),
        ("note", {}, "the note is empty"),
        ("tick", {"step": "99"}, "the procedure has no step 99"),
        ("tick", {"step": "x"}, "step"),
        ("close", {"disposition": "real_handled"}, "the condition still holds"),
    ],
)
async def test_what_is_refused_says_why(
    site: ConsoleSite, name: str, fields: dict[str, str], reason: str
) -> None:
    """The page of the alert comes back with the reason, and with what was written."""
    alert = site.happens()
    async with site.client("anna") as anna:
        answer = await act(anna, alert, name, **fields)
    assert answer.status_code == 409
    assert reason in answer.text
    assert fields.get("note", "") in answer.text


async def test_a_refusal_is_in_the_readers_language(site: ConsoleSite) -> None:
    """As is the page around it."""
    alert = site.happens()
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "ar")
        answer = await act(anna, alert, "note")
    assert 'dir="rtl"' in answer.text
    assert "الملاحظة فارغة" in answer.text


async def test_many_at_once_say_honestly_with_how_many(site: ConsoleSite) -> None:
    """One request, one note, and for each that was refused the reason."""
    forced = site.happens()
    tampered = site.happens("door.tamper", active=True)
    gone = site.happens("door.alarm", point="e1")
    site.send("door.alarm", point="e1", alarm="normal")
    form = {
        "key": "k",
        "act": "acknowledge",
        "note": "all mine",
        "alert": [forced.id, tampered.id, gone.id, "unknown"],
    }
    async with site.client("anna") as anna:
        answer = await anna.post("/alerts", data=form, headers=FRAGMENT)
    assert "Done with 2 of 4 alerts." in answer.text
    assert answer.text.count("It is closed.") == 2
    for alert in (forced, tampered):
        assert (site.now(alert).owner, site.now(alert).note) == ("anna", "all mine")


async def test_of_two_hundred_three_are_gone_meanwhile(site: ConsoleSite) -> None:
    """One request: 197 are taken, each by a transition of its own, and for each of the three the reason is there."""
    site.send_all("door.alarm", [f"p{n}" for n in range(99)], alarm="forced_open")
    site.send_all("door.tamper", [f"p{n}" for n in range(99)], active=True)
    opened = site.line.engine.state.alerts.open
    chosen = dict(list(opened.items())[:200])
    gone = [row for row in chosen.values() if row.rule == "door-forced"][:3]
    site.send_all("door.alarm", [row.key for row in gone], alarm="normal")
    left = sorted(own for own in chosen if own in opened)
    form = {"key": "k", "act": "acknowledge", "note": "all mine", "alert": list(chosen)}
    before = site.line.journal.seq
    async with site.client("anna") as anna:
        answer = await anna.post("/alerts", data=form, headers=FRAGMENT)
    assert (len(chosen), len(left), answer.status_code) == (200, 197, 409)
    assert "Done with 197 of 200 alerts." in answer.text
    reasons = re.findall(r"<li><bdi>(.*?)</bdi>: It is closed.</li>", answer.text)
    assert len(reasons) == 3
    assert all("Door forced open" in title for title in reasons)
    written = site.line.journal.transitions(before, 1_000)
    taken = [row.transition for row in written if isinstance(row.transition, AlertChanged)]
    assert sorted(row.alert.id for row in taken) == left
    assert {(row.alert.owner, row.alert.note) for row in taken} == {("anna", "all mine")}


async def test_an_unattended_session_reads_on_and_acts_by_pin(site: ConsoleSite) -> None:
    """After half an hour the form comes back with a question, and what was written goes on with the answer."""
    await site.accounts.set_pin("anna", "274951")
    alert = site.happens()
    async with site.client("anna") as anna:
        site.time.later = timedelta(minutes=31)
        assert (await anna.get("/board")).status_code == 200
        asked = await act(anna, alert, "note", note="still here")
        assert asked.status_code == 403
        assert 'value="still here"' in asked.text
        wrong = await act(anna, alert, "note", note="still here", pin="000000")
        assert "This is not the PIN." in wrong.text
        done = await act(anna, alert, "note", note="still here", pin="274951")
        assert done.status_code == 303
        again = await act(anna, alert, "note", "k2", note="without a question")
    assert again.status_code == 303
    assert site.now(alert).note == "without a question"


async def test_without_a_pin_an_unattended_session_signs_in_again(site: ConsoleSite) -> None:
    """Nothing is recorded; the browser keeps what was written."""
    alert = site.happens()
    async with site.client("anna") as anna:
        site.time.later = timedelta(minutes=31)
        answer = await act(anna, alert, "note", note="lost?")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert (await anna.get("/login")).status_code == 200
    assert acts(site) == []


HOSTILE = "<img src=x onerror=alert(1)>'\"&{{7*7}}</script>"


async def test_hostile_texts_are_shown_as_they_are(site: ConsoleSite) -> None:
    """Stored cross-site scripting: notes, names and ids from MQTT and forms are never markup."""
    alert = site.happens(point=HOSTILE)
    async with site.client("anna") as anna:
        await act(anna, alert, "note", "1", note=HOSTILE)
        await act(anna, alert, "hand_over", "2", to=HOSTILE, note=HOSTILE)
        pages = [
            await anna.get(path)
            for path in (
                f"/alerts/{alert.id}",
                "/board",
                f"/board?q={HOSTILE}&site={HOSTILE}&sev={HOSTILE}",
            )
        ]
        pages.append(
            await anna.post("/alerts", data={"key": "3", "act": HOSTILE, "alert": HOSTILE})
        )
        pages.append(await anna.get("/login", params={"next": HOSTILE, "lang": HOSTILE}))
        pages.append(await anna.post("/login", data={"name": HOSTILE, "password": HOSTILE}))
    for page in pages:
        assert "<img" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages[0].text
    assert "{{7*7}}" in pages[0].text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "x" * 4001}, "quá dài; hãy viết tối đa"),
        ({"text": "x", "place": "x" * 129}, "quá dài; hãy viết tối đa"),
        ({"text": "x", "place": "a\x01"}, "ký tự điều khiển"),
        ({"text": "x", "happened": "9999-12-31T23:59"}, "tương lai"),
    ],
)
async def test_what_cannot_be_recorded_is_said_in_ones_language(
    site: ConsoleSite, fields: dict[str, str], words: str
) -> None:
    """A text that is too long, an id that is none, a date that cannot be."""
    async with site.client("anna") as anna:
        anna.cookies.set("vm-language", "vi")
        answer = await anna.post("/log", data={"key": "k", **fields})
    assert answer.status_code == 409
    assert words in answer.text


async def test_many_are_noted_handed_over_and_escalated(site: ConsoleSite) -> None:
    """With one request and one note each; what is missing is said once, and else with which it was not done."""
    alerts = [site.happens(), site.happens("door.tamper", active=True)]
    chosen = [*(alert.id for alert in alerts), "closed"]
    answers: list[str] = []
    async with site.client("anna") as anna:
        for act, fields in (
            ("note", {"note": "patrol 3 sent"}),
            ("note", {"note": " "}),
            ("escalate", {"note": "nobody came"}),
            ("hand_over", {"note": "yours", "to": "karim"}),
            ("hand_over", {"note": "yours", "to": ""}),
        ):
            form = {"key": f"k-{len(answers)}", "act": act, "alert": chosen, **fields}
            answers.append((await anna.post("/alerts", data=form, headers=FRAGMENT)).text)

    noted, empty, escalated, handed_over, to_nobody = answers
    for answer in (noted, escalated, handed_over):
        assert "Done with 2 of 3 alerts." in answer
        assert answer.count("It is closed.") == 1
    assert empty.count("the note is empty") == 1
    assert to_nobody.count("Choose to whom") == 1
    assert [site.now(alert).owner for alert in alerts] == ["karim", "karim"]
    changes = [row.what for row in site.line.journal.shift_log.rows(LogFilter(alert=alerts[0].id))]
    assert [row.note for row in changes if isinstance(row, AlertChanged)][:3] == [
        "yours",
        "nobody came",
        "patrol 3 sent",
    ]
