"""Random MQTT packets, and the names that mqtt-packet has for their fields."""

from collections.abc import Iterator
from typing import Any, TypeAlias, assert_never

from hypothesis import strategies as st

from monitor.mqtt.codec import (
    ConnAck,
    Connect,
    Disconnect,
    PingReq,
    PingResp,
    Properties,
    Property,
    ProtocolVersion,
    PubAck,
    PubComp,
    Publish,
    PubRec,
    PubRel,
    Received,
    Sent,
    SubAck,
    Subscribe,
)
from monitor.mqtt.codec.packet_type import PacketType
from monitor.mqtt.codec.property import Format

Acknowledgement: TypeAlias = PubAck | PubRec | PubRel | PubComp

NAMES = {
    Property.PAYLOAD_FORMAT: "payloadFormatIndicator",
    Property.MESSAGE_EXPIRY: "messageExpiryInterval",
    Property.CONTENT_TYPE: "contentType",
    Property.RESPONSE_TOPIC: "responseTopic",
    Property.CORRELATION_DATA: "correlationData",
    Property.SUBSCRIPTION_ID: "subscriptionIdentifier",
    Property.SESSION_EXPIRY: "sessionExpiryInterval",
    Property.ASSIGNED_CLIENT_ID: "assignedClientIdentifier",
    Property.SERVER_KEEPALIVE: "serverKeepAlive",
    Property.AUTHENTICATION_METHOD: "authenticationMethod",
    Property.AUTHENTICATION_DATA: "authenticationData",
    Property.REQUEST_PROBLEM_INFORMATION: "requestProblemInformation",
    Property.REQUEST_RESPONSE_INFORMATION: "requestResponseInformation",
    Property.RESPONSE_INFORMATION: "responseInformation",
    Property.SERVER_REFERENCE: "serverReference",
    Property.REASON_STRING: "reasonString",
    Property.RECEIVE_MAXIMUM: "receiveMaximum",
    Property.TOPIC_ALIAS_MAXIMUM: "topicAliasMaximum",
    Property.MAXIMUM_QOS: "maximumQoS",
    Property.RETAIN_AVAILABLE: "retainAvailable",
    Property.USER: "userProperties",
    Property.MAXIMUM_PACKET_SIZE: "maximumPacketSize",
    Property.WILDCARDS_AVAILABLE: "wildcardSubscriptionAvailable",
    Property.SUBSCRIPTION_IDS_AVAILABLE: "subscriptionIdentifiersAvailable",
    Property.SHARED_SUBSCRIPTIONS_AVAILABLE: "sharedSubscriptionAvailable",
}
"""What mqtt-packet calls a property; a topic alias is not among what we accept."""

LETTERS = st.characters(codec="utf-8", exclude_characters="\0+#")
TEXTS = st.text(LETTERS, max_size=20)
TOPICS = st.text(LETTERS, min_size=1, max_size=200)
BODIES = st.binary(max_size=40) | st.integers(100, 40_000).map(lambda size: b"x" * size)
IDS = st.integers(1, 65_535)
VERSIONS = st.sampled_from(ProtocolVersion)


def values(each: Property) -> st.SearchStrategy[Any]:
    """Valid values of a property; mqtt-packet leaves out what is 0 and writes the rest."""
    match each.written:
        case Format.BYTE:
            return st.integers(0, 1)
        case Format.TWO_BYTES:
            return IDS
        case Format.FOUR_BYTES:
            return st.integers(1, 0xFFFF_FFFF)
        case Format.VARIABLE:
            return st.integers(1, 268_435_455)
        case Format.TEXT:
            return TEXTS.filter(bool)
        case Format.BINARY:
            return st.binary(min_size=1, max_size=20)
        case Format.PAIR:
            return st.tuples(TEXTS.map("user-{}".format), TEXTS)


@st.composite
def properties(draw: st.DrawFn, packet: PacketType, version: ProtocolVersion) -> Properties:
    """Some of the properties that a packet may have, in any order; none in MQTT 3.1.1."""
    if version is ProtocolVersion.V3_1_1:
        return ()
    allowed = [each for each in NAMES if packet in each.packets]
    chosen = draw(st.lists(st.sampled_from(allowed), unique=True))
    return tuple((each, draw(values(each))) for each in chosen)


def acknowledgements(
    version: ProtocolVersion, *kinds: type[Acknowledgement]
) -> Iterator[st.SearchStrategy[Any]]:
    """Acknowledgements of these kinds, with the codes that MQTT 5.0 has for them."""
    for kind in kinds:
        codes = [0]
        if version is ProtocolVersion.V5:
            codes += [0x92] if kind in {PubRel, PubComp} else [0x80, 0x97]
        packet = PacketType[kind.__name__.upper()]
        yield st.builds(kind, IDS, st.sampled_from(codes), properties(packet, version))


