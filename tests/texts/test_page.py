"""A page has place, time, severity, procedure and the other recipients, in the reader's language."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.phrase import phrase
from monitor.core.roster import Person
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import DailyDigest, Mask, PageKind, PageOrdered
from monitor.rules.read import load
from monitor.texts import PageWriter, Text, best
from monitor.texts.language import clean

AT = datetime(2026, 1, 3, 23, 30, tzinfo=UTC)
ISOLATE, POP = "\u2068", "\u2069"
PEOPLE = {
    person.id: person
    for person in (
        Person(id="anna", name="Anna Berg", languages=("en",)),
        Person(id="linh", name="Linh Trần", languages=("vi-VN",)),
        Person(id="ali", name="علي", languages=("ar",)),
        Person(id="mary", name="Mary", languages=("gd",)),
    )
}
ALERT = Alert(
    id="ab12cd34ab12cd34",
    rule="sink-away",
    key="influx",
    title="influx unreachable: its data is waiting",
    severity="high",
    do="Call IT.\n/healthz gives the reason.",
    point="d1",
    zone="hall",
    values={"sink": "influx"},
    happened_at=AT,
    raised_at=AT,
    last_at=AT,
)


@cache
def rule_set() -> RuleSet:
    """The shipped rules with the venue of their tests, seven hours east of Greenwich."""
    rules = load(Path(__file__).parents[2] / "rules")
    venue = rules.test_venue
    there = replace(venue.congress, timezone="Asia/Ho_Chi_Minh", languages=("en",))
    return rules.rule_set(replace(venue, congress=there))


def written(person: str, *alerts: Alert, kind: PageKind = "raised", repeat: bool = False) -> Text:
    """The text of a page about these alerts."""
    author = PageWriter(
        rule_set, lambda: PEOPLE, lambda alert, person: f"https://m.example/a/{alert}.{person}"
    )
    page = PageOrdered(
        at=AT,
        id="p1",
        person=person,
        kind=kind,
        reason=phrase("on-call", team="Hall security"),
        alerts=alerts or (ALERT,),
        others=tuple(other for other in ("anna", "linh") if other != person),
    )
    return author.write(page, repeat=repeat)


@pytest.mark.parametrize(
    ("person", "label"),
    [("anna", "Head of the journal"), ("linh", "Đầu chuỗi của nhật ký"), ("ali", "رأس السجل")],
)
def test_a_digest_hands_out_the_head_of_the_journal(person: str, label: str) -> None:
    """A digest lets its reader prove later that nothing up to it was cut off; other pages stay short."""
    author = PageWriter(rule_set, lambda: PEOPLE, lambda _, __: "", head=lambda: "12:ab34")
    page = PageOrdered(
        at=AT, id="p", person=person, kind="digest", reason="", alerts=(ALERT, ALERT)
    )

    assert label in author.write(page, repeat=False).body.splitlines()[-1]
    assert "12:ab34" in author.write(page, repeat=False).body
    single = author.write(replace(page, kind="raised", alerts=(ALERT,)), repeat=False)
    assert "12:ab34" not in single.body


def test_a_page_has_everything_that_is_needed() -> None:
    """A page has what, where, since when in local time, severity, procedure, reason, other recipients, and the link."""
    page = written("anna")

    assert page.title == "New: influx unreachable: its data is waiting [high]"
    for line in (
        "Where: Door of the hall, Hall",
        "Since: 06:30, 4 Jan 2026",
        "Severity: high",
        "What to do:",
        "1. Call IT.",
        "2. /healthz gives the reason.",
        "Why you: on call in Hall security",
        "Also notified: Linh Trần",
        "Acknowledge: https://m.example/a/ab12cd34ab12cd34.anna",
    ):
        assert line in page.body.splitlines()


def test_a_page_is_in_the_reader_s_language() -> None:
    """The rule's title is in the reader's language too; readers of other languages get the congress's language."""
    assert "Không kết nối được influx" in written("linh").title
    assert "Việc cần làm:\n1. Gọi bộ phận CNTT" in written("linh").body
    assert "Lý do báo cho bạn: đang trực ở Hall security" in written("linh").body
    assert "تعذّر الوصول إلى" in written("ali").title
    assert written("mary").title == written("anna").title
    assert written("stranger").title == written("anna").title


def test_left_to_right_parts_are_isolated_in_arabic() -> None:
    """Ids, numbers, times and outside names are between U+2068 and U+2069."""
    page = written("ali", replace(ALERT, occurrences=12))

    assert f"{ISOLATE}influx{POP}" in page.title
    assert f"{ISOLATE}06:30{POP}" in page.body
    assert f"{ISOLATE}12{POP} مرة" in page.body
    assert f"{ISOLATE}Anna Berg{POP}" in page.body
    assert ISOLATE not in written("anna").title


