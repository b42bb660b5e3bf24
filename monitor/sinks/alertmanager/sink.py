"""Keeps one Alertmanager in line with the journal by sending everything periodically, since it persists no alerts."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from monitor.config.outward import Alertmanager
from monitor.core.alert import Alert, Change
from monitor.core.events.monitor_delivery import MonitorSinkRefused
from monitor.core.phrase import phrase
from monitor.core.rules.model import RuleSet
from monitor.core.transitions import AlertChanged, MaskChanged, Transition
from monitor.core.venue.display_names import DisplayNames
from monitor.errors import SinkRefused, SinkUnavailable
from monitor.journal import Journal, Written
from monitor.runtime.http import HttpClient
from monitor.sinks.alertmanager import silences
from monitor.sinks.alertmanager.api import GettableAlert, Peer, PostableAlert
from monitor.sinks.alertmanager.labels import alive, firing, resolved, with_end
from monitor.sinks.rejected_entry import refusal

_UNLABELLED = (Change.RECURRED, Change.TICKED, Change.UNTICKED, Change.NOTED)
"""The changes that change no label of an alert."""
RESOLVED_FOR = timedelta(minutes=15)
"""How long a resolved alert is sent again, for an Alertmanager that was restarting when it ended. Its
documentation asks for 5 min; Prometheus uses 15."""

Labels = frozenset[tuple[str, str]]


class _Ended(Struct):
    """A resolved alert, and until when it is sent again."""

    alert: PostableAlert
    until: datetime | None = None
    """Counted from when it was first sent."""


class AlertmanagerSink:
    """Sends open alerts, resolved alerts and silences to one peer.

    Everything sent is derived from the journal each time, so an Alertmanager that has lost its state or missed messages
    is up to date after one interval.

    Args:
        url: the peer; each peer has a sink of its own, so that none waits for another.
        settings: the deployment's ``[alertmanager]``.
        journal: holds the alerts and masks.
        rule_set: returns the rules in force and the venue.
        now: the monitor's clock.
        refuse: called with each alert or silence that the peer refuses.

    """

    def __init__(  # noqa: PLR0913 - its source, its target and its clock
        self,
        url: str,
        settings: Alertmanager,
        journal: Journal,
        *,
        rule_set: Callable[[], RuleSet],
        now: Callable[[], datetime],
        refuse: Callable[[MonitorSinkRefused], None],
    ) -> None:
        where = urlsplit(url)
        self.name = f"alertmanager/{where.netloc}{where.path.rstrip('/')}"
        self.every = settings.resend
        login = (settings.username, settings.password.reveal()) if settings.password else None
        client = HttpClient(self.name, settings.timeout, login=login, ca_file=settings.ca_file)
        self._peer = Peer(url, client)
        self._settings = settings
        self._journal = journal
        self._rule_set = rule_set
        self._now = now
        self._refuse = refuse
        self._since = now()
        self._ended: dict[Labels, _Ended] = {}
        self._read = min(
            journal.readers.cursor(self.name), journal.seq_before(self._since - RESOLVED_FOR)
        )
        """The number of the latest input searched for closed alerts."""

    async def take(self, entries: Sequence[Written]) -> None:
        """Send the present state if a change cannot wait for the next interval; see `relay.Sink`."""
        if any(_is_urgent(entry.transition) for entry in entries):
            await self._send()

    async def send_periodic(self) -> None:
        """Send the present state; see `relay.PeriodicSink`."""
        silenced = [
            alert.labels["alert"]
            for alert in await self._send()
            if alert.labels.get("severity") == "life_safety" and alert.status.silenced_by
        ]
        if silenced:
            raise SinkUnavailable(
                phrase("life-safety-silenced", server=self.name, alerts=", ".join(silenced))
            )

    async def close(self) -> None:
        """Close the connection."""
        await self._peer.close()

    async def _send(self) -> list[GettableAlert]:
        """Bring the peer up to date; return the alerts that were firing there before."""
        self._read_closed()
        now, rule_set, settings = self._now(), self._rule_set(), self._settings
        congress = rule_set.venue.congress
        rules = {rule.id: rule for rule in rule_set.rules}
        open_alerts = {alert.id: alert for alert in self._journal.alerts()}
        alerts = [alert for alert in open_alerts.values() if self._is_sent(alert)]
        until, names = now + settings.hold, DisplayNames(rule_set.venue)
        posts = [
            firing(alert, rules.get(alert.rule), congress.id, congress.languages, until, names)
            for alert in alerts
        ]
        posts.append(alive(congress.id, self._since, until, settings.hold))
        sent = {_identity(post) for post in posts}
        present = await self._peer.firing(congress.id)
        self._forget(sent, now)
        for other in present:
            if _identity(other) not in sent | self._ended.keys():
                reason = "replaced" if other.labels.get("alert") in open_alerts else "resolution"
                gone = with_end(other, now, **{reason: "no longer sent in this form"})
                self._ended[_identity(other)] = _Ended(gone)
        await self._silence(alerts, congress.id, now)
        await self._post([*posts, *(ended.alert for ended in self._ended.values())])
        for ended in self._ended.values():
            ended.until = ended.until or now + RESOLVED_FOR
        return present

    def _is_sent(self, alert: Alert) -> bool:
        return self._settings.silent or not alert.silent

    def _read_closed(self) -> None:
        """Collect the alerts that were closed since the last time."""
        while entries := self._journal.transitions(self._read):
            self._read = entries[-1].seq
            for entry in entries:
                match entry.transition:
                    case AlertChanged(alert=alert) as changed if not alert.is_open:
                        self._end(changed)
                    case _:
                        pass

    def _end(self, changed: AlertChanged) -> None:
        if not self._is_sent(changed.alert):
            return
        rule_set = self._rule_set()
        rule = next((row for row in rule_set.rules if row.id == changed.alert.rule), None)
        congress = rule_set.venue.congress
        names = DisplayNames(rule_set.venue)
        alert = resolved(changed, rule, congress.id, congress.languages, self._now(), names)
        self._ended[_identity(alert)] = _Ended(alert)

    def _forget(self, sent: set[Labels], now: datetime) -> None:
        """Drop resolved alerts that were sent long enough, and those that fire again."""
        self._ended = {
            labels: ended
            for labels, ended in self._ended.items()
            if labels not in sent and (ended.until is None or ended.until > now)
        }

    async def _post(self, posts: Sequence[PostableAlert]) -> None:
        """Post all at once; if the peer refuses, post each alone: it may have accepted some, or none."""
        try:
            await self._peer.post(posts)
        except SinkRefused as error:
            if len(posts) == 1:
                self._refused(error, f"alert {posts[0].labels}")
                return
            for post in posts:
                await self._post([post])

    async def _silence(self, alerts: Sequence[Alert], monitor: str, now: datetime) -> None:
        """Create, change and expire the monitor's silences as needed."""
        wanted = silences.wanted(alerts, self._journal.masks(), monitor, now)
        ours = silences.ours(await self._peer.silences(), monitor)
        for subject, silence in wanted.items():
            present, *_ = ours.get(subject, [None])
            to_send = silence if present is None else silences.changed(silence, present)
            if to_send is not None:
                try:
                    await self._peer.put(to_send)
                except SinkRefused as error:
                    self._refused(error, subject)
        for subject, rows in ours.items():
            # Two peers may have created the same silence at the same time: keep one.
            for silence in rows[1 if subject in wanted else 0 :]:
                await self._peer.expire(silence.id)

    def _refused(self, error: SinkRefused, subject: str) -> None:
        why = phrase("entry-refused", entry=subject, error=error.why)
        self._refuse(refusal(self._now(), self.name, why))


def _identity(alert: PostableAlert) -> Labels:
    """Return the labels by which Alertmanager identifies an alert."""
    return frozenset(alert.labels.items())


def _is_urgent(transition: Transition) -> bool:
    """Return whether a transition cannot wait for the next interval; what changes no label can."""
    match transition:
        case AlertChanged(change=change):
            return change not in _UNLABELLED
        case _:
            return isinstance(transition, MaskChanged)
