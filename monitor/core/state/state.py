"""The whole state of the engine, by subject."""

from typing import Literal

from msgspec import Struct, field

from monitor.core.rules.model import RuleSet
from monitor.core.state.alerts import AlertsState
from monitor.core.state.devices import DevicesState
from monitor.core.state.paging import PagingState
from monitor.core.state.people import PeopleState
from monitor.core.state.places import PlacesState
from monitor.core.state.readiness import ReadinessBoard
from monitor.core.state.rules import RulesState
from monitor.core.state.shift_log import ShiftLogState
from monitor.core.state.time import TimeState
from monitor.core.state.work import WorkState
from monitor.core.venue.model import Congress, Venue

NO_RULES = RuleSet(venue=Venue(congress=Congress(id="nowhere", name="")))


class State(Struct):
    """Everything that determines the effects of the next input."""

    version: Literal[2] = 2
    """The version of the snapshot format; `snapshot.decode` also reads the previous one."""
    rule_set: RuleSet = NO_RULES
    """The rules in force, and the venue."""
    time: TimeState = field(default_factory=TimeState)
    """Our clock, the watermark, and the events and timers that wait for it."""
    rules: RulesState = field(default_factory=RulesState)
    """The state of rules and facts."""
    alerts: AlertsState = field(default_factory=AlertsState)
    """Open alerts and masks."""
    people: PeopleState = field(default_factory=PeopleState)
    """Holders, badges, posts and rounds."""
    places: PlacesState = field(default_factory=PlacesState)
    """Zones, doors, fire alarms and schedules."""
    devices: DevicesState = field(default_factory=DevicesState)
    """Which devices are alive, and which of their messages are missing."""
    work: WorkState = field(default_factory=WorkState)
    """Inspections, corrective actions, certificates, sign-offs, reports and readings."""
    readiness: ReadinessBoard = field(default_factory=ReadinessBoard)
    """Whether each zone and site is ready."""
    shift_log: ShiftLogState = field(default_factory=ShiftLogState)
    """How many entries the shift log has, and which were struck lately."""
    paging: PagingState = field(default_factory=PagingState)
    """Who is on call, and who has been paged about what."""
