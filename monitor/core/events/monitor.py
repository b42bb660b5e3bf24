"""Events that the monitor notices about itself and its senders: rules may use them, no one may send them."""

from typing import Annotated, Literal

from msgspec import Meta

from monitor.core.events.base import Event
from monitor.core.events.vocabulary import PauseCause, TroubleKind


class MonitorStarted(Event, frozen=True, kw_only=True, tag="monitor.started"):
    """The monitor started."""

    downtime_s: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    """Seconds since the last input before it stopped; 0 with a new journal."""


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


class MonitorRejected(Event, frozen=True, kw_only=True, tag="monitor.rejected"):
    """A message was rejected."""

    source: str
    """The topic of the message."""
    reason: str


class MonitorBoardWritten(Event, frozen=True, kw_only=True, tag="monitor.board_written"):
    """Someone else wrote to a topic on which only the monitor publishes; it was restored."""

    source: str
    """The topic."""
    more: Annotated[int, Meta(ge=1)] | None = None
    """How many further topics were found at the same time that are not reported one by one."""


class MonitorIdReused(Event, frozen=True, kw_only=True, tag="monitor.id_reused"):
    """A sender used the id of an earlier event for another one in the same second; both were taken in."""

    source: str
    """The topic of the message."""
    subject: str
    """The id."""


class MonitorKeysIgnored(Event, frozen=True, kw_only=True, tag="monitor.keys_ignored"):
    """The messages of a sender have keys that are not read; once for each key."""

    source: str
    """The topic down to the kind: ``venue/hall/inspection``."""
    subject: str
    """The subject of the message in which they were found."""
    keys: str
    """The keys, separated by commas."""
    hint: str = ""
    """The key that is read and is closest to the first of them."""


class MonitorUnknown(Event, frozen=True, kw_only=True, tag="monitor.unknown"):
    """An event names something that is not in the venue file."""

    kind: Literal["point", "zone", "device", "checklist", "item", "class"]
    subject: str
    hint: str = ""
    """The name in the venue file that is closest to it, for an item of a checklist or a class."""


class MonitorClockSkew(Event, frozen=True, kw_only=True, tag="monitor.clock_skew"):
    """A sender's clock is ahead of the monitor's by more than the tolerance."""

    source: str
    ahead_s: float


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
    """Where it runs."""


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


class MonitorSinkRefused(Event, frozen=True, kw_only=True, tag="monitor.sink_refused"):
    """A sink refused an entry for good; the entry was skipped."""

    sink: str
    reason: str


class MonitorSinkFailed(Event, frozen=True, kw_only=True, tag="monitor.sink_failed"):
    """A sink's task failed because of a defect and was restarted."""

    sink: str
    reason: str


class MonitorSinkAway(Event, frozen=True, kw_only=True, tag="monitor.sink_away"):
    """A sink is unreachable: its entries wait."""

    sink: str
    reason: str = ""


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


class MonitorKeysCapped(Event, frozen=True, kw_only=True, tag="monitor.keys_capped"):
    """A rule tracks as many keys as it may; further keys are ignored."""

    rule: str


class MonitorRulesRefused(Event, frozen=True, kw_only=True, tag="monitor.rules_refused"):
    """The changed rule or venue files have mistakes: the earlier rules stay in force."""

    folder: str
    reason: str
    """The first mistake, and the number of mistakes."""


class MonitorRulesLoaded(Event, frozen=True, kw_only=True, tag="monitor.rules_loaded"):
    """The present rule and venue files are in force."""

    folder: str


class MonitorRosterTrouble(Event, frozen=True, kw_only=True, tag="monitor.roster_trouble"):
    """The roster has a problem: some pages may reach no one."""

    kind: TroubleKind
    subject: str
    """The file, calendar, team or person."""
    reason: str


class MonitorRosterFixed(Event, frozen=True, kw_only=True, tag="monitor.roster_mended"):
    """A problem of the roster is fixed."""

    kind: TroubleKind
    subject: str


class MonitorPageUndelivered(Event, frozen=True, kw_only=True, tag="monitor.page_undelivered"):
    """A page failed on all of the person's channels: its alerts escalate at once."""

    page: str
    """The id of the page."""
    person: str
    alerts: tuple[str, ...] = ()
    """The ids of all alerts in the page."""
    reason: str = ""
    """The error of the last channel."""


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


class MonitorChannelUp(_ChannelEvent, frozen=True, kw_only=True, tag="monitor.channel_up"):
    """A channel is reachable again, or for the first time since the start."""


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


Noticed = (
    MonitorStarted
    | MonitorConnected
    | MonitorDisconnected
    | MonitorCaughtUp
    | MonitorPaused
    | MonitorClockStepped
    | MonitorClockSound
    | MonitorKeysIgnored
    | MonitorUnknown
    | MonitorClockSkew
    | MonitorSessionLost
    | MonitorBacklogDamaged
    | MonitorRival
    | MonitorJournalNew
    | MonitorLossAccepted
    | MonitorWitnessMissing
    | MonitorJournalDamaged
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
    | MonitorIdReused
    | MonitorBoardWritten
    | MonitorRosterTrouble
    | MonitorRosterFixed
    | MonitorPageUndelivered
    | MonitorPageDelivered
    | MonitorChannelDown
    | MonitorChannelUp
    | MonitorStandbyAway
    | MonitorStandbyBack
    | MonitorTookOver
)
"""Every event that the monitor notices about itself and its senders."""
