"""``/oncall/explain``: who would be paged for an alert of a rule, in a zone at a time, when and why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from monitor.core.oncall.escalation import FALLBACK_ONCE
from monitor.core.oncall.escalation_policy import holds_for
from monitor.core.oncall.rehearsal import Rehearsal, hypothetical, rehearse
from monitor.core.rules.model import SEVERITIES, Rule
from monitor.core.transitions import PageOrdered
from monitor.texts import ENGLISH, Language
from monitor.web.commands import form_time, local_time
from monitor.web.context import Console
from monitor.web.shift_words import AHEAD, moment, offset, roster_of
from monitor.web.source import Source
from monitor.web.template import HtmlResponse
from monitor.web.viewer import ConsoleRequest


class PageRow(Struct, frozen=True, kw_only=True):
    """A page that would be sent."""

    at: str
    after: str
    """How long after the alert is raised; empty: at once."""
    person: str
    step: str
    why: str


class Explained(Struct, frozen=True, kw_only=True):
    """What an alert would lead to if nobody took it."""

    policy: str
    """Empty: none takes such an alert."""
    pages: Sequence[PageRow]
    again: str
    """How often it is repeated in the end; empty: it is not."""
    holds: str
    """How long an acknowledgement holds; empty: for good."""


def rehearsal_route(console: Console) -> HTTPRouteHandler:
    """Return the route."""

    @get("/oncall/explain", opt={"right": "view"}, sync_to_thread=False)
    def show(request: ConsoleRequest) -> HtmlResponse:
        """Show the form and, if it is filled in, who would be paged."""
        given, source, language = request.query_params, console.source, request.user.language
        rules = {row.id: row for row in source.rule_set.rules}
        rule, at = rules.get(given.get("rule", "")), _time(given, source)
        return console.page(
            request,
            "rehearsal.html",
            rules=rules,
            severities={row: language.word(row) for row in SEVERITIES},
            rule=rule,
            given=given,
            at=form_time(at, source),
            zones=source.rule_set.venue.zones,
            leads={
                own: source.writer.names.of("agency", own)
                for own in sorted({row.agency for row in source.people().values()} - {""})
            },
            is_unknown=rule is None and bool(given.get("rule")),
            is_beyond=at > source.now() + AHEAD,
            found=None if rule is None else _explained(rule, given, at, source, language),
            zone=source.rule_set.venue.congress.timezone,
            offset=offset(source),
        )

    return show


def _time(given: Mapping[str, str], source: Source) -> datetime:
    """Return the time that is asked about; now, if none is, or one that is no time."""
    return local_time(given.get("at", ""), source) or source.now()


def _explained(
    rule: Rule, given: Mapping[str, str], at: datetime, source: Source, language: Language
) -> Explained:
    roster, known = roster_of(source), {row.id: row for row in source.rule_set.venue.zones}
    zone = known.get(given.get("zone", ""))
    site, own = ("", "") if zone is None else (zone.site, zone.id)
    alert = hypothetical(rule, site, own, given.get("lead", ""), at)
    found = rehearse(roster, source.state.paging.overrides, alert, at, ENGLISH)
    holds = None if found.policy is None else holds_for(found.policy, alert)
    is_repeated = _reaches_fallback(found) and alert.severity not in FALLBACK_ONCE
    return Explained(
        policy="" if found.policy is None else found.policy.id,
        pages=list(_rows(found, at, source, language)),
        again=_length(roster.fallback.every, language) if is_repeated else "",
        holds=_length(holds, language) if holds else "",
    )


def _rows(found: Rehearsal, at: datetime, source: Source, language: Language) -> Iterator[PageRow]:
    for page in found.pages:
        yield PageRow(
            at=moment(source, page.at, language),
            after="" if page.at <= at else _length(page.at - at, language),
            person=source.writer.name(page.person),
            step=_step(page, language),
            why=source.writer.reason(page.reason, language),
        )


def _step(page: PageOrdered, language: Language) -> str:
    if page.kind in {"digest", "summary"}:
        return language.gettext("in a digest")
    return language.gettext("step {n}").format(n=page.step)


def _reaches_fallback(found: Rehearsal) -> bool:
    return found.policy is not None and any(
        page.step > len(found.policy.steps) for page in found.pages
    )


def _length(time: timedelta, language: Language) -> str:
    return language.duration(round(time.total_seconds()))
