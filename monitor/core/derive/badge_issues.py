"""Which issue of a badge each holder uses: once a newer one has been in use, every older one is void."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.core.events.access import AccessGranted, AccessTaken
from monitor.core.events.derived_people import CredentialOutdated
from monitor.core.events.monitor import MonitorKeysCapped
from monitor.core.state.state import Issue, Moment, State
from monitor.core.venue.places import Place, Places

FOLLOWED = (AccessGranted, AccessTaken)
"""The event types that say which issue is in use."""
MOST = 50_000
"""Holders that are followed; attackers choose badges."""
IDLE = timedelta(days=30)
"""Who has not come for so long is forgotten when there are too many. Judgement: longer than a congress."""


def follow(
    state: State, places: Places, moment: Moment, place: Place
) -> Iterator[CredentialOutdated | MonitorKeysCapped]:
    """Take a passage in; yield that it was made with an older issue than its holder has used before."""
    del places, place
    said = moment.event
    if not isinstance(said, AccessGranted | AccessTaken):
        return
    if not said.credential_issue or not said.holder:
        return
    newest = state.issues.pop(said.holder, None)
    if newest is None and len(state.issues) >= MOST and not _forget(state, moment):
        yield MonitorKeysCapped(at=moment.t, rule="issues of badges")
        return
    if newest is None or said.credential_issue > newest.number:
        newest = Issue(said.credential_issue, moment.t, moment.t)
    elif said.credential_issue == newest.number:
        newest.since = min(newest.since, moment.t)
    newest.used_at = max(newest.used_at, moment.t)
    # They stand in the order in which they were told of: who has not come for longest is the first.
    state.issues[said.holder] = newest
    if moment.news and said.credential_issue < newest.number and moment.t > newest.since:
        yield CredentialOutdated(
            at=moment.t,
            holder=said.holder,
            point=said.point,
            credential_issue=said.credential_issue,
            newest_issue=newest.number,
        )


def _forget(state: State, moment: Moment) -> bool:
    """Forget who has not come for longest, unless that is not long ago; return whether."""
    oldest = next(iter(state.issues))
    if moment.t - state.issues[oldest].used_at < IDLE:
        return False
    del state.issues[oldest]
    return True
