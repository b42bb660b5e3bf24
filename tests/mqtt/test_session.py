"""A session without a connection: what may follow what, whose fault it is, and what is remembered."""

from struct import pack

import pytest

from monitor.mqtt.codec import (
    ConnAck,
    Connect,
    Disconnect,
    LocalProtocolError,
    PingReq,
    ProtocolVersion,
    PubAck,
    Publish,
    Received,
    RemoteProtocolError,
    Sent,
    SubAck,
    Subscribe,
)
from monitor.mqtt.codec.error import Clause
from monitor.mqtt.phase import TRANSITIONS, Phase, Step
from monitor.mqtt.session import Session
from tests.support.mqtt_faults import publish_packet

OLD, NEW = ProtocolVersion.V3_1_1, ProtocolVersion.V5
CONNECT = Connect(client_id="monitor", clean=False, keepalive=20)
CONNACK = {OLD: b"\x20\x02\x00\x00", NEW: b"\x20\x03\x00\x00\x00"}


def connected(version: ProtocolVersion = OLD, connack: bytes = b"") -> Session:
    """A session whose CONNECT was accepted."""
    session = Session(version)
    session.send(CONNECT)
    session.receive(connack or CONNACK[version])
    (answer,) = session.packets(10)
    assert isinstance(answer, ConnAck)
    return session


def received(session: Session, *packets: bytes, most: int = 100) -> list[Received]:
    """What the session returns for these bytes."""
    session.receive(b"".join(packets))
    found: list[Received] = []
    while more := session.packets(most):
        found += more
    return found


def ids(packets: list[Received]) -> list[int]:
    """The packet ids of messages."""
    return [each.packet_id for each in packets if isinstance(each, Publish)]


def of_qos_2(packet_id: int) -> bytes:
    """A message of QoS 2."""
    return b"\x34\x05\x00\x01a" + pack("!H", packet_id)


@pytest.mark.parametrize("version", ProtocolVersion)
def test_the_way_of_a_connection(version: ProtocolVersion) -> None:
    """CONNECT, CONNACK, requests and messages, DISCONNECT."""
    session = Session(version)
    phases = [session.phase]
    assert session.send(CONNECT)[0] == 0x10
    phases.append(session.phase)
    assert len(received(session, CONNACK[version])) == 1
    phases.append(session.phase)
    assert session.send(PingReq()) == b"\xc0\x00"
    assert session.send(Disconnect()) == b"\xe0\x00"
    phases.append(session.phase)

    assert phases == [Phase.NEW, Phase.CONNECTING, Phase.CONNECTED, Phase.CLOSED]


@pytest.mark.parametrize(
    "packet",
    [PingReq(), Subscribe(1, ("a",), 1), Publish("a", b"", 0, 0, retain=False), Disconnect()],
)
def test_nothing_is_sent_before_the_connection_stands(packet: Sent) -> None:
    """An illegal step is our own fault, and changes nothing."""
    for session in (Session(OLD), Session(OLD)):
        phase = session.phase

        with pytest.raises(
            LocalProtocolError, match=r"although the connection is new \(MQTT 3\.1\.1"
        ):
            session.send(packet)
        assert session.phase is phase
        assert session.send(CONNECT)


def test_connect_is_sent_once() -> None:
    """A second CONNECT would end the connection."""
    session = connected()

    with pytest.raises(LocalProtocolError, match="although the connection is connected"):
        session.send(CONNECT)


@pytest.mark.parametrize(
    "early",
    [publish_packet(b"a", b"1", 1), b"\xd0\x00", b"\x90\x03\x00\x01\x01", b"\x40\x02\x00\x01"],
)
def test_the_first_packet_is_connack(early: bytes) -> None:
    """A broker that sends anything before its answer to CONNECT breaks the protocol, and the error says where."""
    session = Session(OLD)
    session.send(CONNECT)

    with pytest.raises(
        RemoteProtocolError, match=r"although the connection is connecting \(byte 0; "
    ) as caught:
        received(session, early, CONNACK[OLD])
    assert caught.value.clause is Clause.CONNACK_FIRST


@pytest.mark.parametrize(
    ("unasked", "clause"),
    [
        (CONNACK[OLD], Clause.PACKET_TYPE),
        (b"\x50\x02\x00\x01", Clause.PACKET_TYPE),
        (b"\x70\x02\x00\x01", Clause.PACKET_TYPE),
    ],
)
def test_what_nobody_asked_for(unasked: bytes, clause: Clause) -> None:
    """A second CONNACK and an answer to QoS 2 break the protocol; messages that came before are returned first."""
    session = connected()
    session.receive(b"".join([publish_packet(b"a", b"1", 7), unasked]))

    assert ids(session.packets(100)) == [7]
    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as caught:
            session.packets(100)
        assert (caught.value.clause, caught.value.offset) == (clause, 4 + 8)


def test_a_refusal_closes() -> None:
    """After a CONNACK with a code there is nothing more to say."""
    session = Session(OLD)
    session.send(CONNECT)

    assert received(session, b"\x20\x02\x00\x05") == [ConnAck(session_present=False, code=5)]
    with pytest.raises(LocalProtocolError):
        session.send(PingReq())


def test_a_broker_may_disconnect_in_version_5_only() -> None:
    """It says why; in 3.1.1 brokers just close."""
    session = connected(NEW)
    assert received(session, b"\xe0\x02\x8e\x00") == [Disconnect(0x8E)]
    assert session.phase is Phase.CLOSED

    with pytest.raises(RemoteProtocolError):
        received(connected(), b"\xe0\x00")


