"""Alertmanager accepts every alert, whatever its texts."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from monitor.core.alert import Alert, Change, Condition, Handling
from monitor.core.rules.model import SEVERITIES, Match, Rule, Selector
from monitor.core.transitions import AlertChanged, Mask
from monitor.sinks.alertmanager import silences
from monitor.sinks.alertmanager.api import PostableAlert
from monitor.sinks.alertmanager.labels import firing, labels, resolved, slug

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
NOW = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
TIMES = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - hypothesis adds the time zone
    datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5_000)
ALERTS = st.builds(
    Alert,
    id=st.integers(0, 2**64 - 1).map("{:016x}".format),
    rule=st.just("door-tamper"),
    key=TEXTS,
    title=TEXTS,
    severity=st.sampled_from(SEVERITIES),
    do=TEXTS,
    condition=st.sampled_from(Condition),
    handling=st.sampled_from(Handling),
    site=TEXTS,
    zone=TEXTS,
    point=TEXTS,
    values=st.dictionaries(st.just("point"), TEXTS),
    silent=st.booleans(),
    late=st.booleans(),
    happened_at=TIMES,
    raised_at=TIMES,
    last_at=TIMES,
    returns=st.integers(0, 9),
    owner=TEXTS,
    note=TEXTS,
    shelved_until=st.none() | TIMES,
)
RULE = Rule(
    id="door-tamper",
    title="Door {point}",
    titles={"vi": "Cửa {point}", "zh-Hant": "門 {gone}"},
    severity="high",
    by=("point",),
    match=Match(of=Selector(on=("door.tamper",))),
    why="judgement",
    do="look",
)


def taken(post: PostableAlert) -> None:
    """Return whether Alertmanager accepts the alert and reads it as intended."""
    for name, value in [*post.labels.items(), *post.annotations.items()]:
        assert NAME.fullmatch(name)
        assert value
        assert len(value) <= 4_000
    assert all(len(value) <= 200 for value in post.labels.values())
    assert post.starts_at.tzinfo is not None
    assert post.ends_at.tzinfo is not None
    assert post.starts_at <= post.ends_at


@given(ALERTS)
def test_every_alert_is_accepted(alert: Alert) -> None:
    """An alert has valid names, no empty or too long value, both times with their zone, and starts before its end."""
    until = NOW + timedelta(minutes=4)
    found = firing(alert, RULE, "congress", ("en", "vi", "zh-Hant"), until)
    taken(found)
    assert found.ends_at == until
    assert "resolution" not in found.annotations


@given(ALERTS)
def test_an_unverified_owner_is_marked(alert: Alert) -> None:
    """A name that is in no roster is not shown as that of a responder."""
    until = NOW + timedelta(minutes=4)
    for unverified, owner in ((True, "eve (unverified)"), (False, "eve")):
        row = replace(alert, owner="eve", unverified=unverified)
        assert firing(row, RULE, "congress", ("en",), until).annotations["owner"] == owner


@given(ALERTS, TIMES, st.sampled_from(Change), TEXTS, TEXTS)
def test_every_end_is_in_the_past_and_has_a_reason(
    alert: Alert, at: datetime, change: Change, who: str, note: str
) -> None:
    """An end is past and has a reason: a future one leaves the alert firing, one without a reason looks like expiry."""
    changed = AlertChanged(at=at, change=change, alert=alert, who=who, note=note)
    found = resolved(changed, RULE, "congress", ("en",), NOW)
    taken(found)
    assert found.ends_at <= NOW
    assert found.annotations["resolution"]
    assert found.labels == labels(alert, "congress")


@given(st.lists(ALERTS, max_size=3, unique_by=lambda alert: alert.id))
def test_life_safety_is_never_silenced(alerts: list[Alert]) -> None:
    """A life-safety alert is silenced neither by shelving it nor by a mask of its place."""
    mask = Mask(
        id="00aa11bb",
        what="*",
        kind="maintenance",
        site="centre",
        owner="ann",
        reason="set-up",
        since=NOW,
        until=NOW + timedelta(hours=1),
    )
    wanted = silences.wanted(alerts, [mask], "congress", NOW)
    grave = {alert.id for alert in alerts if alert.severity == "life_safety"}
    hidden = {
        matcher.value
        for silence in wanted.values()
        for matcher in silence.matchers
        if matcher.name == "alert"
    }
    assert not grave & hidden
    spared = [m for m in wanted["mask 00aa11bb"].matchers if m.name == "severity"]
    assert [(m.value, m.is_equal) for m in spared] == [("life_safety", False)]


@given(TEXTS)
def test_a_slug_is_a_name(text: str) -> None:
    """A slug is a valid name for any text, and never starts with a digit."""
    assert NAME.fullmatch(slug(text or "x"))


def test_titles_in_other_languages() -> None:
    """The summary is in the congress's first language, with the others beside it; English replaces a missing one."""
    alert = Alert(
        id="0123456789abcdef",
        rule="door-tamper",
        key="d1",
        title="Door d1",
        severity="high",
        do="look",
        values={"point": "d1"},
        happened_at=NOW,
        raised_at=NOW,
        last_at=NOW,
    )
    found = firing(alert, RULE, "congress", ("vi", "ar", "zh-Hant"), NOW).annotations
    assert found["summary"] == "Cửa d1"
    assert found["summary_en"] == "Door d1"
    assert found["summary_zh_hant"] == "Door d1", "it asks for what the alert does not hold"
    assert "summary_ar" not in found
    assert firing(alert, RULE, "congress", ("ar",), NOW).annotations["summary"] == "Door d1"
    assert firing(alert, None, "congress", ("vi",), NOW).annotations["summary"] == "Door d1"


def test_the_procedure_is_in_the_language_of_the_summary() -> None:
    """The description lists the procedure's steps, one per line; a language that the rule lacks leaves the English."""
    rule = replace(RULE, do=("Lock it.", "Call."), dos={"vi": ("Khóa lại.", "Gọi.")})
    alert = Alert(
        id="a1",
        rule=rule.id,
        key="d1",
        title="Door d1",
        severity="high",
        do="Lock it.\nCall.",
        happened_at=NOW,
        raised_at=NOW,
        last_at=NOW,
    )

    told = {
        tag: firing(alert, rule, "congress", (tag,), NOW).annotations["description"]
        for tag in ("vi", "ar")
    }
    assert told == {"vi": "Khóa lại.\nGọi.", "ar": "Lock it.\nCall."}
