"""What the console reads of the running monitor, and the one way in which it acts: by events on the line."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from monitor.core.events import ReceivedEvent
from monitor.core.phrase import Phrase
from monitor.core.roster import Person
from monitor.core.rules.model import RuleSet
from monitor.core.state.state import State
from monitor.core.transitions import Transition
from monitor.journal import Journal
from monitor.journal.outbox import AttemptResult
from monitor.journal.photos import Photos
from monitor.texts import PageWriter


class TriedChannel(Struct, frozen=True, kw_only=True):
    """What came of a test page through one channel of a person."""

    channel: str
    """Its name in ``roster.toml``."""
    result: AttemptResult
    reason: Phrase | str
    """Why it was not delivered; empty if it was."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that a guard refused, or a command."""

    account: str
    """Empty: nobody has signed in."""
    address: str
    """Of the network; of a command, ``cli/`` and the user of the operating system."""
    route: str
    """Method and pattern of the address, or ``cli`` and the type of the command."""
    right: str
    """The right that was missing; empty: no right would have helped."""


@dataclass(frozen=True, slots=True)
class Source:
    """The running monitor, as the console sees it."""

    state: State
    """What the core remembers; the console changes nothing in it."""
    journal: Journal
    """Read only."""
    writer: PageWriter
    """Has the languages, names and titles."""
    people: Callable[[], Mapping[str, Person]]
    """Returns the people on the roster, by id."""
    members: Callable[[], Mapping[str, frozenset[str]]]
    """Returns the people who take turns in each team, by ids."""
    try_channels: Callable[[str], Awaitable[Sequence[TriedChannel]]]
    """Sends a test page through each channel of a person."""
    record: Callable[[ReceivedEvent, str, str], Awaitable[Sequence[Transition]]]
    """Processes what a person does: event, source such as ``console/n.tran``, and the key of the act."""
    record_all: Callable[[Sequence[ReceivedEvent], str, str], Awaitable[Sequence[Transition]]]
    """Processes events that belong together: all of them, or none."""
    photos: Photos
    """What the forms of inspections name."""
    photo_budget: int
    """The bytes that all photos may have together."""
    troubles: Callable[[], Sequence[Phrase | str]]
    """Returns what is wrong with the monitor itself."""
    left: Callable[[], int]
    """Returns how many messages and events are left to process in order while the monitor catches up."""
    now: Callable[[], datetime]
    refused: Callable[[Refusal], None]
    """Takes note of a request that was refused."""

    @property
    def rule_set(self) -> RuleSet:
        """The rules and the venue in force."""
        return self.state.rule_set
