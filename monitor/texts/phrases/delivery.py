"""The wording of why a sink, a channel, the monitor itself or its watcher's connection does not work."""

from collections.abc import Mapping

from monitor.core.delivery_phrase_ids import DeliveryPhrase
from monitor.texts.marked import msgid

DELIVERY: Mapping[DeliveryPhrase, str] = {
    # Sinks, and whatever else answers by HTTP.
    "sink-no-answer": msgid("{server}: no answer within {within}"),
    "sink-address-invalid": msgid("{server}: its address is not valid"),
    "sink-unreachable": msgid("{server} can't be reached: {error}"),
    "sink-failed": msgid("{server}: {error}"),
    "sink-answer-too-long": msgid("{server}: its answer is longer than {most} bytes"),
    "sink-defect": msgid("a defect of the monitor: {error}"),
    "broker-unreachable": msgid("the MQTT broker can't be reached: {error}"),
    "broker-not-connected": msgid("not yet connected to the MQTT broker {server}"),
    "http-status": msgid("{server}: HTTP {status}[: {advice}][: {error}]"),
    "http-credentials": msgid("check its credentials"),
    "http-address": msgid("check its address"),
    "http-method": msgid("check its address and the method"),
    "cause-refused": msgid("connection refused"),
    "cause-closed": msgid("the connection was closed"),
    "cause-name-unknown": msgid("no server of this name is known"),
    "cause-certificate": msgid("its TLS certificate is not accepted: {error}"),
    "cause-timed-out": msgid("the connection timed out"),
    "entry-refused": msgid("{entry}: {error}"),
    "life-safety-silenced": msgid(
        "{server}: life safety is silenced in Alertmanager (alert {alerts}); end that silence there"
    ),
    "influx-answers": msgid("InfluxDB answers {status}[ ({error})]: {advice}"),
    "influx-credentials": msgid(
        "authentication failed; check auth, token_file, username and password_file in {section}"
    ),
    "influx-permission": msgid(
        "no permission to write; give the token or the user in {section} write access to the database"
    ),
    "influx-database": msgid(
        "no such database or write endpoint; create the database, check database and org in {section}, and write "
        "api = “v1” for InfluxDB 1.7 and older"
    ),
    "influx-rate": msgid("rate limited; the monitor retries and loses nothing"),
    "influx-overloaded": msgid("overloaded or starting; the monitor retries and loses nothing"),
    "influx-other": msgid(
        "this is not InfluxDB's answer to a write; check that url in {section} is the address of an InfluxDB"
    ),
    "influx-server": msgid(
        "check its log and its disk; nothing is lost: the monitor delivers the backlog when it works again"
    ),
    # Channels to people.
    "channel-reason": msgid("{channel}: {error}"),
    "channel-of": msgid("channel {channel} to {person}: {error}"),
    "channel-none": msgid("no channel"),
    "channel-no-answer": msgid("no answer within {within}"),
    "channel-status": msgid("HTTP {status}"),
    "channel-half-answer": msgid("half an answer"),
    "channel-not-accepted": msgid("the message was not accepted"),
    "channel-rate-limited": msgid("its limit of pages per minute is reached"),
    "channel-service": msgid("the service"),
    "channel-apprise-unknown": msgid(
        "Apprise does not know this kind of address; see https://appriseit.com/services"
    ),
    "channel-no-topic": msgid(
        "this is not the address of a topic; write e.g. ntfys://ntfy.example.org/topic"
    ),
    "channel-no-chat": msgid(
        "this is not the address of a chat; write e.g. tgram://123456:bot-token/chat-id"
    ),
    "channel-bot-token": msgid("Telegram's bot token looks like 123456789:ABC..."),
    "channel-before-take-over": msgid("the monitor before the take-over may have sent it"),
    # What is wrong with the monitor itself.
    "part-trouble": msgid("{part}: {error}"),
    "part-behind": msgid("{part}: {behind_s} behind"),
    "clock-stands": msgid("the clock has not ticked for {within}"),
    "clock-doubt": msgid(
        "the clock of {host} was stepped by {by} at {since} and is not judged sound yet: compare it with another clock"
    ),
    # Why the watcher pages.
    "silent-broker-away": msgid("The broker can't be reached: {error}"),
    "silent-stopped": msgid("The broker answers. The monitor is {status}."),
    "silent-from-start": msgid(
        "The broker answers. No heartbeat has been received since the watcher started."
    ),
    "silent-hanging": msgid(
        "The broker answers and the monitor is connected, but sends no heartbeat: it hangs, or its network does."
    ),
}
