"""Takes forms and photos of a user of this machine in, with the same checks as the HTTP API."""

from msgspec import structs

from monitor.accounts import Account, Accounts, Grant
from monitor.app.command_protocol import Answer, SentForm, SentPhoto
from monitor.app.command_signature import Signature
from monitor.core.phrase import phrase
from monitor.texts import ENGLISH, plain
from monitor.web.api.inspections import take_form
from monitor.web.api.photos import take_photo
from monitor.web.api.problem import Refused
from monitor.web.guard import RightMissing
from monitor.web.source import Source
from monitor.web.viewer import Viewer


async def answer_form(
    source: Source, accounts: Accounts, signature: Signature, sent: SentForm
) -> Answer:
    """Take a form in; return the answer with its receipt, or with what has to be corrected.

    Raises:
        JournalError: the journal can't be written.

    """
    viewer = _viewer(accounts, signature)
    try:
        receipt, _ = await take_form(source, accounts, viewer, sent.key, sent.body.encode())
    except RightMissing as error:
        reason = plain(phrase("right-missing", right=error.right or ""))
        return Answer(accepted=False, reason=reason)
    except Refused as error:
        return Answer(accepted=False, reason=error.detail, items=tuple(error.items))
    return Answer(accepted=True, who=signature.who, note=signature.note, receipt=receipt)


def answer_photo(
    source: Source, accounts: Accounts, signature: Signature, sent: SentPhoto
) -> Answer:
    """Keep a photo that a form names; return whether it was taken.

    Raises:
        JournalError: it can't be written.

    """
    try:
        take_photo(source, _viewer(accounts, signature), sent.digest, sent.content)
    except RightMissing as error:
        reason = plain(phrase("right-missing", right=error.right or ""))
        return Answer(accepted=False, reason=reason)
    except Refused as error:
        return Answer(accepted=False, reason=error.detail)
    return Answer(accepted=True, who=signature.who, note=signature.note)


def _viewer(accounts: Accounts, signature: Signature) -> Viewer:
    return Viewer(account=_account(signature), session=None, language=ENGLISH, at=accounts.now())


def _account(signature: Signature) -> Account:
    """Return as whom a user inspects; where there are no accounts, or in an emergency, rights are not asked for."""
    if signature.account is None:
        return Account(name=signature.who, grants=(Grant(role="supervisor"),))
    # Who speaks for another person inspects in that person's name, with their own rights.
    return structs.replace(signature.account, person=signature.who)
