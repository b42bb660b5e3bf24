"""The wording of messages of vendors' systems that are refused."""

from collections.abc import Mapping

from monitor.core.delivery_phrase_ids import AdapterPhrase
from monitor.texts.marked import msgid

ADAPTERS: Mapping[AdapterPhrase, str] = {
    "topic-too-long": msgid("the topic has {size} characters; use at most {most}"),
    "topic-no-adapter": msgid(
        "no adapter reads this topic; add an adapter whose topic filter matches it to config.toml, or narrow the "
        "filters there"
    ),
    "not-vendors-json": msgid("not JSON of this vendor: {error}"),
    "adapter-not-mapped": msgid(
        "{sender}: no {kind} is mapped to it; add {entry} to the map of the adapter “{adapter}” in config.toml"
    ),
    "sender-topic": msgid("topic “{name}”"),
    "sender-door": msgid("door {number} of controller {controller}"),
    "sender-controller": msgid("controller {controller}"),
    "sender-itself": msgid("{system} itself"),
    "sender-bridge": msgid("the bridge of {system}"),
    "sender-prefix": msgid("topic prefix “{name}”"),
    "sender-device": msgid("{system} device “{name}”"),
    "sender-contact": msgid("contact “{name}”"),
    "uhppoted-encrypted": msgid(
        "the message is encrypted; turn mqtt.encryption.outgoing off in uhppoted.conf"
    ),
    "uhppoted-error": msgid(
        "uhppoted-mqtt reports an error: “{error}”; if it is expected, narrow the topic filter of the adapter"
    ),
    "uhppoted-reply": msgid(
        "no event follows from the reply to a request, “{method}”; if it is expected, narrow the topic filter of the "
        "adapter"
    ),
    "uhppoted-no-event": msgid(
        "neither “event” nor “system” is in the message; uhppoted-mqtt sends one of them"
    ),
    "esp-rfid-type": msgid(
        "“type” is “{given}”, which esp-rfid sends only with “src” and “desc”; if another vendor sends here, give its "
        "topic an adapter of its own"
    ),
    "esp-rfid-no-access": msgid(
        "an access message without “access”; esp-rfid sends Always, Admin, Denied and others there"
    ),
    "esp-rfid-word": msgid("“{given}” on “{topic_part}”; esp-rfid sends one word there, like ON"),
    "onvif-topic": msgid("the topic “{in_topic}” does not have the form <prefix>/onvif-ej/<topic>"),
    "onvif-nothing": msgid(
        "none of “UtcTime”, “Source” and “Data” is in the message, which are what ONVIF sends; if another vendor sends "
        "here, give its topic an adapter of its own"
    ),
    "onvif-lacks": msgid("{message} without “{key}” in “{section}”"),
    "onvif-count": msgid("“Count” is “{given}”; send a number of persons from 0 to {most}"),
    "zigbee-field": msgid("“{key}” is “{given}”; Zigbee2MQTT sends true or false"),
    "zigbee-availability": msgid(
        "the availability is “{given}”; Zigbee2MQTT sends online or offline"
    ),
    "zigbee-foreign": msgid(
        "a message with “{given}” is not a report of Zigbee2MQTT, which has “linkquality” or a reading; if another "
        "vendor sends here, give its topic an adapter of its own"
    ),
}
