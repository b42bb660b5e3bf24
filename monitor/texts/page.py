"""The text of a page: title, place, time, severity, procedure, other recipients, and the link to acknowledge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.phrase import Phrase
from monitor.core.roster import Person
from monitor.core.roster import languages as tags
from monitor.core.rules.model import SEVERITIES, Rule, RuleSet, Severity
from monitor.core.rules.title import render_phrase
from monitor.core.transitions import DailyDigest, PageOrdered
from monitor.core.venue.display_names import DisplayNames
from monitor.texts import daily_digest
from monitor.texts.language import Language, best, clean
from monitor.texts.names import NamesInForce
from monitor.texts.procedure import procedure
from monitor.texts.title import title
from monitor.texts.words import count, kind, occasion, severity, status, times

MOST_LISTED = 10
"""The most alerts listed in one page; the others are counted. Judgement: the screen of a phone."""
SMS = 70
"""Characters of one part of a text message with letters outside GSM-7 (3GPP TS 23.038)."""


class Text(Struct, frozen=True, kw_only=True):
    """A page as one person reads it."""

    title: str
    body: str
    short: str
    """For SMS: severity, time, place and title within the first 70 characters; of several alerts for the worst one."""
    link: str = ""
    """Where this person acknowledges the alert; empty if there is nothing to acknowledge."""
    button: str = ""
    """The label of the button that does so."""
    language: str = "en"
    severity: Severity = "medium"


class PageWriter:
    """Writes the pages of one monitor.

    Args:
        rule_set: returns the rules and the venue in force.
        people: returns the people on the roster, by id.
        link: returns the link by which a person acknowledges an alert: alert, person; empty where there is none.
        teams: returns the names of the teams on the roster, by id.
        head: returns the head of the journal, which digests hand out; empty: none does.
        troubles: returns what is wrong with the monitor itself, for the daily digest.

    """

    def __init__(  # noqa: PLR0913 - what its pages are about
        self,
        rule_set: Callable[[], RuleSet],
        people: Callable[[], Mapping[str, Person]],
        link: Callable[[str, str], str],
        teams: Callable[[], Mapping[str, str]] = dict,
        head: Callable[[], str] = str,
        *,
        troubles: Callable[[], Sequence[Phrase | str]] = tuple,
        full_name: Callable[[str], str] = str,
    ) -> None:
        self._rule_set = rule_set
        self._people = people
        self._link = link
        self._known_names = NamesInForce(rule_set, people, teams)
        self._head = head
        self._troubles = troubles
        self._full_name = full_name

    def language(self, person: str) -> Language:
        """Return the language of a person; that of the congress for someone not on the roster."""
        congress = self._rule_set().venue.congress.languages
        found = self._people().get(person)
        return best(congress if found is None else tags(found, congress))

    def knows(self, person: str) -> bool:
        """Return whether a person is on the roster now."""
        return person in self._people()

    def name(self, person: str) -> str:
        """Return the name of a person; for someone not on the roster that of their account, or the id."""
        found = self._people().get(person)
        return self._full_name(person) if found is None else found.name

    def title(self, alert: Alert, language: Language) -> str:
        """Return the title in a language, if the rule has one; otherwise in English."""
        return title(alert, self._rule(alert), self.names_in(language), language)

    def steps(self, alert: Alert, language: Language) -> list[str]:
        """Return the steps of the procedure, in English if the rule lacks the language; several are numbered."""
        steps = procedure(alert, self._rule(alert), language.tag)
        if len(steps) == 1:
            return [language.inset(step) for step in steps if step]
        return [f"{n}. {language.inset(step)}" for n, step in enumerate(steps, 1)]

    def procedure(self, alert: Alert, language: Language) -> list[str]:
        """Return the steps of the procedure one by one, in English if the rule lacks the language."""
        steps = procedure(alert, self._rule(alert), language.tag)
        return [language.inset(step) for step in steps if step]

    def reason(self, row: Phrase | str, language: Language) -> str:
        """Return a sentence of the monitor in a language."""
        if isinstance(row, str):
            return language.inset(row)
        return render_phrase(row, self.names_in(language), language)

    @property
    def names(self) -> DisplayNames:
        """The display names from the venue and the roster in force."""
        return self._known_names.by_tag("")

    def names_in(self, language: Language) -> DisplayNames:
        """Return the display names, with checklists and their items in a language, where the venue has it."""
        return self._known_names.by_tag(language.tag)

    def _rule(self, alert: Alert) -> Rule | None:
        return next((rule for rule in self._rule_set().rules if rule.id == alert.rule), None)

    def where(self, alert: Alert, language: Language) -> str:
        """Return the names of access point, zone and site."""
        rows = (("point", alert.point), ("zone", alert.zone), ("site", alert.site))
        return language.list_of(
            dict.fromkeys(self.names.of(field, own) for field, own in rows if own)
        )

    def place(self, alert: Alert) -> str:
        """Return the name of the closest place that is known: access point, zone or site."""
        for field, own in (("point", alert.point), ("zone", alert.zone), ("site", alert.site)):
            if own:
                return self.names.of(field, own)
        return ""

    def write(self, page: PageOrdered, *, repeat: bool) -> Text:
        """Write a page for its person; a `repeat` notes that it may have been received before."""
        language = self.language(page.person)
        if page.daily is not None:
            return self._write_daily(page, page.daily, language, repeat=repeat)
        worst, *others = sorted(page.alerts, key=lambda alert: SEVERITIES.index(alert.severity))
        own = self.title(worst, language)
        if not others and not page.more:
            head, link = own, self._acknowledge(worst, page.person)
            body = self._one(page, worst, language, link)
        else:
            head, link = count(len(page.alerts) + len(page.more), language), ""
            body = self._many(page, [worst, *others], language)
        marks = [occasion(page, language)]
        if repeat:
            marks.insert(0, language.gettext("Repeat"))
            note = language.gettext(
                "You may have received this before; it is sent again to be safe."
            )
            body = f"{note}\n\n{body}"
        bad, when = severity(worst, language), language.time(worst.happened_at, self._zone())
        shown = marks if kind(page) in ("returned", "cleared") else marks[:-1]
        first = [*shown, bad.upper(), when]
        if head != own:
            first.append(f"{head}:")
        place = clean(self.place(worst))
        if place and place not in own[: SMS // 2]:
            first.append(f"{language.inset(place)}:")
        return Text(
            title=f"{': '.join(marks)}: {head} [{bad}]",
            body=body,
            short=" ".join([*first, own, link]).rstrip(),
            link=link,
            button=language.gettext("Acknowledge"),
            language=language.tag,
            severity=worst.severity,
        )

    def facts(self, alert: Alert, language: Language) -> list[tuple[str, str]]:
        """Return what a responder has to know about an alert, each with its label; the procedure while it is open."""
        to_do = "\n".join(self.steps(alert, language)) if alert.is_open else ""
        return [
            (label, value)
            for label, value in (
                (language.gettext("Where"), self.where(alert, language)),
                (language.gettext("Since"), language.date_time(alert.happened_at, self._zone())),
                (language.gettext("Severity"), severity(alert, language)),
                (language.gettext("Status"), status(alert, language)),
                (language.gettext("Acknowledged by"), self._owner(alert, language)),
                (language.gettext("Occurrences"), times(alert, language)),
                (language.gettext("What to do"), to_do),
            )
            if value
        ]

    def write_test(self, person: str, channel: str) -> Text:
        """Write a test page for a channel."""
        language = self.language(person)
        title = language.gettext("Test: nothing has happened")
        body = language.gettext(
            "This is a test of the channel {channel} to {person}. No action is needed."
        )
        text = body.format(
            channel=language.inset(channel), person=language.inset(self.name(person))
        )
        return Text(
            title=title,
            body=text,
            short=f"{title}. {language.inset(channel)}",
            language=language.tag,
        )

    def _owner(self, alert: Alert, language: Language) -> str:
        """Return who acknowledged an alert and when, and whether the roster knows them; empty if no one has."""
        if alert.acknowledged_at is None:
            return ""
        text = language.gettext("{name}, since {when}")
        if alert.unverified:
            text = language.gettext("{name}, since {when}; unverified: not in the roster")
        return text.format(
            name=language.inset(self.name(alert.owner)),
            when=language.date_time(alert.acknowledged_at, self._zone()),
        )

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._rule_set().venue.congress.timezone)

    def _acknowledge(self, alert: Alert, person: str) -> str:
        """Return the link by which a person acknowledges an alert, if that can be done."""
        return self._link(alert.id, person) if alert.needs_owner else ""

    def _one(self, page: PageOrdered, alert: Alert, language: Language, link: str) -> str:
        rows = [
            *self.facts(alert, language),
            (language.gettext("Why you"), self.reason(page.reason, language)),
            (
                language.gettext("Also notified"),
                language.list_of(self.name(other) for other in page.others),
            ),
            (language.gettext("Acknowledge"), link),
        ]
        lines = [_line(label, value) for label, value in rows if value]
        return "\n".join([self.title(alert, language), "", *lines])

    def _write_daily(
        self, page: PageOrdered, daily: DailyDigest, language: Language, *, repeat: bool
    ) -> Text:
        """Write a daily digest; there is nothing to acknowledge in it."""
        n = len(page.alerts) + len(page.more)
        marks = [occasion(page, language)]
        body = "\n".join(self._daily(page, daily, language))
        if repeat:
            marks.insert(0, language.gettext("Repeat"))
        title = f"{': '.join(marks)}: {count(n, language)}"
        when = language.date_time(page.at, self._zone())
        return Text(
            title=title, body=body, short=f"{title}, {when}", language=language.tag, severity="low"
        )

    def _daily(self, page: PageOrdered, daily: DailyDigest, language: Language) -> Iterator[str]:
        yield from daily_digest.lines(self, page, daily, language, self._zone())
        troubles = [self.reason(row, language) for row in self._troubles()]
        fine = language.gettext("nothing is wrong")
        yield daily_digest.listed(language.gettext("The monitor itself"), troubles, fine)
        yield from self._head_lines(language)
        yield _line(language.gettext("Why you"), self.reason(page.reason, language))

    def _head_lines(self, language: Language) -> Iterator[str]:
        """Yield the head of the journal: outside the monitor, it proves later that the end was not cut off."""
        if head := self._head():
            yield _line(language.gettext("Head of the journal"), language.inset(head))

    def _many(self, page: PageOrdered, alerts: Sequence[Alert], language: Language) -> str:
        listed = alerts[:MOST_LISTED]
        lines = [line for alert in listed for line in self._listed(page, alert, language)]
        more = len(alerts) - len(listed) + len(page.more)
        if more > 0:
            text = language.ngettext("and {n} more", "and {n} more", more)
            lines.append(text.format(n=language.inset(str(more))))
        why = self.reason(page.reason, language)
        lines += ["", f"{language.gettext('Why you')}: {why}"]
        if page.kind == "digest":
            lines += self._head_lines(language)
        return "\n".join(lines)

    def _listed(self, page: PageOrdered, alert: Alert, language: Language) -> Iterator[str]:
        when = language.time(alert.happened_at, self._zone())
        yield f"- {when} [{severity(alert, language)}] {self.title(alert, language)} ({status(alert, language)})"
        if link := self._acknowledge(alert, page.person):
            yield f"  {language.gettext('Acknowledge')}: {link}"


def _line(label: str, value: str) -> str:
    """Return a fact on a line of its own, or below its label if it takes several."""
    return f"{label}:\n{value}" if "\n" in value else f"{label}: {value}"
