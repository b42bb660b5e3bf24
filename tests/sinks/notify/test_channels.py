"""Channels against real servers: what arrives, and what is reported when it does not."""

import asyncio
import json
import ssl
from datetime import timedelta

import pytest
import trustme
from msgspec.structs import replace

from monitor.config import Secret
from monitor.core.phrase import phrase
from monitor.roster import ChannelAddress as Row
from monitor.sinks.notify import Outcome, open_channel
from monitor.texts import Text, plain
from tests.support.http_stub import HttpStub, StubResponse, http_stub
from tests.support.mail import mailbox, text_of
from tests.support.servers import HOST, PATIENCE, eventually, free_port

TEXT = Text(
    title="New: الباب d1 forced [high]",
    body="Where: Hall\nSince: 14:02",
    short="HIGH 14:02 d1 forced",
    link="https://m.example/a/x",
    button="سأتولى الأمر",
    severity="critical",
)
TOPIC = "a-secret-topic"
TAKEN = StubResponse(body=b'{"id":"x","event":"message"}')


async def sent(url: str, *, short: bool = False, seconds: float = PATIENCE) -> Outcome:
    """The result of sending the text to an address."""
    row = Row(name="c", url=Secret(url), short=short, timeout=timedelta(seconds=seconds))
    channel = await open_channel(row)
    try:
        return await channel.send(TEXT)
    finally:
        await channel.close()


def ntfy(server: HttpStub, login: str = "") -> str:
    """The address of a topic on the server."""
    return f"ntfy://{login}{HOST}:{server.port}/{TOPIC}"


def certificates() -> tuple[ssl.SSLContext, trustme.CA]:
    """A server's certificate and the authority that signed it."""
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(HOST).configure_cert(context)
    return context, ca


async def test_ntfy_shows_title_text_priority_and_an_acknowledge_button() -> None:
    """The button posts to the signed link without opening a browser; its label may be in any language."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        outcome = await sent(ntfy(server, "anna:pa%20ss@"))

    assert outcome.result == "delivered"
    found = json.loads(server.asked[0].body)
    assert found == {
        "topic": TOPIC,
        "title": TEXT.title,
        "message": TEXT.body,
        "priority": 5,
        "click": TEXT.link,
        "actions": [
            {
                "action": "http",
                "label": TEXT.button,
                "url": TEXT.link,
                "method": "POST",
                "clear": True,
            }
        ],
    }
    assert server.asked[0].headers["authorization"] == "Basic YW5uYTpwYSBzcw=="


async def test_ntfy_with_a_token() -> None:
    """The token for ntfy is sent as a bearer token."""
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        await sent(ntfy(server, "tk_abcdefghijklmnopqrstuvwxyz012@"))

    assert server.asked[0].headers["authorization"] == "Bearer tk_abcdefghijklmnopqrstuvwxyz012"


async def test_ntfy_with_a_rate_limit_is_retried_later() -> None:
    """The monitor waits at least for Retry-After."""
    async with http_stub() as server:
        server.answers = [StubResponse(429, headers={"Retry-After": "7"})]
        outcome = await sent(ntfy(server))

    assert outcome == Outcome(
        result="failed",
        reason=phrase("channel-status", status=429),
        retry_after=timedelta(seconds=7),
    )


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (StubResponse(500), "failed"),
        (StubResponse(cut=True), "unknown"),
        (StubResponse(body=b'{"id'), "unknown"),
    ],
    ids=["500", "cut off", "half"],
)
async def test_an_incomplete_answer_of_ntfy(answer: StubResponse, result: str) -> None:
    """An incomplete answer proves nothing: the page may have arrived."""
    async with http_stub() as server:
        server.answers = [answer]
        outcome = await sent(ntfy(server))

    assert outcome.result == result
    assert TOPIC not in plain(outcome.reason)


async def test_ntfy_counts_bytes() -> None:
    """The limit of ntfy counts bytes: a longer message becomes an attachment; Arabic letters take two bytes."""
    text = replace(TEXT, body="x" + "ب" * 3000)
    async with http_stub() as server:
        server.decide = lambda _: TAKEN
        channel = await open_channel(Row(name="c", url=Secret(ntfy(server))))
        await channel.send(text)
        await channel.close()

    assert json.loads(server.asked[0].body)["message"] == "x" + "ب" * 1999


@pytest.mark.parametrize("scheme", ["ntfy", "json"])
@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_timeout_is_uncertain(scheme: str, status: int) -> None:
    """After a gateway timeout, the service behind the gateway may have the message."""
    async with http_stub() as server:
        server.decide = lambda _: StubResponse(status)
        outcome = await sent(f"{scheme}://{HOST}:{server.port}/{TOPIC}")

    assert outcome == Outcome(result="unknown", reason=phrase("channel-status", status=status))


async def test_a_mail_may_have_reached_some_recipients() -> None:
    """One recipient is refused; the other has the mail, and the next attempt is marked as a repeat."""
    async with mailbox() as box:
        box.refuses = "bad"
        outcome = await sent(box.url("good@example.org,bad"))

    assert len(box.mails) == 1
    assert outcome.result == "unknown"


BOT = "123456789:abcdefg-secret"
OK = StubResponse(body=b'{"ok":true,"result":{}}')


def telegram(server: HttpStub, chats: str = "4711") -> str:
    """The address of a bot's chats on our own Bot API server."""
    return f"tgram://{BOT}/{chats}?api=http://{HOST}:{server.port}"


