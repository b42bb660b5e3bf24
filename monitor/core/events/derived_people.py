"""Events that the core derives about people: their badges, musters, posts and rounds. No one may send them."""

from monitor.core.events.base import Event, ZoneEvent
from monitor.core.events.vocabulary import Name


class HolderStrayed(Event, frozen=True, kw_only=True, tag="holder.strayed"):
    """A badge left a zone with `anti_passback` that it had not entered: its holder entered with another badge."""

    holder: Name
    point: Name
    left: str
    """The zone that it left."""
    last_zone: str
    """The zone in which it was last: the one that it left, if that was closed for a night since. Empty: outside, or
    unknown."""


class HolderMoved(Event, frozen=True, kw_only=True, tag="holder.moved"):
    """A badge was used at another site than before."""

    holder: Name
    point: Name
    came_from: str
    """The site before."""
    took_s: float
    short_by_s: float
    """Seconds by which it was too fast to be possible; 0 if the time was sufficient."""


class HolderForgotten(ZoneEvent, frozen=True, kw_only=True, tag="holder.forgotten"):
    """A zone with `anti_passback` was counted empty or closed: a badge that never left may enter again."""

    holder: Name
    inside: int = 0


class CredentialOutdated(Event, frozen=True, kw_only=True, tag="credential.outdated"):
    """A badge was used although its holder has used a newer issue before."""

    holder: Name
    point: Name
    credential_issue: int
    """The issue used now."""
    newest_issue: int


class MusterExpected(ZoneEvent, frozen=True, kw_only=True, tag="muster.expected"):
    """A site has a fire alarm while this holder is there: he or she must report."""

    holder: Name


class MusterOver(Event, frozen=True, kw_only=True, tag="muster.over"):
    """This holder no longer needs to report: he or she has left, or the alarm is over."""

    holder: Name


class MusterReported(ZoneEvent, frozen=True, kw_only=True, tag="muster.reported"):
    """A person has ticked off a holder who reported to them after a fire alarm."""

    holder: Name
    who: str = ""


class PostExpected(Event, frozen=True, kw_only=True, tag="post.expected"):
    """The venue file names this post, and it has not been reported as manned."""

    post: Name
    zone: str = ""


class RoundExpected(Event, frozen=True, kw_only=True, tag="round.expected"):
    """The venue file names this round."""

    round: Name


class RoundWalked(Event, frozen=True, kw_only=True, tag="round.walked"):
    """A round of the venue file ended."""

    round: Name
    who: str = ""
    missing: str = ""
    """The stations that were not visited."""
    missed: int
    """The number of these stations."""


class ZoneStaffed(ZoneEvent, frozen=True, kw_only=True, tag="zone.staffed"):
    """The number of crowd managers that a zone needs, and the number on duty."""

    needed: int
    on_duty: int
    missing: int


DerivedAboutPeople = (
    HolderStrayed
    | HolderMoved
    | HolderForgotten
    | CredentialOutdated
    | MusterExpected
    | MusterOver
    | MusterReported
    | PostExpected
    | RoundExpected
    | RoundWalked
    | ZoneStaffed
)
"""Every event that the core derives about people, from their badges, posts and rounds."""
