"""Takes the commands of users of this machine: who they are the kernel says, and what they may do their account."""

import asyncio
import os
import pwd
import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, ExitStack

import msgspec
import structlog

from monitor.accounts import Account, Accounts, Right
from monitor.accounts.command_rights import Situation, objection
from monitor.app.command_protocol import LARGEST, Answer, Request, short_path, socket_path
from monitor.app.command_signature import Signature
from monitor.app.form_command import answer_form, answer_photo
from monitor.app.rights_watch import RightsWatch
from monitor.core.engine.commands import Command
from monitor.core.events import kind_of
from monitor.core.events.monitor_accounts import MonitorEmergencyAct
from monitor.core.transitions import LogEntryWritten, Transition, refusal_in
from monitor.errors import AccountsUnusable, EventInvalid, JournalError, Unanswered
from monitor.ingest.line import Line, record
from monitor.texts import plain
from monitor.web.source import Refusal, Source

log = structlog.get_logger()

PATIENCE = 5.0
"""Seconds that a program has for its request."""
NO_ACCOUNTS = (
    "there are no accounts yet, so this name was not checked; `venue-monitor user add` adds one"
)
EMERGENCY = "done without an account; the journal says so"


class Refused(Exception):
    """A user may not act; the text says why.

    Args:
        why: the text.
        right: the right that is missing; ``None``: none would help.
        account: whose it is; empty: nobody's.
        is_noted: whether others may learn of it.

    """

    def __init__(
        self, why: str, right: Right | None = None, account: str = "", *, is_noted: bool = True
    ) -> None:
        self.right = right
        self.account = account
        self.is_noted = is_noted
        super().__init__(why)