async def test_telegram_shows_a_button_with_a_link() -> None:
    """Telegram shows title and text, with the button below; its label may be in any language."""
    async with http_stub() as server:
        server.decide = lambda _: OK
        outcome = await sent(telegram(server))

    assert outcome.result == "delivered"
    (asked,) = server.asked
    assert asked.path == f"/bot{BOT}/sendMessage"
    assert json.loads(asked.body) == {
        "chat_id": 4711,
        "text": f"{TEXT.title}\n\n{TEXT.body}",
        "reply_markup": {"inline_keyboard": [[{"text": TEXT.button, "url": TEXT.link}]]},
    }


async def test_telegram_with_a_rate_limit_is_retried_later() -> None:
    """The time to wait is in Telegram's answer, not in a header; the reason does not contain the bot's token."""
    async with http_stub() as server:
        body = b'{"ok":false,"error_code":429,"parameters":{"retry_after":7}}'
        server.decide = lambda _: StubResponse(429, body=body)
        outcome = await sent(telegram(server))

    assert outcome == Outcome(
        result="failed",
        reason=phrase("channel-status", status=429),
        retry_after=timedelta(seconds=7),
    )


async def test_telegram_with_one_of_two_chats_is_uncertain() -> None:
    """One of two chats already has the page and would get it twice, so the repeat is marked."""
    async with http_stub() as server:
        server.answers += [OK, StubResponse(403)]
        outcome = await sent(telegram(server, "4711/4712"))

    assert outcome.result == "unknown"
    assert BOT not in plain(outcome.reason)


@pytest.mark.parametrize("url", ["tgram://nonsense/1", f"tgram://{BOT}/"])
async def test_telegram_needs_a_bot_and_a_chat(url: str) -> None:
    """Each failed page gives what is wrong with the address as its reason."""
    assert (await sent(url)).result == "failed"


@pytest.mark.parametrize("scheme", ["ntfy", "gotify", "json"])
async def test_an_unreachable_server(scheme: str) -> None:
    """The page has certainly not arrived; the reason says why and contains no secret."""
    outcome = await sent(f"{scheme}://{HOST}:{free_port()}/{TOPIC}")

    assert outcome.result == "failed"
    assert "refused" in plain(outcome.reason) or "connect" in plain(outcome.reason)
    assert TOPIC not in plain(outcome.reason)


@pytest.mark.parametrize("scheme", ["ntfys", "jsons"])
async def test_an_untrusted_certificate(scheme: str) -> None:
    """Nothing is sent to a server with an untrusted certificate."""
    context, _ = certificates()
    async with http_stub(context) as server:
        outcome = await sent(f"{scheme}://{HOST}:{server.port}/{TOPIC}")

    assert outcome.result == "failed"
    assert "certificate" in plain(outcome.reason).lower()
    assert server.asked == []


