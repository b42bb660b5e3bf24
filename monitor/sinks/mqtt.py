"""Publishes open alerts, zone statuses and readiness as retained MQTT messages, so that any client can show them."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

import msgspec
import structlog

from monitor.core.alert import Alert
from monitor.core.transitions import (
    AlertChanged,
    ReadinessChanged,
    StaffAnswered,
    ZoneChanged,
    ZoneStatus,
)
from monitor.journal import Written
from monitor.mqtt import BrokerAddress, RetainedTopics
from monitor.sinks.board_checksum import RunningChecksum, read_checksum
from monitor.sinks.signature import Signer
from monitor.texts import in_english

log = structlog.get_logger()

FILTERS = (
    *(f"venue/+/{kind}/#" for kind in ("alert", "silent-alert", "standing", "readiness-state")),
    "venue/+/monitor/board",
)
"""The topics of the board. No one else may write them."""
COMPARE_EVERY = 60.0
"""Seconds between two comparisons of all that the broker keeps; what is written meanwhile is noticed at once."""
MOST_REPORTED = 10
"""Topics written by others that are reported one by one; one report covers the others."""

_ENCODE = msgspec.json.Encoder()
Row = Alert | ZoneStatus | ReadinessChanged


class MqttSink:
    """Publishes to ``venue/<site>/alert/<id>``, ``.../silent-alert/<id>``, ``standing`` and ``readiness-state``.

    The topics show the present state, not its history: of several changes of one subject in a batch only the last is
    published. A closed alert is published once, not retained, and its retained message is deleted. Each new connection
    starts with the whole board: a broker that was restarted may have lost it. Answers to commands of staff go to
    ``venue/<site>/answer/<who>``, in order and not retained.

    What others write to these topics is replaced by what the journal says, or deleted, and reported. Retained messages
    are signed: what others wrote while the sink was disconnected lacks the signature. What they put back or deleted
    meanwhile differs from the checksum of the board, on ``venue/<congress>/monitor/board``; a broker that was restarted
    may have gone back to an earlier board, but then as a whole.

    Args:
        address: the broker.
        client_id: the client id at the broker.
        congress: the congress's id, used as the site of what belongs to no site.
        signer: signs retained messages.
        board: returns the open alerts, the zone statuses and the readiness; ``None``: only answers are published.
        is_ours: returns whether an alert with an id, open or closed, is in the journal.
        report: called with topics that others wrote to, and how many more there are.
        embedded_process: returns the process of the embedded broker; ``None``: the broker is another one. The embedded
            one stops with the monitor, so that no one can write meanwhile; when it is killed, it keeps some of the
            latest messages and loses others: the checksum holds for a process only.

    """

    name = "mqtt"
    every = timedelta(seconds=1)

    def __init__(  # noqa: PLR0913 - what it needs of the journal and the monitor
        self,
        address: BrokerAddress,
        client_id: str,
        congress: str,
        signer: Signer,
        *,
        board: Callable[[], Iterable[Row]] | None,
        is_ours: Callable[[str], bool] = lambda _: False,
        report: Callable[[str, int], None] = lambda *_: None,
        embedded_process: Callable[[], int | None] | None = None,
    ) -> None:
        self._congress = congress
        self._signer = signer
        self._board = board
        self._is_ours = is_ours
        self._report = report
        self._embedded_process = embedded_process
        self._process: int | None = None
        """That of the embedded broker at the latest connection."""
        self._topics = RetainedTopics(address, client_id, FILTERS)
        self._shown: dict[str, bytes] = {}
        """What was published last on each topic."""
        self._checksum_topic = f"venue/{congress}/monitor/board"
        self._checksum = RunningChecksum()
        self._is_changing = False
        """The latest checksum leaves out what was being changed then."""
        self._compare_at = 0.0

    async def take(self, entries: Sequence[Written]) -> None:
        """Publish; see `relay.Sink`."""
        retained: dict[str, bytes] = {}
        closed: dict[str, bytes] = {}
        answers: list[tuple[str, bytes]] = []
        for entry in entries:
            match entry.transition:
                case AlertChanged(alert=alert) if not alert.is_open:
                    retained[self._topic(alert)] = b""
                    closed[self._topic(alert)] = _ENCODE.encode(in_english(alert))
                case AlertChanged(alert=row) | ZoneChanged(status=row):
                    retained |= self._retained(row)
                case ReadinessChanged() as row:
                    retained |= self._retained(row)
                case StaffAnswered() as row if not {"+", "#", "\0"} & set(row.site + row.who):
                    answers.append(
                        (f"venue/{row.site}/answer/{row.who}", _ENCODE.encode(in_english(row)))
                    )
                case _:
                    pass
        await self._connect()
        await self._topics.publish(answers)
        if self._board is None:
            return
        await self._topics.publish(closed.items())
        if retained:
            await self._show(retained)

    async def send_periodic(self) -> None:
        """Restore what others have written to; from time to time, compare all that the broker keeps.

        Raises:
            SinkUnavailable: the broker can't be reached.

        """
        if self._board is None:
            return
        await self._connect()
        if written := self._topics.take_written():
            await self._restore(written, written)
        if time.monotonic() >= self._compare_at:
            await self._compare()
        if self._is_changing:
            await self._show({})

    async def close(self) -> None:
        """Close the connection."""
        await self._topics.close()

    async def _connect(self) -> None:
        """Connect if necessary, and publish the whole board."""
        if self._topics.is_connected:
            return
        await self._topics.connect()
        if self._board is None:
            return
        kept = await self._topics.kept()
        was_changed = not self._is_new_process() and self._was_changed(kept)
        self._shown, self._checksum = {}, RunningChecksum()
        board: dict[str, bytes] = {}
        for row in self._board():
            board |= self._retained(row)
        # Deleted together with what is published: a checksum that counted them would be wrong after a kill in between.
        unknown = {topic: b"" for topic in kept if topic not in board}
        await self._show(unknown | board)
        others = self._foreign(kept)
        # One message more or other than ours makes the checksum differ, too.
        await self._restore((), others or [self._checksum_topic] * was_changed)
        self._compare_at = time.monotonic() + COMPARE_EVERY

    def _is_new_process(self) -> bool:
        """Return whether the embedded broker, if it is that one, was started since the latest connection."""
        if self._embedded_process is None:
            return False
        before, self._process = self._process, self._embedded_process()
        return self._process != before

    def _was_changed(self, kept: Mapping[str, bytes]) -> bool:
        """Return whether a broker keeps another board than the one that was published before the disconnection."""
        rows = dict(kept)
        payload = rows.pop(self._checksum_topic, None)
        if payload is None:
            return any(self._signer.is_genuine(*row) for row in rows.items())
        if not self._signer.is_genuine(self._checksum_topic, payload):
            return False  # one more topic that others have written to
        latest = read_checksum(payload)
        return latest is not None and not latest.matches(rows)

    def _foreign(self, kept: Mapping[str, bytes]) -> list[str]:
        """Return the topics on which others have written while the sink was disconnected."""
        genuine = {
            topic for topic, payload in kept.items() if self._signer.is_genuine(topic, payload)
        }
        return [
            topic
            for topic in kept
            if (topic not in self._shown and not self._is_known(topic))
            # Versions before 0.2 did not sign: on their boards nothing is genuine.
            or (genuine and topic not in genuine)
        ]

    async def _compare(self) -> None:
        """Compare what the broker keeps with what was published."""
        self._compare_at = time.monotonic() + COMPARE_EVERY
        kept = dict(await self._topics.kept())
        others = [topic for topic, payload in kept.items() if self._shown.get(topic) != payload]
        lost = [topic for topic in self._shown if topic not in kept]
        await self._restore([*others, *lost], others)

    async def _restore(self, topics: Sequence[str], others: Sequence[str]) -> None:
        """Publish what belongs on topics, and report those that others have written to."""
        if topics:
            await self._show({topic: self._shown.get(topic, b"") for topic in topics})
        if others:
            log.warning("board_written_by_others", topics=len(others), first=others[0])
        for place, topic in enumerate(others[:MOST_REPORTED], 1):
            self._report(topic, len(others) - place if place == MOST_REPORTED else 0)

    async def _show(self, retained: dict[str, bytes]) -> None:
        """Publish the checksum and retained messages; an empty one deletes its topic."""
        changed = {topic: row for topic, row in retained.items() if topic != self._checksum_topic}
        self._is_changing = bool(changed)
        latest = _ENCODE.encode(self._checksum.before(changed))
        rows = {self._checksum_topic: self._signer.sign(self._checksum_topic, latest)} | changed
        await self._topics.publish(rows.items(), retain=True)
        for topic, payload in rows.items():
            if payload:
                self._shown[topic] = payload
            else:
                self._shown.pop(topic, None)
        for topic, payload in changed.items():
            self._checksum.show(topic, payload)

    def _is_known(self, topic: str) -> bool:
        """Return whether a topic is about an alert of ours that has been closed since."""
        match topic.split("/"):
            case ["venue", _, "alert" | "silent-alert", own]:
                return self._is_ours(own)
            case _:
                return False

    def _retained(self, row: Row) -> dict[str, bytes]:
        topic = self._topic(row)
        return {topic: self._signer.sign(topic, _ENCODE.encode(in_english(row)))}

    def _topic(self, row: Row) -> str:
        """Return the topic of a subject; silent alerts have topics of their own, for the broker's access list."""
        site = row.site or self._congress
        if isinstance(row, ZoneStatus):
            return f"venue/{site}/standing/{row.zone}"
        if isinstance(row, ReadinessChanged):
            return "/".join(filter(None, ("venue", site, "readiness-state", row.zone)))
        return f"venue/{site}/{'silent-alert' if row.silent else 'alert'}/{row.id}"
