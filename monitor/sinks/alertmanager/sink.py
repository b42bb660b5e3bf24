"""Keeps one Alertmanager as the journal says: it is told everything again and again, since it remembers nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from monitor.config.outward import Alertmanager
from monitor.core.alert import Alert, Change
from monitor.core.events.monitor import MonitorSinkRefused
from monitor.core.rules.model import RuleBook
from monitor.core.transitions import AlertChanged, MaskChanged, Transition
from monitor.errors import SinkRefused, SinkUnavailable
from monitor.journal import Journal, Written
from monitor.runtime.http import Remote
from monitor.sinks.alertmanager import silences
from monitor.sinks.alertmanager.api import Held, Peer, Posted
from monitor.sinks.alertmanager.labels import alive, firing, resolved, with_end

RESOLVED_FOR = timedelta(minutes=15)
"""So long a resolved alert is sent again: an Alertmanager that was restarted at the wrong moment would never tell. Its
documentation asks for 5 min, Prometheus takes 15."""

Labels = frozenset[tuple[str, str]]


class _Ended(Struct):
    """An alert that is resolved, and until when that is said again."""

    posted: Posted
    until: datetime | None = None
    """Counted from when it was told first."""


class AlertmanagerSink:
    """Tells one peer of the open alerts, of those that ended, and of what is shelved and masked.

    What it tells is made anew from the journal each time. An Alertmanager that has forgotten everything knows it again
    after one beat, and so does one for which the monitor was away.

    Args:
        url: one peer; each has a sink of its own, so that none waits for another.
        settings: the deployment's ``[alertmanager]``.
        journal: where the alerts and masks are.
        book: tells the rules in force and the congress.
        now: the time.
        refuse: is told of each alert that the peer doesn't take.

    """

    def __init__(  # noqa: PLR0913 - what it reads, what it tells, and by which time
        self,
        url: str,
        settings: Alertmanager,
        journal: Journal,
        *,
        book: Callable[[], RuleBook],
        now: Callable[[], datetime],
        refuse: Callable[[MonitorSinkRefused], None],
    ) -> None:
        where = urlsplit(url)
        self.name = f"alertmanager/{where.netloc}{where.path.rstrip('/')}"
        self.every = settings.resend
        login = (settings.username, settings.password.reveal()) if settings.password else None
        remote = Remote(self.name, settings.timeout, login=login, ca_file=settings.ca_file)
        self._peer = Peer(url, remote)
        self._settings = settings
        self._journal = journal
        self._book = book
        self._now = now
        self._refuse = refuse
        self._since = now()
        self._ended: dict[Labels, _Ended] = {}
        self._read = min(journal.cursor(self.name), journal.seq_before(self._since - RESOLVED_FOR))
        """How far it has looked for alerts that ended; always as far as the board that it tells."""

    async def take(self, entries: Sequence[Written]) -> None:
        """Tell how things stand now, if something has changed that matters there; see `relay.Sink`."""
        if any(_is_news(entry.transition) for entry in entries):
            await self._tell()

    async def beat(self) -> None:
        """Tell how things stand now; see `relay.Recurring`."""
        hidden = [
            held.labels["alert"]
            for held in await self._tell()
            if held.labels.get("severity") == "life_safety" and held.status.silenced_by
        ]
        if hidden:
            raise SinkUnavailable(
                f"{self.name}: somebody has silenced life safety there (alert {', '.join(hidden)}); "
                "end that silence in Alertmanager"
            )

    async def close(self) -> None:
        """Let go of the connection."""
        await self._peer.close()

    async def _tell(self) -> list[Held]:
        """Bring the peer up to date; return what it held before."""
        self._read_on()
        now, book, settings = self._now(), self._book(), self._settings
        congress = book.venue.congress
        rules = {rule.id: rule for rule in book.rules}
        still = {alert.id: alert for alert in self._journal.alerts()}
        alerts = [alert for alert in still.values() if self._is_told(alert)]
        until = now + settings.hold
        posts = [
            firing(alert, rules.get(alert.rule), congress.id, congress.languages, until)
            for alert in alerts
        ]
        posts.append(alive(congress.id, self._since, until, settings.hold))
        fires = {_same(post) for post in posts}
        held = await self._peer.held(congress.id)
        self._forget(fires, now)
        for other in held:
            if _same(other) not in fires | self._ended.keys():
                why = "replaced" if other.labels.get("alert") in still else "resolution"
                told = with_end(other, now, **{why: "no longer told in this form"})
                self._ended[_same(other)] = _Ended(told)
        await self._silence(alerts, congress.id, now)
        await self._post([*posts, *(ended.posted for ended in self._ended.values())])
        for ended in self._ended.values():
            ended.until = ended.until or now + RESOLVED_FOR
        return held

    def _is_told(self, alert: Alert) -> bool:
        return self._settings.silent or not alert.silent

    def _read_on(self) -> None:
        """Remember the alerts that were closed since the last time."""
        while entries := self._journal.transitions(self._read):
            self._read = entries[-1].seq
            for entry in entries:
                match entry.transition:
                    case AlertChanged(alert=alert) as changed if not alert.is_open:
                        self._end(changed)
                    case _:
                        pass

    def _end(self, changed: AlertChanged) -> None:
        if not self._is_told(changed.alert):
            return
        book = self._book()
        rule = next((row for row in book.rules if row.id == changed.alert.rule), None)
        congress = book.venue.congress
        posted = resolved(changed, rule, congress.id, congress.languages, self._now())
        self._ended[_same(posted)] = _Ended(posted)

    def _forget(self, fires: set[Labels], now: datetime) -> None:
        """Leave out what was said long enough, and what is so again."""
        self._ended = {
            labels: ended
            for labels, ended in self._ended.items()
            if labels not in fires and (ended.until is None or ended.until > now)
        }

    async def _post(self, posts: Sequence[Posted]) -> None:
        """Tell all at once; if the peer doesn't like something, each alone: it may have taken some, or none."""
        try:
            await self._peer.post(posts)
        except SinkRefused as error:
            if len(posts) == 1:
                self._refused(error, f"alert {posts[0].labels}")
                return
            for post in posts:
                await self._post([post])

    async def _silence(self, alerts: Sequence[Alert], monitor: str, now: datetime) -> None:
        """See to it that our silences are there as they should be, and no others of ours."""
        wanted = silences.wanted(alerts, self._journal.masks(), monitor, now)
        ours = silences.ours(await self._peer.silences(), monitor)
        for what, silence in wanted.items():
            has, *_ = ours.get(what, [None])
            to_send = silence if has is None else silences.changed(silence, has)
            if to_send is not None:
                try:
                    await self._peer.put(to_send)
                except SinkRefused as error:
                    self._refused(error, what)
        for what, rows in ours.items():
            # Of two that peers made at the same moment one is enough.
            for silence in rows[1 if what in wanted else 0 :]:
                await self._peer.expire(silence.id)

    def _refused(self, error: SinkRefused, what: str) -> None:
        reason = f"{what}: {error}"
        self._refuse(MonitorSinkRefused(at=self._now(), sink=self.name, reason=reason))


def _same(post: Posted) -> Labels:
    """Return what makes an alert the same one there."""
    return frozenset(post.labels.items())


def _is_news(transition: Transition) -> bool:
    """Tell whether it can't wait for the next beat; one more occurrence can, since it changes no label."""
    match transition:
        case AlertChanged(change=change):
            return change is not Change.RECURRED
        case _:
            return isinstance(transition, MaskChanged)
