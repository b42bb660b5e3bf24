"""Events that the monitor notices about itself: rules may use them, no one may send them."""

from typing import Annotated

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.monitor_accounts import NoticedOfAccounts
from monitor.core.events.monitor_delivery import NoticedOfDelivery
from monitor.core.events.monitor_files import NoticedOfFiles
from monitor.core.events.monitor_photos import NoticedOfPhotos
from monitor.core.events.monitor_senders import NoticedOfSenders
from monitor.core.events.vocabulary import PauseCause


class MonitorStarted(Event, frozen=True, kw_only=True, tag="monitor.started"):
    """The monitor started."""

    downtime_s: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Seconds since the last input before it stopped; 0 with a new journal."""
    step_limit: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    """The most events that are processed in one step from now on, so that none takes long; 0: any number."""


class MonitorConnected(Event, frozen=True, kw_only=True, tag="monitor.connected"):
    """The broker is reachable again; the messages that it kept follow."""

    broker: str = ""


class MonitorDisconnected(Event, frozen=True, kw_only=True, tag="monitor.disconnected"):
    """The broker is unreachable: the monitor receives nothing."""

    broker: str
    reason: str = ""


class MonitorCaughtUp(Event, frozen=True, kw_only=True, tag="monitor.caught_up"):
    """The messages that the broker had kept are processed."""


class MonitorPaused(Event, frozen=True, kw_only=True, tag="monitor.paused"):
    """The monitor stood still, and goes on: it has received nothing meanwhile."""

    host: str
    """The machine that it runs on."""
    paused_s: Annotated[float, Meta(ge=0, le=1e9)]
    """For how long, in seconds."""
    cause: PauseCause
    """What stood still."""


class MonitorClockStepped(Event, frozen=True, kw_only=True, tag="monitor.clock_stepped"):
    """The clock of the monitor's machine was stepped; until it is judged sound, senders' times are compared with both.

    Its own time, ``at``, is by the clock after the step.
    """

    host: str
    """The machine."""
    by_s: Annotated[float, Meta(ge=-1e12, le=1e12)]
    """By how much, in seconds; negative: back."""


class MonitorClockSound(Event, frozen=True, kw_only=True, tag="monitor.clock_sound"):
    """The clock of the monitor's machine is judged sound again."""

    host: str
    """The machine."""


class MonitorSessionLost(Event, frozen=True, kw_only=True, tag="monitor.session_lost"):
    """The broker lost the monitor's session: messages may have been lost."""

    broker: str


class MonitorBacklogDamaged(Event, frozen=True, kw_only=True, tag="monitor.backlog_damaged"):
    """Messages that the embedded broker had kept are damaged; it has left them out."""

    broker: str
    messages: Annotated[int, Meta(ge=1)]
    """How many, at the least; some may have been processed before."""


class MonitorRival(Event, frozen=True, kw_only=True, tag="monitor.rival"):
    """Another monitor uses our client id at our broker; it was asked to stop."""

    client_id: str
    host: str
    """Where it runs; "?" if only the broker has told of it."""


class MonitorJournalNew(Event, frozen=True, kw_only=True, tag="monitor.journal_new"):
    """The journal is new, although the broker knows the monitor's session."""

    broker: str


class MonitorLossAccepted(Event, frozen=True, kw_only=True, tag="monitor.loss_accepted"):
    """The journal lost inputs, and a person had the monitor continue without them."""

    ends: int
    """The number of the latest input that was left."""
    was: int
    """The number of the latest input that is known to have been in it."""
    reason: str = ""
    """Who knew it."""
    who: str
    """The user who accepted the loss."""


class MonitorWitnessMissing(Event, frozen=True, kw_only=True, tag="monitor.witness_missing"):
    """The witness beside the journal was missing or unreadable: a loss before this start could not be noticed."""

    path: str
    """The name of the journal's file."""


class MonitorJournalDamaged(Event, frozen=True, kw_only=True, tag="monitor.journal_damaged"):
    """The daily verification found rows of the journal that are not as they were written."""

    path: str
    """The name of the journal's file."""
    reason: str
    """The first of them."""
    rows: int
    """How many it found."""


class MonitorStandbyAway(Event, frozen=True, kw_only=True, tag="monitor.standby_away"):
    """The standby has stopped copying the journal."""

    standby: str
    reason: str = ""


class MonitorStandbyBack(Event, frozen=True, kw_only=True, tag="monitor.standby_back"):
    """The standby copies the journal again, or for the first time since the start."""

    standby: str


class MonitorTookOver(Event, frozen=True, kw_only=True, tag="monitor.took_over"):
    """A standby has taken over: what the primary took in after the end of the copy is lost."""

    primary: str
    """The address from which the journal was copied."""
    seq: int
    """The latest input in the copy."""
    primary_seq: int
    """The latest input that the primary is known to have had; it may have had more."""
    copied_s: Annotated[float, Meta(ge=0)]
    """Seconds since the copy last lacked nothing."""
    is_forced: bool = False
    """The primary was not found to be gone."""


NoticedOfItself = (
    MonitorStarted
    | MonitorConnected
    | MonitorDisconnected
    | MonitorCaughtUp
    | MonitorPaused
    | MonitorClockStepped
    | MonitorClockSound
    | MonitorSessionLost
    | MonitorBacklogDamaged
    | MonitorRival
    | MonitorJournalNew
    | MonitorLossAccepted
    | MonitorWitnessMissing
    | MonitorJournalDamaged
    | MonitorStandbyAway
    | MonitorStandbyBack
    | MonitorTookOver
)
"""Every event that the monitor notices about its own process, connection, clock and journal, and its standby."""

Noticed = (
    NoticedOfItself
    | NoticedOfSenders
    | NoticedOfDelivery
    | NoticedOfFiles
    | NoticedOfAccounts
    | NoticedOfPhotos
)
"""Every event that the monitor notices."""
