"""Channels against real servers: what arrives, and what is told when it doesn't."""

import asyncio
import json
import ssl
from datetime import timedelta

import pytest
import trustme
from msgspec.structs import replace

from monitor.config import Secret
from monitor.roster import Channel as Row
from monitor.sinks.notify import Outcome, open_channel
from monitor.texts import Text
from tests.support.http_stub import Answer, Loopback, loopback
from tests.support.mail import mailbox, text_of
from tests.support.servers import HOST, eventually, free_port

TEXT = Text(
    title="New: الباب d1 forced [high]",
    body="Where: Hall\nSince: 14:02",
    short="HIGH 14:02 d1 forced",
    link="https://m.example/a/x",
    button="سأتولى الأمر",
    severity="critical",
)
TOPIC = "a-secret-topic"
TAKEN = Answer(body=b'{"id":"x","event":"message"}')


async def sent(url: str, *, short: bool = False, seconds: float = 5) -> Outcome:
    """What comes of sending the text to an address."""
    row = Row(name="c", url=Secret(url), short=short, timeout=timedelta(seconds=seconds))
    channel = await open_channel(row)
    try:
        return await channel.send(TEXT)
    finally:
        await channel.close()


def ntfy(server: Loopback, login: str = "") -> str:
    """The address of a topic there."""
    return f"ntfy://{login}{HOST}:{server.port}/{TOPIC}"


def certificates() -> tuple[ssl.SSLContext, trustme.CA]:
    """What a server shows, and who vouches for it."""
    ca = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(HOST).configure_cert(context)
    return context, ca


async def test_ntfy_shows_title_text_urgency_and_a_button_that_takes_it() -> None:
    """The button posts to the signed link without opening a browser; its words may be of any language."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        outcome = await sent(ntfy(server, "anna:pa%20ss@"))

    assert outcome.result == "delivered"
    told = json.loads(server.asked[0].body)
    assert told == {
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
    """It is shown as such."""
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        await sent(ntfy(server, "tk_abcdefghijklmnopqrstuvwxyz012@"))

    assert server.asked[0].headers["authorization"] == "Bearer tk_abcdefghijklmnopqrstuvwxyz012"


async def test_ntfy_that_has_enough_says_for_how_long() -> None:
    """Retry-After is what the monitor waits at least."""
    async with loopback() as server:
        server.answers = [Answer(429, headers={"Retry-After": "7"})]
        outcome = await sent(ntfy(server))

    assert outcome == Outcome(result="failed", reason="HTTP 429", retry_after=timedelta(seconds=7))


@pytest.mark.parametrize(
    ("answer", "result"),
    [(Answer(500), "failed"), (Answer(cut=True), "unknown"), (Answer(body=b'{"id'), "unknown")],
    ids=["500", "cut off", "half"],
)
async def test_ntfy_that_doesnt_answer_in_full(answer: Answer, result: str) -> None:
    """Half an answer proves nothing: it may have arrived."""
    async with loopback() as server:
        server.answers = [answer]
        outcome = await sent(ntfy(server))

    assert outcome.result == result
    assert TOPIC not in outcome.reason


async def test_ntfy_counts_bytes() -> None:
    """A longer message would become an attachment; Arabic letters have two bytes."""
    text = replace(TEXT, body="x" + "ب" * 3000)
    async with loopback() as server:
        server.decide = lambda _: TAKEN
        channel = await open_channel(Row(name="c", url=Secret(ntfy(server))))
        await channel.send(text)
        await channel.close()

    assert json.loads(server.asked[0].body)["message"] == "x" + "ب" * 1999


@pytest.mark.parametrize("scheme", ["ntfy", "json"])
@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_that_doesnt_know(scheme: str, status: int) -> None:
    """The service behind it may have the message."""
    async with loopback() as server:
        server.decide = lambda _: Answer(status)
        outcome = await sent(f"{scheme}://{HOST}:{server.port}/{TOPIC}")

    assert outcome == Outcome(result="unknown", reason=f"HTTP {status}")


async def test_a_mail_to_several_may_have_reached_some() -> None:
    """One is refused; the other has it, and the next is marked as a repeat."""
    async with mailbox() as box:
        box.refuses = "bad"
        outcome = await sent(box.url("good@example.org,bad"))

    assert len(box.mails) == 1
    assert outcome.result == "unknown"


BOT = "123456789:abcdefg-secret"
OK = Answer(body=b'{"ok":true,"result":{}}')


def telegram(server: Loopback, chats: str = "4711") -> str:
    """The address of chats of a bot, at a Bot API server of our own."""
    return f"tgram://{BOT}/{chats}?api=http://{HOST}:{server.port}"


async def test_telegram_shows_a_button_that_leads_to_the_page() -> None:
    """Title and text, and under them the button; its words may be of any language."""
    async with loopback() as server:
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


async def test_telegram_that_has_enough_says_for_how_long() -> None:
    """In its answer, not in a header; the reason holds nothing of the bot's token."""
    async with loopback() as server:
        body = b'{"ok":false,"error_code":429,"parameters":{"retry_after":7}}'
        server.decide = lambda _: Answer(429, body=body)
        outcome = await sent(telegram(server))

    assert outcome == Outcome(result="failed", reason="HTTP 429", retry_after=timedelta(seconds=7))


