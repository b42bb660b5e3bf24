"""The issue of the badge that each holder uses: once a newer one has been used, every older one is void."""

from datetime import timedelta

from monitor.core.effects import Effects
from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.derived_people import CredentialOutdated
from monitor.core.events.monitor_senders import MonitorKeysCapped
from monitor.core.state.people import BadgeIssue
from monitor.core.state.senders import has_room
from monitor.core.state.state import State
from monitor.core.state.time import TimestampedEvent
from monitor.core.venue.places import Place, Places

FOLLOWED = (AccessGranted, AccessTaken)
"""The event types that show the issue in use."""
MOST = 50_000
"""The limit of holders tracked, since attackers choose badges."""
IDLE = timedelta(days=30)
"""Holders not seen for this long are forgotten if there are too many. Judgement: longer than a congress."""


def follow(
    state: State, places: Places, timestamped: TimestampedEvent, place: Place, effects: Effects
) -> None:
    """Derive that a passage was made with an older issue than the holder has used before."""
    del places, place
    event = timestamped.event
    if not isinstance(event, FOLLOWED):
        return
    if not event.credential_issue or not event.holder:
        return
    newest = state.people.badge_issues.pop(event.holder, None)
    if (
        newest is None
        and not has_room(state, event, len(state.people.badge_issues), MOST)
        and not _forget(state, timestamped)
    ):
        effects.derive(MonitorKeysCapped(at=timestamped.t, rule="issues of badges"))
        return
    if newest is None or event.credential_issue > newest.number:
        newest = BadgeIssue(event.credential_issue, timestamped.t, timestamped.t)
    elif event.credential_issue == newest.number:
        newest.since = min(newest.since, timestamped.t)
    newest.used_at = max(newest.used_at, timestamped.t)
    # In the order of use: the holder not seen for longest is the first.
    state.people.badge_issues[event.holder] = newest
    if timestamped.live and event.credential_issue < newest.number and timestamped.t > newest.since:
        effects.derive(
            CredentialOutdated(
                at=timestamped.t,
                holder=event.holder,
                point=event.point,
                credential_issue=event.credential_issue,
                newest_issue=newest.number,
            )
        )


def _forget(state: State, timestamped: TimestampedEvent) -> bool:
    """Forget the holder not seen for longest, unless that was recent; return whether one was forgotten."""
    oldest = next(iter(state.people.badge_issues))
    if timestamped.t - state.people.badge_issues[oldest].used_at < IDLE:
        return False
    del state.people.badge_issues[oldest]
    return True