@st.composite
def publishes(draw: st.DrawFn, version: ProtocolVersion) -> Publish:
    """Messages of every QoS."""
    qos = draw(st.integers(0, 2))
    return Publish(
        draw(TOPICS),
        draw(BODIES),
        qos,
        draw(IDS) if qos else 0,
        draw(st.booleans()),
        draw(st.booleans()) if qos else False,
        draw(properties(PacketType.PUBLISH, version)),
    )


def received(version: ProtocolVersion) -> st.SearchStrategy[Received]:
    """What a broker sends."""
    is_newer = version is ProtocolVersion.V5
    codes = st.sampled_from([0, 1, 2, 0x80] + [0x87, 0x9E] * is_newer)
    connack = properties(PacketType.CONNACK, version)
    disconnect = st.builds(
        Disconnect, st.sampled_from([0, 0x8E]), properties(PacketType.DISCONNECT, version)
    )
    return st.one_of(
        st.builds(ConnAck, st.booleans(), st.just(0), connack),
        st.builds(
            ConnAck,
            st.just(value=False),
            st.sampled_from([0x84, 0x87] if is_newer else [1, 5]),
            connack,
        ),
        publishes(version),
        *acknowledgements(version, PubAck, PubRec, PubRel, PubComp),
        st.builds(
            SubAck,
            IDS,
            st.lists(codes, min_size=1).map(tuple),
            properties(PacketType.SUBACK, version),
        ),
        st.just(PingResp()),
        *[disconnect] * is_newer,
    )


def sent(version: ProtocolVersion) -> st.SearchStrategy[Sent]:
    """What a subscriber sends."""
    return st.one_of(
        st.builds(
            Connect,
            client_id=TEXTS.filter(bool),
            clean=st.booleans(),
            keepalive=st.integers(0, 65_535),
            username=TEXTS.filter(bool),
            password=TEXTS.filter(bool),
            will_topic=st.just("") | TOPICS,
            will_payload=st.binary(max_size=40),
            properties=properties(PacketType.CONNECT, version),
        ),
        publishes(version),
        *acknowledgements(version, PubAck, PubRec, PubComp),
        st.builds(
            Subscribe,
            IDS,
            st.lists(TOPICS, min_size=1, max_size=5).map(tuple),
            st.integers(0, 2),
            properties(PacketType.SUBSCRIBE, version),
        ),
        st.just(PingReq()),
        st.builds(Disconnect),
    )


def named(  # noqa: C901, PLR0912 - one case for each packet
    packet: Received | Sent, version: ProtocolVersion
) -> dict[str, Any]:
    """Return a packet as mqtt-packet has it, with bytes as hexadecimal text; what it leaves out may be anything."""
    fields: dict[str, Any] = {"cmd": type(packet).__name__.lower()}
    match packet:
        case ConnAck():
            code = "reasonCode" if version is ProtocolVersion.V5 else "returnCode"
            fields |= {"sessionPresent": packet.session_present, code: packet.code}
        case Publish():
            fields |= {"topic": packet.topic, "payload": packet.payload.hex()}
            fields |= {"qos": packet.qos, "retain": packet.retain, "dup": packet.dup}
            if packet.qos:
                fields["messageId"] = packet.packet_id
        case PubAck() | PubRec() | PubRel() | PubComp():
            fields["messageId"] = packet.packet_id
            if version is ProtocolVersion.V5:
                fields["reasonCode"] = packet.code
        case Disconnect():
            if version is ProtocolVersion.V5:
                fields["reasonCode"] = packet.code
        case SubAck():
            fields |= {"messageId": packet.packet_id, "granted": list(packet.codes)}
        case Subscribe():
            topics = [{"topic": each, "qos": packet.qos} for each in packet.filters]
            fields |= {"messageId": packet.packet_id, "subscriptions": topics}
        case Connect():
            fields |= {"clientId": packet.client_id, "clean": packet.clean}
            fields |= {"keepalive": packet.keepalive, "username": packet.username}
            fields |= {"password": (packet.password or "").encode().hex()}
            if packet.will_topic:
                payload = packet.will_payload.hex()
                fields["will"] = {"topic": packet.will_topic, "payload": payload}
                fields["will"] |= {"qos": 1, "retain": True}
        case PingReq() | PingResp():
            return fields
        case _:
            assert_never(packet)
    if packet.properties:
        fields["properties"] = {
            NAMES[each]: _value(each, value) for each, value in packet.properties
        }
    return fields


def _value(each: Property, value: Any) -> Any:  # noqa: ANN401 - as in JSON
    match each.written, value:
        case Format.BYTE, int() if each is not Property.MAXIMUM_QOS:
            return bool(value)
        case Format.BINARY, bytes():
            return value.hex()
        case Format.PAIR, (name, text):
            return {name: text}
        case _:
            return value