async def test_telegram_of_which_one_chat_has_it_may_have_arrived() -> None:
    """Sent again it would come twice there: so it is marked."""
    async with loopback() as server:
        server.answers += [OK, Answer(403)]
        outcome = await sent(telegram(server, "4711/4712"))

    assert outcome.result == "unknown"
    assert BOT not in outcome.reason


@pytest.mark.parametrize("url", ["tgram://nonsense/1", f"tgram://{BOT}/"])
async def test_telegram_needs_a_bot_and_a_chat(url: str) -> None:
    """What is wrong with the address is the reason of each page's failure."""
    assert (await sent(url)).result == "failed"


@pytest.mark.parametrize("scheme", ["ntfy", "gotify", "json"])
async def test_nobody_there(scheme: str) -> None:
    """It has certainly not arrived; the reason says why and holds no secret."""
    outcome = await sent(f"{scheme}://{HOST}:{free_port()}/{TOPIC}")

    assert outcome.result == "failed"
    assert "refused" in outcome.reason or "connect" in outcome.reason
    assert TOPIC not in outcome.reason


@pytest.mark.parametrize("scheme", ["ntfys", "jsons"])
async def test_a_certificate_that_nobody_vouches_for(scheme: str) -> None:
    """Nothing is sent to such a server."""
    context, _ = certificates()
    async with loopback(context) as server:
        outcome = await sent(f"{scheme}://{HOST}:{server.port}/{TOPIC}")

    assert outcome.result == "failed"
    assert "certificate" in outcome.reason.lower()
    assert server.asked == []


async def test_gotify_and_webhooks_go_through_apprise() -> None:
    """With the whole text."""
    async with loopback() as server:
        assert (await sent(f"gotify://{HOST}:{server.port}/tokentokentoken")).result == "delivered"
        assert (await sent(f"json://{HOST}:{server.port}/hook")).result == "delivered"

    gotify, hook = (json.loads(asked.body) for asked in server.asked)
    assert gotify["title"] == hook["title"] == TEXT.title
    assert gotify["message"] == TEXT.body


async def test_apprise_tells_the_status_of_a_refusal() -> None:
    """And nothing of the address."""
    async with loopback() as server:
        server.decide = lambda _: Answer(429)
        outcome = await sent(f"gotify://{HOST}:{server.port}/tokentokentoken")

    assert outcome == Outcome(result="failed", reason="HTTP 429")


async def test_an_answer_that_breaks_off_may_have_arrived() -> None:
    """Also where Apprise only says that it failed."""
    async with loopback() as server:
        server.decide = lambda _: Answer(hangs=True)
        outcome = await sent(f"json://{HOST}:{server.port}/{TOPIC}", seconds=0.3)

    assert outcome.result == "unknown"
    assert TOPIC not in outcome.reason


async def test_mail_arrives_whole() -> None:
    """Subject and text, in any language."""
    async with mailbox() as box:
        outcome = await sent(box.url("anna"))

    assert outcome.result == "delivered"
    assert box.mails[0]["subject"] == TEXT.title
    assert box.mails[0]["to"] == "anna@example.org"
    assert TEXT.body in text_of(box.mails[0]).replace("\r\n", "\n")


async def test_mail_over_tls() -> None:
    """STARTTLS, with a certificate that the deployment chose not to check."""
    context, _ = certificates()
    async with mailbox(context) as box:
        assert (await sent(box.url("anna", "mode=starttls&verify=no"))).result == "delivered"
        refused = await sent(box.url("anna", "mode=starttls"))

    assert refused.result == "failed"
    assert "certificate" in refused.reason.lower()
    assert len(box.mails) == 1


async def test_mail_that_is_refused() -> None:
    """The server said no: it has not arrived, and its reason is told without the address."""
    async with mailbox() as box:
        box.answer = "552 the box of anna@example.org is full"
        outcome = await sent(box.url("anna"))

    assert outcome.result == "failed", outcome
    assert "anna@example.org" not in outcome.reason
    assert box.mails == []


async def test_a_short_channel_gets_the_short_text_alone() -> None:
    """An SMS gateway charges by the letter."""
    async with loopback() as server:
        await sent(f"json://{HOST}:{server.port}/sms", short=True)

    told = json.loads(server.asked[0].body)
    assert (told["title"], told["message"]) == ("", TEXT.short)


@pytest.mark.parametrize("url", ["nosuch://host/x", "ntfy://", "mailto://"])
async def test_an_address_that_leads_nowhere_fails_with_the_reason(url: str) -> None:
    """It is no reason to stop."""
    outcome = await sent(url)

    assert outcome.result == "failed"
    assert "address" in outcome.reason


async def test_a_channel_that_hangs_holds_up_nobody() -> None:
    """Twenty that hang, far more than a pool has threads, and the next one goes through at once."""
    async with loopback() as server, mailbox() as box:
        server.decide = lambda _: Answer(hangs=True)
        hanging = [
            asyncio.create_task(sent(f"json://{HOST}:{server.port}/x", seconds=3))
            for _ in range(20)
        ]
        await eventually(lambda: len(server.asked) == 20)
        assert (await sent(box.url("anna"))).result == "delivered"
        assert not any(task.done() for task in hanging)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