def test_plurals_follow_the_language() -> None:
    """Two, few and many are different words in Arabic."""
    titles = [written("ali", *[ALERT] * n, kind="digest").title for n in (2, 5, 12)]

    assert "تنبيهان" in titles[0]
    assert f"{ISOLATE}5{POP} تنبيهات" in titles[1]
    assert f"{ISOLATE}12{POP} تنبيهًا" in titles[2]
    assert "2 alerts" in written("anna", ALERT, ALERT, kind="digest").title


def test_senders_cannot_change_the_direction_of_text() -> None:
    """Direction controls and line breaks in outside texts are removed."""
    spoofed = "gate\u202e\u2066x\u2069\u200f\n\rFrom: boss"

    assert clean(spoofed) == "gatex From: boss"
    page = written("anna", replace(ALERT, rule="gone", title=f"Door {spoofed} forced"))
    assert page.title == "New: Door gatex From: boss forced [high]"
    page = written("ali", replace(ALERT, values={"sink": spoofed}))
    assert f"{ISOLATE}gatex From: boss{POP}" in page.title


def test_the_first_seventy_characters_of_an_sms_say_it() -> None:
    """An SMS begins with how bad, when, where and what; if the title is too long, the place still comes first."""
    assert written("anna").short[:70].startswith("HIGH 06:30 Door of the hall: influx unreachable")
    long = replace(ALERT, title="Something " * 20 + "at d1")
    assert written("anna", replace(long, rule="gone")).short.startswith(
        "HIGH 06:30 Door of the hall: Something"
    )
    assert written("anna").short.endswith("https://m.example/a/ab12cd34ab12cd34.anna")
    assert written("anna", repeat=True).short.startswith("Repeat HIGH 06:30")


def test_an_sms_about_many_names_the_worst() -> None:
    """A number alone does not make a person act."""
    grave = replace(ALERT, id="ff", severity="critical", rule="gone", title="Fire in the hall")
    page = written("anna", *[ALERT] * 9, grave, kind="digest", repeat=True)
    assert page.short[:70] == "Repeat CRITICAL 06:30 10 alerts: Door of the hall: Fire in the hall"


def test_a_repeat_is_marked() -> None:
    """A repeat is marked in the title and in the first line, in the reader's language."""
    assert written("anna", repeat=True).title.startswith("Repeat: New: ")
    assert written("anna", repeat=True).body.startswith("You may have received this before")
    assert written("linh", repeat=True).title.startswith("Gửi lại: ")


def test_an_acknowledged_or_closed_alert_has_no_link() -> None:
    """A page has a link only while a person is needed, so a cleared alert that is not closed has one."""
    taken = replace(ALERT, handling=Handling.ACKNOWLEDGED, owner="linh", acknowledged_at=AT)
    over = replace(ALERT, condition=Condition.CLEARED, cleared_at=AT + timedelta(minutes=1))

    assert written("anna", taken).link == ""
    assert "Acknowledged by: Linh Trần, since 06:30, 4 Jan 2026" in written("anna", taken).body
    assert written("anna", over, kind="cleared").link
    assert "Status: cleared, not acknowledged" in written("anna", over).body
    closed = replace(over, handling=Handling.CLOSED)
    assert written("anna", closed, kind="cleared").link == ""


@pytest.mark.parametrize(
    ("person", "who", "status"),
    [
        ("anna", "unverified: not in the roster", "acknowledged by an unverified name"),
        ("linh", "chưa xác minh: không có trong danh sách trực", "một tên chưa được xác minh"),
        ("ali", "غير موثّق: ليس في قائمة المناوبة", "استلمه اسم غير موثّق"),
    ],
)
def test_an_unverified_owner_is_shown_as_such(person: str, who: str, status: str) -> None:
    """A page names who acknowledged, says that the roster does not know them, and still has a link."""
    taken = replace(
        ALERT, handling=Handling.ACKNOWLEDGED, owner="eve", unverified=True, acknowledged_at=AT
    )
    page = written(person, taken)

    assert "eve" in page.body
    assert who in page.body
    assert status in page.body
    assert page.link
    assert status in written(person, taken, ALERT, kind="summary").body
    known = written(person, replace(taken, owner="linh", unverified=False)).body
    assert who not in known
    assert status not in known


def test_a_page_about_many_lists_ten_and_counts_the_rest() -> None:
    """Each listed alert has a link; the most severe one comes first, with its severity."""
    grave = replace(ALERT, id="ff", severity="critical")
    page = written("anna", *[ALERT] * 12, grave, kind="summary")

    assert page.title == "Many at once: 13 alerts [critical]"
    assert page.body.count("- 06:30 [high]") == 9
    assert page.body.startswith("- 06:30 [critical]")
    assert page.body.count("https://m.example/a/") == 10
    assert "and 3 more" in page.body


def test_one_alert_that_was_held_back_is_announced_as_itself() -> None:
    """A digest or a summary of a single alert has that alert's occasion, title and link."""
    over = replace(ALERT, condition=Condition.CLEARED, cleared_at=AT)
    for kind in ("summary", "digest"):
        page = written("anna", ALERT, kind=kind)
        assert page.title == written("anna", ALERT).title
        assert page.link
        assert written("anna", over, kind=kind).title.startswith("Cleared: influx")
        assert written("anna", replace(ALERT, returns=1), kind=kind).title.startswith("Again: ")


