"""What the monitor notices about itself and its senders: rules may use it, nobody may send it."""

from typing import Annotated, Literal

from msgspec import Meta

from monitor.core.events.base import Said
from monitor.core.events.vocabulary import TroubleKind


class MonitorStarted(Said, frozen=True, kw_only=True, tag="monitor.started"):
    """The monitor took up its work."""

    downtime_s: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Seconds since the last input before it stopped; 0 on a new journal."""


class MonitorConnected(Said, frozen=True, kw_only=True, tag="monitor.connected"):
    """The broker can be reached again; what it kept for us follows."""

    broker: str = ""


class MonitorDisconnected(Said, frozen=True, kw_only=True, tag="monitor.disconnected"):
    """The broker can't be reached: the monitor hears nothing."""

    broker: str
    reason: str = ""


class MonitorCaughtUp(Said, frozen=True, kw_only=True, tag="monitor.caught_up"):
    """What the broker had kept for us is taken in."""


class MonitorRejected(Said, frozen=True, kw_only=True, tag="monitor.rejected"):
    """A message could not be read."""

    source: str
    """Its topic."""
    reason: str


class MonitorUnknown(Said, frozen=True, kw_only=True, tag="monitor.unknown"):
    """An event names something that the venue file doesn't know."""

    kind: Literal["point", "zone", "device", "checklist"]
    subject: str


class MonitorClockSkew(Said, frozen=True, kw_only=True, tag="monitor.clock_skew"):
    """A sender's clock is ahead of ours by more than the tolerance."""

    source: str
    ahead_s: float


class MonitorSessionLost(Said, frozen=True, kw_only=True, tag="monitor.session_lost"):
    """The broker had forgotten our session: messages may have been lost."""

    broker: str


class MonitorSinkRefused(Said, frozen=True, kw_only=True, tag="monitor.sink_refused"):
    """A sink will never take one entry; it was stepped over."""

    sink: str
    reason: str


class MonitorSinkFailed(Said, frozen=True, kw_only=True, tag="monitor.sink_failed"):
    """A sink's task died of a defect and was started again."""

    sink: str
    reason: str


class MonitorSinkAway(Said, frozen=True, kw_only=True, tag="monitor.sink_away"):
    """A sink can't be reached: what is meant for it waits."""

    sink: str
    reason: str = ""


class MonitorSinkBack(Said, frozen=True, kw_only=True, tag="monitor.sink_back"):
    """A sink was reached, for the first time since the start or since it went away."""

    sink: str


class MonitorSinkBehind(Said, frozen=True, kw_only=True, tag="monitor.sink_behind"):
    """A sink has not had what came in more than a minute ago."""

    sink: str
    behind_s: float = 0.0


class MonitorSinkCaughtUp(Said, frozen=True, kw_only=True, tag="monitor.sink_caught_up"):
    """A sink that was behind has had everything again."""

    sink: str


class MonitorKeysCapped(Said, frozen=True, kw_only=True, tag="monitor.keys_capped"):
    """A rule follows as many keys as it may; further ones are not followed."""

    rule: str


class MonitorRulesRefused(Said, frozen=True, kw_only=True, tag="monitor.rules_refused"):
    """The rule or venue files were changed and have mistakes: the rules before stay in force."""

    folder: str
    reason: str
    """The first mistake, and how many there are."""


class MonitorRulesLoaded(Said, frozen=True, kw_only=True, tag="monitor.rules_loaded"):
    """The rule and venue files are in force as they are."""

    folder: str


class MonitorRosterTrouble(Said, frozen=True, kw_only=True, tag="monitor.roster_trouble"):
    """Something is wrong with the roster: somebody may not be told."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: str


class MonitorRosterMended(Said, frozen=True, kw_only=True, tag="monitor.roster_mended"):
    """That is not wrong any more."""

    kind: TroubleKind
    subject: str


class MonitorPageUndelivered(Said, frozen=True, kw_only=True, tag="monitor.page_undelivered"):
    """A page reached nobody, by none of the person's channels: the alerts that it told of climb at once."""

    page: str
    """Its id."""
    person: str
    alerts: tuple[str, ...] = ()
    """The ids of all alerts that it told of."""
    reason: str = ""
    """What the last channel said."""


class MonitorPageDelivered(Said, frozen=True, kw_only=True, tag="monitor.page_delivered"):
    """Somebody whom a page had not reached can be reached again."""

    page: str
    """The id of the one that arrived."""
    person: str


class _OfChannel(Said, frozen=True, kw_only=True):
    person: str
    channel: str
    """Its name in ``roster.toml``."""


class MonitorChannelDown(_OfChannel, frozen=True, kw_only=True, tag="monitor.channel_down"):
    """A channel to somebody takes nothing, or can't be reached."""

    reason: str = ""


class MonitorChannelUp(_OfChannel, frozen=True, kw_only=True, tag="monitor.channel_up"):
    """A channel can be reached again, or for the first time since the start."""


Noticed = (
    MonitorStarted
    | MonitorConnected
    | MonitorDisconnected
    | MonitorCaughtUp
    | MonitorUnknown
    | MonitorClockSkew
    | MonitorSessionLost
    | MonitorSinkRefused
    | MonitorSinkFailed
    | MonitorSinkAway
    | MonitorSinkBack
    | MonitorSinkBehind
    | MonitorSinkCaughtUp
    | MonitorKeysCapped
    | MonitorRulesRefused
    | MonitorRulesLoaded
    | MonitorRejected
    | MonitorRosterTrouble
    | MonitorRosterMended
    | MonitorPageUndelivered
    | MonitorPageDelivered
    | MonitorChannelDown
    | MonitorChannelUp
)
"""What the monitor notices about itself and its senders."""