class CommandServer:
    """Listens beside the journal, from the moment it is made.

    Args:
        accounts: tells what users of the operating system may do.
        pipeline: records what they do.
        members: returns the people who take turns in each team, by ids.
        source: takes forms in.
        stack: closes the socket.

    Raises:
        JournalError: there is no place for the socket.

    """

    def __init__(
        self,
        accounts: Accounts,
        pipeline: Line,
        members: Callable[[], Mapping[str, frozenset[str]]],
        source: Source,
        stack: ExitStack | AsyncExitStack,
    ) -> None:
        self._source = source
        self._accounts = accounts
        self._pipeline = pipeline
        self._members = members
        self._rights_watch = RightsWatch(pipeline)
        path = socket_path(pipeline.journal.path)
        self._socket = stack.enter_context(socket.socket(socket.AF_UNIX))
        try:
            path.unlink(missing_ok=True)
            with short_path(path) as short:
                self._socket.bind(short)
            # Everyone who gets into the folder may ask; who may act, their account says.
            path.chmod(0o666)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror or error}") from error
        stack.callback(path.unlink, missing_ok=True)
        self._socket.listen()

    async def run(self) -> None:
        """Answer, until cancelled."""
        # Not start_unix_server: from Python 3.13 on it looks for the file under the name that was bound, which is
        # one of short_path and has ended.
        listening = await asyncio.start_server(self._serve, sock=self._socket, limit=LARGEST)
        async with listening:
            await listening.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = peer_uid(writer.get_extra_info("socket"))
        try:
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            writer.write(msgspec.json.encode(await self.answer(line, uid)) + b"\n")
            async with asyncio.timeout(PATIENCE):
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            # Whoever has asked is gone, slow, or sends what no command is.
            return
        finally:
            writer.close()

    async def answer(self, line: bytes, uid: int) -> Answer:
        """Answer one request of a user."""
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError as error:
            return Answer(accepted=False, reason=str(error))
        try:
            signature = self._signature(request, uid)
            if request.form is not None:
                return await answer_form(self._source, self._accounts, signature, request.form)
            if request.photo is not None:
                return answer_photo(self._source, self._accounts, signature, request.photo)
            if request.command is None:
                return Answer(accepted=True, who=signature.who, note=signature.note)
            done = await self._execute(request.command, signature)
        except Refused as error:
            if error.is_noted:
                self._note(error, request, uid)
            return Answer(accepted=False, reason=str(error))
        except (EventInvalid, Unanswered) as error:
            return Answer(accepted=False, reason=str(error))
        except AccountsUnusable as error:
            log.error("accounts_unusable", reason=str(error))  # noqa: TRY400 - the text says all
            reason = "accounts can't be read; as root, --emergency acts without one"
            return Answer(accepted=False, reason=reason)
        refused = refusal_in(done)
        return Answer(
            accepted=refused is None,
            reason="" if refused is None else plain(refused),
            who=signature.who,
            note=signature.note,
            transitions=tuple(done),
        )

    def _note(self, error: Refused, request: Request, uid: int) -> None:
        """Count, log and notice a refusal, like those of the console."""
        act = "" if request.command is None else f" {kind_of(request.command)}"
        refusal = Refusal(
            account=error.account,
            address=f"cli/{_user(request, uid)}",
            route=f"cli{act}",
            right=error.right or "",
        )
        self._rights_watch.note(refusal)

    def _signature(self, request: Request, uid: int) -> Signature:
        """Return in whose name a user acts.

        Raises:
            Refused: they have no account, or may not act for another.
            AccountsUnusable: the accounts can't be read.

        """
        is_owner, user = _is_owner(uid), _user(request, uid)
        if request.is_emergency:
            if not is_owner:
                raise Refused("--emergency is for root and the monitor's own user")
            return Signature(request.who or user, user, note=EMERGENCY, is_emergency=True)
        account = self._accounts.of_os_user(user)
        if account is None and not self._accounts.list():
            return Signature(request.who or user, user, note=NO_ACCOUNTS)
        if account is None or account.is_disabled:
            name = "" if account is None else account.name
            raise Refused(_no_account(user, account, is_owner=is_owner), account=name)
        who = request.who or account.who
        now = self._accounts.now()
        if (
            who not in {account.who, account.name}
            and account.sites("speak_for", now) == frozenset()
        ):
            raise Refused(
                f'you act as {account.who}; to act for another person needs the right "speak_for"',
                "speak_for",
                account.name,
            )
        return Signature(account.who if who == account.name else who, user, account)

    async def _execute(self, command: Command, signature: Signature) -> list[Transition]:
        """Record a command.

        Raises:
            Refused: it is signed with another name, or the account may not do it.
            EventInvalid: it is not one that may be sent.
            JournalError: the journal can't be written.

        """
        pipeline, account = self._pipeline, signature.account
        if command.who != signature.who:
            name = "" if account is None else account.name
            raise Refused(f"you act as {signature.who}, not as {command.who}", "speak_for", name)
        if account is not None:
            self._check(account, command)
        done = await record(pipeline, command, signature.source, command.id)
        if signature.is_emergency and refusal_in(done) is None:
            log.warning("emergency_act", user=signature.user, who=command.who)
            act = MonitorEmergencyAct(
                at=pipeline.clock.now(),
                user=signature.user,
                who=command.who,
                act=kind_of(command),
            )
            pipeline.notice(act)
        return [row for row in done if _is_of(row, command.who)]

    def _check(self, account: Account, command: Command) -> None:
        """Go on only if an account may give a command.

        Raises:
            Refused: it may not.

        """
        pipeline = self._pipeline
        entry_of = pipeline.journal.shift_log.written
        now = pipeline.clock.now()
        situation = Situation(pipeline.engine.state, now, entry_of, self._members)
        found = objection(account, command, situation, self._accounts.now())
        if found is not None:
            # That somebody has asked for a silent alert would betray that there is one.
            is_noted = found.right is not None
            raise Refused(plain(found.why), found.right, account.name, is_noted=is_noted)


def peer_uid(connection: socket.socket) -> int:
    """Return the user at the other end, as the kernel knows them (SO_PEERCRED, unix(7))."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", packed)
    return int(uid)


def user_name(uid: int) -> str:
    """Return the name of a user of the operating system, or their number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _is_owner(uid: int) -> bool:
    """Return whether it is root, or the monitor's own user, who could do everything anyway."""
    return uid in {0, os.geteuid()}


def _user(request: Request, uid: int) -> str:
    """Return the user of the operating system who asks: after ``sudo`` the one who has called it."""
    return (request.sudo_user if _is_owner(uid) else "") or user_name(uid)


def _is_of(row: Transition, who: str) -> bool:
    """Return whether a person has done it: what time brings may be about alerts that they may not see."""
    return (row.entry.who if isinstance(row, LogEntryWritten) else getattr(row, "who", "")) == who


def _no_account(user: str, account: Account | None, *, is_owner: bool) -> str:
    advice = f"`venue-monitor user edit NAME --os-user {user}` links one"
    if account is not None:
        advice = f"account {account.name} is disabled"
    elif is_owner:
        advice += "; in an emergency add --emergency"
    return f'the operating system\'s user "{user}" may not act: {advice}'
