"""A hand-over that both sign on one screen: the giver and the receiver, each with their own PIN."""

from math import ceil
from typing import NamedTuple

from msgspec.structs import replace

from monitor.accounts import Account
from monitor.errors import SignInRefused
from monitor.texts import Language
from monitor.web.context import Console
from monitor.web.log_forms import LogForm, Written, confirm_entry
from monitor.web.session import address_of
from monitor.web.source import Source
from monitor.web.viewer import ConsoleRequest, Viewer


class Pins(NamedTuple):
    """What both have typed; both empty: the receiver confirms later, in a session of their own."""

    giver_pin: str
    receiver_pin: str


async def both_signed(
    console: Console, request: ConsoleRequest, form: LogForm, pins: Pins
) -> Viewer | str:
    """Return the receiver, if both PINs are right; otherwise what is wrong, and nothing has been recorded.

    Args:
        console: has the accounts.
        request: of the giver's session.
        form: names the receiver.
        pins: what both have typed.

    """
    viewer, language = request.user, request.user.language
    if request.auth is None or not viewer.account.has_pin:
        return language.gettext("You have no PIN yet. Set one on the page of your account.")
    receiver = _receiver(console, viewer, form)
    if isinstance(receiver, str):
        return receiver
    if not await console.accounts.check_pin(request.auth, pins.giver_pin):
        return language.gettext("The PIN of whoever hands over is wrong.")
    try:
        await console.accounts.sign(receiver, pins.receiver_pin, address_of(request))
    except SignInRefused as error:
        return _wrong(error, language)
    return replace(viewer, account=receiver, session=None, paged=frozenset())


async def confirm_at_once(entry: str, form: LogForm, receiver: Viewer, source: Source) -> Written:
    """Confirm the hand-over that has just been written, in the receiver's name."""
    return await confirm_entry(entry, replace(form, key=f"{form.key}-confirm"), receiver, source)


def _receiver(console: Console, viewer: Viewer, form: LogForm) -> Account | str:
    """Return the account of whoever takes over, or why they can't sign here."""
    language = viewer.language
    if not form.to:
        return language.gettext("Choose who takes over: only they can sign.")
    able = [
        row
        for row in console.accounts.of_person(form.to)
        if row.has_pin and not row.is_disabled and _may_log(row, viewer, form.site)
    ]
    if form.to == viewer.who or not able:
        name = language.inset(console.source.writer.name(form.to))
        return language.gettext(
            "{name} can't sign here: they need a PIN and the right to it."
        ).format(name=name)
    return able[0]


def _may_log(account: Account, viewer: Viewer, site: str) -> bool:
    if site:
        return account.may("log", site, viewer.at)
    return account.sites("log", viewer.at) != frozenset()


def _wrong(error: SignInRefused, language: Language) -> str:
    if error.retry_after:
        wait = language.duration(max(1, ceil(error.retry_after.total_seconds())))
        return language.gettext("Too many wrong PINs. Try again in {wait}.").format(wait=wait)
    return language.gettext("The PIN of whoever takes over is wrong.")
