"""Publishes alerts, zone standings and readiness as retained MQTT messages: any client can show how things are now."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from monitor.core.alert import Alert
from monitor.core.transitions import AlertChanged, ReadinessChanged, ZoneChanged, ZoneStanding
from monitor.errors import BrokerUnavailable, SinkUnavailable
from monitor.journal import Written
from monitor.mqtt import BrokerAddress, Publisher

_ENCODE = msgspec.json.Encoder()
Row = Alert | ZoneStanding | ReadinessChanged


class MqttSink:
    """Publishes to ``venue/<site>/alert/<id>``, ``.../silent-alert/<id>``, ``standing`` and ``readiness-state``.

    Of many changes of the same alert in one batch only the last is told: it is a board, not a history. A closed alert
    is told once and taken off the board. Each new connection begins with the whole board: a broker that was restarted
    may have forgotten it.

    Args:
        address: the broker.
        client_id: our name there.
        nowhere: stands for the site of what belongs to no site: the congress's id.
        board: tells the open alerts, how the zones stand and how ready they are.

    """

    name = "mqtt"

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        nowhere: str,
        board: Callable[[], Iterable[Row]],
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._nowhere = nowhere
        self._board = board
        self._publisher: Publisher | None = None

    async def take(self, entries: Sequence[Written]) -> None:
        """Publish; see `relay.Sink`."""
        board: dict[str, bytes] = {}
        farewells: dict[str, bytes] = {}
        for entry in entries:
            match entry.transition:
                case AlertChanged(alert=alert) if not alert.is_open:
                    board[self._topic(alert)] = b""
                    farewells[self._topic(alert)] = _ENCODE.encode(alert)
                case AlertChanged(alert=row) | ZoneChanged(standing=row):
                    board[self._topic(row)] = _ENCODE.encode(row)
                case ReadinessChanged() as row:
                    board[self._topic(row)] = _ENCODE.encode(row)
                case _:
                    pass
        try:
            publisher = await self._connected()
            if farewells:
                await publisher.publish_many(list(farewells.items()))
            if board:
                await publisher.publish_many(list(board.items()), retain=True)
        except BrokerUnavailable as error:
            await self.close()
            raise SinkUnavailable(str(error)) from error

    async def close(self) -> None:
        """Let go of the connection."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.__aexit__(None, None, None)

    async def _connected(self) -> Publisher:
        if self._publisher is None:
            self._publisher = await Publisher(self._address, self._client_id).__aenter__()
            board = [(self._topic(row), _ENCODE.encode(row)) for row in self._board()]
            await self._publisher.publish_many(board, retain=True)
        return self._publisher

    def _topic(self, row: Row) -> str:
        """Return where it is told; silent alerts have topics of their own, for the broker's access list."""
        site = row.site or self._nowhere
        if isinstance(row, ZoneStanding):
            return f"venue/{site}/standing/{row.zone}"
        if isinstance(row, ReadinessChanged):
            return "/".join(filter(None, ("venue", site, "readiness-state", row.zone)))
        return f"venue/{site}/{'silent-alert' if row.silent else 'alert'}/{row.id}"
