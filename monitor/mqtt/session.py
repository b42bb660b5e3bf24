"""One connection's share of a session, without the connection: packets in, bytes out, and the other way round."""

from collections.abc import Mapping, Sequence
from itertools import repeat
from struct import Struct
from typing import assert_never

from monitor.mqtt.codec import (
    ConnAck,
    Connect,
    Decoder,
    Disconnect,
    LocalProtocolError,
    PingReq,
    PingResp,
    Property,
    ProtocolVersion,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    PubRel,
    Received,
    RemoteProtocolError,
    Sent,
    SubAck,
    Subscribe,
    encode,
)
from monitor.mqtt.codec.decode import LARGEST
from monitor.mqtt.codec.error import Clause
from monitor.mqtt.codec.packet_type import PacketType
from monitor.mqtt.codec.property import number
from monitor.mqtt.phase import TRANSITIONS, Phase, Step

_ACKNOWLEDGEMENT = Struct("!BBH").pack
_PUBACK = PacketType.PUBACK << 4
_PUBREC = PacketType.PUBREC << 4
_LAST_ID = 0xFFFF
_UNKNOWN_ID = 0x92
_PROTOCOL_ERROR = 0x82


class Session:
    """What MQTT asks of a subscriber on one connection; it knows neither socket nor clock.

    `send` and `acknowledge` return the bytes to send. `receive` takes in bytes of any length, and `packets` returns
    what they say. No message is acknowledged before `acknowledge`, and one that the broker sends again until then is
    not returned twice. With QoS 2, a repetition is recognised within a connection; after another CONNECT it counts as
    a new message, as with QoS 1.

    Args:
        version: of the protocol.
        largest: bytes that are kept of a packet.

    """

    def __init__(self, version: ProtocolVersion, largest: int = LARGEST) -> None:
        self.version = version
        self.phase = Phase.NEW
        self.keepalive: int | None = None
        """Seconds, if the broker wants another keepalive than we asked for."""
        self.highest_qos = 2
        """With which the broker lets us publish."""
        self.answers = b""
        """What the protocol has us answer; to be sent, and then emptied."""
        self._decoder = Decoder(version, largest)
        self._latest_id = 0
        self._pending: dict[int, Subscribe | Publish] = {}
        """By packet id: our requests that the broker has not answered yet."""
        self._unacknowledged: dict[int, int] = {}
        """By packet id: the QoS of each message that is not acknowledged yet."""
        self._unreleased: set[int] = set()
        """Messages of QoS 2 whose id the broker has not released."""
        self._largest_sent: int | None = None
        self._error: RemoteProtocolError | None = None

    def next_id(self) -> int:
        """Return a packet id that no request of ours uses."""
        for _ in range(_LAST_ID):
            self._latest_id = self._latest_id % _LAST_ID + 1
            if self._latest_id not in self._pending:
                return self._latest_id
        raise self._our_fault("65535 requests without an answer", Clause.PACKET_IDENTIFIER)

    def send(self, packet: Sent) -> bytes:
        """Return the bytes of a packet.

        Raises:
            LocalProtocolError: it is not allowed now, or the broker does not take it.

        """
        phase = self._after(_step_of(packet))
        if isinstance(packet, Publish):
            self._check(packet)
        elif isinstance(packet, Subscribe):
            self._check_filters(packet.filters)
        try:
            content = encode(packet, self.version)
        except ValueError as error:
            raise self._our_fault(str(error), Clause.STRING) from error
        if self._largest_sent is not None and len(content) > self._largest_sent:
            what = f"a packet of {len(content)} bytes where the broker takes {self._largest_sent}"
            raise self._our_fault(what, Clause.MAXIMUM_PACKET_SIZE)
        self.phase = phase
        if isinstance(packet, Subscribe | Publish) and packet.packet_id:
            self._pending[packet.packet_id] = packet
        return content

    def acknowledge(self, packet_ids: Sequence[int]) -> bytes:
        """Return the acknowledgements of messages with QoS 1 or 2, in this order.

        Raises:
            LocalProtocolError: one of them was not received, or is acknowledged already.

        """
        self._after(Step.SEND_ACKNOWLEDGEMENT)
        held = self._unacknowledged
        unknown = [each for each in packet_ids if each not in held]
        if unknown or len(set(packet_ids)) < len(packet_ids):
            what = f"acknowledgement of {unknown or 'one message twice'}"
            raise self._our_fault(what, Clause.ACKNOWLEDGEMENT)
        qos = [held.pop(each) for each in packet_ids]
        if 2 not in qos:  # noqa: PLR2004 - QoS 2
            return b"".join(map(_ACKNOWLEDGEMENT, repeat(_PUBACK), repeat(2), packet_ids))
        kinds = [_PUBREC if each == 2 else _PUBACK for each in qos]  # noqa: PLR2004
        return b"".join(map(_ACKNOWLEDGEMENT, kinds, repeat(2), packet_ids))

    def receive(self, data: bytes) -> None:
        """Take in the next bytes from the broker."""
        self._decoder.receive(data)

    def packets(self, most: int) -> list[Received]:
        """Return what the broker has sent, at most this many packets; empty: nothing more is complete.

        Raises:
            RemoteProtocolError: the broker broke the protocol; the connection can't go on.

        """
        while self._error is None:
            # One at a time until the connection stands, so that an error names the right byte.
            decoded = self._decoder.packets(most if self.phase is Phase.CONNECTED else 1)
            accepted: list[Received] = []
            try:
                self._accept(decoded, accepted)
            except RemoteProtocolError as error:
                self._error = error
            if accepted or not (decoded or self._error):
                return accepted
        raise self._error

    def _accept(self, packets: Sequence[Received], accepted: list[Received]) -> None:
        """Follow packets, of which only the last may be no message; add those that the caller needs."""
        held = self._unacknowledged
        is_connected = self.phase is Phase.CONNECTED
        for packet in packets:
            if type(packet) is not Publish or not is_connected:
                if self._follow(packet):
                    accepted.append(packet)
            elif packet.qos == 1:  # nearly all of them
                if packet.packet_id not in held:
                    held[packet.packet_id] = 1
                    accepted.append(packet)
            elif packet.qos == 0 or self._hold(packet):
                accepted.append(packet)

    def _follow(self, packet: Received) -> bool:
        """Follow a packet that may change the phase; return whether the caller needs it."""
        self.phase = self._after(_step_from(packet), packet)
        match packet:
            case ConnAck():
                self._adopt(packet)
            case SubAck():
                return self._is_answered(packet)
            case PubAck():
                return self._pending.pop(packet.packet_id, None) is not None
            case PubRel():
                is_known = packet.packet_id in self._unreleased
                self._unreleased.discard(packet.packet_id)
                answer = PubComp(packet.packet_id, 0 if is_known else _UNKNOWN_ID)
                self.answers += encode(answer, self.version)
                return False
            case Publish() | PubRec() | PubComp() | PingResp() | Disconnect():
                pass
            case _:
                assert_never(packet)
        return True

    def _hold(self, packet: Publish) -> bool:
        """Remember a message of QoS 2 until it is acknowledged; return whether it is new."""
        if packet.packet_id in self._unacknowledged:
            return False
        if packet.packet_id in self._unreleased:
            self.answers += encode(PubRec(packet.packet_id), self.version)
            return False
        self._unreleased.add(packet.packet_id)
        self._unacknowledged[packet.packet_id] = packet.qos
        return True

    def _adopt(self, packet: ConnAck) -> None:
        """Adopt the limits of the broker."""
        self.keepalive = number(packet.properties, Property.SERVER_KEEPALIVE)
        self._largest_sent = number(packet.properties, Property.MAXIMUM_PACKET_SIZE)
        highest = number(packet.properties, Property.MAXIMUM_QOS)
        self.highest_qos = 2 if highest is None else highest

    def _is_answered(self, packet: SubAck) -> bool:
        asked = self._pending.pop(packet.packet_id, None)
        if not isinstance(asked, Subscribe):
            return False
        if len(packet.codes) != len(asked.filters):
            what = f"SUBACK with {len(packet.codes)} codes for {len(asked.filters)} filters"
            raise self._their_fault(what, Clause.SUBACK)
        return True

    def _check(self, packet: Publish) -> None:
        if set(packet.topic) & {"+", "#", "\0"} or not packet.topic:
            raise self._our_fault(f"topic {packet.topic!r}", Clause.TOPIC_NAME)
        if packet.qos > self.highest_qos:
            raise self._our_fault(f"PUBLISH with QoS {packet.qos}", Clause.QOS)
        if (packet.qos > 0) != (packet.packet_id > 0) or packet.packet_id in self._pending:
            raise self._our_fault(
                f"PUBLISH with packet id {packet.packet_id}", Clause.PACKET_IDENTIFIER
            )

    def _check_filters(self, filters: Sequence[str]) -> None:
        for each in filters:
            levels = each.split("/")
            is_mixed = any(len(level) > 1 and {"+", "#"} & set(level) for level in levels)
            if is_mixed or "#" in levels[:-1] or "\0" in each or not each:
                raise self._our_fault(f"topic filter {each!r}", Clause.TOPIC_FILTER)

    def _after(self, step: Step, received: Received | None = None) -> Phase:
        """Return the phase after a step.

        Raises:
            LocalProtocolError, RemoteProtocolError: it is not allowed now.

        """
        phase = TRANSITIONS.get((self.phase, step))
        if phase is None:
            if received is None:
                what = f"{step.value}, although the connection is {self.phase.value}"
                raise self._our_fault(what, Clause.CONNECT)
            name = type(received).__name__.upper()
            what = f"{name}, although the connection is {self.phase.value}"
            is_early = self.phase is Phase.CONNECTING
            raise self._their_fault(what, Clause.CONNACK_FIRST if is_early else Clause.PACKET_TYPE)
        return phase

    def _our_fault(self, what: str, clause: Clause) -> LocalProtocolError:
        return LocalProtocolError(what, clause, self.version)

    def _their_fault(self, what: str, clause: Clause) -> RemoteProtocolError:
        offset = self._decoder.offset
        return RemoteProtocolError(what, clause, self.version, offset, _PROTOCOL_ERROR)


_SENT: Mapping[type[Sent], Step] = {
    Connect: Step.SEND_CONNECT,
    Publish: Step.SEND_REQUEST,
    Subscribe: Step.SEND_REQUEST,
    PingReq: Step.SEND_REQUEST,
    PubAck: Step.SEND_ACKNOWLEDGEMENT,
    PubRec: Step.SEND_ACKNOWLEDGEMENT,
    PubComp: Step.SEND_ACKNOWLEDGEMENT,
    Disconnect: Step.SEND_DISCONNECT,
}


def _step_of(packet: Sent) -> Step:
    return _SENT[type(packet)]


def _step_from(packet: Received) -> Step:
    match packet:
        case ConnAck():
            return Step.REFUSED if packet.code else Step.ACCEPTED
        case Publish() | PubRel():
            return Step.MESSAGE
        case SubAck() | PubAck() | PingResp():
            return Step.ANSWER
        case Disconnect():
            return Step.DISCONNECTED
        case PubRec() | PubComp():
            return Step.UNASKED
        case _:
            assert_never(packet)
