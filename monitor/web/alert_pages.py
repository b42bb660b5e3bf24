"""Who was paged about an alert, by which channel and with what result, and who is paged next."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.oncall.escalation_policy import next_step, recipients, step_of
from monitor.core.state.paging import EscalationState
from monitor.journal.outbox import Attempt
from monitor.texts import Language, plain
from monitor.web.source import Source

MOST_SHOWN = 100


class PageRow(Struct, frozen=True, kw_only=True):
    """One notification of a person."""

    when: str
    person: str
    why: str
    state: str
    attempts: Sequence[str]
    """Each channel by which it was tried, with the result; a result that came again has one line."""


class NextStep(Struct, frozen=True, kw_only=True):
    """What the escalation does unless somebody acts."""

    when: str
    people: str
    """Whom it will page as the plan is now; empty: nobody further."""
    is_lapse: bool
    """Somebody has the alert: their acknowledgement runs out then."""


def page_rows(source: Source, alert: Alert, language: Language) -> Iterator[PageRow]:
    """Yield the pages about an alert, the latest first."""
    states = {
        "waiting": language.gettext("on its way"),
        "late": language.gettext("late, still being tried"),
        "delivered": language.gettext("delivered"),
        "needless": language.gettext("not needed any more"),
        "undelivered": language.gettext("not delivered"),
    }
    for row in source.journal.outbox.about(alert.id, MOST_SHOWN):
        yield PageRow(
            when=_when(source, row.page.at, language),
            person=language.inset(source.writer.name(row.page.person)),
            why=source.writer.reason(row.page.reason, language),
            state=states[row.state],
            attempts=list(_attempts(source, row.attempts, language)),
        )


def next_step_of(source: Source, alert: Alert, language: Language) -> NextStep | None:
    """Return what the escalation of an alert does next by itself; ``None``: nothing."""
    escalation = source.state.paging.escalations.get(alert.id)
    if escalation is None or escalation.due is None or not alert.is_open:
        return None
    is_lapse = not alert.needs_owner
    people = () if is_lapse else _people(source, alert, escalation, escalation.due)
    return NextStep(
        when=_when(source, escalation.due, language),
        people=language.list_of(source.writer.name(name) for name in people),
        is_lapse=is_lapse,
    )


def _people(
    source: Source, alert: Alert, escalation: EscalationState, due: datetime
) -> Sequence[str]:
    paging = source.state.paging
    roster = paging.roster
    policy = (
        next((row for row in roster.policies if row.id == escalation.policy), None)
        if roster
        else None
    )
    if roster is None or policy is None or not policy.steps:
        return ()
    step: int | None = escalation.step
    is_last = escalation.step >= len(policy.steps)
    if not is_last and escalation.times >= step_of(roster, policy, escalation.step).repeat:
        step = next_step(source.state, alert, escalation)
    if step is None:
        return ()
    notify = step_of(roster, policy, step).notify
    return list(recipients(roster, paging.overrides, notify, alert, due))


def _attempts(source: Source, attempts: Sequence[Attempt], language: Language) -> Iterator[str]:
    alike: dict[tuple[str, str, str], list[Attempt]] = {}
    for row in attempts:
        alike.setdefault((row.channel, row.result, plain(row.reason)), []).append(row)
    for rows in alike.values():
        yield _attempt(source, rows, language)


def _attempt(source: Source, rows: Sequence[Attempt], language: Language) -> str:
    results = {
        "open": language.gettext("being tried"),
        "delivered": language.gettext("delivered"),
        "failed": language.gettext("failed"),
        "unknown": language.gettext("may have arrived"),
    }
    timezone, attempt = source.writer.names.timezone, rows[-1]
    begin, end = (
        "" if timezone is None else language.time(row.at, timezone) for row in (rows[0], attempt)
    )
    words = language.gettext("{channel}, {when}: {result}").format(
        channel=language.inset(attempt.channel),
        when=end if begin == end else f"{begin} \N{EN DASH} {end}",
        result=results[attempt.result],
    )
    if len(rows) > 1:
        words += f" \N{MULTIPLICATION SIGN}{len(rows)}"
    return (
        f"{words} ({source.writer.reason(attempt.reason, language)})" if attempt.reason else words
    )


def _when(source: Source, at: datetime, language: Language) -> str:
    timezone = source.writer.names.timezone
    return "" if timezone is None else language.date_time(at, timezone)