async def test_gotify_and_webhooks_go_through_apprise() -> None:
    """Gotify and webhooks receive the whole text."""
    async with http_stub() as server:
        assert (await sent(f"gotify://{HOST}:{server.port}/tokentokentoken")).result == "delivered"
        assert (await sent(f"json://{HOST}:{server.port}/hook")).result == "delivered"

    gotify, hook = (json.loads(asked.body) for asked in server.asked)
    assert gotify["title"] == hook["title"] == TEXT.title
    assert gotify["message"] == TEXT.body


async def test_apprise_reports_the_status_of_a_refusal() -> None:
    """The reason contains no part of the address."""
    async with http_stub() as server:
        server.decide = lambda _: StubResponse(429)
        outcome = await sent(f"gotify://{HOST}:{server.port}/tokentokentoken")

    assert outcome == Outcome(result="failed", reason=phrase("channel-status", status=429))


async def test_an_answer_that_breaks_off_is_uncertain() -> None:
    """An answer that breaks off is uncertain, also where Apprise only reports a failure."""
    async with http_stub() as server:
        server.decide = lambda _: StubResponse(hangs=True)
        outcome = await sent(f"json://{HOST}:{server.port}/{TOPIC}", seconds=0.3)

    assert outcome.result == "unknown"
    assert TOPIC not in plain(outcome.reason)


async def test_mail_arrives_complete() -> None:
    """A mail arrives with subject and text, in any language."""
    async with mailbox() as box:
        outcome = await sent(box.url("anna"))

    assert outcome.result == "delivered"
    assert box.mails[0]["subject"] == TEXT.title
    assert box.mails[0]["to"] == "anna@example.org"
    assert TEXT.body in text_of(box.mails[0]).replace("\r\n", "\n")


async def test_mail_over_tls() -> None:
    """Mail goes over STARTTLS, with certificate checks turned off by the deployment."""
    context, _ = certificates()
    async with mailbox(context) as box:
        assert (await sent(box.url("anna", "mode=starttls&verify=no"))).result == "delivered"
        refused = await sent(box.url("anna", "mode=starttls"))

    assert refused.result == "failed"
    assert "certificate" in plain(refused.reason).lower()
    assert len(box.mails) == 1


async def test_an_unreachable_mail_server_is_named_in_words() -> None:
    """The reason is read by whoever repairs it: words, and no number of an error."""
    url = f"mailto://{HOST}:{free_port()}?from=monitor@example.org&to=anna@example.org"
    outcome = await sent(url)
    assert (outcome.result, plain(outcome.reason)) == ("failed", "connection refused")


async def test_mail_that_is_refused() -> None:
    """A refused mail has not arrived, and the server's reason is reported without the address."""
    async with mailbox() as box:
        box.answer = "552 the box of anna@example.org is full"
        outcome = await sent(box.url("anna"))

    assert outcome.result == "failed", outcome
    assert "anna@example.org" not in plain(outcome.reason)
    assert box.mails == []


async def test_a_short_channel_gets_only_the_short_text() -> None:
    """A short channel gets only the short text, because an SMS gateway charges by length."""
    async with http_stub() as server:
        await sent(f"json://{HOST}:{server.port}/sms", short=True)

    found = json.loads(server.asked[0].body)
    assert (found["title"], found["message"]) == ("", TEXT.short)


@pytest.mark.parametrize("url", ["nosuch://host/x", "ntfy://", "mailto://"])
async def test_an_invalid_address_fails_with_the_reason(url: str) -> None:
    """An invalid address does not stop the notifier."""
    outcome = await sent(url)

    assert outcome.result == "failed"
    assert "address" in plain(outcome.reason)


async def test_a_hanging_channel_delays_no_other() -> None:
    """Twenty channels hang, far more than a pool has threads, and the next one delivers at once."""
    async with http_stub() as server, mailbox() as box:
        server.decide = lambda _: StubResponse(hangs=True)
        hanging = [asyncio.create_task(sent(f"json://{HOST}:{server.port}/x")) for _ in range(20)]
        await eventually(lambda: len(server.asked) == 20)
        assert (await sent(box.url("anna"))).result == "delivered"
        assert not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
