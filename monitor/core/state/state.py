"""What the engine remembers between two inputs: everything here is in the snapshot, and nothing else is."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct, field

from monitor.core.alert import Alert
from monitor.core.events import AnyEvent
from monitor.core.events.vocabulary import ActionKind, Presence, Result, Severity
from monitor.core.roster import Roster
from monitor.core.rules.model import RuleBook
from monitor.core.rules.model import Severity as AlertSeverity
from monitor.core.transitions import Mask, Override, ReadinessStanding, ZoneStanding
from monitor.core.venue.model import Congress, Venue

HeldBecause = Literal["behind", "digest", "flood", "quiet"]
"""Why pages are put together: we were away or hear of it late, the ladder says so, there are too many, it is night."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Moment(Struct, order=True, gc=False):
    """An event placed in time, waiting for its turn."""

    t: datetime
    """When it happened; our own time where the sender's can't be believed."""
    n: int
    """Order of arrival."""
    event: AnyEvent
    late: bool = False
    """It arrived after its turn."""
    news: bool = True
    """False for what a broker or device had kept: it brings the picture up to date."""


class Timer(Struct, order=True, gc=False):
    """Wakes one key of one rule, a checklist, a shelved alert, a mask, an override, or the readiness of a zone.

    Those of the pager, ``climb`` and ``bag``, ring by our clock and not in their turn.
    """

    due: datetime
    what: str
    """``rule``, ``checklist``, ``hearing``, ``shelf``, ``keep``, ``mask``, ``override``, ``readiness``, ``climb`` or
    ``bag``.
    """
    of: str
    """The id of the rule, checklist, alert, mask, team, zone or bag; with ``readiness`` empty for the sites."""
    key: str = ""


class Known(Struct):
    """A fact's latest value for one key."""

    at: datetime
    holds: bool


class Ended(Struct, tag="match"):
    """When the condition of a `match` last ended."""

    at: datetime


class Window(Struct, tag="count"):
    """The latest times of a `count`, as many as it asks for, in order."""

    times: list[datetime]
    raised: bool = False


class Values(Struct, tag="distinct"):
    """The latest values of a `distinct`, as many as it asks for, each with its latest time."""

    times: dict[str, datetime]
    raised: bool = False


class Run(Struct):
    """Steps of a `sequence` that have happened in order."""

    since: datetime
    """When the first of them happened."""
    at: datetime
    """When the last of them happened."""


class Runs(Struct, tag="sequence"):
    """The runs of a `sequence`, by the last step that they have come to."""

    reached: dict[int, Run]
    used: int = 0
    """The number of the event that completed the latest run: it begins no other."""


class Tally(Struct, tag="quantity"):
    """The numbers of a `sum` that lie in its window, in order of time."""

    parts: list[tuple[datetime, float]]
    above: float = 0.0
    raised: bool = False


class Spans(Struct, tag="time"):
    """How long a `sum` has lasted: the spans that have ended, and the one that is open."""

    event: AnyEvent | None = None
    """What the last one started with."""
    above: timedelta = timedelta(0)
    past: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    due: datetime | None = None
    """When it will have lasted long enough; once raised, when it no longer will."""
    raised: bool = False


class Held(Struct, tag="hold"):
    """A `hold` that has started."""

    event: AnyEvent
    started: datetime
    due: datetime | None = None
    """Set while the facts hold too."""
    raised: bool = False


class Awaited(Struct, tag="absence"):
    """An `absence` that is armed."""

    event: AnyEvent
    since: datetime
    due: datetime
    raised: bool = False


class Balance(Struct, tag="level"):
    """The running balance of a `level`."""

    n: int | float = 0
    set_at: datetime = LONG_AGO
    raised: bool = False


KeyState = Ended | Window | Values | Runs | Tally | Spans | Held | Awaited | Balance


class Answer(Struct, frozen=True):
    """The latest answer to one item of a checklist."""

    at: datetime
    result: Result
    inspection: str = ""
    inspector: str = ""


class ChecklistState(Struct):
    """The answers to a checklist."""

    answers: dict[str, Answer] = {}
    """By item."""
    void: dict[str, datetime] = {}
    """By inspection: its answers from before don't count, they were replaced or rejected then."""
    approved: dict[str, dict[str, datetime]] = {}
    """By inspection: who approved it last when."""


class HeardState(Struct):
    """Whether a device of the venue is heard."""

    at: datetime
    """When it was heard last, or told to be offline; at first, since when it is expected."""
    standing: Literal["expected", "heard", "missed", "silent", "offline"] = "expected"
    """Missed: its limit has run out, and it is not known yet whether its gateway is what is silent."""
    due: datetime | None = None
    """When it is looked whether it was heard meanwhile."""


