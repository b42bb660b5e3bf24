"""Events that the monitor notices about delivery: sinks, pages, and the channels to people."""

from monitor.core.events.base import Event
from monitor.core.phrase import Phrase


class MonitorSinkRefused(Event, frozen=True, kw_only=True, tag="monitor.sink_refused"):
    """A sink refused an entry for good; the entry was skipped."""

    sink: str
    reason: str
    """Why, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; in journals of older versions it is missing."""


class MonitorSinkFailed(Event, frozen=True, kw_only=True, tag="monitor.sink_failed"):
    """A sink's task failed because of a defect and was restarted."""

    sink: str
    reason: str


class MonitorSinkAway(Event, frozen=True, kw_only=True, tag="monitor.sink_away"):
    """A sink is unreachable: its entries wait."""

    sink: str
    reason: str = ""
    """Why, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; in journals of older versions it is missing."""


class MonitorSinkBack(Event, frozen=True, kw_only=True, tag="monitor.sink_back"):
    """A sink was reached for the first time since the start, or since it became unreachable."""

    sink: str


class MonitorSinkBehind(Event, frozen=True, kw_only=True, tag="monitor.sink_behind"):
    """A sink has not received inputs that are more than a minute old."""

    sink: str
    behind_s: float = 0.0


class MonitorSinkCaughtUp(Event, frozen=True, kw_only=True, tag="monitor.sink_caught_up"):
    """A sink that was behind has received everything again."""

    sink: str


class MonitorPageUndelivered(Event, frozen=True, kw_only=True, tag="monitor.page_undelivered"):
    """A page failed on all of the person's channels: its alerts escalate at once."""

    page: str
    """The id of the page."""
    person: str
    alerts: tuple[str, ...] = ()
    """The ids of all alerts in the page."""
    reason: str = ""
    """The error of the last channel, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; in journals of older versions it is missing."""


class MonitorPageDelivered(Event, frozen=True, kw_only=True, tag="monitor.page_delivered"):
    """A person whom a page had failed to reach is reachable again."""

    page: str
    """The id of the page that was delivered."""
    person: str


class _ChannelEvent(Event, frozen=True, kw_only=True):
    person: str
    channel: str
    """The name of the channel in ``roster.toml``."""


class MonitorChannelDown(_ChannelEvent, frozen=True, kw_only=True, tag="monitor.channel_down"):
    """A person's channel accepts nothing, or is unreachable."""

    reason: str = ""
    """Why, in English."""
    phrase: Phrase | None = None
    """The same for people, each in their own language; in journals of older versions it is missing."""


class MonitorChannelUp(_ChannelEvent, frozen=True, kw_only=True, tag="monitor.channel_up"):
    """A channel is reachable again, or for the first time since the start."""


NoticedOfDelivery = (
    MonitorSinkRefused
    | MonitorSinkFailed
    | MonitorSinkAway
    | MonitorSinkBack
    | MonitorSinkBehind
    | MonitorSinkCaughtUp
    | MonitorPageUndelivered
    | MonitorPageDelivered
    | MonitorChannelDown
    | MonitorChannelUp
)
"""Every event that the monitor notices about delivery."""