def test_a_rule_that_asks_for_what_was_not_kept_is_no_reason_to_say_nothing() -> None:
    """If a value that the rule needs was not kept, the title recorded in the alert is used."""
    assert ALERT.title in written("linh", replace(ALERT, values={})).title


def test_a_language_is_found_by_its_first_part() -> None:
    """A language is found by its first part, and English is the fallback."""
    assert best(["vi-VN"]).tag == "vi"
    assert best(["xx", "ar"]).tag == "ar"
    assert best([]).tag == "en"
    assert best(["ar"]).is_rtl


def test_the_reader_sees_names_of_people_and_teams_in_every_language() -> None:
    """Titles on public boards keep people's ids; a page goes to one person, who knows the others by name."""
    unreachable = replace(
        ALERT, rule="page-undelivered", title="linh: phone", values={"person": "linh", "reason": ""}
    )
    unmanned = replace(
        ALERT, rule="on-call-gap", title="guards", values={"subject": "guards", "reason": ""}
    )
    teams = {"guards": "Hall guards"}
    writer = PageWriter(rule_set, lambda: PEOPLE, lambda _, __: "", lambda: teams)

    for tag in ("en", "vi", "ar"):
        assert "Linh Trần" in writer.title(unreachable, best((tag,)))
        assert "Hall guards" in writer.title(unmanned, best((tag,)))


def test_a_length_of_time_has_its_unit_and_its_plural() -> None:
    """A duration is worded as 2 d, not as 172799.9 s."""
    skewed = replace(
        ALERT,
        rule="clock-skew",
        values={"source": "venue/centre/door/d1", "ahead_s": "172798.5351"},
    )

    assert (
        "Clock of Door of the hall (venue/centre/door/d1) is off by 2 d"
        in written("anna", skewed).title
    )
    assert "lệch 2 ngày" in written("linh", skewed).title
    assert "يومين" in written("ali", skewed).title
    assert best(("ar",)).duration(5400) == f"{ISOLATE}ساعة و30 دقيقة{POP}"


def test_names_with_commas_are_kept_apart() -> None:
    """It is clear whether "Hotel A, lobby, Hotel A" are two places or three."""
    assert best(("en",)).list_of(["Hotel A, lobby", "Hotel A"]) == "Hotel A, lobby; Hotel A"
    assert best(("en",)).list_of(["Foyer", "Hall"]) == "Foyer, Hall"


def test_a_closed_alert_asks_for_nothing() -> None:
    """The page about a closed alert is for information: no one is sent out any more."""
    closed = replace(ALERT, handling=Handling.CLOSED)

    assert "What to do" not in written("anna", closed, kind="cleared").body


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (
            "anna",
            (
                "Daily digest: 1 alert",
                "Open alerts: high 1",
                "Shelved:\n- ",
                "Masked:\n- all alerts, ",
                "Readiness:\n- go with conditions: ",
                "Pages not delivered since the last daily digest: 2",
                "The monitor itself:\n- the disk is slow",
                "Head of the journal: 12:ab34",
            ),
        ),
        ("linh", ("Bản tổng hợp hằng ngày", "Cảnh báo đang mở", "Đầu chuỗi của nhật ký: 12:ab34")),
        ("ali", ("الملخص اليومي", "التنبيهات المفتوحة", "رأس السجل: 12:ab34")),
    ],
)
def test_a_daily_digest_says_how_things_stand(person: str, words: tuple[str, ...]) -> None:
    """It has everything that its readers need to see once a day, in their language, and nothing to acknowledge."""
    author = PageWriter(
        rule_set,
        lambda: PEOPLE,
        lambda _, __: "https://m.example/a",
        head=lambda: "12:ab34",
        troubles=lambda: ["the disk is slow"],
    )
    mask = Mask(
        id="m",
        what="*",
        kind="maintenance",
        zone="hall",
        owner="linh",
        reason="works",
        since=AT,
        until=AT + timedelta(hours=1),
    )
    daily = DailyDigest(
        severities={"high": 1},
        shelved=(ALERT,),
        masks=(mask,),
        zones={"go_with_conditions": ("hall",)},
        undelivered=2,
    )
    page = PageOrdered(
        at=AT,
        id="p",
        person=person,
        kind="daily",
        reason=phrase("daily-digest"),
        alerts=(ALERT,),
        daily=daily,
    )
    text = author.write(page, repeat=False)
    found = f"{text.title}\n{text.body}".replace(ISOLATE, "").replace(POP, "")
    assert [word for word in words if word not in found] == []
    assert (text.link, text.button) == ("", "")
    assert text.short.startswith(text.title)

    quiet = replace(page, alerts=(), daily=DailyDigest())
    author = PageWriter(rule_set, lambda: PEOPLE, lambda _, __: "")
    assert author.write(quiet, repeat=True).title.count(":") == 2
