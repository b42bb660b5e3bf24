"""What the engine remembers between two inputs: everything here is in the snapshot, and nothing else is."""

from datetime import UTC, datetime

from msgspec import Struct

from monitor.core.alert import Alert
from monitor.core.event import AnyEvent, Result
from monitor.core.rule import RuleBook
from monitor.core.transition import ZoneStanding
from monitor.core.venue import Congress, Venue

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Moment(Struct, order=True):
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


class Timer(Struct, order=True):
    """Wakes one key of one rule, or a checklist, or a shelved alert."""

    due: datetime
    what: str
    """``rule``, ``checklist`` or ``shelf``."""
    of: str
    """The id of the rule, checklist or alert."""
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


KeyState = Ended | Window | Held | Awaited | Balance


class Answer(Struct, frozen=True):
    """The latest answer to one item of a checklist."""

    at: datetime
    result: Result
    inspection: str = ""


class ChecklistState(Struct):
    """The answers to a checklist."""

    answers: dict[str, Answer] = {}
    """By item."""
    void: dict[str, datetime] = {}
    """By inspection: its answers from before don't count, they were replaced or rejected then."""


class ZoneState(Struct):
    """A zone as events have described it."""

    standing: ZoneStanding
    counted_at: datetime | None = None
    """When a counting device spoke last; once one has, passages are not added up any more."""
    opened_at: datetime = LONG_AGO
    """When it was last opened or closed."""


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
    facts: dict[str, dict[str, Known]] = {}
    keys: dict[str, dict[str, KeyState]] = {}
    """What each rule follows."""
    alerts: dict[str, Alert] = {}
    """The open ones, by id."""
    cooling: dict[str, datetime] = {}
    """Until when a rule's key raises nothing, by rule and key with a blank between."""
    zones: dict[str, ZoneState] = {}
    checklists: dict[str, ChecklistState] = {}
    unknown: dict[str, datetime] = {}
    """Names that the venue doesn't know and that were said so already."""
    published: dict[str, ZoneStanding] = {}
    unpublished: dict[str, None] = {}
    """Zones whose standing changed since."""
    publish_at: datetime = LONG_AGO
    """The earliest time at which the next are written down."""