def test_acknowledgements_are_in_order_and_in_one_piece() -> None:
    """One PUBACK for each message, in the order asked for; messages of QoS 2 get a PUBREC."""
    session = connected()
    received(session, *(publish_packet(b"a", b"", each) for each in (7, 3, 9)), of_qos_2(4))

    assert session.acknowledge([9, 7, 3]) == bytes.fromhex("40020009 40020007 40020003")
    assert session.acknowledge([4]) == bytes.fromhex("50020004")
    assert session.acknowledge([]) == b""


@pytest.mark.parametrize("wrong", [[8], [7, 8], [7, 7]])
def test_only_what_we_hold_is_acknowledged(wrong: list[int]) -> None:
    """Another packet id, or one twice, is our own fault, and nothing of it is sent or forgotten."""
    session = connected()
    received(session, publish_packet(b"a", b"", 7))

    with pytest.raises(LocalProtocolError):
        session.acknowledge(wrong)
    assert session.acknowledge([7]) == bytes.fromhex("40020007")


def test_a_message_that_we_hold_is_not_returned_twice() -> None:
    """Repetitions are left out, also where nothing else has arrived; acknowledged, the id is free again."""
    session = connected()
    first = received(
        session, publish_packet(b"a", b"1", 7), publish_packet(b"a", b"1", 7, again=True)
    )
    again = received(
        session,
        *[publish_packet(b"a", b"1", 7, again=True)] * 5,
        publish_packet(b"a", b"2", 8),
        most=2,
    )
    session.acknowledge([7])
    later = received(session, publish_packet(b"a", b"3", 7))

    assert (ids(first), ids(again), ids(later)) == ([7], [8], [7])


def test_qos_2_takes_three_steps() -> None:
    """Until the id is released, the message is not returned again, and the lost PUBREC is repeated."""
    session = connected()
    assert ids(received(session, of_qos_2(5), of_qos_2(5))) == [5]
    assert session.answers == b""
    assert session.acknowledge([5]) == bytes.fromhex("50020005")

    assert received(session, of_qos_2(5)) == []
    assert session.answers == bytes.fromhex("50020005")
    session.answers = b""
    assert received(session, bytes.fromhex("62020005")) == []
    assert session.answers == bytes.fromhex("70020005")
    session.answers = b""

    assert ids(received(session, of_qos_2(5))) == [5]


def test_an_id_that_was_never_received_is_released_all_the_same() -> None:
    """After a restart the broker still wants PUBCOMP; in MQTT 5.0 it learns that the id is not known."""
    for version, answer in ((OLD, "70020005"), (NEW, "7004000592 00")):
        session = connected(version)
        received(session, bytes.fromhex("62020005"))
        assert session.answers == bytes.fromhex(answer)


def test_requests_are_answered_once() -> None:
    """Answers are returned; those with an unknown id, or repeated, change nothing."""
    session = connected()
    session.send(Subscribe(session.next_id(), ("a", "b"), 1))
    session.send(Publish("a", b"", 1, session.next_id(), retain=False))
    suback, puback = bytes.fromhex("9004 0001 0100"), bytes.fromhex("4002 0002")

    found = received(session, suback, suback, puback, puback, bytes.fromhex("4002 0009"))

    assert found == [SubAck(1, (1, 0)), PubAck(2)]


def test_a_suback_has_a_code_for_each_filter() -> None:
    """Otherwise nobody knows which filter was refused."""
    session = connected()
    session.send(Subscribe(1, ("a", "b"), 1))

    with pytest.raises(RemoteProtocolError, match="SUBACK with 1 codes for 2 filters"):
        received(session, bytes.fromhex("9003 0001 01"))


def test_ids_that_are_in_use_are_left_out() -> None:
    """Ids begin again after 65535."""
    session = connected()
    session.send(Publish("a", b"", 1, 2, retain=False))

    assert [session.next_id() for _ in range(2)] == [1, 3]
    for _ in range(65_532):
        session.next_id()
    assert session.next_id() == 1


def test_the_limits_of_the_broker_hold() -> None:
    """What it does not take in MQTT 5.0 is our own fault; its keepalive replaces ours."""
    limits = bytes.fromhex("2010 0000 0d 13 0005 24 00 27 00000014 21 0001")
    session = connected(NEW, limits)

    assert session.keepalive == 5
    with pytest.raises(LocalProtocolError, match="PUBLISH with QoS 1"):
        session.send(Publish("a", b"", 1, 1, retain=False))
    with pytest.raises(LocalProtocolError, match="a packet of 26 bytes where the broker takes 20"):
        session.send(Publish("a", b"x" * 20, 0, 0, retain=False))
    assert session.send(Publish("a", b"x" * 10, 0, 0, retain=False))


@pytest.mark.parametrize(
    "wrong",
    [
        Publish("a/#", b"", 0, 0, retain=False),
        Publish("", b"", 0, 0, retain=False),
        Publish("x" * 65_536, b"", 0, 0, retain=False),
        Publish("\ud800", b"", 0, 0, retain=False),
        Publish("a", b"", 1, 0, retain=False),
        Publish("a", b"", 0, 1, retain=False),
    ],
)
def test_an_invalid_message_is_not_sent(wrong: Publish) -> None:
    """It would end the connection."""
    session = connected()

    with pytest.raises(LocalProtocolError):
        session.send(wrong)
    assert session.send(PingReq())


def test_every_phase_can_be_reached_and_only_closed_is_an_end() -> None:
    """The table has no dead end, and nothing leads out of a closed connection."""
    assert set(TRANSITIONS.values()) == set(Phase) - {Phase.NEW}
    assert {before for before, _ in TRANSITIONS} == set(Phase) - {Phase.CLOSED}
    assert {step for _, step in TRANSITIONS} == set(Step) - {Step.UNASKED}
