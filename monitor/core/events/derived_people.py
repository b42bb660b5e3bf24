"""What the core concludes about people: where badges went, who has to report, who stands where. Nobody may send it."""

from monitor.core.events.base import OfZone, Said
from monitor.core.events.vocabulary import Name


class HolderStrayed(Said, frozen=True, kw_only=True, tag="holder.strayed"):
    """A badge left a zone with `anti_passback` that it had not gone into: somebody went in with another's."""

    holder: Name
    point: Name
    left: str
    """The zone that it left."""
    last_zone: str
    """The zone in which it was last: the one that it left, if that was closed for a night since. Empty: outside, or not
    known."""


class HolderMoved(Said, frozen=True, kw_only=True, tag="holder.moved"):
    """A badge was used at another site than before."""

    holder: Name
    point: Name
    came_from: str
    """The site before."""
    took_s: float
    short_by_s: float
    """So many seconds faster than anybody can be; 0 where the time was enough."""


class HolderForgotten(OfZone, frozen=True, kw_only=True, tag="holder.forgotten"):
    """A zone with `anti_passback` was counted empty or closed: a badge that has not come out may go in again."""

    holder: Name
    inside: int = 0


class CredentialOutdated(Said, frozen=True, kw_only=True, tag="credential.outdated"):
    """A badge was used of which its holder has used a newer issue before."""

    holder: Name
    point: Name
    credential_issue: int
    """The one that was used now."""
    newest_issue: int


class MusterExpected(OfZone, frozen=True, kw_only=True, tag="muster.expected"):
    """There is a fire alarm at a site in which this holder is: he or she has to report."""

    holder: Name


class MusterOver(Said, frozen=True, kw_only=True, tag="muster.over"):
    """This holder need not report any more: has left, or the alarm is over."""

    holder: Name


class PostExpected(Said, frozen=True, kw_only=True, tag="post.expected"):
    """The venue file names this post, and nobody has said that it is manned."""

    post: Name
    zone: str = ""


class RoundWalked(Said, frozen=True, kw_only=True, tag="round.walked"):
    """A round of the venue file is over."""

    round: Name
    who: str = ""
    missing: str = ""
    """The stations that were not visited."""
    missed: int
    """How many these are."""


class ZoneStaffed(OfZone, frozen=True, kw_only=True, tag="zone.staffed"):
    """How many crowd managers a zone needs, and how many are on duty."""

    needed: int
    on_duty: int
    missing: int


Whereabouts = (
    HolderStrayed
    | HolderMoved
    | HolderForgotten
    | CredentialOutdated
    | MusterExpected
    | MusterOver
    | PostExpected
    | RoundWalked
    | ZoneStaffed
)
"""What the core concludes about people, from their badges, their posts and their rounds."""
