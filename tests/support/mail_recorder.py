"""A real SMTP server on loopback that keeps the mail it receives."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.servers import HOST, free_port


class MailRecorder:
    """The mail for all recipients."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - SMTP's word
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def subjects(self, to: str) -> list[str]:
        """Return the subjects of the mails to a recipient, in order."""
        return [mail["Subject"].strip() for mail in self.mails if to in mail["To"]]

    def text(self, subject: str) -> str:
        """Return the text of the first mail whose subject starts with this."""
        (mail, *_) = (row for row in self.mails if row["Subject"].startswith(subject))
        body = mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@contextmanager
def mail_recorder() -> Iterator[tuple[MailRecorder, int]]:
    """A running server, with its port."""
    box, port = MailRecorder(), free_port()
    controller = Controller(box, hostname=HOST, port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
