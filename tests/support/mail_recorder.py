"""A real SMTP listener on loopback that keeps what it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.servers import HOST, free_port


class Mailbox:
    """Everybody's letters."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - SMTP's word
        """Keeps a letter."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    def subjects(self, to: str) -> list[str]:
        """The subjects of somebody's letters, in order."""
        return [letter["Subject"].strip() for letter in self.letters if to in letter["To"]]

    def text(self, subject: str) -> str:
        """What the first letter says whose subject begins so."""
        (letter, *_) = (row for row in self.letters if row["Subject"].startswith(subject))
        body = letter.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@contextmanager
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """The mailbox and the port on which it takes letters."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname=HOST, port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
