"""Recorded days, and digests of what an engine makes of them: they stay the same whatever becomes faster.

`tests/data/recorded-day.jsonl.xz` has the inputs of a simulated day, one a line: the rule set, venue and roster of that
time, messages as they came from the broker (some late, kept, changed or damaged), notices, and ticks. The other day is
the journal of commit e089d02. Neither ever changes. `tests/data/recorded-day.json` has the digests. A commit that
changes what the monitor decides writes them anew, and says why:

    .venv/bin/python -m tests.support.recorded_day
"""

import json
import lzma
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from monitor.core.decode import decode
from monitor.core.engine.engine import Engine
from monitor.core.identity import identity
from monitor.core.inputs import Input
from monitor.core.phrase_ids import PhraseId
from monitor.core.state.state import State
from monitor.core.state.timers import TimerHeap
from monitor.journal import Journal

DATA = Path(__file__).parents[1] / "data"
INPUTS = DATA / "recorded-day.jsonl.xz"
JOURNAL = DATA / "journal-e089d02.sql.xz"
DIGESTS = DATA / "recorded-day.json"
EVERY = 4_000
"""How many inputs lie between two looks at the whole state."""
LATENESS = TOLERANCE = timedelta(seconds=2)
_READ = msgspec.json.Decoder(Input)


class IdsOnly:
    """A wording that names sentences and words by their ids: other words in a language change no digest."""

    def text(self, text: str) -> str:
        """Return the text."""
        return text

    def word(self, word: str) -> str:
        """Return the word."""
        return word

    def field(self, name: str) -> str:
        """Return the name."""
        return name

    def number(self, number: float) -> str:
        """Return the number as Python writes it."""
        return repr(number)

    def duration(self, seconds: int) -> str:
        """Return the seconds."""
        return str(seconds)

    def time_of_day(self, at: datetime, zone: ZoneInfo | None, day: date | None) -> str:
        """Return the time in UTC."""
        del zone, day
        return at.astimezone(UTC).isoformat()

    def list_of(self, names: Iterable[str]) -> str:
        """Return the names with commas."""
        return ",".join(names)

    def right(self, name: str) -> str:
        """Return the id of the right."""
        return name

    def sentence(self, name: PhraseId) -> str:
        """Return the id of the sentence."""
        return name


def simulated() -> Iterator[tuple[Input, bytes]]:
    """Yield the inputs of the simulated day, each message with its identity."""
    for line in lzma.decompress(INPUTS.read_bytes()).splitlines():
        if line.startswith(b"{"):
            yield _READ.decode(line), b""
            continue
        at, topic, text, retained = json.loads(line)
        payload = text.encode()
        given = decode(topic, payload, datetime.fromisoformat(at), retained=retained)
        yield given, identity(given, topic, payload)


def journaled() -> Iterator[tuple[Input, bytes]]:
    """Yield the inputs in the journal of commit e089d02."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.executescript(lzma.decompress(JOURNAL.read_bytes()).decode())
        with Journal(path) as journal:
            for _, given in journal.inputs():
                yield given, b""


DAYS: Mapping[str, Callable[[], Iterator[tuple[Input, bytes]]]] = {
    "simulated": simulated,
    "journal of e089d02": journaled,
}


def digests(day: str) -> Mapping[str, Any]:
    """Let a new engine process a day; return the digests of what follows, and of each part of the state at the end."""
    engine = Engine(State(), lateness=LATENESS, tolerance=TOLERANCE, wording=IdsOnly())
    numbers, identities = Counter[str](), blake2b(digest_size=16)
    transitions, states = blake2b(digest_size=16), blake2b(digest_size=16)
    for n, (given, own) in enumerate(DAYS[day](), 1):
        identities.update(own)
        numbers[type(given).__name__] += 1
        for row in engine.step(given):
            numbers[type(row).__name__] += 1
            transitions.update(_canonical(row))
        if not n % EVERY:
            states.update("".join(_parts(engine.state).values()).encode())
    return {
        "numbers": dict(sorted(numbers.items())),
        "identities": identities.hexdigest(),
        "transitions": transitions.hexdigest(),
        "states on the way": states.hexdigest(),
        "state at the end": _parts(engine.state),
    }


def _parts(state: State) -> Mapping[str, str]:
    """Return a digest of each part of the state but the rule set, which is an input."""
    state.time.waiting.sort()  # a heap in another order is the same heap
    return {
        name: blake2b(_canonical(getattr(state, name)), digest_size=16).hexdigest()
        for name in State.__struct_fields__
        if name not in {"version", "rule_set"}
    }


def _canonical(part: object) -> bytes:
    """Return a value as JSON, without the order of dicts and without fields that have their default.

    A field that is added later, with a default, therefore changes nothing.
    """
    return msgspec.json.encode(_plain(part), order="deterministic")


def _plain(part: Any) -> Any:  # noqa: ANN401 - any part of the state
    match part:
        case msgspec.Struct():
            config = part.__struct_config__
            fields = {
                name: _plain(value)
                for name, key, default in _fields(type(part))
                if (value := getattr(part, key)) != default
            }
            return fields if config.tag is None else {"type": config.tag, **fields}
        case TimerHeap():
            return [_plain(row) for row in sorted(part, key=lambda row: row.order)]
        case dict():
            # Nothing remembered of a rule is the same as a rule of which nothing is remembered.
            return {_key(key): _plain(value) for key, value in part.items() if value != {}}
        case set() | frozenset():
            return sorted(map(_plain, part), key=repr)
        case list() | tuple():
            return [_plain(row) for row in part]
        case _:
            return part


def _key(key: object) -> str:
    return key if isinstance(key, str) else repr(key)


@cache
def _fields(kind: type[msgspec.Struct]) -> list[tuple[str, str, object]]:
    """Return the fields of a struct: as it is written, as it is read, and its default."""
    return [
        (
            row.encode_name,
            row.name,
            row.default if row.default_factory is msgspec.NODEFAULT else row.default_factory(),
        )
        for row in msgspec.structs.fields(kind)
    ]


if __name__ == "__main__":
    DIGESTS.write_text(json.dumps({day: digests(day) for day in DAYS}, indent=2) + "\n")