class Gap(Struct, frozen=True):
    """Numbers of a sender's count that have not come."""

    since: datetime
    """When a later number came."""
    first: int
    last: int


class Counter(Struct):
    """How far a sender has counted what it said."""

    at: datetime
    """When it said the latest of it."""
    last: int
    gaps: list[Gap] = []
    """Those that may still be filled, in order."""


class Word(Struct, frozen=True):
    """The latest that one part of a door said."""

    at: datetime
    word: str


class DoorState(Struct):
    """A door as its parts have described it."""

    words: dict[str, Word] = {}
    """By what speaks: its lock, its mode, its faults."""
    shut: bool = False
    unlocked: bool = False


class Seen(Struct, frozen=True):
    """Where a holder was last."""

    at: datetime
    site: str
    zone: str | None = None
    """The zone that he or she is in; empty: outside; ``None``: nobody knows."""
    mustering: bool = False
    """Has to report at an assembly point, and has not."""


class Inside(Struct):
    """The badges in a zone with `anti_passback`."""

    badges: dict[str, tuple[int, datetime]] = {}
    """By holder: how many times more it went in than out, and when it was used last."""
    emptied_at: datetime = LONG_AGO
    """When the zone was counted empty or closed last."""


class Issue(Struct):
    """The newest issue of a holder's badge that has been used."""

    number: int
    since: datetime
    """When it was used first."""
    used_at: datetime
    """When any was used last."""


class Visit(Struct):
    """An inspector's work in one zone."""

    zone: str
    begun: datetime
    ended: datetime | None = None
    """``None``: its form has not come."""


class ZoneState(Struct):
    """A zone as events have described it."""

    standing: ZoneStanding
    counted_at: datetime | None = None
    """When a counting device spoke last; once one has, passages are not added up any more."""
    opened_at: datetime = LONG_AGO
    """When it was last opened or closed."""
    shut_at: datetime | None = None
    """Since when it has been closed."""
    night_at: datetime = LONG_AGO
    """When it was closed for the latest night; it has been opened since."""
    leaks: dict[str, datetime] = {}
    """By access point: since when people can pass there uncounted."""
    uncounted: int = 0
    """So many may have passed uncounted since it was last known how many are inside."""
    presence: tuple[Presence, bool] = ("unknown", False)
    """Whether anybody is inside, and whether it is open, as rules were told last."""


class ActionState(Struct):
    """A corrective action as events have described it."""

    at: datetime
    """When the latest of them happened."""
    stage: Literal["open", "done", "verified", "cancelled"] = "open"
    kind: ActionKind | None = None
    """``None`` as long as its opening was not heard of."""
    severity: Severity | None = None
    zone: str = ""
    asset: str = ""
    from_item: str = ""
    lead: str = ""
    coordinating: tuple[str, ...] = ()
    due_at: datetime | None = None
    done_by: str = ""


class ReportState(Struct, frozen=True):
    """Where a report was filed from, and about what."""

    zone: str
    about: str


class CertificateState(Struct, frozen=True):
    """The latest word on one certificate of an asset."""

    at: datetime
    asset: str
    kind: str
    zone: str = ""
    issuer: str = ""
    expires_at: datetime | None = None
    """``None``: it was revoked."""


class SignOff(Struct):
    """Who signed for a zone, and what has taken the signature away since."""

    who: str = ""
    at: datetime = LONG_AGO
    lost_at: datetime = LONG_AGO
    lost: str = ""
    """By what."""


class Climb(Struct):
    """How far up its ladder an open alert has come, and who has been told."""

    ladder: str
    since: datetime
    severity: AlertSeverity
    """When it was told last."""
    step: int = 0
    """The present one; as many as there are steps: the fallback."""
    times: int = 0
    """How often the present step has been told; 0: nobody has been."""
    turn: int = 0
    """How often anybody has been told."""
    due: datetime | None = None
    """When it climbs; once acknowledged, when that runs out. ``None``: it does neither by itself."""
    told: dict[str, int] = {}
    """Who has been told, and at which step first."""
    reached: list[str] = []
    """Whom the present step reaches, as far as is known."""


class Bag(Struct):
    """Pages for one person that are not sent one by one."""

    person: str
    why: HeldBecause
    since: datetime
    due: datetime | None
    """``None``: when we have caught up."""
    rows: dict[str, Alert | None] = {}
    """By alert; one that has been closed as it stood then, the others stand in `State.alerts`."""


