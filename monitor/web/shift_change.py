"""What taking a shift leads to: who is relieved, who follows, and where shifts overlap or leave a gap."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from monitor.core.events.commands import StaffOverride
from monitor.core.oncall.on_call import begins, objection, on_call
from monitor.core.oncall.shift_plan import Stretch, shift_plan
from monitor.texts import Language
from monitor.web.shift_words import AHEAD, moment, roster_of
from monitor.web.source import Source


class ShiftPreview(Struct, frozen=True, kw_only=True):
    """What it leads to if a person takes a shift."""

    refused: str = ""
    """Why it can't be done; empty: it can."""
    person: str = ""
    since: str = ""
    """Empty: from now on."""
    until: str = ""
    lasts: str = ""
    changes: list[str] = []
    """Who is relieved, and who is on call afterwards."""
    warnings: list[str] = []
    """Overlaps, a gap, and that the person can't be paged."""
    seen: str = ""
    """Stands for who is on call while this is shown."""


def preview(command: StaffOverride, source: Source, language: Language) -> ShiftPreview:
    """Return what a command leads to."""
    reason = objection(source.state, command)
    if command.until is None or reason is not None:
        why = "" if reason is None else source.writer.reason(reason, language)
        return ShiftPreview(refused=why)
    until, team, person = command.until, command.team, command.person
    begin = begins(command, source.now())
    after = plan_from(source, team, until)
    return ShiftPreview(
        person=source.writer.name(person),
        since="" if command.since is None else moment(source, begin, language),
        until=moment(source, until, language),
        lasts=language.duration(int((until - begin).total_seconds())),
        changes=[*_relieved(source, command, until, language), *_following(after, language)],
        warnings=[
            *gap_in(after, source, language),
            *_overlaps(source, command, until, language),
            *_unreachable(source, person, language),
        ],
        seen=on_call_now(source, team),
    )


def plan_from(source: Source, team: str, at: datetime) -> Stretch:
    """Return who is on call from a time on if the plan applies."""
    end = source.now() + AHEAD
    return shift_plan(roster_of(source), {}, team, min(at, end), end)[0]


def on_call_now(source: Source, team: str) -> str:
    """Return what stands for who is on call in a team: it differs when that does."""
    found = on_call(roster_of(source), source.state.paging.overrides, team, source.now())
    return " ".join(sorted(one.person.id for one in found))


def gap_in(after: Stretch, source: Source, language: Language) -> Iterator[str]:
    """Yield that nobody is on call, and until when, if that is so."""
    if after.on_call:
        return
    if after.is_open:
        yield language.gettext("Gap: after that nobody is on call.")
    else:
        when = moment(source, after.ends, language)
        yield language.gettext("Gap: after that nobody is on call until {when}.").format(when=when)


def names_in(stretch: Stretch, language: Language) -> str:
    """Return the names of those who are on call."""
    return language.list_of(one.person.name for one in stretch.on_call)


def _following(after: Stretch, language: Language) -> Iterator[str]:
    if after.on_call:
        names = names_in(after, language)
        yield language.gettext("After that: {names}. No gap.").format(names=names)


def _relieved(
    source: Source, command: StaffOverride, until: datetime, language: Language
) -> Iterator[str]:
    """Yield who is on call in the meantime as things are, and would not be any more."""
    roster, overrides = roster_of(source), source.state.paging.overrides
    begin = begins(command, source.now())
    for stretch in shift_plan(roster, overrides, command.team, begin, until):
        for one in stretch.on_call:
            if one.person.id != command.person:
                yield language.gettext("Instead of {name}, {begins} to {ends}.").format(
                    name=language.inset(one.person.name),
                    begins=moment(source, stretch.begins, language),
                    ends=moment(source, stretch.ends, language),
                )


def _overlaps(
    source: Source, command: StaffOverride, until: datetime, language: Language
) -> Iterator[str]:
    """Yield where the person is on call at the same time in another team."""
    roster, overrides = roster_of(source), source.state.paging.overrides
    begin = begins(command, source.now())
    for team in roster.teams:
        if team.id == command.team:
            continue
        for stretch in shift_plan(roster, overrides, team.id, begin, until):
            if stretch.has(command.person):
                yield language.gettext(
                    "Overlap: at the same time on call in {team}, {begins} to {ends}."
                ).format(
                    team=language.inset(team.name or team.id),
                    begins=moment(source, stretch.begins, language),
                    ends=moment(source, stretch.ends, language),
                )


def _unreachable(source: Source, person: str, language: Language) -> Iterator[str]:
    found = source.people().get(person)
    if found is not None and not found.channels:
        name = language.inset(found.name)
        yield language.gettext("{name} has no channel and cannot be paged.").format(name=name)
