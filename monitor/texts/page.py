"""Writes a page: what, where, since when, how bad, what to do, who else knows, and the link that says «mine»."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from monitor.core.alert import Alert, Handling
from monitor.core.roster import Person
from monitor.core.roster import languages as tags
from monitor.core.rules.model import SEVERITIES, RuleBook, Severity
from monitor.core.transitions import PageOrdered
from monitor.texts.language import Language, best, clean
from monitor.texts.words import count, occasion, severity, standing, times

MOST_LISTED = 10
"""Alerts that one page tells of singly; beyond, it says how many more there are. Judgement: a screen of a phone."""
SMS = 70
"""Characters of one part of a text message with letters outside GSM-7 (3GPP TS 23.038): these carry it."""


class Text(Struct, frozen=True, kw_only=True):
    """A page as one person reads it."""

    title: str
    body: str
    short: str
    """For SMS: how bad, when, where and what within the first 70 characters; of several alerts for the worst one."""
    link: str = ""
    """Where this person says «mine»; empty if there is nothing to take."""
    button: str = ""
    """What stands on the button that does so."""
    language: str = "en"
    severity: Severity = "medium"


class Author:
    """Writes what one monitor has to say.

    Args:
        book: tells the rules and the venue in force.
        people: tells everybody, by id.
        link: tells the link by which a person takes an alert: alert, person; empty where there is none.

    """

    def __init__(
        self,
        book: Callable[[], RuleBook],
        people: Callable[[], Mapping[str, Person]],
        link: Callable[[str, str], str],
    ) -> None:
        self._book = book
        self._people = people
        self._link = link

    def language(self, person: str) -> Language:
        """Return the language of somebody; the congress's for one who is not on the roster."""
        congress = self._book().venue.congress.languages
        found = self._people().get(person)
        return best(congress if found is None else tags(found, congress))

    def knows(self, person: str) -> bool:
        """Tell whether somebody is on the roster now."""
        return person in self._people()

    def name(self, person: str) -> str:
        """Return somebody's name; the id, if that is all that is known."""
        found = self._people().get(person)
        return person if found is None else found.name

    def title(self, alert: Alert, said: Language) -> str:
        """Return what is wrong, in a language if its rule knows that."""
        for rule in self._book().rules:
            if rule.id == alert.rule and said.tag in rule.titles:
                values = {name: said.inset(value) for name, value in alert.values.items()}
                try:
                    return rule.titles[said.tag].format_map(values)
                except KeyError:
                    break  # the rule was changed since, and asks for what was not kept
        return said.inset(alert.title)

    def where(self, alert: Alert, said: Language) -> str:
        """Return the names of access point, zone and site."""
        venue = self._book().venue
        rows = ((alert.point, venue.points), (alert.zone, venue.zones), (alert.site, venue.sites))
        names = [
            next((row.name for row in known if row.id == own), own) for own, known in rows if own
        ]
        return said.listed(dict.fromkeys(name for name in names if name))

    def write(self, page: PageOrdered, *, repeat: bool) -> Text:
        """Write a page to the one whom it is for; a `repeat` says that it may have been read already."""
        said = self.language(page.person)
        worst, *others = sorted(page.alerts, key=lambda alert: SEVERITIES.index(alert.severity))
        own = self.title(worst, said)
        if not others and not page.more:
            head, link = own, self._mine(worst, page.person)
            body = self._one(page, worst, said, link)
        else:
            head, link = count(len(page.alerts) + len(page.more), said), ""
            body = self._many(page, [worst, *others], said)
        marks = [occasion(page, said)]
        if repeat:
            marks.insert(0, said.gettext("Repeat"))
            sorry = said.gettext("This may have reached you before; it is sent again to be sure.")
            body = f"{sorry}\n\n{body}"
        bad, when = severity(worst, said), said.time(worst.happened_at, self._zone())
        told = marks if page.kind in ("returned", "cleared") else marks[:-1]
        first = [*told, bad.upper(), when]
        if head != own:
            first.append(f"{head}:")
        place = clean(worst.point or worst.zone or worst.site)
        if place and place not in own[: SMS // 2]:
            first.append(said.inset(place))
        return Text(
            title=f"{': '.join(marks)}: {head} [{bad}]",
            body=body,
            short=" ".join([*first, own, link]).rstrip(),
            link=link,
            button=said.gettext("I take it"),
            language=said.tag,
            severity=worst.severity,
        )

    def facts(self, alert: Alert, said: Language) -> list[tuple[str, str]]:
        """Return what somebody has to know about an alert, each with its label."""
        return [
            (label, value)
            for label, value in (
                (said.gettext("Where"), self.where(alert, said)),
                (said.gettext("Since"), said.moment(alert.happened_at, self._zone())),
                (said.gettext("How bad"), severity(alert, said)),
                (said.gettext("Now"), standing(alert, said)),
                (said.gettext("Taken by"), self._taken(alert, said)),
                (said.gettext("How often"), times(alert, said)),
                (said.gettext("What to do"), said.inset(alert.do)),
            )
            if value
        ]

    def write_test(self, person: str, channel: str) -> Text:
        """Write a text that only shows that a channel works."""
        said = self.language(person)
        title = said.gettext("Test: nothing has happened")
        body = said.gettext(
            "This is a test of the channel {channel} to {person}. Nobody has to do anything."
        )
        told = body.format(channel=said.inset(channel), person=said.inset(self.name(person)))
        return Text(
            title=title, body=told, short=f"{title}. {said.inset(channel)}", language=said.tag
        )

    def _taken(self, alert: Alert, said: Language) -> str:
        """Return who has it and since when; empty if nobody has."""
        if alert.acknowledged_at is None:
            return ""
        return said.gettext("{name}, since {when}").format(
            name=said.inset(self.name(alert.owner)),
            when=said.moment(alert.acknowledged_at, self._zone()),
        )

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._book().venue.congress.timezone)

    def _mine(self, alert: Alert, person: str) -> str:
        """Return the link by which somebody takes an alert, if it can be taken."""
        return self._link(alert.id, person) if alert.handling is Handling.NEW else ""

    def _one(self, page: PageOrdered, alert: Alert, said: Language, link: str) -> str:
        rows = [
            *self.facts(alert, said),
            (said.gettext("Why you"), said.inset(page.reason)),
            (said.gettext("Also told"), said.listed(self.name(other) for other in page.others)),
            (said.gettext("I take it"), link),
        ]
        told = [f"{label}: {value}" for label, value in rows if value]
        return "\n".join([self.title(alert, said), "", *told])

    def _many(self, page: PageOrdered, alerts: Sequence[Alert], said: Language) -> str:
        listed = alerts[:MOST_LISTED]
        told = [line for alert in listed for line in self._listed(page, alert, said)]
        more = len(alerts) - len(listed) + len(page.more)
        if more > 0:
            text = said.ngettext("and {n} more", "and {n} more", more)
            told.append(text.format(n=said.inset(str(more))))
        return "\n".join([*told, "", f"{said.gettext('Why you')}: {said.inset(page.reason)}"])

    def _listed(self, page: PageOrdered, alert: Alert, said: Language) -> Iterator[str]:
        when = said.time(alert.happened_at, self._zone())
        yield f"- {when} [{severity(alert, said)}] {self.title(alert, said)} ({standing(alert, said)})"
        if link := self._mine(alert, page.person):
            yield f"  {said.gettext('I take it')}: {link}"