class Paging(Struct):
    """Who is being told of what."""

    climbs: dict[str, Climb] = {}
    """By alert."""
    bags: dict[str, Bag] = {}
    """By person and reason with a blank between."""
    recent: dict[str, list[datetime]] = {}
    """When each person was paged last, as many times as the flood limit asks for."""
    still: dict[str, None] = {}
    """Alerts that have to climb as soon as we have caught up."""
    behind: datetime | None = None
    """While something waits until we have caught up: so long at the most, however often the broker goes and comes."""
    timers: list[Timer] = []
    """A heap, by time."""


class State(Struct):
    """All of it."""

    book: RuleBook = RuleBook(venue=Venue(congress=Congress(id="nowhere", name="")))
    now: datetime = LONG_AGO
    """The latest time of arrival: our clock, which never goes back."""
    turn: datetime = LONG_AGO
    """Everything that happened before this has had its turn."""
    catching_up_until: datetime | None = None
    """While set, the turn stands still: what the broker kept for us arrives only now."""
    arrivals: int = 0
    waiting: list[Moment] = []
    """A heap, by time."""
    timers: list[Timer] = []
    """A heap, by time."""
    standing: dict[str, dict[str, Moment]] = {}
    """By event type and subject: the latest event, for rules that are new."""
    warming: dict[str, datetime] = {}
    """By rule: until when its window lacks what came in before it was changed."""
    facts: dict[str, dict[str, Known]] = {}
    keys: dict[str, dict[str, KeyState]] = {}
    """What each rule follows."""
    alerts: dict[str, Alert] = {}
    """The open ones, by id."""
    cooling: dict[str, datetime] = {}
    """Until when a rule's key raises nothing, by rule and key with a blank between."""
    kept: dict[str, datetime] = {}
    """Until when an open alert stays active although its condition has ended, by its id."""
    heard: dict[str, HeardState] = {}
    """The devices of the venue."""
    counters: dict[str, Counter] = {}
    """By sender."""
    behind: dict[str, None] = {}
    """Devices whose clock is behind."""
    alarms: dict[str, Known] = {}
    """By zone, or zone and input with " / " between: whether there is a fire alarm, and since when."""
    buttons: dict[str, Known] = {}
    """The same for emergency buttons."""
    mustering: dict[str, datetime | None] = {}
    """Sites whose people have been told to report because of a fire alarm that is not over, and since when."""
    doors: dict[str, DoorState] = {}
    """By access point of the venue."""
    seen: dict[str, Seen] = {}
    """By holder."""
    inside: dict[str, Inside] = {}
    """By zone of the venue with `anti_passback`."""
    issues: dict[str, Issue] = {}
    """By holder."""
    manned: dict[str, bool] = {}
    """By post of the venue."""
    staffed: dict[str, tuple[int, int]] = {}
    """By zone: the crowd managers that it needs, and those on duty, as told last."""
    visited: dict[str, tuple[str, ...]] = {}
    """By round that is being walked: the stations visited."""
    readings: dict[str, float] = {}
    """By asset and quantity: the latest value."""
    paces: dict[str, list[float]] = {}
    """By checklist: the seconds an item of its latest forms."""
    visits: dict[str, dict[str, Visit]] = {}
    """By inspector and inspection."""
    zones: dict[str, ZoneState] = {}
    checklists: dict[str, ChecklistState] = {}
    actions: dict[str, ActionState] = {}
    impaired: dict[str, str] = {}
    """By asset with an open impairment: its zone."""
    contested: dict[str, list[str]] = {}
    """By what more than one agency leads open work on: these agencies."""
    reports: dict[str, ReportState] = {}
    certificates: dict[str, CertificateState] = {}
    """By asset and kind with a blank between."""
    sign_offs: dict[str, SignOff] = {}
    """By zone."""
    readiness: dict[str, ReadinessStanding] = {}
    """By site and zone with a slash between; the site itself has no zone."""
    rechecks: dict[str, datetime] = {}
    """By the same: the earliest time at which it is looked at again by itself."""
    edges: dict[str, datetime] = {}
    """By schedule: when its hours begin or end next."""
    masks: dict[str, Mask] = {}
    roster: Roster | None = None
    """``None``: nobody is paged."""
    overrides: dict[str, Override] = {}
    """By team."""
    paging: Paging = field(default_factory=Paging)
    unknown: dict[str, datetime] = {}
    """Names that the venue doesn't know and that were said so already."""
    published: dict[str, ZoneStanding] = {}
    unpublished: dict[str, None] = {}
    """Zones whose standing changed since."""
    ready_published: dict[str, ReadinessStanding] = {}
    ready_unpublished: dict[str, None] = {}
    """Zones and sites whose readiness changed since."""
    publish_at: datetime = LONG_AGO
    """The earliest time at which the next are written down."""
