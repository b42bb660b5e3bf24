"""The records of the cluster's topics: what goes into a site, and what comes out of it."""

from datetime import datetime

import msgspec
from msgspec import Struct

from monitor.core.decode import decode
from monitor.core.identity import content_of
from monitor.core.ids import digest
from monitor.core.inputs import Arrival, Notice, Rejected, Tick
from monitor.core.transitions import Transition

CONTENT_BYTES = 12


class RulesNamed(Struct, frozen=True, kw_only=True, tag="rules-named"):
    """A change of the rules in force, which the topic `configuration` holds under their digest."""

    received_at: datetime
    who: str
    digest: str
    diff: str = ""


class RosterNamed(Struct, frozen=True, kw_only=True, tag="roster-named"):
    """A change of the roster, which the topic `configuration` holds under its digest."""

    received_at: datetime
    who: str
    digest: str
    """Empty: no one is paged any more."""
    diff: str = ""


class Imported(Struct, frozen=True, kw_only=True, tag="imported"):
    """The beginning of a site that ran on one machine; the topic `configuration` holds its snapshot."""

    received_at: datetime
    who: str
    digest: str


Named = RulesNamed | RosterNamed
Logged = Arrival | Rejected | Notice | Tick | Named | Imported


class LoggedInput(Struct, frozen=True, kw_only=True):
    """An input of one site, as it is in the log: a record of the topic `in`."""

    site: str
    """The id of the site's congress, and the key of the record. It comes first: see `site_of`."""
    received_at: datetime
    """When the input was received, by the clock of the inbox: the timestamp of the record, too."""
    topic: str = ""
    payload: bytes = b""
    """Of a message on one of our topics, which the site decodes itself, and of a message that was refused."""
    retained: bool = False
    id: bytes = b""
    """The message's identity; empty for the monitor's own inputs."""
    content: bytes = b""
    """See `content_digest`."""
    input: Logged | None = None
    """``None``: a message on one of our topics that can be decoded."""

    def read(self) -> Logged:
        """Return the input."""
        if self.input is not None:
            return self.input
        return decode(
            self.topic, self.payload, self.received_at, retained=self.retained, recorded=True
        )


class Outcome(Struct, frozen=True, kw_only=True):
    """What one input did at its site: a record of the topic `out`, which is the journal of all sites."""

    site: str
    """The key of the record, so that a site's outcomes are in order."""
    n: int
    """Counts the outcomes of the site from 1, without a gap: by it, a reader knows what it has."""
    entry: LoggedInput
    transitions: tuple[Transition, ...] = ()


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A record that a site could not take in: a record of the topic `dead-letters`."""

    site: str
    reason: str
    """The error, in English: only operators see it."""
    record: bytes


def content_digest(key: bytes, given: Arrival | Rejected) -> bytes:
    """Return 12 bytes that tell apart the events for which a sender has used one id; empty if it sends none.

    Args:
        key: the identity of the message.
        given: the message.

    """
    match given:
        case Arrival(events=(event,)) if event.id:
            return digest(key + content_of(given), size=CONTENT_BYTES)
        case _:
            return b""


def encode(record: LoggedInput | Outcome | DeadLetter) -> bytes:
    """Return a record as JSON."""
    return _WRITE.encode(record)


def site_of(record: str) -> str:
    """Return the site of a record without decoding the rest; empty if it is not one of ours."""
    return record[9 : record.find('"', 9)] if record.startswith('{"site":"') else ""


def decode_logged(record: bytes) -> LoggedInput:
    """Return a record of the topic `in`.

    Raises:
        msgspec.MsgspecError: it is damaged, or from a later version.

    """
    return _READ_LOGGED.decode(record)


def decode_outcome(record: bytes) -> Outcome:
    """Return a record of the topic `out`.

    Raises:
        msgspec.MsgspecError: it is damaged, or from a later version.

    """
    return _READ_OUTCOME.decode(record)


_WRITE = msgspec.json.Encoder()
_READ_LOGGED = msgspec.json.Decoder(LoggedInput)
_READ_OUTCOME = msgspec.json.Decoder(Outcome)
