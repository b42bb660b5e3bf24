"""A page says what, where, since when, how bad, what to do and who else knows, in the reader's language."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from monitor.core.alert import Alert, Condition, Handling
from monitor.core.roster import Person
from monitor.core.rules.model import RuleBook
from monitor.core.transitions import PageKind, PageOrdered
from monitor.rules.read import load
from monitor.texts import Author, Text, best
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
    title="influx can't be reached: what is meant for it waits",
    severity="high",
    do="Call IT: /healthz gives the reason.",
    point="d1",
    zone="hall",
    values={"sink": "influx"},
    happened_at=AT,
    raised_at=AT,
    last_at=AT,
)


@cache
def book() -> RuleBook:
    """The rules of the repository over the venue of their tests, seven hours east of Greenwich."""
    rules = load(Path(__file__).parents[2] / "rules")
    venue = rules.trial_venue
    there = replace(venue.congress, timezone="Asia/Ho_Chi_Minh", languages=("en",))
    return rules.book(replace(venue, congress=there))


def written(person: str, *alerts: Alert, kind: PageKind = "raised", repeat: bool = False) -> Text:
    """The page about alerts to somebody."""
    author = Author(
        book, lambda: PEOPLE, lambda alert, person: f"https://m.example/a/{alert}.{person}"
    )
    page = PageOrdered(
        at=AT,
        id="p1",
        person=person,
        kind=kind,
        reason="on call in hall-security",
        alerts=alerts or (ALERT,),
        others=tuple(other for other in ("anna", "linh") if other != person),
    )
    return author.write(page, repeat=repeat)


def test_everything_that_somebody_needs_is_there() -> None:
    """What, where, since when on the congress's clocks, how bad, what to do, why, who else, and the link."""
    page = written("anna")

    assert page.title == "New: influx can't be reached: what is meant for it waits [high]"
    for line in (
        "Where: Door of the hall, Hall",
        "Since: 06:30, Jan 4, 2026",
        "How bad: high",
        "What to do: Call IT: /healthz gives the reason.",
        "Why you: on call in hall-security",
        "Also told: Linh Trần",
        "I take it: https://m.example/a/ab12cd34ab12cd34.anna",
    ):
        assert line in page.body.splitlines()


def test_each_reads_it_in_a_language_of_their_own() -> None:
    """With the title of the rule in it; who reads none of ours gets the congress's."""
    assert "Không kết nối được với influx" in written("linh").title
    assert "Việc cần làm: Call IT" in written("linh").body
    assert "تعذّر الوصول إلى" in written("ali").title
    assert written("mary").title == written("anna").title
    assert written("stranger").title == written("anna").title


def test_what_runs_the_other_way_is_isolated_in_arabic() -> None:
    """Ids, numbers, times and names from outside stand between U+2068 and U+2069."""
    page = written("ali", replace(ALERT, occurrences=12))

    assert f"{ISOLATE}influx{POP}" in page.title
    assert f"{ISOLATE}06:30{POP}" in page.body
    assert f"{ISOLATE}12{POP} مرة" in page.body
    assert f"{ISOLATE}Anna Berg{POP}" in page.body
    assert ISOLATE not in written("anna").title


def test_plurals_are_those_of_the_language() -> None:
    """Two, few and many are different words in Arabic."""
    titles = [written("ali", *[ALERT] * n, kind="digest").title for n in (2, 5, 12)]

    assert "تنبيهان" in titles[0]
    assert f"{ISOLATE}5{POP} تنبيهات" in titles[1]
    assert f"{ISOLATE}12{POP} تنبيهًا" in titles[2]
    assert "2 alerts" in written("anna", ALERT, ALERT, kind="digest").title


def test_nobody_can_turn_the_text_round() -> None:
    """Controls of direction and line breaks in what came from outside are taken out."""
    spoofed = "gate\u202e\u2066x\u2069\u200f\n\rFrom: boss"

    assert clean(spoofed) == "gatex From: boss"
    page = written("anna", replace(ALERT, rule="gone", title=f"Door {spoofed} forced"))
    assert page.title == "New: Door gatex From: boss forced [high]"
    page = written("ali", replace(ALERT, values={"sink": spoofed}))
    assert f"{ISOLATE}gatex From: boss{POP}" in page.title


def test_the_first_seventy_characters_of_an_sms_say_it() -> None:
    """How bad, when, where and what; with a title that is too long the place still comes first."""
    assert written("anna").short[:70].startswith("HIGH 06:30 d1 influx can't be reached")
    long = replace(ALERT, title="Something " * 20 + "at d1")
    assert written("anna", replace(long, rule="gone")).short.startswith("HIGH 06:30 d1 Something")
    assert written("anna").short.endswith("https://m.example/a/ab12cd34ab12cd34.anna")
    assert written("anna", repeat=True).short.startswith("Repeat HIGH 06:30")


def test_an_sms_about_many_says_where_and_what_the_worst_is() -> None:
    """Their number alone moves nobody."""
    grave = replace(ALERT, id="ff", severity="critical", rule="gone", title="Fire in the hall")
    page = written("anna", *[ALERT] * 9, grave, kind="digest", repeat=True)
    assert page.short[:70] == "Repeat CRITICAL 06:30 10 alerts: d1 Fire in the hall"


def test_a_repeat_says_that_it_is_one() -> None:
    """In the title and in the first line, in the reader's language."""
    assert written("anna", repeat=True).title.startswith("Repeat: New: ")
    assert written("anna", repeat=True).body.startswith("This may have reached you before")
    assert written("linh", repeat=True).title.startswith("Gửi lại: ")


def test_what_has_been_taken_or_is_over_offers_nothing_to_take() -> None:
    """The link stands only where somebody is still needed: also when it is over and nobody has looked yet."""
    taken = replace(ALERT, handling=Handling.ACKNOWLEDGED, owner="linh", acknowledged_at=AT)
    over = replace(ALERT, condition=Condition.CLEARED, cleared_at=AT + timedelta(minutes=1))

    assert written("anna", taken).link == ""
    assert "Taken by: Linh Trần, since 06:30, Jan 4, 2026" in written("anna", taken).body
    assert written("anna", over, kind="cleared").link
    assert "Now: over, and nobody has taken it yet" in written("anna", over).body
    closed = replace(over, handling=Handling.CLOSED)
    assert written("anna", closed, kind="cleared").link == ""


def test_a_page_about_many_lists_ten_with_a_link_each_and_counts_the_rest() -> None:
    """The worst one stands first and says how bad it is."""
    grave = replace(ALERT, id="ff", severity="critical")
    page = written("anna", *[ALERT] * 12, grave, kind="summary")

    assert page.title == "Many at once: 13 alerts [critical]"
    assert page.body.count("- 06:30 [high]") == 9
    assert page.body.startswith("- 06:30 [critical]")
    assert page.body.count("https://m.example/a/") == 10
    assert "and 3 more" in page.body


def test_a_rule_that_asks_for_what_was_not_kept_is_no_reason_to_say_nothing() -> None:
    """The title as it stood is read instead."""
    assert ALERT.title in written("linh", replace(ALERT, values={})).title


def test_a_language_is_found_by_its_first_part() -> None:
    """And English is there for all."""
    assert best(["vi-VN"]).tag == "vi"
    assert best(["xx", "ar"]).tag == "ar"
    assert best([]).tag == "en"
    assert best(["ar"]).is_rtl
