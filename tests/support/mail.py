"""A real SMTP server on loopback that keeps its mails, and refuses or hangs if a test asks for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.servers import HOST


@dataclass
class Mailbox:
    """The server; by default it accepts every mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 taken"
    """What it says when a mail has come in; a mail that is refused isn't kept."""
    refuses: str = ""
    """It takes nothing for this one."""
    hangs: bool = False
    """It never says anything then."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Accept a recipient."""
        if self.refuses and address.startswith(self.refuses):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Accept one mail."""
        if self.hangs:
            await asyncio.Event().wait()
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.mails.append(message_from_bytes(content, policy=policy.default))
        return self.answer

    def url(self, to: str, more: str = "mode=insecure") -> str:
        """A person's address on this server, in Apprise's form."""
        mail = f"from=monitor@example.org&to={to}@example.org&smtp={HOST}"
        scheme = "mailto" if "insecure" in more else "mailtos"
        return f"{scheme}://{HOST}:{self.port}/?{mail}&{more}"


@asynccontextmanager
async def mailbox(tls: ssl.SSLContext | None = None) -> AsyncIterator[Mailbox]:
    """A running server; with `tls` it requires STARTTLS."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, tls_context=tls, require_starttls=tls is not None), HOST, 0
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


def text_of(mail: EmailMessage) -> str:
    """The text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
